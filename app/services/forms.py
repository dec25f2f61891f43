"""The forms of a bundle, parsed once."""

import json
from functools import lru_cache

from app.domain.forms import Form
from app.domain.forms.rules import Unsupported
from app.domain.forms.sound import must_be_sound
from app.domain.text import T
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


def check_form(bundle: Bundle, node: Node) -> None:
    """Refuse the form of a start event or task that is not sound, or that our forms cannot do.

    :raises Unsupported: what is wrong
    """
    if (schema := node.properties.get("formJsonSchemaFilename")) is None:
        return
    ui = node.properties.get("formUiSchemaFilename")
    try:
        must_be_sound(
            json.loads(bundle.files[f"forms/{schema}"]),
            json.loads(bundle.files[f"forms/{ui}"]) if ui else {},
        )
        form_of(bundle, node)
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError) as odd:
        # What JSON Schema allows may still be none of our forms' shapes, anywhere in the file.
        raise Unsupported(T("表单的结构不正确：{what}", what=str(odd)[:200])) from odd


@lru_cache(maxsize=2048)
def _parsed(schema: bytes, ui: bytes) -> Form:
    return Form(json.loads(schema), json.loads(ui))
