"""Checklists (检查清单): what they hold, their versions, and what applies to an enterprise."""
