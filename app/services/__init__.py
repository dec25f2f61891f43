"""Use cases: one public function is one thing a person, a timer or a job can do."""
