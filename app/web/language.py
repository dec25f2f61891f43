"""The reader's language: which it is, and how it writes texts, dates, deadlines and numbers."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Flask, current_app, g, has_request_context, redirect, request
from flask_babel import Babel, force_locale, gettext  # type: ignore[import-untyped]
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.domain.deadlines import BEIJING, days_left, is_soon, last_day
from app.domain.text import T, Text, day_in

Language = Literal["zh", "en"]
Preference = Callable[[], str | None]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
COOKIE = "language"
HAN = re.compile("[\u4e00-\u9fff]")
A_YEAR = 365 * 24 * 3600
DAY = timedelta(days=1)
TRANSLATIONS = Path(__file__).parent / "translations"


def init_app(app: Flask, preference: Preference = lambda: None) -> None:
    """Teach the application its languages; `preference` is what the signed-in user has chosen."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=chosen)
    app.extensions["language-preference"] = preference
    app.jinja_env.filters.update(
        read=read,
        marked=marked,
        moment=moment,
        day=day,
        month=month,
        deadline=deadline,
        due=due,
        number=number,
        percent=percent,
        size=size,
        listed=listed,
    )
    app.context_processor(lambda: {"lang": chosen()})


def chosen() -> Language:
    """Return the reader's choice, else the cookie's, else the browser's, else Chinese."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = _choose()
    language: Language = g.language
    return language


def _choose() -> Language:
    preference: Preference = current_app.extensions["language-preference"]
    for wish in (preference(), request.cookies.get(COOKIE)):
        for language in LANGUAGES:
            if wish == language:
                return language
    return "en" if request.accept_languages.best_match(LANGUAGES) == "en" else "zh"


def switch(language: str, target: str | None) -> Response:
    """Answer the language link: remember the choice and go back to `target`, if it is ours."""
    answer = redirect(target if target and is_local(target) else "/", 303)
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=A_YEAR, httponly=True, samesite="Lax")
    return answer


def is_local(target: str) -> bool:
    """Tell whether an address given by the browser stays on this site."""
    try:
        parts = urlsplit(target)
    except ValueError:  # as for "//["
        return False
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return plain and not parts.scheme and not parts.netloc and target.isprintable()


@contextmanager
def in_chinese() -> Iterator[None]:
    """Read texts in Chinese inside the block, whatever the reader's language is."""
    before = chosen()
    g.language = "zh"
    try:
        with force_locale("zh"):
            yield
    finally:
        g.language = before


def read(text: Any) -> Any:
    """Return a `Text` in the reader's language; anything else as it is, and nothing for None."""
    if isinstance(text, Text):
        return text.read(gettext, chosen())
    return "" if text is None else text


def marked(text: Any) -> Any:
    """Return a text as `read` does; Chinese on an English page is marked as such.

    Names are data and mostly have no English: whoever listens hears them in Chinese.
    """
    told = read(text)
    if chosen() != "en" or not HAN.search(str(told)):
        return told
    return Markup('<span lang="zh-CN">{}</span>').format(told)


def listed(parts: Iterable[Any]) -> str:
    """Write things one after another: 甲、乙, or A, B."""
    return (", " if chosen() == "en" else "、").join(str(read(part)) for part in parts)


def moment(value: datetime | str | None) -> str:
    """Write date and time: 2026年11月20日 15:04, or 20 Nov 2026, 15:04."""
    at = _beijing(value)
    return "" if at is None else _join(day(at.date()), f"{at:%H:%M}")


def day(value: date | str | None) -> str:
    """Write a date: 2026年11月20日, or 20 Nov 2026."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        value = (_beijing(value) or value).date()
    return day_in(chosen(), value)


def month(value: date) -> str:
    """Write a month: 12月, or Dec; January with its year."""
    if chosen() == "en":
        return f"{value:%b %Y}" if value.month == 1 else f"{value:%b}"
    return f"{value.year}年1月" if value.month == 1 else f"{value.month}月"


def deadline(value: datetime | str | None) -> str:
    """Write a deadline: midnight is the end of the day before, 24:00."""
    at = _beijing(value)
    if at is None:
        return ""
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        return _join(day(at.date() - timedelta(days=1)), "24:00")
    return moment(at)


@dataclass(frozen=True)
class Due:
    """How near a deadline is, in words and as a tone: todo, soon or late."""

    text: str
    tone: str


def due(at: datetime, now: datetime, noticed: date | None = None) -> Due:
    """Say how much time is left until `at`, or by how much it has passed.

    Days are those of the calendar, as in what is due within three days; less than one, hours.

    :param noticed: when a public notice was published that runs until then: it is waited for
    """
    left, days = at - now, days_left(at, now)
    if noticed is not None and left >= timedelta(0):
        return Due(read(T("公告期至 {day}", day=last_day(at))), "todo")
    if left < timedelta(0):
        return Due(read(_overdue(-left, -days)), "late")
    return Due(read(_left(left, days)), "soon" if is_soon(at, now) else "todo")


def _left(time: timedelta, days: int) -> Text:
    hours = int(time.total_seconds() // 3600)
    if time >= DAY:
        return T("还剩 1 天") if days == 1 else T("还剩 {days} 天", days=days)
    if hours:
        return T("还剩 1 小时") if hours == 1 else T("还剩 {hours} 小时", hours=hours)
    return T("不足 1 小时")


def _overdue(time: timedelta, days: int) -> Text:
    hours = int(time.total_seconds() // 3600)
    if time >= DAY:
        return T("已逾期 1 天") if days == 1 else T("已逾期 {days} 天", days=days)
    if hours:
        return T("已逾期 1 小时") if hours == 1 else T("已逾期 {hours} 小时", hours=hours)
    return T("刚刚逾期")


def number(value: float | None, digits: int | None = None) -> str:
    """Write a number with thousands parted and `digits` after the point, or as many as it has."""
    if value is None:
        return ""
    if digits is not None:
        return f"{value:,.{digits}f}"
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def percent(share: float | None) -> str:
    """Write a share of one: 0.914 is 91.4%; only the whole is 100%."""
    if share is None:
        return ""
    return "100%" if share >= 1 else f"{min(100 * share, 99.9):.1f}%"


def size(octets: int) -> str:
    """Write the size of a file."""
    small, big = 1000, 1_000_000
    if octets < small:
        return f"{octets} B"
    return f"{octets / small:.0f} kB" if octets < big else f"{octets / big:.1f} MB"


def _beijing(value: datetime | str | None) -> datetime | None:
    if not value:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(BEIJING) if at.tzinfo else at


def _join(date_words: str, clock: str) -> str:
    return f"{date_words}, {clock}" if chosen() == "en" else f"{date_words} {clock}"
