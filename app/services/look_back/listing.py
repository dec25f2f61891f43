"""What a look-back lists: the hazards of its enterprise, whatever case found them, as they are.

Those that were closed while it runs were reviewed on site by then, and are not looked at twice; nor
are those that another look-back has looked at since it began.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.enterprises import Life
from app.domain.hazards import MAJOR, MOST, HazardEvent
from app.domain.look_back import ELSEWHERE, FOUND, GONE, Following, Left, left_of
from app.domain.prefill import Sources
from app.models.campaigns import CampaignMember
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard, HazardChange
from app.models.people import Account, Organisation
from app.services import Work

PROCEDURE = "look_back"
LOOK = "look"
"""The task in which the enterprise looks back by itself."""
NAMED = 50
"""How many of the enterprises with open hazards are named."""
SHOWN = {"unscoped": "the hazards of the enterprise of a case"}
LOOKED = (HazardEvent.CONFIRMED, HazardEvent.RECURRED)
Row = dict[str, Any]


def begun(work: Work, case_id: int) -> datetime:
    """Return when a look-back began; one for the rest of a long list began with the first."""
    columns = (Case.opened_at, Case.parent_id, Case.procedure)
    case = work.session.execute(
        select(*columns).where(Case.id == case_id), execution_options=SHOWN
    ).one()
    began: datetime = case.opened_at
    while case.parent_id is not None:
        case = work.session.execute(
            select(*columns).where(Case.id == case.parent_id), execution_options=SHOWN
        ).one()
        if case.procedure != PROCEDURE:
            break
        began = case.opened_at
    return began


def _looked_at(since: datetime, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        HazardChange.hazard_id == Hazard.id,
        HazardChange.what.in_(LOOKED),
        HazardChange.at >= since,
        *which,
    )


def _closed_before(enterprise_id: int, since: datetime) -> ColumnElement[bool]:
    return and_(Hazard.enterprise_id == enterprise_id, Hazard.closed_at < since)


def _listed(enterprise_id: int, since: datetime, case_id: int) -> ColumnElement[bool]:
    """Return the condition of what a case lists: what is open, and what is to be looked at."""
    by_others = or_(HazardChange.case_id != case_id, HazardChange.what == HazardEvent.RECURRED)
    to_look_at = and_(_closed_before(enterprise_id, since), ~_looked_at(since, by_others))
    return and_(Hazard.enterprise_id == enterprise_id, or_(Hazard.closed_at.is_(None), to_look_at))


def life(work: Work, enterprise_id: int) -> Life | None:
    """Return where an enterprise stands; None if it is none of ours any more."""
    stands = (
        select(Enterprise.life)
        .join(Organisation, Organisation.id == Enterprise.id)
        .where(Enterprise.id == enterprise_id, Organisation.active)
    )
    return work.session.scalar(stands, execution_options=SHOWN)


def left(work: Work, case_id: int, enterprise_id: int, stands: Life | None) -> Left:
    """Return where the hazards of an enterprise stand for a look-back, read as they are now.

    :param stands: the enterprise's `life`
    """
    if stands is None or stands in GONE:
        return Left.GONE
    today = work.now.astimezone(BEIJING).date()
    closes = stands is Life.CLOSING
    rows = work.session.execute(
        select(Hazard.deadline, Case.id, Case.procedure, Case.status)
        .join(Case, Case.id == Hazard.case_id)
        .where(Hazard.enterprise_id == enterprise_id, Hazard.closed_at.is_(None)),
        execution_options=SHOWN,
    )
    opened = [
        Following(
            own=row.id == case_id or (row.status is not CaseStatus.RUNNING and not closes),
            procedure=row.procedure if row.status is CaseStatus.RUNNING else "closure_request",
            late=row.deadline is not None and row.deadline < today,
        )
        for row in rows
    ]
    if not opened:
        return _all_closed(work, begun(work, case_id), enterprise_id)
    over = work.session.scalar(
        select(Case.deadline).where(Case.id == case_id), execution_options=SHOWN
    )
    return left_of(opened, late=over is not None and over < work.now)


def _all_closed(work: Work, since: datetime, enterprise_id: int) -> Left:
    if _count(work, _closed_before(enterprise_id, since), ~_looked_at(since)):
        return Left.REST
    caught_up = _count(work, *_since(enterprise_id, since))
    return Left.CAUGHT_UP if caught_up else Left.CLEAR


def _since(enterprise_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Hazard.enterprise_id == enterprise_id, Hazard.closed_at >= since)


def _count(work: Work, *which: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(Hazard).where(*which)
    return work.session.scalar(counted, execution_options=SHOWN) or 0


def facts(work: Work, case_id: int, enterprise_id: int, answers: Mapping[str, Any]) -> Sources:
    """Return what the forms of a look-back may name: rows, how many, and where they stand.

    `all` are those listed, open ones first, then the major ones and the newest; of these `closed`,
    `own` (open, followed by no other case) and `followed`; `open` are all open ones.
    """
    since = begun(work, case_id)
    here = _listed(enterprise_id, since, case_id)

    def rows() -> list[Row]:
        said = {row["hazard_id"]: row for row in answers.get(LOOK, {}).get("hazards", ())}
        return [_row(work, row, case_id, said) for row in _find(work, here)]

    def some(fits: Callable[[Row], bool]) -> Callable[[], list[Row]]:
        return lambda: [row for row in found["all"] if fits(row)]

    found = Sources(
        {"reported": "yes" if LOOK in answers else "no"},
        {
            "all": rows,
            "closed": some(lambda row: row["state"] == "closed"),
            "own": some(lambda row: row["state"] != "closed" and not row["followed"]),
            "followed": some(lambda row: row["followed"]),
            "open": some(lambda row: row["state"] != "closed"),
            "count": lambda: len(found["all"]),
            "more": lambda: _beyond(work, here, found["all"]),
            "left": lambda: left(work, case_id, enterprise_id, life(work, enterprise_id)).value,
            "confirmed": lambda: _told(work, enterprise_id, since, HazardEvent.CONFIRMED),
            "recurred": lambda: _told(work, enterprise_id, since, HazardEvent.RECURRED),
            "caught": lambda: _count(work, *_since(enterprise_id, since)),
        },
    )
    return found


def _beyond(work: Work, here: ColumnElement[bool], rows: Sequence[Row]) -> int | None:
    return _count(work, here) - len(rows) or None if len(rows) == MOST else None


def _told(work: Work, enterprise_id: int, since: datetime, what: HazardEvent) -> int:
    return _count(
        work, Hazard.enterprise_id == enterprise_id, _looked_at(since, HazardChange.what == what)
    )


_FOLLOWING = Case.__table__.alias("following")
_COLUMNS = (
    Hazard.id,
    Hazard.description,
    Hazard.spot,
    Hazard.major,
    Hazard.state,
    Hazard.procedure,
    Hazard.found_at,
    Hazard.deadline,
    Hazard.closed_at,
    Hazard.case_id,
    Hazard.photos,
    Hazard.after,
    _FOLLOWING.c.procedure.label("following"),
    _FOLLOWING.c.status,
    Account.name,
)


def _find(work: Work, which: ColumnElement[bool]) -> Sequence[Any]:
    first = (
        select(HazardChange.by)
        .where(HazardChange.hazard_id == Hazard.id)
        .order_by(HazardChange.id)
        .limit(1)
        .correlate(Hazard)
        .scalar_subquery()
    )
    return work.session.execute(
        select(*_COLUMNS)
        .join(_FOLLOWING, _FOLLOWING.c.id == Hazard.case_id)
        .outerjoin(Account, Account.id == first)
        .where(which)
        .order_by(Hazard.closed_at.is_not(None), Hazard.major.desc(), Hazard.id.desc())
        .limit(MOST),
        execution_options=SHOWN,
    ).all()


def _row(work: Work, hazard: Any, case_id: int, said: Mapping[str, Any]) -> Row:
    elsewhere = hazard.status is CaseStatus.RUNNING and hazard.case_id != case_id
    open_ = hazard.closed_at is None
    told = said.get(str(hazard.id), {})
    return {
        "hazard_id": str(hazard.id),
        "hazard": hazard.description,
        "spot": hazard.spot,
        "class": MAJOR if hazard.major else "general",
        "state": hazard.state.value,
        "found_in": named(hazard.procedure),
        "found_on": _day(hazard.found_at),
        "found_by": hazard.name,
        "deadline": hazard.deadline.isoformat() if hazard.deadline else None,
        "closed_on": _day(hazard.closed_at) if hazard.closed_at else None,
        "days": (_date(hazard.closed_at or work.now) - _date(hazard.found_at)).days,
        "followed": open_ and elsewhere,
        "follows": named(hazard.following) if open_ and elsewhere else None,
        "case": str(hazard.case_id) if open_ and elsewhere else None,
        "before": len(hazard.photos) or None,
        "after": len(hazard.after) or None,
        "said": told.get("kept"),
        "said_what": told.get("what"),
        "said_photos": told.get("photos"),
    }


def named(procedure: str) -> str:
    """Return the procedure as forms name it where a hazard was found or is followed."""
    return procedure if procedure in FOUND else "other"


def _date(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _day(moment: datetime) -> str:
    return _date(moment).isoformat()


def open_in(work: Work, campaign_id: int) -> Row:
    """Return how many hazards of a campaign's members are open, and whose: a fact of its gates.

    Those of plants that are closed or are registered no more are counted apart: nobody puts them
    right, nor looks back on them (`Left.GONE`).
    """
    members = select(CampaignMember.enterprise_id).where(CampaignMember.campaign_id == campaign_id)
    gone = (
        select(Enterprise.id)
        .join(Organisation, Organisation.id == Enterprise.id)
        .where(or_(Enterprise.life.in_(GONE), ~Organisation.active))
    )
    left = (Hazard.enterprise_id.in_(members), Hazard.closed_at.is_(None))
    which = (*left, Hazard.enterprise_id.not_in(gone))
    rows = work.session.execute(
        select(Organisation.name, func.count())
        .join(Hazard, Hazard.enterprise_id == Organisation.id)
        .where(*which)
        .group_by(Organisation.id, Organisation.name)
        .order_by(func.count().desc(), Organisation.id)
        .limit(NAMED + 1),
        execution_options=SHOWN,
    ).all()
    return {
        "count": _count(work, *which),
        "major": _count(work, *which, Hazard.major.is_(True)),
        "escalated": _count(work, *which, Hazard.case_id.in_(_escalated())),
        "gone": _count(work, *left, Hazard.enterprise_id.in_(gone)) or None,
        "whose": _named(rows[:NAMED]) + ("等" if len(rows) > NAMED else ""),
    }


def _escalated() -> Any:
    return select(Case.id).where(Case.procedure.in_(ELSEWHERE), Case.status == CaseStatus.RUNNING)


def _named(rows: Iterable[Any]) -> str:
    return "、".join(f"{name}（{number}项）" for name, number in rows)
