"""The public holidays that the library `chinesecalendar` knows, year by year."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from chinese_calendar.constants import Holiday, holidays, workdays

from app.domain.workdays import NamedDay

# The library's short names, as the notices write them.
FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def known() -> Mapping[int, Sequence[NamedDay]]:
    """Return the days of each year that the library knows, in their order."""
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    names = {english: FULL_NAMES.get(name, name) for english, name in names.items()}
    years: dict[int, list[NamedDay]] = {}
    for days, working in ((holidays, False), (workdays, True)):
        for day, english in days.items():
            years.setdefault(day.year, []).append(NamedDay(day, working, names[english]))
    return {year: sorted(days, key=lambda named: named.day) for year, days in years.items()}


def source() -> str:
    """Say where the days come from, with the edition."""
    return f"chinesecalendar {version('chinesecalendar')}"
