"""A party's consent to electronic service (送达地址确认书): entered, given, withdrawn, looked up.

One is in force at a time: a new confirmation takes the place of the one before it. None is ever
changed or removed, as papers were served by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import Conflict, Invalid, NotFound, entered
from app.domain.access import Grant, Permission, Role, Thing
from app.domain.deadlines import BEIJING
from app.domain.documents import in_words
from app.domain.forms import Form
from app.domain.history import Stream
from app.domain.limits import beyond
from app.domain.prefill import Sources, prefill
from app.domain.serving import CHANNELS, Channel, Consent, Known, consent_form
from app.domain.text import T
from app.models.casework import Upload
from app.models.enterprises import Enterprise, ServiceConsent
from app.services import Work, history
from app.services.days import days
from app.services.uploads import places_of

OWN = {"unscoped": "the enterprise is the actor's to serve on, or to speak for"}
REPLACED = "由新的送达地址确认书代替"


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A page of the signed confirmation, as it was handed in."""

    number: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A confirmation of an address with how it came about and ended."""

    consent: Consent
    receiver: str
    signer: str
    own: bool
    """Whether the party gave it with its account here; else staff entered what it signed."""
    papers: Sequence[PaperRow]
    recorded_at: datetime
    recorded_by: str
    ended_by: str
    end_reason: str


def _place(work: Work, enterprise_id: int) -> str:
    place = select(Enterprise.place).where(Enterprise.id == enterprise_id)
    found = work.session.scalar(place)
    if found is None:
        raise NotFound(T("没有找到该企业"))
    return found


@dataclass(frozen=True, slots=True)
class Blank:
    """The form in which a confirmation is entered."""

    form: Form
    own: bool
    """Whether the party itself gives it."""
    given: dict[str, Any]
    """What it begins with."""


def blank(work: Work, enterprise_id: int) -> Blank:
    """Return the form in which the actor enters a confirmation.

    :raises NotFound: if the actor may not know of the enterprise
    :raises Forbidden: if it is not theirs to enter
    """
    own = _is_own(_required(work, enterprise_id))
    form = consent_form(own=own)
    return Blank(form, own, prefill(form, Sources({}, days(work))))


def _required(work: Work, enterprise_id: int) -> Grant:
    thing = Thing(place=_place(work, enterprise_id), organisation=enterprise_id)
    return work.require(Permission.CONFIRM_SERVICE, thing)


def _is_own(grant: Grant) -> bool:
    return grant.role is Role.PRINCIPAL


def enter(work: Work, enterprise_id: int, answers: Mapping[str, Any]) -> int:
    """Enter a confirmation and return its id; the one in force before it ends.

    :raises NotFound: if the actor may not know of the enterprise
    :raises Forbidden: if it is not theirs to enter
    :raises Invalid: if an answer is missing or wrong, at its field
    """
    grant = _required(work, enterprise_id)
    own = _is_own(grant)
    sheet = consent_form(own=own)
    given = sheet.check(answers)
    if problems := beyond(sheet, given, Sources({}, days(work))):
        raise Invalid(problems)
    papers = _papers(work, sheet, given)
    today = work.now.astimezone(BEIJING).date()
    confirmed_on = today if own else date.fromisoformat(given["confirmed_on"])
    _must_follow(work, enterprise_id, confirmed_on)
    _end(work, enterprise_id, confirmed_on, REPLACED)
    channel = Channel(given["channel"])
    address = given.get("email") or given.get("number") or ""
    made = work.session.execute(
        insert(ServiceConsent)
        .values(
            enterprise_id=enterprise_id,
            channel=channel,
            address=address,
            receiver=given["receiver"],
            confirmed_on=confirmed_on,
            signer=work.actor.name if own else given["signer"],
            own=own,
            papers=[name for name, _digest in papers],
            recorded_at=work.now,
            recorded_by=work.me,
            end_reason="",
        )
        .returning(ServiceConsent.id),
        execution_options=OWN,
    ).scalar_one()
    work.record(
        Stream.ENTERPRISE,
        enterprise_id,
        "consent.give" if own else "consent.record",
        grant,
        consent=made,
        channel=channel.value,
        to_address=address,
        confirmed_on=confirmed_on.isoformat(),
        **({"papers": [digest for _name, digest in papers]} if papers else {}),
    )
    return made


def _must_follow(work: Work, enterprise_id: int, day: date) -> None:
    """Refuse a confirmation that is older than the newest one.

    :raises Invalid: if it is, at its field
    """
    newest = next(iter(_consents(work, enterprise_id)), None)
    if newest is not None and day < newest.confirmed_on:
        told = T("已有 {day} 的确认书，不能补登更早的", day=newest.confirmed_on)
        raise Invalid({"/confirmed_on": told})


def _papers(work: Work, sheet: Form, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the files of a signed confirmation, each with its digest.

    :raises Invalid: if one is not the actor's to hand in, at its place
    """
    named = dict(places_of(sheet.fields, given))
    mine = select(Upload.id, Upload.sha256).where(
        Upload.id.in_(named.values()), Upload.uploaded_by == work.me
    )
    known = {row.id: row.sha256 for row in work.session.execute(mine)}
    lost = {at: T("文件已失效，请重新上传") for at, name in named.items() if name not in known}
    if lost:
        raise Invalid(lost)
    return [(name, known[name]) for name in named.values()]


