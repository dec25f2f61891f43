"""The kinds of node, each a subclass of the library's that corrects what the library gets wrong.

One class a defect; its docstring names the defect, and a test of the same name shows it.
"""
