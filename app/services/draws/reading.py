"""Read draws: the list, and one with all that who sees its city may know of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, case, func, select

from app.domain import NotFound
from app.domain.access import Permission, Role, Thing, granted_by
from app.domain.casework import CaseStatus
from app.domain.draws import DrawState, How
from app.domain.draws.publicvalue import Rule, rule_of
from app.domain.draws.roster import Entry, sha256
from app.domain.draws.sampling import Share, shares
from app.domain.entered import whole
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case
from app.models.draws import Draw, DrawConflict, DrawEntry, DrawInspector, DrawVisitor
from app.models.people import Division, Organisation
from app.services import Work
from app.services import history as histories
from app.services.draws import DRAWS, owned
from app.services.draws.owned import Own
from app.services.draws.roster import CITY
from app.services.history import Lines

PAGE = 20


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw as lists show it."""

    id: int
    number: str
    organ: str
    state: DrawState
    case_id: int
    supplements: str
    """The number of the draw whose late entrants it draws from, else ""."""
    replaces: str
    frozen_at: datetime
    rule: Rule | None
    value: str
    reason: str
    """Why it was cancelled."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of draws, and the cursor of the next one."""

    rows: list[DrawRow]
    following: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """An enterprise of the roster, and what became of it."""

    enterprise_id: int
    entry: Entry
    how: How | None
    ticket: str
    inspectors: Sequence[str]
    visit_id: int | None
    visited_at: datetime | None
    """When both inspectors were there."""
    ended: bool
    """Whether its visit has ended."""
    visited: bool
    """Whether the visit is no secret any more: they were there, or it came to nothing."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An inspector who has declared, and the enterprises they must not visit, with the reasons."""

    account_id: int
    licence: str
    name: str
    at: datetime
    pooled: bool
    interests: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was fixed, by its digests, and from the drawing on the secret itself."""

    roster: str
    reasons: str
    parameters: str
    salt_sha256: str
    commitment: str
    committed_at: datetime | None
    salt: str
    seed: str


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw with all that is known of it."""

    row: DrawRow
    sectors: Sequence[str]
    themes: Sequence[str]
    percent: int
    load: int | None
    counties: Sequence[Share]
    lines: Sequence[Line]
    """The list first, in the order of its tickets, then the rest of the roster."""
    own: Sequence[Own]
    """Whom the city supervises itself, inspected in full outside the draw."""
    declared: Sequence[Declared]
    sealed: Sealed
    typists: Sequence[str]
    confirmed_by: str
    published: bool
    may_declare: bool
    has_declared: bool
    history: Lines

    @property
    def targets(self) -> list[Line]:
        return [line for line in self.lines if line.how is not None]


_ENDED = Case.status.is_not(None) & (Case.status != CaseStatus.RUNNING)
_VISITED = DrawEntry.visited_at.is_not(None) | _ENDED
# Other draws of the same office; only their numbers are told.
_FIRST, _BEFORE = Draw.__table__.alias("first"), Draw.__table__.alias("before")
_ORGAN = Organisation.__table__.alias("organ")
COLUMNS = (
    Draw.id,
    Draw.number,
    _ORGAN.c.name.label("organ"),
    Draw.state,
    Draw.case_id,
    _FIRST.c.number.label("supplements"),
    _BEFORE.c.number.label("replaces"),
    Draw.frozen_at,
    Draw.rule,
    Draw.value,
    Draw.reason,
)


def rows() -> Select[Any]:
    """Return the query of draws as rows, the newest first: a step of those who list them."""
    return (
        select(*COLUMNS)
        .select_from(Draw)
        .join(_ORGAN, _ORGAN.c.id == Draw.organisation_id)
        .outerjoin(_FIRST, _FIRST.c.id == Draw.supplements_id)
        .outerjoin(_BEFORE, _BEFORE.c.id == Draw.replaces_id)
        .order_by(Draw.id.desc())
    )


def row_of(found: Any) -> DrawRow:
    """Return what one of `rows` tells."""
    return DrawRow(
        id=found.id,
        number=found.number,
        organ=found.organ,
        state=found.state,
        case_id=found.case_id,
        supplements=found.supplements or "",
        replaces=found.replaces or "",
        frozen_at=found.frozen_at,
        rule=rule_of(found.rule) if found.rule else None,
        value=found.value or "",
        reason=found.reason or "",
    )


