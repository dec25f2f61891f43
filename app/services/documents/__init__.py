"""Papers (文书): issued with a number, typeset, signed, sealed, served, verified.

A paper's number is given and its data frozen in the transaction of the step that issues it. A job
typesets it; people sign exactly the file they were shown; a job seals it after the seal keeper's
approval. The case waits at each of these steps until the file is registered.
"""
