"""Electronic signatures: an authority of the installation's own, sealed keys, PAdES, time stamps.

pyHanko and asn1crypto stay behind this package. What it is not: a certified seal service
(电子印章, GB/T 38540); papers say who signed and that nothing was changed since.
"""
