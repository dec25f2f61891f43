"""What forms and papers of a case are told of its draw."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from app.domain.deadlines import BEIJING
from app.domain.draws import HOWS, DrawState
from app.domain.draws.publicvalue import rule_of
from app.domain.draws.sampling import shares
from app.models.casework import Case, WorkItem, last_done
from app.models.draws import Draw, DrawEntry, DrawInspector
from app.models.people import Account
from app.services import Work
from app.services.draws import DRAWS, committing, drawing, freezing, owned, reading

SCOPE, COMMIT, TYPED, TYPED_AGAIN = "scope", "commit", "enter_first", "enter_second"
GATHER = "gather"
"""The tasks of the procedure whose answers the draw goes by."""


def of_case(work: Work, case_id: int) -> dict[str, Any]:
    """Return what a form may be told: how the draw stands, and what keeps the case from going on.

    A step of those who do a task of the case.
    """
    draw = work.session.scalar(
        select(Draw).where(Draw.case_id == case_id, Draw.cancelled_at.is_(None))
    )
    if draw is None:
        return _unfrozen(work, case_id)
    told: dict[str, Any] = {"number": draw.number, "roster": _roster(work, draw)}
    if draw.state is DrawState.FROZEN:
        load = _last(work, draw.case_id, COMMIT, after=draw.frozen_at).get("load")
        problem = committing.problem(work, draw, load) if load else None
    else:
        said = drawing.typed(work, draw, TYPED, TYPED_AGAIN) if draw.value is None else None
        problem = said.problem if said else None
    if problem is not None:
        told["problem"] = str(problem)
    if draw.rule is not None:
        rule = rule_of(draw.rule)
        told["rule"] = str(rule.words)
        told["source"] = str(rule.source.name)
        told["commitment"] = draw.commitment
    if draw.seed is not None:
        lines = [line for line in reading.lines(work, draw.id) if line.how is not None]
        told["list"] = _list(lines)
        outside = owned.of_draw(work, draw.id)
        asked = draw.confirmed_at and _last(work, draw.case_id, GATHER, draw.confirmed_at)
        if asked and (left := _left(lines, outside)):
            told["problem"] = left
        told["progress"] = (
            f"名单共 {len(lines)} 家，已到场检查 {sum(line.visited for line in lines)} 家，"
            f"检查已办结 {sum(line.ended for line in lines)} 家；市直管企业 {len(outside)} 家，"
            f"已检查 {sum(not one.left for one in outside)} 家"
        )
    return told


def _left(lines: list[reading.Line], outside: list[owned.Own]) -> str:
    """Say who is still to be visited or inspected; "" if nobody is."""
    visits = sum(not line.visited for line in lines)
    told = [f"名单中还有 {visits} 家没有检查"] if visits else []
    names = "、".join(one.name for one in outside if one.left)
    return "；".join([*told, f"市直管企业尚未全覆盖：{names}"] if names else told)


def _unfrozen(work: Work, case_id: int) -> dict[str, Any]:
    """Say why the scope that was asked for last gave no roster, or why the last was cancelled."""
    case = work.session.execute(
        select(Case.owner_id, Case.place).where(Case.id == case_id), execution_options=DRAWS
    ).one()
    before = work.session.execute(
        select(Draw.number, Draw.reason, Draw.cancelled_at)
        .where(Draw.case_id == case_id)
        .order_by(Draw.id.desc())
        .limit(1),
        execution_options=DRAWS,
    ).one_or_none()
    asked = _last(work, case_id, SCOPE, after=before.cancelled_at if before else None)
    if asked:
        where = freezing.Place(case_id, case.owner_id, case.place)
        problem = freezing.problem(work, where, asked)
        return {} if problem is None else {"problem": str(problem)}
    return {"problem": f"{before.number} 已作废：{before.reason}"} if before else {}


def _last(work: Work, case_id: int, node: str, after: datetime | None = None) -> Mapping[str, Any]:
    query = last_done(case_id, node, WorkItem.answers)
    if after is not None:
        query = query.where(WorkItem.closed_at >= after)
    return work.session.scalar(query, execution_options=DRAWS) or {}


def _roster(work: Work, draw: Draw) -> str:
    entries = work.session.execute(
        select(DrawEntry.county, DrawEntry.key, DrawEntry.worrisome).where(
            DrawEntry.draw_id == draw.id
        ),
        execution_options=DRAWS,
    ).all()
    declared = work.session.scalars(
        select(DrawInspector.name).where(DrawInspector.draw_id == draw.id), execution_options=DRAWS
    ).all()
    full = sum(row.key or row.worrisome for row in entries)
    return (
        f"名录共 {len(entries)} 家，{len({row.county for row in entries})} 个县（市、区），"
        f"其中全覆盖 {full} 家；抽取比例 {draw.percent}%；已申报的检查人员 {len(declared)} 人"
    )


def _list(lines: list[reading.Line]) -> str:
    return "\n".join(
        f"{number}．{line.entry.name}（{HOWS[line.how]}）：{'、'.join(line.inspectors)}"
        for number, line in enumerate(lines, 1)
        if line.how is not None
    )


def of_paper(work: Work, case_id: int) -> dict[str, Any]:
    """Return what the record of a draw states; empty for a case without one that was drawn.

    A step of making the paper.
    """
    draw = work.session.scalar(
        select(Draw).where(Draw.case_id == case_id, Draw.cancelled_at.is_(None))
    )
    if draw is None or draw.seed is None or draw.rule is None or draw.committed_at is None:
        return {}
    lines = reading.lines(work, draw.id)
    found = shares([line.entry for line in lines], Fraction(draw.percent, 100))
    names = reading.names(work, [share.county for share in found])
    return {
        "number": draw.number,
        "percent": draw.percent,
        "load": draw.load,
        "frozen_on": _day(draw.frozen_at),
        "committed_on": _day(draw.committed_at),
        "roster": draw.roster_sha256,
        "commitment": draw.commitment,
        "rule": str(rule_of(draw.rule).words),
        "value": draw.value,
        "pool": sum(one.pooled for one in reading.declarations(work, draw.id)),
        "counties": [
            {
                "county": names.get(share.county, share.county),
                "whole": share.whole,
                "ordinary": share.ordinary,
                "drawn": share.drawn,
                "full": share.full,
            }
            for share in found
        ],
        "targets": [
            {
                "name": line.entry.name,
                "county": names.get(line.entry.county, line.entry.county),
                "how": line.how.value,
                "inspectors": "、".join(line.inspectors),
            }
            for line in lines
            if line.how is not None
        ],
        "officers": _typists(work, draw),
    }


def _typists(work: Work, draw: Draw) -> list[dict[str, str]]:
    """Return who typed the public value, as the officers who sign the record."""
    found = []
    for account in (draw.typed_by, draw.typed_again_by):
        person = work.session.execute(
            select(Account.name, Account.licence).where(Account.id == account),
            execution_options=DRAWS,
        ).one()
        found.append({"name": person.name, "certificate": person.licence})
    return found


def _day(moment: datetime) -> str:
    return moment.astimezone(BEIJING).date().isoformat()
