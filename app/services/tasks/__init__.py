"""Tasks: the lists of them, one task with its form, and what one can do with it."""
