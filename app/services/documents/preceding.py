"""What has to be there before a paper is issued (`after` of its kind): in the case it belongs to.

A penalty is decided after the party was told, the draft reviewed and the matter discussed (R17); a
measure is lifted after it was ordered. What counts lies in that case, or was made for it there.
"""

from collections.abc import Sequence
from functools import reduce

from sqlalchemy import and_, or_, select

from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.documents import IN_FORCE, DocumentState
from app.domain.procedures import ISSUE_PAPER
from app.domain.text import T, Text
from app.models.casework import Case
from app.models.documents import Document
from app.services import Work
from app.services.documents import earlier

FOUND = {"unscoped": "papers of a case that was found"}


def missing(work: Work, kind: Kind, there: frozenset[str]) -> Sequence[Text]:
    """Return what has to be complete before a paper of a kind, and is not: a step of making one.

    :param there: the kinds that are `complete` in the case that the paper belongs to
    """
    return [_one_of(work, entry) for entry in kind.after if there.isdisjoint(entry)]


def must_be_there(work: Work, kind: Kind, case_id: int | None) -> None:
    """Refuse a paper before which another has to come: a step of starting it and of issuing it.

    :raises Invalid: if something is missing, in words
    """
    if not kind.after:
        return
    lacking = missing(work, kind, complete(work, case_id))
    if not lacking:
        return
    papers = reduce(lambda one, two: T("{one}、{two}", one=one, two=two), lacking)
    if case_id is None:
        raise Invalid(
            {"/case": T("请选择所属案件：制发此文书前，案件中须先有{papers}", papers=papers)}
        )
    raise Invalid({"/kind": T("制发此文书前，所属案件中须先有{papers}", papers=papers)})


def complete(work: Work, case_id: int | None) -> frozenset[str]:
    """Return the kinds of the complete papers of a case and of those that were made for it.

    A step of asking what is missing there.

    What is reviewed later, as an order is, may have been served in the case that this one came
    from. What a leader decided against by signing it is complete, and no ground for what follows.
    """
    if case_id is None:
        return frozenset()
    kinds = work.deps.papers.templates.kinds
    before = [kind.id for kind in kinds.values() if kind.reviewed]
    made_for = and_(Case.procedure == ISSUE_PAPER, Case.parent_id == case_id)
    came_from = Case.id.in_(earlier.line(work, case_id))
    reviewed = and_(came_from, Document.kind.in_(before))
    rows = work.session.execute(
        select(Document.kind, Document.state)
        .join(Case, Case.id == Document.case_id)
        .where(or_(Case.id == case_id, made_for, reviewed))
        .where(Document.state.in_(IN_FORCE), ~Document.declined),
        execution_options=FOUND,
    )
    return frozenset(
        row.kind
        for row in rows
        if row.state is DocumentState.SERVED or not (row.kind in kinds and kinds[row.kind].served)
    )


def _one_of(work: Work, entry: Sequence[str]) -> Text:
    templates = work.deps.papers.templates
    named = [_named(templates.kinds.get(kind), templates.title(kind)) for kind in entry]
    return reduce(lambda one, two: T("{one}或者{two}", one=one, two=two), named)


def _named(kind: Kind | None, title: Text) -> Text:
    if kind is not None and kind.decided:
        return T("{paper}（经批准）", paper=title)
    return T("{paper}（已送达）", paper=title) if kind is not None and kind.served else title
