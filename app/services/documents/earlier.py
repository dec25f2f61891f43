"""Papers that were served before, which later papers and forms name."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from app.domain.deadlines import BEIJING
from app.domain.documents import DocumentState
from app.models.casework import Case
from app.models.documents import Document
from app.services import Work
from app.services.documents.organs import FACTS

ORDERS: Mapping[str, Collection[str]] = {
    "stop": ("on_site_measure", "stop_decision"),
    "listing": ("supervision_notice",),
    "seizure": ("seizure",),
    "term": ("rectification_order", "supervision_notice", "on_site_measure", "stop_decision"),
}
"""What a case goes by: the order to stop, the notice of a listing, what was sealed or seized, the
paper that set the term."""


def served(work: Work, case_id: int | None, kinds: Collection[str]) -> dict[str, Any]:
    """Return the newest paper of these kinds that was served in a case, or {}.

    Where a case served none, it is the one that was served in the case it came from.
    """
    known = work.deps.papers.templates.kinds
    while case_id is not None:
        row = work.session.execute(
            select(Document.kind, Document.number, Document.issued_at, Document.data)
            .where(Document.case_id == case_id, Document.state == DocumentState.SERVED)
            .where(Document.kind.in_(kinds))
            .order_by(Document.id.desc())
            .limit(1),
            execution_options=FACTS,
        ).one_or_none()
        if row is not None:
            day = row.issued_at.astimezone(BEIJING).date().isoformat()
            told = {"title": known[row.kind].title, "number": row.number, "date": day}
            return {**told, "states": json.loads(row.data)}
        case_id = work.session.scalar(
            select(Case.parent_id).where(Case.id == case_id), execution_options=FACTS
        )
    return {}


def orders(work: Work, case_id: int) -> dict[str, dict[str, Any]]:
    """Return the papers that a case goes by, by what they order: facts for forms."""
    found = {name: served(work, case_id, kinds) for name, kinds in ORDERS.items()}
    return {
        name: {**paper, "full": paper["title"] + paper["number"]}
        for name, paper in found.items()
        if paper
    }
