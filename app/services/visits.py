"""The job that starts a visit for each enterprise of a confirmed list, some in each transaction."""

from sqlalchemy import select, update

from app.domain.draws import DrawState
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case
from app.models.draws import Draw, DrawEntry, DrawVisitor
from app.models.people import Account
from app.services import Deps, Work
from app.services.cases.moving import begin, newest_or_handover
from app.services.draws import DRAWS, VISIT

AT_ONCE = 100


def start(deps: Deps, draw_id: int) -> None:
    """Start the visits of a draw; done again, it starts those that are still to be started."""
    more = True
    while more:
        with deps.system("start the visits of a draw") as work:
            more = start_some(work, draw_id, AT_ONCE)


def start_some(work: Work, draw_id: int, most: int) -> bool:
    """Start the next visits, in the order of tickets, and tell whether there may be more."""
    draw = work.session.scalar(select(Draw).where(Draw.id == draw_id).with_for_update())
    if draw is None or draw.state is not DrawState.CONFIRMED:
        return False
    campaign = work.session.scalars(select(Case.campaign_id).where(Case.id == draw.case_id)).one()
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
        wanted, answers = newest_or_handover(work, VISIT, {"reason": str(reason)})
        visit = begin(
            work,
            wanted,
            owner=(draw.organisation_id, draw.place),
            subject_id=enterprise,
            answers=answers,
            grant=None,
            parent_id=draw.case_id,
            campaign_id=campaign,
        ).case_id
        work.session.execute(
            update(DrawEntry)
            .where(DrawEntry.draw_id == draw_id, DrawEntry.enterprise_id == enterprise)
            .values(visit_id=visit),
            execution_options=DRAWS,
        )
    if waiting:
        work.record(Stream.DRAW, draw_id, "draw.visit", enterprises=len(waiting))
    return len(waiting) == most


def _people(work: Work, draw_id: int, enterprise: int) -> list[str]:
    rows = work.session.scalars(
        select(Account.name)
        .join(DrawVisitor, DrawVisitor.account_id == Account.id)
        .where(DrawVisitor.draw_id == draw_id, DrawVisitor.enterprise_id == enterprise)
        .order_by(Account.name)
    )
    return list(rows)
