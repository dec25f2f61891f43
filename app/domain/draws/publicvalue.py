"""The public value (公共随机数): named beforehand by a rule, and in nobody's hand.

It is what a lottery of the state draws first on a day after a named one, whenever that is: who
commits can neither choose nor know it. The lotteries stand in `sources.json`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from app.domain import Invalid
from app.domain.deadlines import BEIJING
from app.domain.text import T, Term, Text


@dataclass(frozen=True, slots=True)
class Group:
    """So many different numbers from 1 to `most`; their order says nothing."""

    count: int
    most: int


@dataclass(frozen=True, slots=True)
class Source:
    """A lottery, the weekdays (1 to 7) of its drawings, and what a drawing gives."""

    code: str
    name: Term
    weekdays: frozenset[int]
    known_from: time
    issue: int
    """Digits of a drawing's number (期号)."""
    groups: tuple[Group, ...]

    @property
    def many(self) -> int:
        """How many numbers a drawing gives."""
        return sum(group.count for group in self.groups)


def _read() -> Mapping[str, Source]:
    told = json.loads(Path(__file__).with_name("sources.json").read_text("utf-8"))
    return {
        code: Source(
            code,
            Term(one["name"], english=one["name_en"]),
            frozenset(one["weekdays"]),
            time.fromisoformat(one["known_from"]),
            one["issue"],
            tuple(Group(**group) for group in one["groups"]),
        )
        for code, one in told.items()
    }


SOURCES = _read()


@dataclass(frozen=True, slots=True)
class Rule:
    """Which value it will be: the first drawing of a lottery that is held after a day."""

    source: Source
    after: date

    @property
    def code(self) -> str:
        """The rule as the parameters have it."""
        return f"{self.source.code} after {self.after.isoformat()}"

    @property
    def words(self) -> Text:
        """The rule as people read it."""
        return T(
            "{day}以后（不含当日）{source}第一次开奖的期号和号码",
            day=self.after,
            source=self.source.name,
        )

    @property
    def due(self) -> date:
        """The day of that drawing, if none is left out."""
        day = self.after + timedelta(days=1)
        while day.isoweekday() not in self.source.weekdays:
            day += timedelta(days=1)
        return day

    @property
    def known_from(self) -> datetime:
        """The moment before which the value cannot be known."""
        return datetime.combine(self.due, self.source.known_from, BEIJING)


def rule_of(code: str) -> Rule:
    """Return the rule that parameters name.

    :raises ValueError: if it is none
    """
    source, _, day = code.partition(" after ")
    if source not in SOURCES:
        raise ValueError(f"unknown source of a public value: {source}")
    return Rule(SOURCES[source], date.fromisoformat(day))


def value_of(source: Source, issue: str, numbers: str) -> str:
    """Return a drawing's value in its one form: `2026134 03 07 12 19 25 31 09`.

    Each group is sorted, so that two people who type the same drawing say the same.

    :raises Invalid: if this cannot be what the lottery drew, at the field
    """
    issue = issue.strip()
    if not re.fullmatch(rf"[0-9]{{{source.issue}}}", issue):
        raise Invalid({"/issue": T("期号应当是 {n} 位数字", n=source.issue)})
    found = [int(digits) for digits in re.findall(r"[0-9]{1,3}", numbers)]
    if len(found) != source.many or re.search(r"[^0-9\s,，、+＋|-]", numbers):
        raise Invalid({"/numbers": T("应当是 {n} 个号码，用空格隔开", n=source.many)})
    written = [issue]
    for group in source.groups:
        its, found = sorted(found[: group.count]), found[group.count :]
        if len(set(its)) != group.count or not all(1 <= one <= group.most for one in its):
            raise Invalid({"/numbers": T("号码应当是 1 至 {most}，不重复", most=group.most)})
        written += [f"{one:02}" for one in its]
    return " ".join(written)


def issue_of(value: str) -> str:
    """Return the drawing's number in a value."""
    return value.partition(" ")[0]
