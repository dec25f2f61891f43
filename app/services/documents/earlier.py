"""Papers that were served before, which later papers and forms name."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import aliased

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
    return {} if case_id is None else _told(work, _served(work, case_id), kinds)


def orders(work: Work, case_id: int) -> dict[str, dict[str, Any]]:
    """Return the papers that a case goes by, by what they order: facts for forms."""
    papers = _served(work, case_id)
    found = {name: _told(work, papers, kinds) for name, kinds in ORDERS.items()}
    return {
        name: {**paper, "full": paper["title"] + paper["number"]}
        for name, paper in found.items()
        if paper
    }


def line(work: Work, case_id: int) -> list[int]:
    """Return a case and those that it came from, one from the other: a step of reading papers."""
    own = select(Case.id, Case.parent_id, literal(0).label("back")).where(Case.id == case_id)
    cases = own.cte("line", recursive=True)
    before = aliased(Case)
    came_from = select(before.id, before.parent_id, cases.c.back + 1)
    cases = cases.union_all(came_from.join(cases, cases.c.parent_id == before.id))
    query = select(cases.c.id).order_by(cases.c.back)
    return list(work.session.scalars(query, execution_options=FACTS))


def _served(work: Work, case_id: int) -> list[tuple[int, str]]:
    """Return the papers served in a case, the newest first, then those of the case it came from."""
    cases = line(work, case_id)
    rows = work.session.execute(
        select(Document.id, Document.kind, Document.state, Document.case_id)
        .where(Document.case_id.in_(cases))  # and no more: by their state, papers are many
        .order_by(Document.id.desc()),
        execution_options=FACTS,
    )
    found = [row for row in rows if row.state is DocumentState.SERVED]
    return [(row.id, row.kind) for row in sorted(found, key=lambda row: cases.index(row.case_id))]


def _told(work: Work, papers: Sequence[tuple[int, str]], kinds: Collection[str]) -> dict[str, Any]:
    """Return what the first of these kinds says, or {}."""
    first = next((number for number, kind in papers if kind in kinds), None)
    if first is None:
        return {}
    columns = (Document.kind, Document.number, Document.issued_at, Document.data)
    row = work.session.execute(
        select(*columns).where(Document.id == first), execution_options=FACTS
    ).one()
    day = row.issued_at.astimezone(BEIJING).date().isoformat()
    title = work.deps.papers.templates.kinds[row.kind].title
    told = {"title": title, "number": row.number, "date": day}
    return {**told, "states": json.loads(row.data)}
