"""An inspector declares whether they have an interest in an enterprise of the roster (回避)."""

from sqlalchemy import insert, select

from app.domain import Conflict, Invalid, NotFound, entered
from app.domain.access import Permission, Thing
from app.domain.draws import DrawState
from app.domain.history import Stream
from app.domain.text import T
from app.models.draws import Draw, DrawConflict, DrawEntry, DrawInspector
from app.models.people import Account
from app.services import Work
from app.services.draws import DRAWS


def declare(work: Work, draw_id: int, enterprise_id: int | None, reason: str = "") -> None:
    """Declare an interest in an enterprise, or, without one, that there is none (else).

    Either makes the inspector one of those who may be drawn to go. What was declared stands.

    :raises NotFound: if the actor may not know of the draw, or the enterprise is not on its roster
    :raises Forbidden: if they are no inspector of the office that draws
    :raises Conflict: if the pool is frozen
    :raises Invalid: if they have no licence, or say no reason
    """
    draw = work.session.scalar(select(Draw).where(Draw.id == draw_id).with_for_update())
    if draw is None:
        raise NotFound(T("没有找到该抽查"))
    grant = work.require(
        Permission.DECLARE_INTEREST, Thing(place=draw.place, organisation=draw.organisation_id)
    )
    if draw.state is not DrawState.FROZEN:
        raise Conflict(T("检查人员名录已经锁定，不能再申报"))
    if enterprise_id is not None:
        reason = entered.reason(reason)
        _on_roster(work, draw_id, enterprise_id)
    _enter(work, draw_id)
    if enterprise_id is not None and _is_new(work, draw_id, enterprise_id):
        values = {"draw_id": draw_id, "account_id": work.me, "enterprise_id": enterprise_id}
        work.session.execute(
            insert(DrawConflict).values(reason=reason, declared_at=work.now, **values),
            execution_options=DRAWS,
        )
    told = {} if enterprise_id is None else {"enterprise": enterprise_id, "reason": reason}
    work.record(Stream.DRAW, draw_id, "draw.declare", grant, **told)


def _on_roster(work: Work, draw_id: int, enterprise_id: int) -> None:
    found = work.session.scalar(
        select(DrawEntry.code).where(
            DrawEntry.draw_id == draw_id, DrawEntry.enterprise_id == enterprise_id
        )
    )
    if found is None:
        raise Invalid({"/enterprise": T("请选择名录中的企业")})


def _enter(work: Work, draw_id: int) -> None:
    """Enter the actor among those who have declared."""
    known = work.session.scalar(
        select(DrawInspector.licence).where(
            DrawInspector.draw_id == draw_id, DrawInspector.account_id == work.me
        )
    )
    if known is not None:
        return
    person = work.session.execute(
        select(Account.name, Account.licence).where(Account.id == work.me),
        execution_options=DRAWS,
    ).one()
    if not person.licence:
        raise Invalid({"/licence": T("您的账号没有登记执法证号，不能参加抽取")})
    work.session.execute(
        insert(DrawInspector).values(
            draw_id=draw_id,
            account_id=work.me,
            licence=person.licence,
            name=person.name,
            declared_at=work.now,
            pooled=False,
        ),
        execution_options=DRAWS,
    )


def _is_new(work: Work, draw_id: int, enterprise_id: int) -> bool:
    return (
        work.session.scalar(
            select(DrawConflict.account_id).where(
                DrawConflict.draw_id == draw_id,
                DrawConflict.account_id == work.me,
                DrawConflict.enterprise_id == enterprise_id,
            )
        )
        is None
    )
