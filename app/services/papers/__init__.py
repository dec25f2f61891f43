"""Papers as a step of a case needs them: issued with a number, void, served; no file is touched.

What makes, signs and shows the files is in `app.services.documents`, which moves cases itself.
"""
