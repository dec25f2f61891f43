"""A form: what may be answered, and whether an answer will do."""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from app.domain import Invalid
from app.domain.forms.fields import Field, Kind, Ui, fields, inlined, word
from app.domain.forms.formats import (
    FORMATS,
    Validator,
    canonical_moment,
    canonical_number,
    canonical_text,
)
from app.domain.forms.messages import form_messages, locate, pointer
from app.domain.forms.rules import ALWAYS, Schema, explicit, holds
from app.domain.lazy import lazy
from app.domain.text import T, Term, Text

Answers = Mapping[str, Any]

# Words for people and hints for pages: the check has no use for them.
ANNOTATIONS = {"title", "description", "default", "examples", "$comment", "readOnly", "$schema"}
# No database keeps NUL, and no encoding lone surrogates.
UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Form:
    """A form from JSON Schema 2020-12 and its uischema; immutable and safe to share.

    :raises Unsupported: if the schema asks for more than these forms can do
    """

    def __init__(self, schema: Schema, ui: Ui | None = None) -> None:
        self.schema = schema
        self.ui: Ui = ui or {}
        whole = inlined(schema)
        self.title: Term = word(whole, "title")
        self.description: Term = word(whole, "description")
        self.fields: tuple[Field, ...] = fields(whole, self.ui)
        self._checked = _bare(explicit(whole))

    @lazy
    def _validator(self) -> Draft202012Validator:
        return Validator(self._checked, format_checker=FORMATS)

    def check(self, answers: Answers, given: Answers | None = None) -> dict[str, Any]:
        """Return the answers cleaned; read-only fields keep what is `given`.

        :raises Invalid: if an answer is missing or breaks the schema
        """
        cleaned = self.clean(answers, given)
        try:
            errors = form_messages(self._validator, cleaned, self.fields)
        except RecursionError as deep:
            raise Invalid({"": T("内容的层次太深")}) from deep
        if errors := errors or _unstorable(cleaned, (), self.fields):
            raise Invalid(errors)
        return cleaned

    def clean(self, answers: Answers, given: Answers | None = None) -> dict[str, Any]:
        """Return the answers in canonical form, without what is unknown or not asked for.

        :raises Invalid: if the answers are no object at all
        """
        if not isinstance(answers, Mapping):
            raise Invalid({"": T("内容应为一组字段")})
        return _object(self.fields, answers, given or {})


def _object(fields_: tuple[Field, ...], answers: Answers, given: Answers) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for field in fields_:
        source = given if field.read_only else answers
        value = _value(field, source.get(field.key), given.get(field.key))
        if value is not None:
            cleaned[field.key] = value
    conditional = [field for field in fields_ if field.asked is not ALWAYS]
    while unasked := [
        field.key
        for field in conditional
        if field.key in cleaned and not holds(field.asked, cleaned)
    ]:
        for key in unasked:
            del cleaned[key]
    return cleaned


def _value(field: Field, value: Any, given: Any) -> Any:
    """Return the canonical form of one answer, or None when there is none."""
    match field.kind:
        case Kind.GROUP:
            return _group(field, value, given)
        case Kind.ROWS:
            return _rows(field, value, given)
        case Kind.BOOLEAN if field.must_tick:
            return value or None
        case Kind.BOOLEAN if field.ticked and value is None:
            return False
        case _:
            return _plain(field, value)


def _plain(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        text = canonical_text(value)
        return (canonical_moment(text) if field.format == "date-time" else text) or None
    if isinstance(value, int | float) and field.kind is not Kind.BOOLEAN:
        return canonical_number(value, whole=field.whole)
    if isinstance(value, list):
        items = [canonical_text(item) if isinstance(item, str) else item for item in value]
        return [item for item in items if item not in ("", None)] or None
    return value


def _group(field: Field, value: Any, given: Any) -> Any:
    if value is not None and not isinstance(value, Mapping):
        return value
    cleaned = _object(field.fields, value or {}, given if isinstance(given, Mapping) else {})
    return cleaned if cleaned or field.required else None


def _rows(field: Field, value: Any, given: Any) -> Any:
    if value is not None and not isinstance(value, list):
        return value
    rows = list(value or ())
    stock = given if isinstance(given, list) else []
    if field.fixed:
        rows = _placed(rows, stock, field.row_key)
    else:
        stock = []
    return [
        _object(field.fields, row, stock[index] if index < len(stock) else {})
        if isinstance(row, Mapping)
        else row
        for index, row in enumerate(rows)
    ] or None


def _placed(rows: list[Any], stock: list[Any], key: str) -> list[Any]:
    """Return a row for each given one: that of the same key, or the one at its place."""
    named = {row[key]: row for row in rows if isinstance(row, Mapping) and _named(row, key)}
    if named:
        return [named.get(given.get(key), {}) for given in stock]
    return [rows[index] if index < len(rows) else {} for index in range(len(stock))]


def _named(row: Mapping[str, Any], key: str) -> bool:
    return bool(key) and isinstance(row.get(key), str)


def _unstorable(
    value: Any, path: tuple[str | int, ...], fields_: tuple[Field, ...]
) -> dict[str, Text]:
    match value:
        case str() if UNSTORABLE.search(value):
            field = locate(path, fields_)
            title = field.title if field else Term("")
            return {pointer(path): T("{field}含有无法保存的字符，请重新输入", field=title)}
        case dict():
            parts = [_unstorable(item, (*path, key), fields_) for key, item in value.items()]
        case list():
            parts = [_unstorable(item, (*path, index), fields_) for index, item in enumerate(value)]
        case _:
            return {}
    return {at: text for part in parts for at, text in part.items()}


def _bare(schema: Any) -> Any:
    """Return the schema without annotations; names of fields are not touched."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _bare(sub) for name, sub in value.items()}
        elif key in {"const", "enum", "x-message", "x-at", "x-en"}:
            kept[key] = value
        elif key not in ANNOTATIONS:
            kept[key] = _bare(value)
    return kept
