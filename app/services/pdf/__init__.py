"""The file of a paper (文书): typeset, signed, sealed, verified.

A job typesets what `app.services.documents` issued; people sign exactly the file they were shown; a
job seals it after the seal keeper's approval. The case waits at each of these steps until the file
is registered.
"""
