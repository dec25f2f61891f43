"""The forms of a bundle, parsed once."""

import json
from functools import lru_cache

from app.domain.forms import Form
from app.engine.bundle import Bundle
from app.engine.definitions import Node


def form_of(bundle: Bundle, node: Node) -> Form | None:
    """Return the form that a start event or task names, or None if it names none.

    :raises Unsupported: if the schema asks for more than our forms can do
    """
    schema = node.properties.get("formJsonSchemaFilename")
    if schema is None:
        return None
    ui = node.properties.get("formUiSchemaFilename")
    return _parsed(bundle.files[f"forms/{schema}"], bundle.files[f"forms/{ui}"] if ui else b"{}")


@lru_cache(maxsize=2048)
def _parsed(schema: bytes, ui: bytes) -> Form:
    return Form(json.loads(schema), json.loads(ui))
