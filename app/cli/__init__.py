"""Commands for the operator; `manage.py` hands its arguments here."""