def find(work: Work, state: str = "", cursor: str = "", size: int = PAGE) -> Listed:
    """Return a page of the draws that the actor may know of, the newest first."""
    work.require_somewhere(Permission.SEE_DRAWS)
    query = rows()
    if state in set(DrawState):
        query = query.where(Draw.state == state)
    return page(work, query, cursor, size)


def page(work: Work, query: Select[Any], cursor: str, size: int = PAGE) -> Listed:
    """Return a page of a query of `rows`: a step of those who list draws."""
    if (before := whole(cursor)) is not None:
        query = query.where(Draw.id < before)
    found = [row_of(row) for row in work.session.execute(query.limit(size + 1))]
    return Listed(found[:size], str(found[size - 1].id) if len(found) > size else None)


def of_case(work: Work, case_id: int) -> list[DrawRow]:
    """Return the draws of a case that the actor may know of, the newest first."""
    query = rows().where(Draw.case_id == case_id)
    return [row_of(row) for row in work.session.execute(query)]


def get(work: Work, draw_id: int) -> DrawView:
    """Return one draw with all that is known of it.

    :raises NotFound: if the actor may not know of it
    """
    draw, row = found(work, draw_id)
    declared = declarations(work, draw_id)
    lines_ = lines(work, draw_id)
    people = histories.names_of_people(
        work,
        [one for one in (draw.typed_by, draw.typed_again_by, draw.confirmed_by) if one is not None],
    )
    mine = Thing(place=draw.place, organisation=draw.organisation_id)
    open_ = draw.state is DrawState.FROZEN
    may = open_ and granted_by(work.actor, Permission.DECLARE_INTEREST, mine) is not None
    return DrawView(
        row=row,
        sectors=draw.sectors,
        themes=draw.themes,
        percent=draw.percent,
        load=draw.load,
        counties=shares([line.entry for line in lines_], Fraction(draw.percent, 100)),
        lines=lines_,
        own=owned.of_draw(work, draw_id),
        declared=declared,
        sealed=sealed(draw),
        typists=[people.get(one or 0, "") for one in (draw.typed_by, draw.typed_again_by) if one],
        confirmed_by=people.get(draw.confirmed_by or 0, ""),
        published=published(work, draw),
        may_declare=may,
        has_declared=any(one.account_id == work.actor.id for one in declared),
        history=histories.whole(work, Stream.DRAW, draw_id),
    )


