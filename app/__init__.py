"""Bihuan (闭环): software with which safety bureaus close the loop on every hazard.

Layers, top down: cli -> web | worker -> services -> models | engine | adapters -> domain.
The `__init__.py` of each layer is its vocabulary; read those first.
"""