def withdraw(work: Work, enterprise_id: int, consent_id: int, reason: str) -> None:
    """End a consent today: from now on nothing is served electronically by it.

    :raises NotFound: if there is none that the actor may know of
    :raises Forbidden: if it is not theirs to withdraw
    :raises Conflict: if it has ended
    :raises Invalid: if the reason is missing
    """
    grant = _required(work, enterprise_id)
    reason = entered.reason(reason)
    known = {one.id: one for one in _consents(work, enterprise_id)}
    if consent_id not in known:
        raise NotFound(T("没有找到该送达地址确认书"))
    if known[consent_id].ended_on is not None:
        raise Conflict(T("该电子送达确认已经终止"))
    _end(work, enterprise_id, work.now.astimezone(BEIJING).date(), reason)
    work.record(
        Stream.ENTERPRISE,
        enterprise_id,
        "consent.withdraw",
        grant,
        consent=consent_id,
        reason=reason,
    )


def _end(work: Work, enterprise_id: int, day: date, reason: str) -> None:
    """End the one in force."""
    work.session.execute(
        update(ServiceConsent)
        .where(ServiceConsent.enterprise_id == enterprise_id, ServiceConsent.ended_on.is_(None))
        .values(ended_on=day, ended_at=work.now, ended_by=work.me, end_reason=reason),
        execution_options={**OWN, "synchronize_session": False},
    )


def _consents(work: Work, enterprise_id: int) -> list[Consent]:
    """Return the consents of an enterprise, the newest first."""
    rows = work.session.execute(
        select(
            ServiceConsent.id,
            ServiceConsent.channel,
            ServiceConsent.address,
            ServiceConsent.confirmed_on,
            ServiceConsent.ended_on,
        )
        .where(ServiceConsent.enterprise_id == enterprise_id)
        .order_by(ServiceConsent.id.desc()),
        execution_options=OWN,
    )
    return [Consent(*row) for row in rows]


def known(work: Work, enterprise_id: int) -> Known:
    """Return what the rule of service has to know of a party: a step of serving on it."""
    return Known(_consents(work, enterprise_id), work.calendar)


def told(work: Work, enterprise_id: int) -> dict[str, str]:
    """Return what the form of a service says of the party's consent as it is today."""
    today = work.now.astimezone(BEIJING).date()
    party = known(work, enterprise_id)
    found = party.consent_on(today)
    if found is None:
        return {"told": f"{_lacking(party)}，不能电子送达"}
    channel = CHANNELS[found.channel].wording
    return {"told": f"{in_words(found.confirmed_on)}确认，{channel} {found.address}".strip()}


def _lacking(party: Known) -> str:
    """Return why a party cannot be served electronically today."""
    newest = next(iter(party.consents), None)
    if newest is None or newest.ended_on is None:
        return "没有登记送达地址确认书"
    confirmed, ended = in_words(newest.confirmed_on), in_words(newest.ended_on)
    return f"{confirmed}的送达地址确认自{ended}起失效"


def of_enterprise(work: Work, enterprise_id: int) -> list[ConsentRow]:
    """Return the confirmations of an enterprise that the actor may know of, the newest first.

    :raises NotFound: if the actor may not know of the enterprise
    """
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    _place(work, enterprise_id)
    rows = work.session.scalars(
        select(ServiceConsent)
        .where(ServiceConsent.enterprise_id == enterprise_id)
        .order_by(ServiceConsent.id.desc())
    ).all()
    people = history.names_of_people(
        work, [one for row in rows for one in (row.recorded_by, row.ended_by) if one is not None]
    )
    files = _described(work, [name for row in rows for name in row.papers])
    return [
        ConsentRow(
            consent=Consent(row.id, row.channel, row.address, row.confirmed_on, row.ended_on),
            receiver=row.receiver,
            signer=row.signer,
            own=row.own,
            papers=[PaperRow(n, *files[name]) for n, name in enumerate(row.papers)],
            recorded_at=row.recorded_at,
            recorded_by=people.get(row.recorded_by, ""),
            ended_by=people.get(row.ended_by or 0, ""),
            end_reason=row.end_reason,
        )
        for row in rows
    ]


def _described(work: Work, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = work.session.execute(
        select(Upload.id, Upload.name, Upload.sha256).where(Upload.id.in_(names)),
        execution_options=OWN,
    )
    return {row.id: (row.name, row.sha256) for row in rows}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was handed in."""

    name: str
    media_type: str
    data: bytes


def paper(work: Work, enterprise_id: int, consent_id: int, number: int) -> File:
    """Return a file of a signed confirmation.

    :raises NotFound: if there is none that the actor may see
    """
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    names = work.session.scalar(
        select(ServiceConsent.papers).where(
            ServiceConsent.id == consent_id, ServiceConsent.enterprise_id == enterprise_id
        )
    )
    if names is None or number >= len(names):
        raise NotFound(T("没有找到该文件"))
    row = work.session.execute(
        select(Upload.name, Upload.media_type, Upload.sha256).where(Upload.id == names[number]),
        execution_options=OWN,
    ).one()
    return File(row.name, row.media_type, work.deps.files.get(row.sha256))
