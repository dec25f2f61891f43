"""Read checklists: those in force, every version, and what applies to an enterprise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.domain import NotFound
from app.domain.access import Permission, granted_by
from app.domain.enterprises import TermKind
from app.domain.text import T, Term
from app.models import enterprises
from app.models.checklists import Checklist, ChecklistItem
from app.models.enterprises import Enterprise
from app.services import Work
from app.services.divisions import topmost
from app.services.history import names_of_people

READ_ONLY = {"unscoped": "which checklists apply follows from what the enterprise is"}


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One thing to look for."""

    number: int
    text: Term
    basis: Term
    sector: str
    tag: str
    hazard_class: str


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One version of a checklist, without its items."""

    id: int
    code: str
    version: int
    name: Term
    source: str
    items: int
    published_at: datetime
    by: str
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChecklistView:
    """One version of a checklist, and which others there are."""

    row: ChecklistRow
    items: Sequence[ItemRow]
    versions: Sequence[ChecklistRow]
    """All versions, the newest first."""


@dataclass(frozen=True, slots=True)
class Words:
    """The registry's words that items apply by, each with its name."""

    sectors: Mapping[str, Term]
    tags: Mapping[str, Term]


def may_keep(work: Work) -> bool:
    """Test whether the actor keeps the checklists: they hold for everybody."""
    work.require_somewhere(Permission.SEE_CHECKLISTS)
    return granted_by(work.actor, Permission.MANAGE_CHECKLISTS, topmost(work)) is not None


def newest(work: Work) -> list[ChecklistRow]:
    """Return the newest version of every checklist, by name."""
    work.require_somewhere(Permission.SEE_CHECKLISTS)
    ids = select(func.max(Checklist.id)).group_by(Checklist.code)
    rows = _rows(work, Checklist.id.in_(ids))
    return sorted(rows, key=lambda row: (row.retired_at is not None, row.id))


def get(work: Work, code: str, version: int = 0) -> ChecklistView:
    """Return a version of a checklist, the newest one unless told.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_CHECKLISTS)
    versions = _rows(work, Checklist.code == code)[::-1]
    row = next((one for one in versions if version in (0, one.version)), None)
    if row is None:
        raise NotFound(T("没有找到该检查清单"))
    found = work.session.scalars(
        select(ChecklistItem)
        .where(ChecklistItem.checklist_id == row.id)
        .order_by(ChecklistItem.number)
    )
    items = [
        ItemRow(
            item.number,
            Term(item.text, english=item.text_en),
            Term(item.basis, english=item.basis_en),
            item.sector,
            item.tag,
            item.hazard_class,
        )
        for item in found
    ]
    return ChecklistView(row, items, versions)


def _rows(work: Work, condition: Any) -> list[ChecklistRow]:
    count = (
        select(func.count())
        .where(ChecklistItem.checklist_id == Checklist.id)
        .correlate(Checklist)
        .scalar_subquery()
    )
    found = work.session.execute(
        select(Checklist, count).where(condition).order_by(Checklist.id)
    ).all()
    people = names_of_people(
        work, [row.published_by for row, _n in found if row.published_by is not None]
    )
    return [
        ChecklistRow(
            row.id,
            row.code,
            row.version,
            Term(row.name, english=row.name_en),
            row.source,
            number,
            row.published_at,
            people.get(row.published_by or 0, ""),
            row.retired_at,
        )
        for row, number in found
    ]


def words(work: Work) -> Words:
    """Return the registry's sectors and tags, those that were retired too."""
    work.require_somewhere(Permission.SEE_CHECKLISTS)
    ordered = select(enterprises.Term).order_by(enterprises.Term.position)
    lists: dict[TermKind, dict[str, Term]] = {kind: {} for kind in TermKind}
    for row in work.session.scalars(ordered):
        lists[row.kind][row.code] = Term(row.name, english=row.name_en)
    return Words(lists[TermKind.SECTOR], lists[TermKind.TAG])


def applying(work: Work, enterprise_id: int, at: datetime) -> list[dict[str, str]]:
    """Return what is to be looked for at an enterprise, by the versions in force at a moment.

    A step of those who asked for the case. Each row names its item (清单/版本/序号) for good.
    """
    held = work.session.execute(
        select(Enterprise.sector, Enterprise.tags).where(Enterprise.id == enterprise_id),
        execution_options=READ_ONLY,
    ).one_or_none()
    sector, tags = (held.sector, held.tags) if held else ("", [])
    in_force = (
        select(func.max(Checklist.version).label("version"), Checklist.code)
        .where(Checklist.published_at <= at)
        .group_by(Checklist.code)
        .subquery()
    )
    fits: list[ColumnElement[bool]] = [(ChecklistItem.sector == "") & (ChecklistItem.tag == "")]
    fits += [ChecklistItem.sector == sector] if sector else []
    fits += [ChecklistItem.tag.in_(tags)] if tags else []
    rows = work.session.execute(
        select(Checklist.code, Checklist.version, Checklist.name, ChecklistItem)
        .join(
            in_force,
            (in_force.c.code == Checklist.code) & (in_force.c.version == Checklist.version),
        )
        .join(ChecklistItem, ChecklistItem.checklist_id == Checklist.id)
        .where(or_(Checklist.retired_at.is_(None), Checklist.retired_at > at), or_(*fits))
        .order_by(ChecklistItem.sector == "", Checklist.id, ChecklistItem.number)
    )
    return [
        {
            "item": f"{code}/{version}/{item.number}",
            "list": name,
            "text": item.text,
            "basis": item.basis,
            "hazard_class": item.hazard_class,
        }
        for code, version, name, item in rows
    ]
