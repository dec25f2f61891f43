"""The register of papers (文书): issued with a number, void, served; no file is touched.

A paper's number is given and its data frozen in the transaction of the step that issues it. What
typesets, signs, seals and verifies the files is in `app.services.pdf`, which moves cases itself.
"""
