"""Read histories: who did what, when, on whose behalf, and why."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.access import Role
from app.domain.history import Stream
from app.models.people import Account, Organisation
from app.models.records import HistoryEntry
from app.services import Work

NAMES = {"unscoped": "names stand wherever acts are shown"}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a history, with the names of those who acted."""

    seq: int
    at: datetime
    actor_id: int | None
    actor: str | None
    on_behalf_of: str | None
    role: Role | None
    organisation_id: int | None
    organisation: str | None
    action: str
    node: str | None
    detail: dict[str, Any]
    hash: str


def entries(work: Work, stream: Stream, subject: int) -> list[HistoryRow]:
    """Return a whole history, oldest first: a step of those who asked for its subject."""
    rows = work.session.execute(
        select(HistoryEntry.seq, HistoryEntry.body, HistoryEntry.hash)
        .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
        .order_by(HistoryEntry.seq)
    ).all()
    bodies = [(row.seq, json.loads(row.body), row.hash) for row in rows]
    people = names_of_people(
        work, [body[key] for _s, body, _h in bodies for key in ("by", "for") if body.get(key)]
    )
    offices = _names_of_organisations(work, [b.get("organisation") for _s, b, _h in bodies])
    return [_row(seq, body, sealed, people, offices) for seq, body, sealed in bodies]


def _row(
    seq: int,
    body: dict[str, Any],
    sealed: bytes,
    people: dict[int, str],
    offices: dict[int, str],
) -> HistoryRow:
    detail = dict(body.get("detail", {}))
    return HistoryRow(
        seq=seq,
        at=datetime.fromisoformat(body["at"]),
        actor_id=body["by"],
        actor=people.get(body["by"]),
        on_behalf_of=people.get(body.get("for", 0)),
        role=Role(body["role"]) if "role" in body else None,
        organisation_id=body.get("organisation"),
        organisation=offices.get(body.get("organisation", 0)),
        action=body["action"],
        node=detail.pop("node", None),
        detail=detail,
        hash=sealed.hex(),
    )


def names_of_people(work: Work, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts: a step of those who show what they did."""
    rows = work.session.execute(
        select(Account.id, Account.name).where(Account.id.in_(set(ids))), execution_options=NAMES
    )
    return {account: name for account, name in rows}  # noqa: C416


def _names_of_organisations(work: Work, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {organisation for organisation in ids if organisation is not None}
    rows = work.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)),
        execution_options=NAMES,
    )
    return {organisation: name for organisation, name in rows}  # noqa: C416
