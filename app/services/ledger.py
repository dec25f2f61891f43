"""Read the ledger of hazards: the list, one hazard with its way, the rows that forms begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.entered import whole
from app.domain.hazards import BY_PLANTS, FACTS, MAJOR, Finder, HazardEvent, HazardState
from app.domain.procedures import PROCEDURES
from app.domain.text import T, Term, Text
from app.models import within
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard, HazardChange
from app.models.people import Account, Organisation
from app.services import Work, procedures
from app.services.covering import found_for
from app.services.holders import NOBODY

PAGE = 20
LONGEST_QUERY = 64
SOON = timedelta(days=7)
SHOWN = {"unscoped": "what a form of the case shows"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed by; "" and 0 leave it wide."""

    q: str = ""
    state: str = ""
    """One of `HazardState`, or `unclosed`."""
    grade: str = ""
    """`major` or `general`."""
    division: str = ""
    """Of the enterprise, with all that lies in it."""
    place: str = ""
    """Of the enterprise, and nothing that lies in it."""
    procedure: str = ""
    enterprise_id: int = 0
    case_id: int = 0
    due: str = ""
    """Of those not closed: `late` after the deadline, `soon` within seven days, `none` without
    one, `intime` for all that are not late."""
    mark: str = ""
    """`listed` supervised by name, `loose` followed by no running case."""
    campaign_id: int = 0
    """Found in the cases of this campaign."""
    found_by: str = ""
    """A `Finder`."""
    sector: str = ""
    """Of the enterprise; `-` for none."""


@dataclass(frozen=True, slots=True)
class HazardRow:
    """One line of the ledger."""

    id: int
    enterprise_id: int
    enterprise: str
    place: str
    description: str
    spot: str
    major: bool
    state: HazardState
    deadline: date | None
    late: bool
    listed: bool
    found_at: datetime
    procedure: Text
    closed_at: datetime | None
    case_id: int
    followed: bool
    """Whether a running case follows it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the ledger, how many there are in all, and the cursor of the next page."""

    rows: list[HazardRow]
    count: int
    following: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a hazard at one step of a case."""

    what: HazardEvent
    state: HazardState
    deadline: date | None
    at: datetime
    by: str
    case_id: int
    procedure: Text
    node: Text


@dataclass(frozen=True, slots=True)
class HazardView:
    """A hazard with all that is known of it, and its way."""

    row: HazardRow
    basis: str
    criterion: str
    cited: Sequence[Mapping[str, Any]]
    """Law, version, title and article of the clauses that basis and criterion cite."""
    photos: Sequence[str]
    after: Sequence[str]
    owner: str
    measure: str
    finish: date | None
    doer: str
    checker: str
    secured: Sequence[str]
    listed_by: str
    found_in: int
    origin: int | None
    """The hazard that has come back in this one."""
    recurred: Sequence[int]
    """The hazards in which this one has come back."""
    changes: Sequence[Change]


PLANT = Organisation.__table__.alias("plant")
"""The enterprise, in each select of hazards that was `narrowed`."""
# Whether a case still runs is told of the hazard, whoever may open the case itself.
_FOLLOWING = Case.__table__.alias("following")
# Of which sector its enterprise is, is no secret.
_REGISTERED = Enterprise.__table__.alias("registered")
_COLUMNS = (
    Hazard.id,
    Hazard.enterprise_id,
    PLANT.c.name,
    PLANT.c.place,
    Hazard.description,
    Hazard.spot,
    Hazard.major,
    Hazard.state,
    Hazard.deadline,
    Hazard.listed_by,
    Hazard.found_at,
    Hazard.procedure,
    Hazard.closed_at,
    Hazard.case_id,
    _FOLLOWING.c.status,
)

_ANSWERS = (
    Hazard.id,
    Hazard.major,
    Hazard.deadline,
    Hazard.finish,
    Hazard.procedure,
    *(getattr(Hazard, fact) for fact in FACTS.values()),
)


def find(work: Work, wanted: Wanted, cursor: str = "", size: int = PAGE) -> Listed:
    """Return a page of the hazards that the actor may know of, the newest first."""
    work.require_somewhere(Permission.SEE_HAZARDS)
    today = work.now.astimezone(BEIJING).date()
    count = work.session.scalar(narrowed(work, select(func.count()), wanted, today))
    found = newest(work, wanted, size + 1, whole(cursor))
    listed = found[:size]
    return Listed(listed, count or 0, str(listed[-1].id) if len(found) > size else None)


def newest(work: Work, wanted: Wanted, most: int, before: int | None = None) -> list[HazardRow]:
    """Return hazards that the actor may know of, the newest first, uncounted.

    :param before: only those entered before the one of this id
    """
    work.require_somewhere(Permission.SEE_HAZARDS)
    today = work.now.astimezone(BEIJING).date()
    query = narrowed(work, select(*_COLUMNS), wanted, today)
    query = query.order_by(Hazard.id.desc()).limit(most)
    if before is not None:
        query = query.where(Hazard.id < before)
    return [_row(row, today) for row in work.session.execute(query)]


def get(work: Work, hazard_id: int) -> HazardView:
    """Return one hazard with its way through the cases.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_HAZARDS)
    query = _joined(select(*_COLUMNS)).where(Hazard.id == hazard_id)
    found = work.session.execute(query).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该隐患"))
    hazard = work.session.scalars(select(Hazard).where(Hazard.id == hazard_id)).one()
    organ = None
    if hazard.listed_by is not None:
        organ = work.session.scalar(
            select(Organisation.name).where(Organisation.id == hazard.listed_by),
            execution_options=SHOWN,
        )
    return HazardView(
        row=_row(found, work.now.astimezone(BEIJING).date()),
        basis=hazard.basis,
        criterion=hazard.criterion,
        cited=hazard.cited,
        photos=hazard.photos,
        after=hazard.after,
        owner=hazard.owner,
        measure=hazard.measure,
        finish=hazard.finish,
        doer=hazard.doer,
        checker=hazard.checker,
        secured=hazard.secured,
        listed_by=organ or "",
        found_in=hazard.found_in,
        origin=hazard.origin_id,
        recurred=_recurred(work, hazard),
        changes=_changes(work, hazard_id),
    )


