"""Clauses (法条与判定条款): laws and standards with their versions, and what is found in them."""
