"""Charts that are tables: bars of parts beside their numbers, a time line of stages.

A chart is a table whose rows hold a small SVG as wide as its cell; lengths are shares of that
width, so that it is right on any screen, and every number is there to be read and followed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.domain.deadlines import months_on
from app.domain.text import Text

WHOLE = 100.0
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Series:
    """What the parts of bars stand for; its tone is a colour with a pattern of its own."""

    key: str
    title: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, from where to where as shares of the width, and its number."""

    tone: str
    title: Text
    value: int
    start: float
    width: float
    href: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart."""

    label: Any
    under: Any
    href: str
    total: int
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of a chart is made of: numbers by the keys of the series."""

    label: Any
    counts: Mapping[Any, int]
    link: Callable[[str], str]
    """The address of the list behind a number, by its key; "" for the whole row."""
    under: Any = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of parts, with what the parts stand for."""

    series: Sequence[Series]
    bars: Sequence[Bar]


def stacked(series: Sequence[Series], rows: Iterable[Row], *, shares: bool = False) -> Chart:
    """Return a chart of bars made of parts, as long as their numbers.

    :param shares: every bar is as wide as the chart, for who asks how far and not how many
    """
    made = [(row, [row.counts.get(one.key, 0) for one in series]) for row in rows]
    most = max((sum(values) for _row, values in made), default=0)
    bars = []
    for row, values in made:
        total = sum(values)
        scale = WHOLE / (total if shares else most) if total else 0
        start, parts = 0.0, []
        for one, value in zip(series, values, strict=True):
            href = row.link(one.key) if value else ""
            parts.append(Part(one.tone, one.title, value, start, value * scale, href))
            start += value * scale
        bars.append(Bar(row.label, row.under, row.link("") if total else "", total, parts))
    return Chart(series, bars)


@dataclass(frozen=True, slots=True)
class Span:
    """A stage on the time line, as shares of its width."""

    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the time line."""

    at: float
    day: date
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stages on one line of time; `today` is None where it lies outside."""

    spans: Sequence[Span]
    ticks: Sequence[Tick]
    today: float | None


def timeline(stages: Sequence[tuple[date, date]], today: date) -> Timeline:
    """Return stages, each from its first to its last day, on one line of time."""
    if not stages:
        return Timeline((), (), None)
    first = min(start for start, _end in stages)
    last = max(max(start, end) for start, end in stages) + timedelta(days=1)
    length = (last - first).days

    def at(day: date) -> float:
        return WHOLE * (day - first).days / length

    spans = []
    for start, end in stages:
        begins, ends = at(start), at(max(start, end) + timedelta(days=1))
        spans.append(Span(begins, ends - begins))
    return Timeline(
        spans,
        [_tick(day, at(day)) for day in _months(first, last)],
        at(today) if first <= today < last else None,
    )


def _months(first: date, last: date) -> list[date]:
    """Return first days of months between two days, as many as can be read."""
    found, day = [], first.replace(day=1)
    while day < last:
        if day >= first:
            found.append(day)
        day = months_on(day, 1)
    step = -(-len(found) // MOST_TICKS) or 1
    return found[::step]


def _tick(day: date, at: float) -> Tick:
    anchor = "start" if at < 5 else "end" if at > 95 else "middle"  # noqa: PLR2004
    return Tick(at, day, anchor)
