"""What each county has of each measure, counted from the ledgers at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from app.domain.casework import CaseStatus, ItemStatus
from app.domain.deadlines import BEIJING
from app.domain.hazards import CONCLUDED, HazardEvent, HazardState
from app.domain.progress import INSPECTION
from app.models.casework import Case, WorkItem, visited
from app.models.draws import Draw, DrawEntry
from app.models.hazards import Hazard, HazardChange
from app.models.people import Organisation
from app.models.rankings import RankedCounty
from app.services import Work
from app.services.draws import VISIT
from app.services.rankings import RANKS

ISSUE, REPORT = "issue", "report"
"""The county's tasks in a visit."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was counted: an enterprise, a hazard or a case, and whether it is good."""

    kind: str
    id: int
    name: str
    good: bool


Counted = Mapping[str, list[Item]]
"""What was counted in each county."""


def since(draw: Draw) -> date:
    """Return the day from which on is counted: the year's first of the draw."""
    return date(draw.year, 1, 1)


def counted(work: Work, draw: Draw) -> Mapping[str, Counted]:
    """Return what was counted of each measure, by county: a step of scoring."""
    begin = datetime.combine(since(draw), time(), BEIJING)
    return {
        "coverage": _covered(work, draw, begin),
        "known": _known(work, draw),
        "closed": _closed(work, draw, begin),
        "answered": _in_time(work, draw, ISSUE),
        "reported": _in_time(work, draw, REPORT),
        "supervised": _supervised(work, draw, begin),
    }


def found(work: Work, draw: Draw) -> dict[str, int]:
    """Return how many hazards the inspections of each county found: a step of scoring.

    Who never finds anything has to be seen.
    """
    begin = datetime.combine(since(draw), time(), BEIJING)
    rows = work.session.execute(
        select(DrawEntry.county, func.count())
        .join(Hazard, Hazard.enterprise_id == DrawEntry.enterprise_id)
        .where(DrawEntry.draw_id == draw.id)
        .where(Hazard.procedure == INSPECTION, Hazard.found_at >= begin)
        .group_by(DrawEntry.county),
        execution_options=RANKS,
    )
    return {county: count for county, count in rows}  # noqa: C416


def _by_county(rows: Iterable[tuple[str, Item]]) -> dict[str, list[Item]]:
    told: dict[str, list[Item]] = {}
    for county, item in rows:
        told.setdefault(county, []).append(item)
    return told


def _covered(work: Work, draw: Draw, begin: datetime) -> Counted:
    inspected = exists().where(
        Case.subject_id == DrawEntry.enterprise_id,
        visited(),
        Case.owner_id != draw.organisation_id,
        Case.closed_at >= begin,
    )
    rows = work.session.execute(
        select(DrawEntry.county, DrawEntry.enterprise_id, DrawEntry.name, inspected.label("good"))
        .where(DrawEntry.draw_id == draw.id)
        .order_by(DrawEntry.code),
        execution_options=RANKS,
    )
    return _by_county(
        (county, Item("enterprise", number, name, bool(good)))
        for county, number, name, good in rows
    )


def _hazards(draw: Draw, *columns: Any) -> Any:
    """Return the query of hazards of the roster's enterprises."""
    return (
        select(DrawEntry.county, Hazard.id, Hazard.description, *columns)
        .join(Hazard, Hazard.enterprise_id == DrawEntry.enterprise_id)
        .where(DrawEntry.draw_id == draw.id)
        .order_by(Hazard.id)
    )


def _known(work: Work, draw: Draw) -> Counted:
    query = _hazards(draw, Hazard.known.in_(("self", "county"))).where(
        Hazard.procedure == VISIT, Hazard.found_in == DrawEntry.visit_id
    )
    return _of_hazards(work.session.execute(query, execution_options=RANKS))


def _of_hazards(rows: Iterable[Any]) -> Counted:
    return _by_county(
        (county, Item("hazard", number, text, bool(good))) for county, number, text, good in rows
    )


def _closed(work: Work, draw: Draw, begin: datetime) -> Counted:
    today = work.now.astimezone(BEIJING).date()
    columns = (Hazard.deadline, Hazard.state, _put_right_at())
    rows = work.session.execute(
        _hazards(draw, *columns)
        .where(Hazard.found_at >= begin)
        .where(or_(Hazard.deadline < today, Hazard.state.in_(CONCLUDED))),
        execution_options=RANKS,
    )
    return _by_county(
        (county, Item("hazard", number, text, _in_day(deadline, state, at)))
        for county, number, text, deadline, state, at in rows
    )


def _put_right_at() -> Any:
    """Return when a hazard was put right: the county's review tells, not when the city accepts."""
    passed = _last_moved(HazardChange.state == HazardState.PASSED)
    undone = _last_moved(HazardChange.state.not_in(CONCLUDED))
    reviewed = and_(passed.is_not(None), or_(undone.is_(None), undone <= passed))
    return case((reviewed, passed), else_=Hazard.state_at)


def _last_moved(where: ColumnElement[bool]) -> Any:
    return (
        select(func.max(HazardChange.at))
        .where(HazardChange.hazard_id == Hazard.id, HazardChange.what == HazardEvent.MOVED, where)
        .correlate(Hazard)
        .scalar_subquery()
    )


def _in_day(deadline: date | None, state: HazardState, at: datetime) -> bool:
    """Test whether a hazard was put right by its day."""
    done = state in CONCLUDED
    return done and (deadline is None or at.astimezone(BEIJING).date() <= deadline)


def _in_time(work: Work, draw: Draw, node: str) -> Counted:
    """Return the county's tasks of visits that were due by now, or are done."""
    late = WorkItem.due_at <= work.now
    rows = work.session.execute(
        select(
            DrawEntry.county,
            WorkItem.case_id,
            DrawEntry.name,
            WorkItem.status,
            WorkItem.closed_at,
            WorkItem.due_at,
        )
        .join(Case, Case.id == DrawEntry.visit_id)
        .join(WorkItem, WorkItem.case_id == Case.id)
        .where(DrawEntry.draw_id == draw.id, WorkItem.node == node)
        .where(or_(WorkItem.status == ItemStatus.DONE, late))
        .where(Case.status != CaseStatus.CANCELLED)
        .order_by(WorkItem.id),
        execution_options=RANKS,
    )
    return _by_county(
        (
            row.county,
            Item(
                "case",
                row.case_id,
                row.name,
                row.status is ItemStatus.DONE
                and (row.due_at is None or row.closed_at <= row.due_at),
            ),
        )
        for row in rows
    )


def _supervised(work: Work, draw: Draw, begin: datetime) -> Counted:
    listed = exists().where(
        HazardChange.hazard_id == Hazard.id, HazardChange.what == HazardEvent.LISTED
    )
    good = or_(listed, Hazard.closed_at.is_not(None))
    query = _hazards(draw, good).where(Hazard.major, Hazard.found_at >= begin)
    return _of_hazards(work.session.execute(query, execution_options=RANKS))


def bureaus(work: Work, ranking_id: int) -> dict[int, str]:
    """Return the emergency bureaus of the ranked counties by id, in order: the circular's."""
    counties = select(RankedCounty.county).where(RankedCounty.ranking_id == ranking_id)
    rows = work.session.execute(
        select(Organisation.place, Organisation.id, Organisation.name)
        .where(Organisation.kind == "emergency_bureau", Organisation.active)
        .where(Organisation.place.in_(counties))
        .order_by(Organisation.place, Organisation.id.desc()),
        execution_options=RANKS,
    )
    by_place = {place: (number, name) for place, number, name in rows}
    return dict(by_place.values())