def found(work: Work, draw_id: int) -> tuple[Draw, DrawRow]:
    """Return a draw and what lists show of it.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_DRAWS)
    row = work.session.execute(rows().where(Draw.id == draw_id)).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该抽查"))
    return work.session.scalars(select(Draw).where(Draw.id == draw_id)).one(), row_of(row)


def sealed(draw: Draw) -> Sealed:
    """Return the digests of a draw: a step of those who may know of it."""
    drawn = draw.seed is not None
    return Sealed(
        roster=draw.roster_sha256,
        reasons=draw.reasons_sha256,
        parameters=draw.parameters or "",
        salt_sha256=sha256(draw.salt) if draw.salt else "",
        commitment=draw.commitment or "",
        committed_at=draw.committed_at,
        salt=draw.salt or "" if drawn else "",
        seed=draw.seed or "",
    )


def may_begin(work: Work) -> bool:
    """Test whether the actor can begin a draw: an inspector of an office with counties below it."""
    work.require_somewhere(Permission.SEE_DRAWS)
    return any(grant.role is Role.STAFF and len(grant.place) <= CITY for grant in work.actor.grants)


def published(work: Work, draw: Draw) -> bool:
    """Test whether the list is public: the draw is closed, or every target was visited.

    A step of those who hold the draw; the roster is not looked at.
    """
    if draw.state is not DrawState.CONFIRMED:
        return draw.state is DrawState.CLOSED
    many, visited = work.session.execute(
        select(func.count(), func.sum(case((_VISITED, 1), else_=0)))
        .select_from(DrawEntry)
        .outerjoin(Case, Case.id == DrawEntry.visit_id)
        .where(DrawEntry.draw_id == draw.id, DrawEntry.how.is_not(None)),
        execution_options=DRAWS,
    ).one()
    return bool(many) and many == visited


def lines(work: Work, draw_id: int) -> list[Line]:
    """Return the roster, the list first: a step of those who may know of the draw."""
    query = of_roster().where(DrawEntry.draw_id == draw_id)
    return sorted(lines_of(work, draw_id, query), key=_place)


def of_roster() -> Select[*tuple[Any, ...]]:
    """Return the query of lines of a roster: a step of those who read one."""
    return select(
        DrawEntry.enterprise_id,
        DrawEntry.county,
        DrawEntry.code,
        DrawEntry.name,
        DrawEntry.key,
        DrawEntry.worrisome,
        DrawEntry.reason,
        DrawEntry.how,
        DrawEntry.ticket,
        DrawEntry.visit_id,
        DrawEntry.visited_at,
        _ENDED.label("ended"),
        _VISITED.label("visited"),
    ).outerjoin(Case, Case.id == DrawEntry.visit_id)


def lines_of(
    work: Work, draw_id: int, query: Select[*tuple[Any, ...]], *, few: bool = False
) -> list[Line]:
    """Return lines of a roster, each with who goes: a step of those who may know of the draw.

    :param few: whether it is but a page of it
    """
    found = work.session.execute(query, execution_options=DRAWS).all()
    going = _going(work, draw_id, {row.enterprise_id for row in found} if few else None)
    return [
        Line(
            row.enterprise_id,
            Entry(row.county, row.code, row.name, row.key, row.worrisome, row.reason),
            row.how,
            row.ticket or "",
            going.get(row.enterprise_id, ()),
            row.visit_id,
            row.visited_at,
            row.ended,
            row.visited,
        )
        for row in found
    ]


def _going(work: Work, draw_id: int, some: Collection[int] | None) -> dict[int, list[str]]:
    """Return who goes where, of a whole draw or of some enterprises of it."""
    query = (
        select(DrawVisitor.enterprise_id, DrawInspector.name)
        .join(
            DrawInspector,
            (DrawInspector.draw_id == DrawVisitor.draw_id)
            & (DrawInspector.account_id == DrawVisitor.account_id),
        )
        .where(DrawVisitor.draw_id == draw_id)
        .order_by(DrawInspector.licence)
    )
    if some is not None:
        query = query.where(DrawVisitor.enterprise_id.in_(some))
    going: dict[int, list[str]] = {}
    for enterprise, name in work.session.execute(query, execution_options=DRAWS):
        going.setdefault(enterprise, []).append(name)
    return going


def _place(line: Line) -> tuple[bool, str, str, str]:
    return (line.how is None, line.ticket, line.entry.county, line.entry.id)


def declarations(work: Work, draw_id: int) -> list[Declared]:
    """Return who has declared what: a step of those who may know of the draw."""
    interests: dict[int, list[tuple[str, str]]] = {}
    for account, name, reason in work.session.execute(
        select(DrawConflict.account_id, DrawEntry.name, DrawConflict.reason)
        .join(
            DrawEntry,
            (DrawEntry.draw_id == DrawConflict.draw_id)
            & (DrawEntry.enterprise_id == DrawConflict.enterprise_id),
        )
        .where(DrawConflict.draw_id == draw_id)
        .order_by(DrawEntry.code),
        execution_options=DRAWS,
    ):
        interests.setdefault(account, []).append((name, reason))
    found = work.session.execute(
        select(
            DrawInspector.account_id,
            DrawInspector.licence,
            DrawInspector.name,
            DrawInspector.declared_at,
            DrawInspector.pooled,
        )
        .where(DrawInspector.draw_id == draw_id)
        .order_by(DrawInspector.licence),
        execution_options=DRAWS,
    )
    return [Declared(*row, interests.get(row.account_id, ())) for row in found]


def names(work: Work, places: Collection[str]) -> dict[str, str]:
    """Return the names of counties and zones; they are no secret."""
    found = work.session.execute(
        select(Division.place, Division.name).where(Division.place.in_(places))
    )
    return {place: name for place, name in found}  # noqa: C416
