"""Tables. No rules, no queries."""
