"""Demo data: the divisions of five public notices and invented people, all marked as demo data."""
