"""The job that starts a visit for each enterprise of a confirmed list, some in each transaction.

Behind them it starts the inspections of those that the city itself supervises.
"""

from sqlalchemy import select, update

from app.domain.draws import DrawState
from app.domain.history import Stream
from app.domain.progress import INSPECTION
from app.domain.text import T
from app.models.casework import Case
from app.models.draws import Draw, DrawEntry, DrawOwn, DrawVisitor
from app.models.people import Account
from app.services import Deps, Work
from app.services.cases.moving import begin, newest_or_handover
from app.services.draws import DRAWS, VISIT, owned

AT_ONCE = 100


def start(deps: Deps, draw_id: int) -> None:
    """Start the visits of a draw; done again, it starts those that are still to be started."""
    for start_next in (start_some, start_own):
        more = True
        while more:
            with deps.system("start the visits of a draw") as work:
                more = start_next(work, draw_id, AT_ONCE)


def start_some(work: Work, draw_id: int, most: int) -> bool:
    """Start the next visits, in the order of tickets, and tell whether there may be more.

    They join the draw's campaign on arrival: before, nobody outside the city counts them.
    """
    draw = _confirmed(work, draw_id)
    if draw is None:
        return False
    waiting = work.session.scalars(
        select(DrawEntry.enterprise_id)
        .where(DrawEntry.draw_id == draw_id, DrawEntry.how.is_not(None))
        .where(DrawEntry.visit_id.is_(None))
        .order_by(DrawEntry.ticket)
        .limit(most)
    ).all()
    for enterprise in waiting:
        reason = T(
            "双随机抽查 {number}，检查人员：{people}",
            number=draw.number,
            people="、".join(_people(work, draw_id, enterprise)),
        )
        visit = _begin(work, draw, VISIT, enterprise, str(reason), None)
        work.session.execute(
            update(DrawEntry)
            .where(DrawEntry.draw_id == draw_id, DrawEntry.enterprise_id == enterprise)
            .values(visit_id=visit),
            execution_options=DRAWS,
        )
    if waiting:
        work.record(Stream.DRAW, draw_id, "draw.visit", enterprises=len(waiting))
    return len(waiting) == most


def start_own(work: Work, draw_id: int, most: int) -> bool:
    """Start the next inspections outside the draw, and tell whether there may be more."""
    draw = _confirmed(work, draw_id)
    if draw is None:
        return False
    campaign = work.session.scalars(select(Case.campaign_id).where(Case.id == draw.case_id)).one()
    waiting = owned.waiting(work, draw_id, most)
    for enterprise in waiting:
        reason = T("市直管企业全覆盖检查（抽查 {number} 之外）", number=draw.number)
        case = _begin(work, draw, INSPECTION, enterprise, str(reason), campaign)
        work.session.execute(
            update(DrawOwn)
            .where(DrawOwn.draw_id == draw_id, DrawOwn.enterprise_id == enterprise)
            .values(case_id=case),
            execution_options=DRAWS,
        )
    if waiting:
        work.record(Stream.DRAW, draw_id, "draw.own", enterprises=len(waiting))
    return len(waiting) == most


def _confirmed(work: Work, draw_id: int) -> Draw | None:
    """Return a draw, locked, if its visits may begin."""
    draw = work.session.scalar(select(Draw).where(Draw.id == draw_id).with_for_update())
    return draw if draw is not None and draw.state is DrawState.CONFIRMED else None


def _begin(
    work: Work, draw: Draw, procedure: str, enterprise: int, reason: str, campaign: int | None
) -> int:
    wanted, answers = newest_or_handover(work, procedure, {"reason": reason})
    return begin(
        work,
        wanted,
        owner=(draw.organisation_id, draw.place),
        subject_id=enterprise,
        answers=answers,
        grant=None,
        parent_id=draw.case_id,
        campaign_id=campaign,
    ).case_id


def _people(work: Work, draw_id: int, enterprise: int) -> list[str]:
    rows = work.session.scalars(
        select(Account.name)
        .join(DrawVisitor, DrawVisitor.account_id == Account.id)
        .where(DrawVisitor.draw_id == draw_id, DrawVisitor.enterprise_id == enterprise)
        .order_by(Account.name)
    )
    return list(rows)
