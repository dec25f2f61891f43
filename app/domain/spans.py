"""How far a demo's clock is moved: an ISO 8601 duration, counted by the calendar."""

import re
from datetime import datetime, timedelta

from app.domain import Invalid
from app.domain.deadlines import BEIJING, months_on
from app.domain.text import T

FARTHEST = timedelta(days=731)
_SPAN = re.compile(
    r"P(?=[\dT])(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?"
    r"(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?",
    re.ASCII,
)


def after(moment: datetime, span: str) -> datetime:
    """Return the moment that lies `span` after another: P10D, P1M, PT36H.

    :raises Invalid: if it is no duration, nothing, or more than two years
    """
    found = _SPAN.fullmatch(span.strip())
    if found is None:
        raise Invalid({"/advance": T("请用 ISO 8601 时长，例如 P10D、P1M、PT36H")})
    length = {unit: int(number) for unit, number in found.groupdict("0").items()}
    local = moment.astimezone(BEIJING)
    months = length.pop("years") * 12 + length.pop("months")
    if months <= FARTHEST.days:
        day = months_on(local.date(), months)
        then = local.replace(year=day.year, month=day.month, day=day.day) + timedelta(**length)
        if timedelta() < then - local <= FARTHEST:
            return then
    raise Invalid({"/advance": T("一次只能向前拨动，且不超过两年")})
