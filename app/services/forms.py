"""The forms of a bundle, parsed once.

A task whose form is chosen by the case has several, by the values that fit (`choices`).
"""

import json
from functools import lru_cache

from app.domain.forms import Form
from app.domain.forms.rules import Unsupported
from app.domain.forms.sound import must_be_sound
from app.domain.text import T
from app.engine import choosing
from app.engine.bundle import Bundle
from app.engine.definitions import Definition, Node
from app.engine.model import SCHEMA, UI


def form_of(bundle: Bundle, node: Node, choice: str | None = None) -> Form | None:
    """Return the form that a start event or task names, or None if it names none.

    :param choice: what the case chose it by, of a task whose form is chosen
    :raises Unsupported: if the schema asks for more than our forms can do
    """
    if (schema := file_of(node, SCHEMA, choice)) is None:
        return None
    ui = file_of(node, UI, choice)
    return _parsed(bundle.files[schema], bundle.files[ui] if ui else b"{}")


def file_of(node: Node, key: str, choice: str | None) -> str | None:
    """Return the file of a bundle that a property of a node names; None without a choice."""
    named = node.properties.get(key)
    if named is None or (choice is None and choosing.places(named)):
        return None
    return f"forms/{choosing.filled(named, choice or '')}"


def choices(bundle: Bundle, definition: Definition, node: Node) -> list[str]:
    """Return by what a case may choose the form of a task, in order; none if it has one form.

    A file that another step names in full is that step's own.
    """
    named = node.properties.get(SCHEMA, "")
    if not choosing.places(named):
        return []
    own = {f"forms/{other.properties.get(SCHEMA)}" for other in definition.nodes.values()}
    return list(choosing.fitting(f"forms/{named}", bundle.files.keys() - own))


def check_form(bundle: Bundle, node: Node, choice: str | None = None) -> None:
    """Refuse the form of a start event or task that is not sound, or that our forms cannot do.

    :raises Unsupported: what is wrong
    """
    if (schema := file_of(node, SCHEMA, choice)) is None:
        return
    ui = file_of(node, UI, choice)
    try:
        _must_be_sound(bundle.files[schema], bundle.files[ui] if ui else b"{}")
        form_of(bundle, node, choice)
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError) as odd:
        # What JSON Schema allows may still be none of our forms' shapes, anywhere in the file.
        raise Unsupported(T("表单的结构不正确：{what}", what=str(odd)[:200])) from odd


@lru_cache(maxsize=2048)
def _must_be_sound(schema: bytes, ui: bytes) -> None:
    """Look once at each form: many are those of a part, which comes in several bundles."""
    must_be_sound(json.loads(schema), json.loads(ui))


@lru_cache(maxsize=2048)
def _parsed(schema: bytes, ui: bytes) -> Form:
    return Form(json.loads(schema), json.loads(ui))
