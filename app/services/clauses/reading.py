"""Read laws and standards: those in force, every version, and the clauses that words find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.domain import NotFound
from app.domain.access import Permission, granted_by
from app.domain.clauses import Use, cited, words
from app.domain.deadlines import BEIJING
from app.domain.text import T
from app.models.clauses import Clause, Law
from app.services import Work
from app.services.divisions import topmost
from app.services.history import names_of_people

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause, and how it is cited."""

    citation: str
    article: str
    usage: Use
    sector: str
    text: str
    hazard: str
    demand: str


@dataclass(frozen=True, slots=True)
class LawRow:
    """One version of a law or standard, without its clauses."""

    id: int
    code: str
    version: int
    name: str
    number: str
    since: date | None
    until: date | None
    source: str
    clauses: int
    published_at: datetime
    by: str
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class LawView:
    """One version of a law or standard, and which others there are."""

    row: LawRow
    clauses: Sequence[ClauseRow]
    versions: Sequence[LawRow]
    """All versions, the newest first."""


def may_keep(work: Work) -> bool:
    """Test whether the actor keeps the clauses: they hold for everybody."""
    work.require_somewhere(Permission.SEE_CLAUSES)
    return granted_by(work.actor, Permission.MANAGE_CLAUSES, topmost(work)) is not None


def newest(work: Work) -> list[LawRow]:
    """Return the newest version of every law and standard."""
    work.require_somewhere(Permission.SEE_CLAUSES)
    rows = _rows(work, Law.id.in_(_newest()))
    return sorted(rows, key=lambda row: (row.retired_at is not None, row.id))


def get(work: Work, code: str, version: int = 0) -> LawView:
    """Return a version of a law or standard, the newest one unless told.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_CLAUSES)
    versions = _rows(work, Law.code == code)[::-1]
    row = next((one for one in versions if version in (0, one.version)), None)
    if row is None:
        raise NotFound(T("没有找到该法律、标准"))
    found = work.session.execute(
        select(Law.name, Clause)
        .join(Clause, Clause.law_id == Law.id)
        .where(Law.id == row.id)
        .order_by(Clause.position)
    )
    return LawView(row, [_clause(name, clause) for name, clause in found], versions)


def search(
    work: Work, query: str, uses: Sequence[Use] = (), most: int = MOST_FOUND
) -> Sequence[ClauseRow]:
    """Return the clauses in force today that hold all words; without a word, none.

    :param uses: what they must be cited for; empty for anything
    """
    work.require_somewhere(Permission.SEE_CLAUSES)
    needed = words(query)
    if not needed:
        return []
    found = work.session.execute(
        select(Law.name, Clause)
        .join(Clause, Clause.law_id == Law.id)
        .where(
            *in_force(work),
            *([Clause.usage.in_(uses)] if uses else []),
            *(Clause.sought.contains(word, autoescape=True) for word in needed),
        )
        .order_by(Law.id, Clause.position)
        .limit(most)
    )
    return [_clause(name, clause) for name, clause in found]


def in_force(work: Work) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the laws that hold today, in their newest version."""
    today = work.now.astimezone(BEIJING).date()
    return (
        Law.id.in_(_newest()),
        Law.retired_at.is_(None),
        or_(Law.since.is_(None), Law.since <= today),
        or_(Law.until.is_(None), Law.until >= today),
    )


def _newest() -> Any:
    return select(func.max(Law.id)).group_by(Law.code)


def _clause(name: str, clause: Clause) -> ClauseRow:
    return ClauseRow(
        cited(name, clause.article),
        clause.article,
        clause.usage,
        clause.sector,
        clause.text,
        clause.hazard,
        clause.demand,
    )


def _rows(work: Work, condition: Any) -> list[LawRow]:
    count = select(func.count()).where(Clause.law_id == Law.id).correlate(Law).scalar_subquery()
    found = work.session.execute(select(Law, count).where(condition).order_by(Law.id)).all()
    people = names_of_people(
        work, [row.published_by for row, _n in found if row.published_by is not None]
    )
    return [
        LawRow(
            row.id,
            row.code,
            row.version,
            row.name,
            row.number,
            row.since,
            row.until,
            row.source,
            number,
            row.published_at,
            people.get(row.published_by or 0, ""),
            row.retired_at,
        )
        for row, number in found
    ]
