"""The visit of an enterprise of the list: who goes, that they are there, what its forms are told.

All of it is a step of the visit's own case, or of those who do its tasks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from app.domain.access import Grant
from app.domain.casework import ItemStatus
from app.domain.hazards import CONCLUDED
from app.domain.history import Stream
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import Case, WorkItem, last_done
from app.models.draws import Draw, DrawEntry, DrawVisitor
from app.models.enterprises import Enterprise
from app.models.people import Account
from app.services import Work, acceptance
from app.services.draws import DRAWS

ARRIVE, JOIN, FEEDBACK, ACCEPT, PRESS = "arrive", "join", "feedback", "accept", "press"
"""The tasks of the procedure whose answers its forms are told."""


def drawn(work: Work, case_id: int) -> list[int]:
    """Return the accounts of those who were drawn to make a visit, by licence.

    :raises CaseFault: if the case is no visit of a draw
    """
    found = work.session.scalars(
        select(DrawVisitor.account_id)
        .join(Draw, Draw.id == DrawVisitor.draw_id)
        .join(Case, (Case.parent_id == Draw.case_id) & (Case.id == case_id))
        .join(Account, Account.id == DrawVisitor.account_id)
        .where(DrawVisitor.enterprise_id == Case.subject_id, Draw.cancelled_at.is_(None))
        .order_by(Account.licence),
        execution_options=DRAWS,
    ).all()
    if not found:
        raise CaseFault(T("没有抽查名单指定本案的检查人员"))
    return list(found)


def pair(people: Sequence[int]) -> dict[str, int]:
    """Return who leads a visit and who goes with them, as the diagram names them."""
    return {"first": people[0], "second": people[-1]}


def arrive(work: Work, case_id: int, nodes: tuple[str, str], grant: Grant | None) -> Sequence[int]:
    """Note in the draw that both inspectors are at the enterprise, and return who they are."""
    people = [person for node in nodes if (person := _who(work, case_id, node)) is not None]
    draw = work.session.execute(
        update(DrawEntry)
        .where(DrawEntry.visit_id == case_id)
        .values(visited_at=work.now)
        .returning(DrawEntry.draw_id, DrawEntry.enterprise_id),
        execution_options=DRAWS,
    ).one()
    work.record(
        Stream.DRAW,
        draw.draw_id,
        "draw.arrive",
        grant,
        case=case_id,
        enterprise=draw.enterprise_id,
        people=people,
    )
    return people


def _who(work: Work, case_id: int, node: str) -> int | None:
    found: int | None = work.session.scalar(
        last_done(case_id, node, WorkItem.closed_by), execution_options=DRAWS
    )
    return found


def campaign_of(work: Work, case_id: int) -> int | None:
    """Return the campaign of the draw that a visit belongs to."""
    parent = select(Case.parent_id).where(Case.id == case_id).scalar_subquery()
    return work.session.scalar(
        select(Case.campaign_id).where(Case.id == parent), execution_options=DRAWS
    )


def facts(work: Work, case_id: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the forms of a visit are told.

    :param told: the last answers of each of its tasks, by node
    """
    number = work.session.scalar(
        select(Draw.number)
        .join(DrawEntry, DrawEntry.draw_id == Draw.id)
        .where(DrawEntry.visit_id == case_id),
        execution_options=DRAWS,
    )
    if number is None:
        return {}
    going = _officers(work, drawn(work, case_id))
    there = [_who(work, case_id, node) for node in (ARRIVE, JOIN)]
    present = [person for person in there if person is not None]
    found = {
        "drawn": f"{number}：{'、'.join(one['name'] for one in going)}",
        "address": _address(work, case_id),
        "officers": _officers(work, present) if len(present) == len(there) else going,
    }
    if ARRIVE in told:
        found |= _arrival(told[ARRIVE], _officers(work, present[:1]))
    if FEEDBACK in told:
        found |= _feedback(work, case_id)
    return found


def _officers(work: Work, people: Sequence[int]) -> list[dict[str, str]]:
    rows = work.session.execute(
        select(Account.id, Account.name, Account.licence).where(Account.id.in_(people)),
        execution_options=DRAWS,
    )
    by_id = {row.id: {"name": row.name, "certificate": row.licence} for row in rows}
    return [by_id[person] for person in people]


def _address(work: Work, case_id: int) -> str:
    subject = select(Case.subject_id).where(Case.id == case_id).scalar_subquery()
    found = work.session.scalar(
        select(Enterprise.address).where(Enterprise.id == subject), execution_options=DRAWS
    )
    return found or ""


def _arrival(told: Mapping[str, Any], by: Sequence[Mapping[str, str]]) -> dict[str, str]:
    people = "、".join(one["name"] for one in by)
    found = {
        "arrived": f"{told['arrived_on']} {told['arrived_at']}，{told['place']}；"
        f"登记人{people}，现场负责人{told['person']}"
    }
    if "witness" in told:
        found["witness"] = f"{told['witness']}（{told['witness_unit']}）"
    return found


def _feedback(work: Work, case_id: int) -> dict[str, Any]:
    """Return by when the county reports, what it was told last, and how far its hazards are."""
    rows = work.session.execute(
        select(WorkItem.node, WorkItem.answers)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .where(WorkItem.node.in_((FEEDBACK, ACCEPT, PRESS)))
        .order_by(WorkItem.closed_at, WorkItem.id),
        execution_options=DRAWS,
    )
    found: dict[str, Any] = {}
    for node, answers in rows:
        if answers and answers.get("report_by"):
            found["report_by"] = answers["report_by"]
            said = answers.get("opinion") if node == ACCEPT else answers.get("reason")
            found |= {"returned": said} if node != FEEDBACK else {}
    counts = acceptance.awaited(work, case_id)
    whole = sum(counts.values())
    left = sum(count for state, count in counts.items() if state not in CONCLUDED)
    return found | {
        "left": left,
        "progress": f"反馈隐患{whole}项，县局复查合格{whole - left}项，尚未合格{left}项",
    }
