"""Robots play every role of the demo at random, and what they leave behind is held to the rules.

`python3 manage.py robots --seeds N` prints what they did and which sequence flows nobody has taken.
"""
