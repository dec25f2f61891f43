"""One enterprise as its reader may know it: facts, open cases, all that happened on one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain import NotFound
from app.domain.access import Permission, Thing, covers, granted_by, may_somewhere
from app.domain.casework import CaseStatus
from app.domain.documents import DocumentState
from app.domain.forms import Form
from app.domain.history import Stream
from app.domain.measures import Measure
from app.domain.text import T, Text
from app.models.documents import Document
from app.models.enterprises import Enterprise, EnterpriseMeasure
from app.services import Work, history, ledger, scope_of
from app.services.cases import reading as cases
from app.services.cases import starting
from app.services.cases.reading import CaseFilter, CaseRow
from app.services.cases.starting import Startable
from app.services.documents.terms import TermRow
from app.services.documents.terms import of_enterprise as terms_against
from app.services.enterprises import consents, terms
from app.services.enterprises.consents import ConsentRow
from app.services.enterprises.registry import COLUMNS, EnterpriseRow, Wanted, as_row, narrowed
from app.services.enterprises.writing import Facts, facts_of, kept
from app.services.history import HistoryRow
from app.services.ledger import HazardRow

MOST_CASES = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper given to an enterprise."""

    id: int
    title: Text
    number: str
    state: DocumentState
    declined: bool
    """Whether who decided by signing it declined what it proposes."""
    void_reason: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A case that the reader may know of."""

    id: int
    name: Text
    """Of its procedure."""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A card or a stop: why and when it was given, why and when it ended.

    Its cases are None where the reader may not know of them.
    """

    measure: Measure
    reason: str
    given_at: datetime
    given_in: Known | None
    goes_on_in: Known | None
    """The other case that goes on with it, as long as it is in force."""
    lifted_at: datetime | None
    lifted_in: Known | None
    lift_reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an enterprise: a line of its history, a case, paper, hazard."""

    at: datetime
    line: HistoryRow | None = None
    case: CaseRow | None = None
    closed: bool = False
    """Whether the case, or the hazard, was closed then; else it was opened."""
    paper: "Paper | None" = None
    hazard: HazardRow | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """An enterprise with all that its reader may know of it."""

    row: EnterpriseRow
    facts: Facts
    form: Form
    revision: int
    created_at: datetime
    open_cases: Sequence[CaseRow]
    hazards: Sequence[HazardRow]
    """Those not closed yet."""
    measures: Sequence[MeasureRow]
    """Cards and stops, those in force first."""
    terms: Sequence[TermRow]
    """Until when what papers order lasts, as long as it does."""
    consents: Sequence[ConsentRow]
    """To electronic service, the newest first."""
    events: Sequence[Event]
    startable: Sequence[Startable]
    may_edit: bool
    may_edit_contact: bool
    may_confirm: bool
    """Whether they may confirm the address of electronic service, or enter a confirmation."""


def get(work: Work, enterprise_id: int) -> Dossier:
    """Return the dossier of an enterprise.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    enterprise, name = kept(work, enterprise_id)
    row = row_of(work, enterprise_id)
    facts = facts_of(name, enterprise)
    found = _cases(work, enterprise_id)
    thing = Thing(place=enterprise.place, organisation=enterprise_id)
    scope = scope_of(work.actor)
    inside = any(covers(area, enterprise.place) for area in scope.areas)
    own = enterprise_id in scope.organisations
    events = [
        event for source in SOURCES for event in source(work, enterprise_id, found, inside or own)
    ]
    return Dossier(
        row=row,
        facts=facts,
        form=terms.form(work, facts),
        revision=enterprise.revision,
        created_at=enterprise.created_at,
        open_cases=[case for case in found if case.status is CaseStatus.RUNNING],
        hazards=_unclosed(work, enterprise_id),
        measures=_measures(work, enterprise_id, found),
        terms=terms_against(work, enterprise_id),
        consents=consents.of_enterprise(work, enterprise_id),
        # What is of one moment stays in its order, the newest first.
        events=sorted(events, key=lambda event: event.at)[::-1],
        startable=starting.startable(work) if inside or own else [],
        may_edit=granted_by(work.actor, Permission.MANAGE_ENTERPRISES, thing) is not None,
        may_edit_contact=granted_by(work.actor, Permission.EDIT_OWN_ENTERPRISE, thing) is not None,
        may_confirm=granted_by(work.actor, Permission.CONFIRM_SERVICE, thing) is not None,
    )


def _unclosed(work: Work, enterprise_id: int) -> list[HazardRow]:
    if not may_somewhere(work.actor, Permission.SEE_HAZARDS):
        return []
    wanted = ledger.Wanted(enterprise_id=enterprise_id, state="unclosed")
    return ledger.newest(work, wanted, MOST_CASES)


