"""Nothing is typed twice: a form's fields start with what is known already.

A field of a form says in its uischema where its first value comes from: `"ui:options": {"from":
"draft_order.deadline"}` names a node of the same procedure and a field answered there; `@me`,
`@subject`, `@today` and `@checklist` name facts. Rows take the rows of another answer, and their
fields name fields of one such row (`"from": "description"`). Of several places, the first that has
something counts: `"from": ["minute.opinions", "@opinions"]`; where none has, the schema's `default`
does. `@paper` is what the paper in hand states.

A task that was returned (退回) starts as it was answered the time before, but for what is given;
rows with `"once": true` do not, as what they say was carried out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.domain.forms import Field, Form, Kind

EMPTY: tuple[Any, ...] = (None, "", [], {})


class Sources(Mapping[str, Any]):
    """Answers by node, and facts by their names with @, each looked up when a form asks for it."""

    def __init__(self, answers: Mapping[str, Any], facts: Mapping[str, Callable[[], Any]]) -> None:
        self._known = dict(answers)
        self._facts = facts

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._facts[name]()
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._facts})

    def __len__(self) -> int:
        return len({**self._known, **self._facts})


def prefill(
    form: Form, sources: Mapping[str, Any], typed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the first values of a form's fields.

    :param typed: what it was answered with before it was returned
    """
    return _object(form.fields, sources, sources, typed or {})


def _object(
    fields: tuple[Field, ...], source: Any, sources: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, Any]:
    values = {field.key: _value(field, source, sources, typed.get(field.key)) for field in fields}
    return {key: value for key, value in values.items() if value not in EMPTY}


def _value(field: Field, source: Any, sources: Mapping[str, Any], typed: Any) -> Any:
    told = field.options.get("from", ())
    paths = [told] if isinstance(told, str) else told
    found = next(
        (value for path in paths if (value := _look(path, source, sources)) not in EMPTY),
        field.schema.get("default"),
    )
    if field.kind is Kind.ROWS:
        rows = found if isinstance(found, list) else []
        before = [] if field.options.get("once") else typed or []
        if before and not field.fixed:
            return before
        return _rows(field, rows, sources, before)
    if field.kind is Kind.GROUP:
        return _object(field.fields, found if found is not None else source, sources, typed or {})
    return found if field.read_only or typed in EMPTY else typed


def _rows(
    field: Field, rows: Sequence[Any], sources: Mapping[str, Any], typed: Sequence[Any]
) -> list[Any]:
    """Return rows, of given ones each with what was typed in it: in the row that says the same."""
    given = [_object(field.fields, row, sources, {}) for row in rows]
    if not typed:
        return given
    told = [each.key for each in field.fields if each.read_only]
    names = [field.row_key] if field.row_key else told
    before = {_name(row, names): row for row in typed}
    return [
        _object(field.fields, row, sources, before.get(_name(known, names), {}))
        for row, known in zip(rows, given, strict=True)
    ]


def _name(row: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in names)


def _look(path: str, source: Any, sources: Mapping[str, Any]) -> Any:
    """Return what a path leads to: facts and answers from the top, else in the row at hand."""
    first, *rest = path.split(".")
    found: Any = sources if first in sources else source
    for step in (first, *rest):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
