"""Cards (黄牌、红牌) and the notices that publish them: which one is lifted, by which notice.

A notice names a card in the field that its kind says (`Kind.card`); the card's measure says which
case gave it and which lifted it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.adapters.templates import Kind
from app.domain.deadlines import BEIJING
from app.domain.documents import DocumentState
from app.domain.measures import CARDS, Measure
from app.models.documents import Document
from app.models.enterprises import EnterpriseMeasure
from app.services import Work
from app.services.documents.organs import FACTS

LIFTING = "card_lifting"
TOLD = ("basis", "contact")
"""What the notice of a lifting says as that of the card did, unless it is changed."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """How a published card ended."""

    colour: Measure
    at: datetime
    number: str
    """Of the notice that says so; "" until it is published."""


@dataclass(frozen=True, slots=True)
class Card:
    """The card that a notice is about, as the notice itself says."""

    colour: Measure
    number: str
    """Under which it was published: a card has no number but its notice's; "" if it was not."""
    lifted: bool
    """Whether the notice says that it ended, not that it was given."""


def lifted_in(work: Work, case_id: int) -> dict[str, Any]:
    """Return the card that a case lifted last, and the notice it was published by: as facts.

    A step of drafting the notice that it is lifted; empty if the case lifted none.
    """
    ended = work.session.execute(
        _cards()
        .where(EnterpriseMeasure.lifted_in == case_id)
        .order_by(EnterpriseMeasure.lifted_at.desc(), EnterpriseMeasure.id.desc())
        .limit(1),
        execution_options=FACTS,
    ).one_or_none()
    if ended is None:
        return {}
    instead = work.session.execute(
        _cards()
        .where(EnterpriseMeasure.given_in == case_id, EnterpriseMeasure.id > ended.id)
        .limit(1),
        execution_options=FACTS,
    ).one_or_none()
    notice = _published(work, ended) or {}
    found = {
        **{name: notice.get(name) for name in ("number", "date", *TOLD)},
        "colour": ended.measure.value,
        "reason": ended.lift_reason,
        "lifted_on": _day(ended.lifted_at),
        "becomes": instead and instead.measure.value,
    }
    return {name: value for name, value in found.items() if value}


def _cards() -> Select[*tuple[Any, ...]]:
    return select(
        EnterpriseMeasure.id,
        EnterpriseMeasure.measure,
        EnterpriseMeasure.given_in,
        EnterpriseMeasure.given_at,
        EnterpriseMeasure.lifted_in,
        EnterpriseMeasure.lifted_at,
        EnterpriseMeasure.lift_reason,
    ).where(EnterpriseMeasure.measure.in_(CARDS))


def _published(work: Work, card: Any) -> dict[str, Any] | None:
    """Return what the served notice states by which a card was published, with its number."""
    fields = {kind.id: kind.card for kind in work.deps.papers.templates.kinds.values() if kind.card}
    notices = work.session.execute(
        select(Document.kind, Document.number, Document.data, Document.issued_at)
        .where(Document.case_id == card.given_in, Document.kind.in_(fields))
        .where(Document.state == DocumentState.SERVED, Document.issued_at >= card.given_at)
        .order_by(Document.id),
        execution_options=FACTS,
    )
    for notice in notices:
        said: dict[str, Any] = json.loads(notice.data)
        if said.get(fields[notice.kind]) == card.measure:
            return {**said, "number": notice.number, "date": _day(notice.issued_at)}
    return None


def told_by(kind: Kind | None, number: str, data: bytes) -> Sequence[Card]:
    """Return the cards that a paper publishes or says to have ended: a step of telling the public.

    The notice that a card is lifted names it, and the one that takes its place.
    """
    if kind is None or not kind.card:
        return ()
    said: dict[str, Any] = json.loads(data)
    found = []
    if kind.id == LIFTING:
        found.append(Card(Measure(said["colour"]), said.get("earlier_number", ""), lifted=True))
    if colour := said.get(kind.card):
        found.append(Card(Measure(colour), number, lifted=False))
    return found


def ended(work: Work, document_id: int) -> Lifted | None:
    """Return how the card ended that a notice published; None if it has not, or there is none.

    A step of telling the public of a notice.
    """
    notice = work.session.execute(
        select(Document.kind, Document.data, Document.case_id, Document.issued_at).where(
            Document.id == document_id
        )
    ).one()
    kind = work.deps.papers.templates.kinds.get(notice.kind)
    colour = json.loads(notice.data).get(kind.card) if kind is not None and kind.card else None
    if colour is None:
        return None
    card = work.session.execute(
        _cards()
        .where(EnterpriseMeasure.given_in == notice.case_id)
        .where(EnterpriseMeasure.measure == Measure(colour))
        .where(EnterpriseMeasure.given_at <= notice.issued_at)
        .order_by(EnterpriseMeasure.id.desc())
        .limit(1)
    ).one_or_none()
    if card is None or card.lifted_at is None:
        return None
    number = work.session.scalar(
        select(Document.number)
        .where(Document.case_id == card.lifted_in, Document.kind == LIFTING)
        .where(Document.state == DocumentState.SERVED, Document.issued_at >= card.lifted_at)
        .order_by(Document.id)
        .limit(1)
    )
    return Lifted(card.measure, card.lifted_at, number or "")


def _day(moment: datetime) -> str:
    return moment.astimezone(BEIJING).date().isoformat()
