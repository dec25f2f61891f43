"""The working-day calendar of a year, as the notice of the State Council puts it (放假安排)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain import Invalid
from app.domain.text import T, Text

# What the notices call the days off, with the English name.
HOLIDAYS: Mapping[str, str] = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}
MOST_NAME, MOST_LINES, LONGEST = 32, 100, 31
FIRST_YEAR, LAST_YEAR = 2000, 2200

_LINE = re.compile(
    r"(?P<first>\d{4}-\d{1,2}-\d{1,2})(?:\s*[~～至]\s*(?P<last>\d{4}-\d{1,2}-\d{1,2}))?"
    r"\s+(?P<name>\S+)(?:\s+(?P<work>上班|work))?",
)


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A holiday, or a weekend day that is worked to make up for one (调休上班)."""

    day: date
    working: bool
    name: str

    @property
    def name_en(self) -> str:
        return HOLIDAYS.get(self.name, "")


def parse(year: int, text: str) -> list[NamedDay]:
    """Read the days of a year, one line each: `2027-02-05~2027-02-11 春节`, `2027-02-20 春节 上班`.

    :raises Invalid: naming the first line that is none such
    """
    days: dict[date, NamedDay] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > MOST_LINES:
        raise _wrong(T("请逐行填写节假日和调休上班日"))
    for line in lines:
        for named in _read(year, line):
            if named.day in days:
                raise _wrong(T("{day} 重复", day=named.day.isoformat()))
            days[named.day] = named
    return [days[day] for day in sorted(days)]


def _read(year: int, line: str) -> list[NamedDay]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _wrong(T("无法识别“{line}”", line=line[:60]))
    first = _day(found["first"], line)
    last = _day(found["last"], line) if found["last"] else first
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST or {first.year, last.year} != {year}:
        raise _wrong(T("“{line}”不在 {year} 年内或超过 {n} 天", line=line, year=year, n=LONGEST))
    if len(found["name"]) > MOST_NAME:
        raise _wrong(T("“{line}”的名称过长", line=line[:60]))
    return [
        NamedDay(first + timedelta(days=number), bool(found["work"]), found["name"])
        for number in range(length)
    ]


def _day(text: str, line: str) -> date:
    try:
        year, month, day = map(int, text.split("-"))
        return date(year, month, day)
    except ValueError as wrong:
        raise _wrong(T("“{line}”中没有这一天", line=line[:60])) from wrong


def _wrong(text: Text) -> Invalid:
    return Invalid({"/days": text})


def write(days: Sequence[NamedDay]) -> str:
    """Write days as `parse` reads them, each stretch of one holiday in a line."""
    lines: list[str] = []
    waiting = list(days)
    while waiting:
        first = last = waiting.pop(0)
        while (
            waiting
            and not first.working
            and waiting[0].day == last.day + timedelta(days=1)
            and (waiting[0].name, waiting[0].working) == (first.name, False)
        ):
            last = waiting.pop(0)
        stretch = first.day.isoformat()
        if last is not first:
            stretch += f"~{last.day.isoformat()}"
        lines.append(f"{stretch} {first.name}{' 上班' if first.working else ''}")
    return "\n".join(lines)
