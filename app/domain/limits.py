"""What JSON Schema cannot say about answers: dates against dates, people and rows against others.

A field of a form may carry `x-notBefore` and `x-notAfter` (a date that bounds it) and `x-differs`
(a field it must not equal); rows may carry `x-covers` (known rows, as `@hazards`, of which each is
among the answers once, by its `hazard_id`) and `x-inOrder` (pairs of row keys, of which the first
row's day is not after the second's), or `x-statistics` (the draft of a report, whose rules of
figures are in `app.domain.statistics`); the manner of service may carry `x-service` (what is known
of the party: `app.domain.serving`). Each names a field beside it, else a field of the whole
form, else what `app.domain.prefill` knows: `@today`, or a field answered at another node
(`draft_order.deadline`). No field bounds itself: the same name in a row is that of the whole form.
Of several bounds, the first that is there counts, as in `app.domain.prefill`. A bound may lie some
days behind the day it names: `from_day+P29D`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from app.domain import serving
from app.domain.forms import Answers, Field, Form, Kind, pointer
from app.domain.prefill import Sources
from app.domain.statistics import wrong
from app.domain.text import T, Text

BOUNDS = ("x-notBefore", "x-notAfter")
LIMITS = (*BOUNDS, "x-differs", "x-covers", "x-inOrder", "x-statistics", "x-service")
KNOWN_BY = "hazard_id"
LATER = re.compile(r"P(\d{1,4})D", re.ASCII)
Path = tuple[str | int, ...]


def limited(form: Form) -> bool:
    """Test whether a form has any such limit."""
    return any(True for _field in _limited(form.fields))


def _limited(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        if any(limit in field.schema for limit in LIMITS):
            yield field
        yield from _limited(field.fields)


def beyond(form: Form, answers: Answers, sources: Sources) -> dict[str, Text]:
    """Return what is wrong with checked answers, by JSON Pointer; empty if all is in bounds."""
    return dict(_found(form.fields, answers, (), answers, sources))


def _found(
    fields: tuple[Field, ...], here: Answers, path: Path, whole: Answers, sources: Sources
) -> Iterator[tuple[str, Text]]:
    for field in fields:
        answer, at = here.get(field.key), (*path, field.key)
        if answer is None:
            continue
        if field.kind is Kind.ROWS:
            if problem := _uncovered(field, answer, [here, whole, sources]):
                yield pointer(at), problem
            yield from _disordered(field, answer, at)
            if told := _look(field.schema.get("x-statistics"), [sources]):
                yield from wrong(told, answer, whole, pointer(at))
            for index, row in enumerate(answer):
                yield from _found(field.fields, row, (*at, index), whole, sources)
        elif field.kind is Kind.GROUP:
            yield from _found(field.fields, answer, at, whole, sources)
        elif told := _look(field.schema.get("x-service"), [sources]):
            yield from ((pointer(path) + at_, why) for at_, why in serving.wrong(told, here))
        elif problem := _problem(field, answer, fields, [here, whole, sources]):
            yield pointer(at), problem


def _problem(
    field: Field, answer: Any, beside: tuple[Field, ...], places: list[Mapping[str, Any]]
) -> Text | None:
    other = field.schema.get("x-differs")
    if other is not None and answer == _look(other, places):
        title = next((one.title for one in beside if one.key == other), other)
        return T("{field}不能与{other}相同", field=field.title, other=title)
    given = _day(answer)
    earliest, latest = (_bound(field, bound, places) for bound in BOUNDS)
    if given and earliest and given < earliest:
        return T("{field}不得早于 {day}", field=field.title, day=earliest)
    if given and latest and given > latest:
        return T("{field}不得晚于 {day}", field=field.title, day=latest)
    return None


def _bound(field: Field, bound: str, places: list[Mapping[str, Any]]) -> date | None:
    """Return the day that bounds a field: the first that is there of what the form names."""
    told = field.schema.get(bound, ())
    for path in [told] if isinstance(told, str) else told:
        named, _, later = path.partition("+")
        own = named.partition(".")[0] == field.key
        others = [place for place in places if place is not places[0]] if own else places
        if found := _day(_look(named, others)):
            return _behind(found, later)
    return None


def _behind(day: date, later: str) -> date:
    """Return the day that lies `later` behind one, as P29D; the last there is where none does."""
    days = LATER.fullmatch(later)
    try:
        return day + timedelta(int(days[1])) if days else day
    except OverflowError:
        return date.max


def _uncovered(field: Field, rows: Any, places: list[Mapping[str, Any]]) -> Text | None:
    """Say that known rows are left out or come twice; None if each is there once."""
    known = _look(field.schema.get("x-covers"), places) or ()
    named = Counter(row.get(KNOWN_BY) for row in rows)
    wrong = sum(named[row[KNOWN_BY]] != 1 for row in known)
    return T("每项未销号的隐患都应列出一次，有 {n} 项不符", n=wrong) if wrong else None


def _disordered(field: Field, rows: Any, at: Path) -> Iterator[tuple[str, Text]]:
    """Yield the rows whose day lies before that of the row they come after."""
    where = {row.get(field.row_key): index for index, row in enumerate(rows)}
    for first, second in field.schema.get("x-inOrder", ()):
        if first in where and second in where:
            days = [_day(rows[where[key]].get("day")) for key in (first, second)]
            if days[0] and days[1] and days[1] < days[0]:
                yield pointer((*at, where[second], "day")), T("不得早于 {day}", day=days[0])


def _look(path: str | None, places: list[Mapping[str, Any]]) -> Any:
    """Return what a path leads to in the first place that knows its beginning."""
    if path is None:
        return None
    first, *rest = path.split(".")
    found: Any = next((place for place in places if first in place), {})
    for step in (first, *rest):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _day(value: Any) -> date | None:
    """Return the day of a date or date-time; None for anything else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
