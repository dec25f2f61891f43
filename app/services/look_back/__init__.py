"""回头看: every hazard of an enterprise is looked at again; nothing is concluded while one is open.

What a look-back lists is in `listing`, what its steps make of the hazards in `settling`.
"""
