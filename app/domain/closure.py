"""When a request for closure stands (R18a): each statutory ground, and what is lacking to it.

Sources: 安全生产法 113 and the statutes on catalogues and licences. A temporary stop (65) counts
for nothing here, and neither does a campaign's own rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.deadlines import months_on
from app.domain.text import T, Text


class Ground(StrEnum):
    """The statutory grounds (法定情形)."""

    PENALTIES = "penalties"
    STILL_UNSAFE = "still_unsafe"
    ACCIDENT = "accident"
    REFUSED = "refused"
    CATALOGUE = "catalogue"
    UNLICENSED = "unlicensed"


class AfterStop(StrEnum):
    """Which of the grounds that follow a decision to stop can exist by now."""

    NONE = "none"
    REFUSED = "refused"
    ANY = "any"


HALF_YEAR, THREE = timedelta(days=180), 3
YEAR_MONTHS, FOUR = 12, 4
GRAVE = ("major", "grave")
"""The classes of an accident (重大、特别重大) after which a plant may be closed."""


class Stop(NamedTuple):
    """A decision to stop production (责令停产停业整顿) that was served."""

    served_on: date
    until: date
    """The end of the period that it gives."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the registers say of the enterprise."""

    today: date
    since: date
    """The day from which our register of papers is complete."""
    stops: Mapping[str, Stop]
    """By number."""
    major_hazards: int
    """How many major hazards are open."""
    catalogued: bool


def after_stop(stops: Iterable[Stop], today: date) -> AfterStop:
    """Return which grounds the decisions to stop can bear that hold against an enterprise.

    Refusing to obey is one as long as a decision holds, want of conditions once its period is
    over. A decision that is in no register is older than it: papers are to prove it.
    """
    latest = max(stops, default=None)
    over = latest is None or latest.until < today
    return AfterStop.ANY if over else AfterStop.REFUSED


def lacking(ground: Ground, answers: Mapping[str, Any], known: Known) -> list[Text]:
    """Return what is lacking to a ground, from the answers of whoever checked it; [] if nothing."""
    if ground is Ground.PENALTIES:
        return _penalties(answers, known)
    if ground in (Ground.STILL_UNSAFE, Ground.REFUSED):
        missing = _stop(answers, known)
        stop = known.stops.get(_number(answers))
        until = max(stop.until if stop else date.min, _day(answers, "stop_until") or date.max)
        if ground is Ground.STILL_UNSAFE and until >= known.today:
            missing.append(T("整顿期限尚未届满，不能认定整顿后仍不具备安全生产条件"))
        return missing
    if ground is Ground.CATALOGUE and not known.catalogued:
        return [T("企业台账没有登记该企业列入淘汰目录")]
    if ground is Ground.ACCIDENT:
        return _accident(answers, known)
    return []


def _day(answers: Mapping[str, Any], key: str) -> date | None:
    told = answers.get(key)
    return date.fromisoformat(told) if told else None


def _stop(answers: Mapping[str, Any], known: Known) -> list[Text]:
    """Return what is lacking to a served decision to stop production."""
    number = _number(answers)
    served = _day(answers, "stop_served_on")
    if number not in known.stops:
        if served is not None and served < known.since:
            return []  # older than our register: its papers are in evidence, law reviews them
        return [
            T("没有查到向该企业送达的、文号为“{number}”的责令停产停业整顿决定书", number=number)
        ]
    registered = known.stops[number].served_on
    if registered != served:
        return [T("送达日期与登记的送达日期 {day} 不一致", day=registered)]
    return []


def _number(answers: Mapping[str, Any]) -> str:
    return str(answers.get("stop_number") or "").strip()


def _accident(answers: Mapping[str, Any], known: Known) -> list[Text]:
    missing: list[Text] = []
    if answers.get("accident_class") not in GRAVE:
        missing.append(T("没有认定为重大事故或者特别重大事故"))
    if _lesser(str(answers.get("accident") or "")):
        missing.append(T("事故名称写明为较大或者一般事故，与认定的事故等级不一致"))
    if not answers.get("report_number") or not answers.get("accident_papers"):
        missing.append(T("没有事故调查报告及其批复"))
    if (_day(answers, "accident_on") or date.max) > known.today:
        missing.append(T("事故发生日期晚于今天"))
    return missing


def _lesser(name: str) -> bool:
    """Test whether an accident is by its name of a lower class (较大、一般事故)."""
    return "重大" not in name and any(word in name for word in ("较大", "一般"))


def _penalties(answers: Mapping[str, Any], known: Known) -> list[Text]:
    rows = {str(row["number"]).strip(): row for row in answers.get("penalties", ())}.values()
    days = sorted(date.fromisoformat(row["decided_on"]) for row in rows)
    missing: list[Text] = []
    if answers.get("span") == "year":
        if not _within(days, FOUR):
            missing.append(T("列出的处罚没有四次在一年之内"))
    elif not _within(days, THREE):
        missing.append(T("列出的处罚没有三次在一百八十日之内"))
    if any(date.fromisoformat(row["served_on"]) > known.today for row in rows):
        missing.append(T("有的处罚决定尚未送达"))
    if not known.major_hazards:
        missing.append(T("隐患台账中没有未销号的重大事故隐患"))
    return missing


def _within(days: Sequence[date], count: int) -> bool:
    """Test whether `count` of these days lie within 180 days, or for four, within a year."""
    for first, last in zip(days, days[count - 1 :], strict=False):
        end = months_on(first, YEAR_MONTHS) if count == FOUR else first + HALF_YEAR
        if last <= end:
            return True
    return False
