"""What was done to an account or an organisation: its history, the newest first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.access import Permission, Role, Thing
from app.domain.history import Stream
from app.models.people import Account
from app.models.records import HistoryEntry
from app.services import Work, accounts, organisations

PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as people read it."""

    seq: int
    at: datetime
    action: str
    by: str
    """Who did it; empty for the system itself, and for whoever was refused."""
    on_behalf_of: str
    role: Role | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of a history, and the seq to go on from, or None."""

    lines: Sequence[Line]
    before: int | None
    organisations: Mapping[int, str]
    """Names of the organisations that the lines mention."""


def of_account(work: Work, account_id: int, before: int = 0) -> Lines:
    """Return what was done to an account of the administrator's area."""
    accounts.managed(work, account_id)
    return _page(work, Stream.ACCOUNT, account_id, before)


def mine(work: Work, before: int = 0) -> Lines:
    """Return what was done to the actor's own account."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    return _page(work, Stream.ACCOUNT, work.me, before)


def of_organisation(work: Work, organisation_id: int, before: int = 0) -> Lines:
    """Return what was done to an organisation of the administrator's area."""
    organisations.managed(work, organisation_id)
    return _page(work, Stream.ORGANISATION, organisation_id, before)


def _page(work: Work, stream: Stream, subject: int, before: int) -> Lines:
    entries = (
        select(HistoryEntry.seq, HistoryEntry.body)
        .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
        .order_by(HistoryEntry.seq.desc())
        .limit(PAGE + 1)
    )
    if before:
        entries = entries.where(HistoryEntry.seq < before)
    found = [(row.seq, json.loads(row.body)) for row in work.session.execute(entries)]
    names = _names(work, [body for _seq, body in found])
    lines = [
        Line(
            seq=seq,
            at=datetime.fromisoformat(body["at"]),
            action=body["action"],
            by=names.get(body.get("by"), ""),
            on_behalf_of=names.get(body.get("for"), ""),
            role=Role(body["role"]) if "role" in body else None,
            detail=_told(body.get("detail", {}), names),
        )
        for seq, body in found[:PAGE]
    ]
    mentioned = [
        line.detail[key]
        for line in lines
        for key in ("home", "in_organisation")
        if key in line.detail
    ]
    return Lines(
        lines,
        before=lines[-1].seq if len(found) > PAGE else None,
        organisations=_organisations(work, mentioned),
    )


def _told(detail: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    return (
        {**detail, "deputy": names.get(detail["deputy"], "")} if "deputy" in detail else {**detail}
    )


def _names(work: Work, bodies: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    ids = {body.get(key) for body in bodies for key in ("by", "for")}
    ids |= {body.get("detail", {}).get("deputy") for body in bodies}
    rows = work.session.execute(
        select(Account.id, Account.name)
        .where(Account.id.in_(ids - {None}))
        .execution_options(unscoped="names stand wherever acts are shown")
    )
    return {row.id: row.name for row in rows}


def _organisations(work: Work, ids: Sequence[int]) -> dict[int, str]:
    return organisations.named(work, ids) if ids else {}
