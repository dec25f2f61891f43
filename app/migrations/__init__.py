"""Changes of the schema, oldest first; one that has landed is never edited."""
