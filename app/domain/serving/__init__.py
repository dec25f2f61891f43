"""Service of papers (送达): what each manner demands, and consent to the electronic one.

A decision is served within seven working days where the party was not there to take it
(行政处罚法 61, 85), by the ways of the law on civil procedure (民事诉讼法 2023, 87-95): handed
over; left, where it is refused, before a witness or on photos; by post, on the day of the slip;
electronically, if the party agreed and confirmed the address, on the day it arrives there; through
another organ; by public notice, where nothing else works, thirty days after it was published. A
form asks what belongs to the manner; what one answer means for another is here and nowhere else:
the field `manner` of such a form says `"x-service": "@service"`, which is `Known`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.domain import Invalid
from app.domain.deadlines import BEIJING, Calendar, due, last_day
from app.domain.forms import Form
from app.domain.text import T, Text

HERE = Path(__file__).parent
NOTICE = "P30D"
"""How long a public notice runs until what it says counts as served."""


class Manner(StrEnum):
    """How a paper is served (送达方式)."""

    DIRECT = "direct"
    LEFT = "left"
    MAIL = "mail"
    ELECTRONIC = "electronic"
    ENTRUSTED = "entrusted"
    NOTICE = "notice"


class Receipt(StrEnum):
    """What became of the signature of who received it (签收情况)."""

    SIGNED = "signed"
    REFUSED = "refused"
    NOT_PRESENT = "not_present"


class Channel(StrEnum):
    """Where electronic service arrives (电子送达途径)."""

    EMAIL = "email"
    FAX = "fax"
    PHONE = "phone"
    ACCOUNT = "account"


CHANNELS: Mapping[Channel, Text] = {
    Channel.EMAIL: T("电子邮箱"),
    Channel.FAX: T("传真"),
    Channel.PHONE: T("手机短信"),
    Channel.ACCOUNT: T("本系统企业账户"),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """A party's consent to electronic service at an address, as it confirmed it."""

    id: int
    channel: Channel
    address: str
    """"" for its account here."""
    confirmed_on: date
    ended_on: date | None
    """The day on which it was withdrawn, or another took its place."""

    def holds_on(self, day: date) -> bool:
        """Test whether what arrives on a day is served by it; on its last day nothing is."""
        return self.confirmed_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rule of service has to know of the party."""

    consents: Sequence[Consent]
    """The newest first."""
    calendar: Calendar

    def consent_on(self, day: date) -> Consent | None:
        """Return the consent under which a paper may be served electronically on a day."""
        return next((one for one in self.consents if one.holds_on(day)), None)


def wrong(known: Known, answers: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """Yield what is wrong with how a paper was served, by JSON Pointer."""
    manner, receipt = Manner(answers["manner"]), Receipt(answers["receipt"])
    day = date.fromisoformat(answers["served_on"])
    yield from _signed_for(manner, receipt)
    if manner is Manner.ELECTRONIC:
        yield from _electronic(known.consent_on(day), answers["served_at"])
    if (
        manner is Manner.NOTICE
        and (over := notice_over(answers["notice_on"], known.calendar)) != day
    ):
        told = T("公告送达以公告满三十日的那一天为送达日期，即 {day}", day=over)
        yield "/served_on", told


def _signed_for(manner: Manner, receipt: Receipt) -> Iterator[tuple[str, Text]]:
    """Yield a receipt that does not go with the manner."""
    refused = receipt is Receipt.REFUSED
    match manner:
        case Manner.DIRECT if refused:
            yield "/manner", T("当面交付被拒收的，文书留在受送达人住所，送达方式请选“留置送达”")
        case Manner.DIRECT if receipt is Receipt.NOT_PRESENT:
            yield "/receipt", T("直接送达须由受送达人签收")
        case Manner.LEFT if not refused:
            yield "/receipt", T("受送达人拒收才能留置送达，请选“拒绝签收”并记明事由")
        case Manner.MAIL if refused:
            yield "/manner", T("邮件被拒收的没有送达，请改用其他方式送达")
        case Manner.ENTRUSTED if receipt is Receipt.NOT_PRESENT:
            yield "/receipt", T("请按受委托机关的送达回证填写签收情况")
        case Manner.ELECTRONIC | Manner.NOTICE if receipt is not Receipt.NOT_PRESENT:
            yield "/receipt", T("电子送达、公告送达没有当面签收，请选“无需当面签收”")


def _electronic(consent: Consent | None, place: str) -> Iterator[tuple[str, Text]]:
    if consent is None:
        told = T(
            "送达当日没有受送达人有效的电子送达确认，不能电子送达："
            "请先在企业页面登记送达地址确认书，或改用其他方式"
        )
        yield "/manner", told
    elif consent.address.casefold() not in place.casefold():
        told = T("须送至受送达人确认的地址：{address}，请在送达地点中写明", address=consent.address)
        yield "/served_at", told


def notice_due(published: date, calendar: Calendar) -> datetime:
    """Return the last moment of the day on which a notice that was published on a day is over."""
    return due(NOTICE, datetime.combine(published, time(), BEIJING), calendar)


def notice_over(published: str, calendar: Calendar) -> date:
    """Return the day on which a paper counts as served whose notice was published on a day."""
    return last_day(notice_due(date.fromisoformat(published), calendar))


def announced(answers: Mapping[str, Any], today: date, calendar: Calendar) -> tuple[date, datetime]:
    """Return the day of the notice that a service now waits for, and the moment when it is over.

    :raises Invalid: if it is no service by notice, or its thirty days have not begun, or are over
    """
    if answers.get("manner") != Manner.NOTICE:
        raise Invalid({"/manner": T("公告送达的才登记公告，请先选“公告送达”")})
    try:
        day = date.fromisoformat(answers.get("notice_on") or "")
    except (TypeError, ValueError) as none:
        raise Invalid({"/notice_on": T("请填写公告日期")}) from none
    if day > today:
        raise Invalid({"/notice_on": T("公告日期不得晚于 {day}", day=today)})
    due_at = notice_due(day, calendar)
    if (over := last_day(due_at)) <= today:
        told = T("公告期已于 {day} 届满，请直接填写送达日期并提交", day=over)
        raise Invalid({"/notice_on": told})
    return day, due_at


def consent_form(*, own: bool) -> Form:
    """Return the form of a confirmed address of service (送达地址确认书).

    :param own: the party confirms it itself, with its account; else staff enter what it signed
    """
    schema, ui = (json.loads((HERE / f"consent-{part}.json").read_text("utf-8")) for part in PARTS)
    left_out = ON_PAPER if own else OWN
    properties = {key: it for key, it in schema["properties"].items() if key not in left_out}
    required = [key for key in schema["required"] if key not in left_out]
    return Form({**schema, "properties": properties, "required": required}, ui)


PARTS = ("schema", "uischema")
ON_PAPER, OWN = ("confirmed_on", "signer", "papers"), ("agreed",)