def _recurred(work: Work, hazard: Hazard) -> Sequence[int]:
    again = (Hazard.enterprise_id == hazard.enterprise_id, Hazard.origin_id == hazard.id)
    return work.session.scalars(select(Hazard.id).where(*again).order_by(Hazard.id)).all()


def of_case(work: Work, case_id: int) -> list[HazardRow]:
    """Return the hazards of a case that the actor may know of: those found or followed there."""
    work.require_somewhere(Permission.SEE_CASE)
    query = _joined(select(*_COLUMNS)).where(
        or_(
            Hazard.case_id == case_id,
            Hazard.id.in_(select(HazardChange.hazard_id).where(HazardChange.case_id == case_id)),
        )
    )
    today = work.now.astimezone(BEIJING).date()
    return [_row(row, today) for row in work.session.execute(query.order_by(Hazard.id))]


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Hazard)
        .join(PLANT, PLANT.c.id == Hazard.enterprise_id)
        .join(_FOLLOWING, _FOLLOWING.c.id == Hazard.case_id)
    )


def narrowed(
    work: Work, query: Select[*tuple[Any, ...]], wanted: Wanted, today: date
) -> Select[*tuple[Any, ...]]:
    """Return a select of hazards, narrowed to those that are wanted."""
    query = _joined(query)
    if q := wanted.q.strip()[:LONGEST_QUERY]:
        query = query.where(
            or_(
                PLANT.c.name.contains(q, autoescape=True),
                Hazard.description.contains(q, autoescape=True),
                Hazard.spot.contains(q, autoescape=True),
            )
        )
    if wanted.state == "unclosed":
        query = query.where(Hazard.closed_at.is_(None))
    elif wanted.state in set(HazardState):
        query = query.where(Hazard.state == wanted.state)
    if wanted.grade:
        query = query.where(Hazard.major if wanted.grade == MAJOR else ~Hazard.major)
    if wanted.division:
        # Of the enterprise: the hazard lies where the office does that follows it.
        query = query.where(within(PLANT.c.place, (wanted.division[:16],)))
    if wanted.procedure:
        query = query.where(Hazard.procedure == wanted.procedure[:64])
    if wanted.enterprise_id:
        query = query.where(Hazard.enterprise_id == wanted.enterprise_id)
    if wanted.case_id:
        query = query.where(Hazard.case_id == wanted.case_id)
    return _marked(_found(work, query, wanted), wanted, today)


