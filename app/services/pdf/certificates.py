"""Certificates of an organisation: its seal's and those of its people; taking one back (撤销)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, or_, select, update

from app.adapters.signature import sm2
from app.adapters.signature.token import Token
from app.domain import Conflict, NotFound, entered
from app.domain.access import Permission, Thing, granted_by
from app.domain.documents import KeyUse
from app.domain.entered import whole
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import SignatureRecord, SigningKey
from app.models.people import Account, Organisation
from app.services import Work

PAGE = 20
MOST_REASON = 200
OWN = {"unscoped": "checked by the permission", "synchronize_session": False}


class State(StrEnum):
    """How a certificate stands."""

    IN_USE = "in_use"
    RETIRED = "retired"
    """It signs no more, as its PIN was changed; what it signed counts."""
    EXPIRED = "expired"
    REVOKED = "revoked"


class SealAt(StrEnum):
    """Where the key of an organ's seal is."""

    HERE = "here"
    TOKEN = "token"  # noqa: S105  (no secret)
    SERVICE = "service"


class Second(StrEnum):
    """How it is with the second signature (国密 SM2/SM3) of an organ's papers."""

    OFF = "off"
    ON = "on"
    MISSING = "missing"
    """It is switched on, and the library that makes it is not there: no paper can be sealed."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Which signatures an organ's sealed papers get; the operator decides, not the pages."""

    seal: SealAt
    second: Second


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as the administrators of its organisation see it."""

    id: int
    use: KeyUse
    holder: str
    account_id: int | None
    serial: str
    since: datetime
    until: datetime
    state: State
    signed: int
    """Papers that it signed or sealed."""
    revoked_at: datetime | None
    reason: str | None
    may_revoke: bool


def signatures(work: Work, organisation_id: int) -> Signatures:
    """Return which signatures the papers get that an organisation seals.

    :raises NotFound: if the organisation is not in the administrator's area
    """
    organisation = _of(work, organisation_id)
    papers = work.deps.papers
    kept = papers.seals.get(organisation.name)
    seal = SealAt.TOKEN if isinstance(kept, Token) else SealAt.SERVICE if kept else SealAt.HERE
    if not papers.second:
        return Signatures(seal, Second.OFF)
    return Signatures(seal, Second.ON if sm2.ready() else Second.MISSING)


def _of(work: Work, organisation_id: int) -> Organisation:
    organisation = work.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(T("没有找到该单位"))
    work.require(Permission.MANAGE_KEYS, Thing(place=organisation.place))
    return organisation


def of_organisation(
    work: Work, organisation_id: int, cursor: str = ""
) -> tuple[Sequence[Certificate], str | None]:
    """Return a page of an organisation's certificates, the newest first, and the next cursor.

    :raises NotFound: if the organisation is not in the administrator's area
    """
    organisation = _of(work, organisation_id)
    wanted = (
        select(SigningKey, Account.name, Account.place)
        .outerjoin(Account, Account.id == SigningKey.account_id)
        .where(
            or_(SigningKey.organisation_id == organisation_id, Account.home_id == organisation_id)
        )
        .order_by(SigningKey.id.desc())
        .limit(PAGE + 1)
    )
    if (before := whole(cursor)) is not None:
        wanted = wanted.where(SigningKey.id < before)
    rows = work.session.execute(wanted).all()
    signed = _signed(work, [key.id for key, _name, _place in rows])
    listed = [
        Certificate(
            id=key.id,
            use=key.use,
            holder=name or organisation.name,
            account_id=key.account_id,
            serial=key.serial,
            since=key.made_at,
            until=key.ends_at,
            state=_state(work, key),
            signed=signed.get(key.id, 0),
            revoked_at=key.revoked_at,
            reason=key.reason,
            may_revoke=key.revoked_at is None
            and granted_by(
                work.actor,
                Permission.MANAGE_KEYS,
                Thing(place=place or organisation.place, account=key.account_id),
            )
            is not None,
        )
        for key, name, place in rows[:PAGE]
    ]
    return listed, str(listed[-1].id) if len(rows) > PAGE else None


def _state(work: Work, key: SigningKey) -> State:
    if key.revoked_at is not None:
        return State.REVOKED
    if key.ends_at <= work.wall:
        return State.EXPIRED
    return State.IN_USE if key.holder is not None else State.RETIRED


def _signed(work: Work, ids: Sequence[int]) -> dict[int, int]:
    rows = work.session.execute(
        select(SignatureRecord.key_id, func.count())
        .where(SignatureRecord.key_id.in_(ids))
        .group_by(SignatureRecord.key_id),
        execution_options={"unscoped": "how many papers, and not which"},
    )
    return {key: number for key, number in rows}  # noqa: C416


def revoke(work: Work, key_id: int, reason: str) -> None:
    """Take a certificate back: from now on nothing it signed counts as good.

    That the actor is who they say, `sessions.confirm` has found out before.

    :raises NotFound: if it is nobody's of the administrator's area
    :raises Forbidden: if it is the actor's own
    :raises Invalid: if the reason is missing
    :raises Conflict: if it was taken back before
    """
    row = work.session.execute(
        select(SigningKey, Account.place, Organisation.place)
        .outerjoin(Account, Account.id == SigningKey.account_id)
        .outerjoin(Organisation, Organisation.id == SigningKey.organisation_id)
        .where(SigningKey.id == key_id)
    ).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该证书"))
    key, person_at, organisation_at = row
    thing = Thing(place=person_at or organisation_at or "", account=key.account_id)
    grant = work.require(Permission.MANAGE_KEYS, thing)
    reason = entered.reason(
        reason, T("请填写撤销原因（不超过 {n} 个字）", n=MOST_REASON), MOST_REASON
    )
    revoked = work.session.scalar(
        update(SigningKey)
        .where(SigningKey.id == key_id, SigningKey.revoked_at.is_(None))
        .values(holder=None, sealed=None, revoked_at=work.wall, reason=reason)
        .returning(SigningKey.serial),
        execution_options=OWN,
    )
    if revoked is None:
        raise Conflict(T("证书已经撤销"))
    stream = Stream.ACCOUNT if key.account_id is not None else Stream.ORGANISATION
    subject = key.account_id if key.account_id is not None else key.organisation_id
    work.record(stream, subject or 0, "key.revoke", grant, serial=revoked, reason=reason)