def _measures(work: Work, enterprise_id: int, found: Sequence[CaseRow]) -> list[MeasureRow]:
    known = {case.id: Known(case.id, case.name) for case in found}
    rows = work.session.scalars(
        select(EnterpriseMeasure)
        .where(EnterpriseMeasure.enterprise_id == enterprise_id)
        .order_by(EnterpriseMeasure.lifted_at.is_not(None), EnterpriseMeasure.id.desc())
        .limit(MOST_CASES)
    )
    return [
        MeasureRow(
            measure=row.measure,
            reason=row.reason,
            given_at=row.given_at,
            given_in=known.get(row.given_in),
            goes_on_in=known.get(row.case_id) if _goes_on(row) else None,
            lifted_at=row.lifted_at,
            lifted_in=known.get(row.lifted_in or 0),
            lift_reason=row.lift_reason,
        )
        for row in rows
    ]


def _goes_on(row: EnterpriseMeasure) -> bool:
    """Test whether another case than the one that gave a measure goes on with it."""
    return row.lifted_at is None and row.case_id != row.given_in


def row_of(work: Work, enterprise_id: int) -> EnterpriseRow:
    """Return one enterprise as the list has it.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    query = narrowed(select(*COLUMNS), Wanted()).where(Enterprise.id == enterprise_id)
    found = work.session.execute(query).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该企业"))
    return as_row(found)


def _cases(work: Work, enterprise_id: int) -> list[CaseRow]:
    found: list[CaseRow] = []
    cursor: str | None = None
    while len(found) < MOST_CASES:
        page, cursor = cases.find(work, CaseFilter(subject_id=enterprise_id), cursor)
        found += page
        if cursor is None:
            break
    return found


Source = Callable[[Work, int, Sequence[CaseRow], bool], list[Event]]


def _changes(
    work: Work,
    enterprise_id: int,
    _found: Sequence[CaseRow],
    whole: bool,  # noqa: FBT001
) -> list[Event]:
    """Return what was changed in the registry; who only meets it in a case sees none of that."""
    if not whole:
        return []
    lines = history.entries(work, Stream.ENTERPRISE, enterprise_id)
    return [Event(line.at, line=line) for line in lines]


def _courses(
    _work: Work,
    _enterprise_id: int,
    found: Sequence[CaseRow],
    _whole: bool,  # noqa: FBT001
) -> list[Event]:
    """Return when the enterprise's cases began and ended."""
    opened = [Event(case.opened_at, case=case) for case in found]
    ended = [Event(case.closed_at, case=case, closed=True) for case in found if case.closed_at]
    return opened + ended


def _papers(
    work: Work,
    enterprise_id: int,
    _found: Sequence[CaseRow],
    _whole: bool,  # noqa: FBT001
) -> list[Event]:
    """Return when papers about the enterprise were issued, those that the actor may know of."""
    titles = work.deps.papers.templates
    rows = work.session.execute(
        select(
            Document.id,
            Document.kind,
            Document.number,
            Document.issued_at,
            Document.state,
            Document.declined,
            Document.void_reason,
        )
        .where(Document.subject_id == enterprise_id)
        .order_by(Document.id.desc())
        .limit(MOST_CASES)
    )
    events = []
    for row in rows:
        title, stands = titles.title(row.kind), (row.state, row.declined)
        paper = Paper(row.id, title, row.number, *stands, row.void_reason)
        events.append(Event(row.issued_at, paper=paper))
    return events[::-1]


def _hazards(
    work: Work,
    enterprise_id: int,
    _found: Sequence[CaseRow],
    _whole: bool,  # noqa: FBT001
) -> list[Event]:
    """Return when the enterprise's hazards were found and closed, as the actor may know."""
    if not may_somewhere(work.actor, Permission.SEE_HAZARDS):
        return []
    rows = ledger.newest(work, ledger.Wanted(enterprise_id=enterprise_id), MOST_CASES)[::-1]
    found = [Event(row.found_at, hazard=row) for row in rows]
    return found + [Event(row.closed_at, hazard=row, closed=True) for row in rows if row.closed_at]


SOURCES: tuple[Source, ...] = (_changes, _courses, _hazards, _papers)
"""What the time line is made of."""


def facts(work: Work, enterprise_id: int) -> tuple[Facts, int]:
    """Return the facts of an enterprise and their revision, for a form that changes them.

    :raises NotFound: if the actor may not know of it
    :raises Forbidden: if they may not change it
    """
    enterprise, name = kept(work, enterprise_id)
    work.require(Permission.MANAGE_ENTERPRISES, Thing(place=enterprise.place))
    return facts_of(name, enterprise), enterprise.revision


def contact(work: Work, enterprise_id: int) -> tuple[dict[str, Any], int]:
    """Return what the enterprise's own principal may change, and its revision.

    :raises NotFound: if it is not theirs to see
    :raises Forbidden: if they are not its principal
    """
    enterprise, name = kept(work, enterprise_id)
    work.require(Permission.EDIT_OWN_ENTERPRISE, Thing(organisation=enterprise_id))
    return facts_of(name, enterprise), enterprise.revision
