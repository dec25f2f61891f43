"""The paper a task is about (手头文书): settled when the task opens, and kept with it.

A task signs, seals, shows or serves one paper. It is the one that the routing variable `paper`
names, if the task's word speaks of such; else the newest of its kind. So two papers of a kind may
be on their way in one case. Where any kind is shown and the named one is void, it is the newest.
Where a case goes through the same steps in rounds, a word may speak of what its own round made.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select

from app.domain.documents import ANY, IN_HAND, MAKING, Act, DocumentState, Paper, papers_of
from app.models.casework import WorkItem
from app.models.documents import Document
from app.services import Work

OWN = {"unscoped": "papers of a case that was found"}


def word_of(words: Iterable[str]) -> Paper | None:
    """Return the word of a property `papers` that says what is done with a paper there is."""
    return next((paper for paper in papers_of(words) if paper.act is not Act.DRAFT), None)


def settle(
    work: Work, case_id: int, words: Iterable[str], variables: Mapping[str, Any]
) -> int | None:
    """Return the paper that a task is about when it opens: a step of opening it."""
    wanted = word_of(words)
    if wanted is None:
        return None
    wanting = (
        select(Document.id, Document.kind)
        .where(Document.case_id == case_id, Document.state != DocumentState.VOID)
        .order_by(Document.id.desc())
    )
    if wanted.since:
        began = select(func.coalesce(func.max(WorkItem.id), 0)).where(
            WorkItem.case_id == case_id, WorkItem.node.in_(wanted.since)
        )
        wanting = wanting.where(Document.item_id > began.scalar_subquery())
    rows = work.session.execute(wanting, execution_options=OWN)
    there = {row.id: row.kind for row in rows if wanted.is_of(row.kind)}
    named = str(variables.get(IN_HAND, ""))
    if named.isdecimal() and int(named) in there:
        return int(named)
    if wanted.kind != ANY:
        return next(iter(there), None)
    if wanted.act is not Act.VIEW:
        return None
    proofs = {kind.id for kind in work.deps.papers.templates.kinds.values() if kind.proof}
    return next((id_ for id_, kind in there.items() if kind not in proofs), None)


def of_task(work: Work, item_id: int, case_id: int, words: Iterable[str]) -> int | None:
    """Return the paper that a task is about: a step of those who read or do it.

    A task that was opened before this was kept has the newest paper of its kind.
    """
    if word_of(words) is None:
        return None
    kept = work.session.scalar(
        select(WorkItem.paper_id).where(WorkItem.id == item_id), execution_options=OWN
    )
    return kept if kept is not None else settle(work, case_id, words, {})


def is_making(work: Work, document_id: int) -> bool:
    """Test whether a paper is not complete yet: a step of returning a task."""
    state = select(Document.state).where(Document.id == document_id)
    return work.session.scalar(state, execution_options=OWN) in MAKING
