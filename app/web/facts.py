"""The facts of an enterprise to be read: what is known, group by group; tables as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.forms import Field, Form, Kind
from app.domain.forms.fields import option_word, word
from app.domain.text import T, Text
from app.web.forms.display import display

LONG = 30


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of facts below their headings."""

    title: Text
    heading: Sequence[Text]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """One group of facts: pairs of label and value, and tables."""

    title: Text
    pairs: Sequence[tuple[Text, Any, str]]
    tables: Sequence[Table]


def facts_shown(form: Form, facts: Mapping[str, Any]) -> list[Section]:
    """Return what is known, by the groups of the form; what nobody knows takes no room."""
    fields = {field.key: field for field in form.fields}
    sections = []
    for group in form.ui["ui:groups"]:
        here = [fields[key] for key in group["fields"] if _known(facts.get(key))]
        pairs = [_pair(field, facts[field.key]) for field in here if field.kind is not Kind.ROWS]
        tables = [_table(field, facts[field.key]) for field in here if field.kind is Kind.ROWS]
        if pairs or tables:
            sections.append(Section(word(group, "title"), pairs, tables))
    return sections


def _known(value: Any) -> bool:
    return value not in (None, "", [], 0, False)


def _pair(field: Field, value: Any) -> tuple[Text, Any, str]:
    shown: Any = display(field, value)
    if "unit" in field.options:
        shown = T("{n} {unit}", n=shown, unit=option_word(field.ui, "unit"))
    return field.title, shown, "wide" if len(str(shown)) > LONG else ""


def _table(field: Field, rows: Sequence[Mapping[str, Any]]) -> Table:
    filled = [sub for sub in field.fields if any(_known(row.get(sub.key)) for row in rows)]
    body = [[display(sub, row.get(sub.key)) or "—" for sub in filled] for row in rows]
    return Table(field.title, [sub.title for sub in filled], body)