def _found(work: Work, query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.campaign_id:
        query = query.where(found_for(work, wanted.campaign_id))
    if wanted.place:
        query = query.where(PLANT.c.place == wanted.place[:16])
    if wanted.found_by == Finder.PLANT:
        query = query.where(Hazard.procedure.in_(BY_PLANTS))
    elif wanted.found_by == Finder.INSPECTORS:
        query = query.where(Hazard.procedure.not_in(BY_PLANTS))
    if wanted.sector:
        sector = "" if wanted.sector == NOBODY else wanted.sector[:32]
        query = query.join(_REGISTERED, _REGISTERED.c.id == Hazard.enterprise_id).where(
            _REGISTERED.c.sector == sector
        )
    return query


def _marked(
    query: Select[*tuple[Any, ...]], wanted: Wanted, today: date
) -> Select[*tuple[Any, ...]]:
    unclosed = Hazard.closed_at.is_(None)
    if wanted.due == "late":
        query = query.where(unclosed, Hazard.deadline < today)
    elif wanted.due == "soon":
        query = query.where(unclosed, Hazard.deadline.between(today, today + SOON))
    elif wanted.due == "intime":
        query = query.where(unclosed, or_(Hazard.deadline.is_(None), Hazard.deadline >= today))
    elif wanted.due == "none":
        query = query.where(unclosed, Hazard.deadline.is_(None))
    if wanted.mark == "listed":
        query = query.where(Hazard.listed_by.is_not(None))
    elif wanted.mark == "loose":
        query = query.where(unclosed, _FOLLOWING.c.status != CaseStatus.RUNNING)
    return query


def _row(row: Any, today: date) -> HazardRow:
    late = row.closed_at is None and row.deadline is not None and row.deadline < today
    return HazardRow(
        id=row.id,
        enterprise_id=row.enterprise_id,
        enterprise=row.name,
        place=row.place,
        description=row.description,
        spot=row.spot,
        major=row.major,
        state=row.state,
        deadline=row.deadline,
        late=late,
        listed=row.listed_by is not None,
        found_at=row.found_at,
        procedure=PROCEDURES.get(row.procedure, Term(row.procedure)),
        closed_at=row.closed_at,
        case_id=row.case_id,
        followed=row.closed_at is None and row.status is CaseStatus.RUNNING,
    )


def _changes(work: Work, hazard_id: int) -> list[Change]:
    rows = work.session.execute(
        select(HazardChange, Case.deployment_id, Account.name)
        .join(Case, Case.id == HazardChange.case_id)
        .outerjoin(Account, Account.id == HazardChange.by)
        .where(HazardChange.hazard_id == hazard_id)
        .order_by(HazardChange.id),
        execution_options=SHOWN,
    )
    found = []
    for change, deployment_id, name in rows:
        running = procedures.running(work, deployment_id)
        found.append(
            Change(
                what=change.what,
                state=change.state,
                deadline=change.deadline,
                at=change.at,
                by=name or "",
                case_id=change.case_id,
                procedure=running.name,
                node=running.title(change.node),
            )
        )
    return found


def rows_for_forms(
    work: Work,
    *,
    case_id: int | None = None,
    enterprise_id: int | None = None,
    major: bool = False,
) -> list[dict[str, Any]]:
    """Return the open hazards of a case or of an enterprise as a form's rows; major ones alone."""
    query = select(*_ANSWERS).where(Hazard.closed_at.is_(None)).order_by(Hazard.id)
    if case_id is not None:
        query = query.where(Hazard.case_id == case_id)
    if enterprise_id is not None:
        query = query.where(Hazard.enterprise_id == enterprise_id)
    if major:
        query = query.where(Hazard.major)
    return [_as_answers(row) for row in work.session.execute(query, execution_options=SHOWN)]


def _as_answers(hazard: Any) -> dict[str, Any]:
    row = {
        "hazard_id": str(hazard.id),
        "class": MAJOR if hazard.major else "general",
        "deadline": hazard.deadline.isoformat() if hazard.deadline else None,
        "finish": hazard.finish.isoformat() if hazard.finish else None,
        "found": str(PROCEDURES.get(hazard.procedure, "")),
        **{key: getattr(hazard, fact) for key, fact in FACTS.items()},
    }
    return {key: value for key, value in row.items() if value}
