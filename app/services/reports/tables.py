"""The tables of statistics, version by version: in force, read, published, shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.domain import Invalid, NotFound
from app.domain.access import Permission, granted_by
from app.domain.forms import Answers
from app.domain.history import Stream
from app.domain.statistics import Table, faults, shipped, table_of
from app.domain.statistics.editing import edit_form
from app.domain.text import T, Term
from app.models.records import Installation
from app.models.reports import ReportTable
from app.services import Deps, Stale, Work
from app.services.divisions import topmost
from app.services.history import names_of_people

PARTS = ("groups", "columns", "checks")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One version of a table, without its columns."""

    id: int
    code: str
    version: int
    name: Term
    source: str
    columns: int
    published_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TableView:
    """One version of a table, and which others there are."""

    row: TableRow
    table: Table
    definition: Mapping[str, Any]
    versions: Sequence[TableRow]
    """All versions, the newest first."""


def in_force(work: Work, code: str, at: datetime) -> int | None:
    """Return the version of a table that was in force at a moment, else its first: a step.

    None if there is no such table.
    """
    rows = work.session.execute(
        select(ReportTable.id, ReportTable.published_at)
        .where(ReportTable.code == code)
        .order_by(ReportTable.version)
    ).all()
    held = [row.id for row in rows if row.published_at <= at]
    return held[-1] if held else rows[0].id if rows else None


def load(work: Work, table_id: int) -> Table:
    """Return a version of a table by its id: a step of those who may know of a report."""
    found = work.session.scalar(select(ReportTable.definition).where(ReportTable.id == table_id))
    if found is None:
        raise NotFound(T("没有找到该统计报表"))
    return table_of(found)


def name(work: Work, table_id: int) -> Term:
    """Return what a version of a table is called: a step as `load`."""
    row = work.session.execute(
        select(ReportTable.name, ReportTable.name_en).where(ReportTable.id == table_id)
    ).one()
    return Term(row.name, english=row.name_en)


def version(work: Work, table_id: int) -> int:
    """Return the number of a version of a table: a step as `load`."""
    return work.session.execute(
        select(ReportTable.version).where(ReportTable.id == table_id)
    ).scalar_one()


def may_keep(work: Work) -> bool:
    """Test whether the actor keeps the tables: they hold for everybody."""
    work.require_somewhere(Permission.SEE_REPORTS)
    return granted_by(work.actor, Permission.MANAGE_TABLES, topmost(work)) is not None


def newest(work: Work) -> list[TableRow]:
    """Return the newest version of every table, by code."""
    work.require_somewhere(Permission.SEE_REPORTS)
    found = {row.code: row for row in _rows(work)}
    return [found[code] for code in sorted(found)]


def get(work: Work, code: str, version: int = 0) -> TableView:
    """Return a version of a table, the newest one unless told.

    :raises NotFound: if there is none such
    """
    work.require_somewhere(Permission.SEE_REPORTS)
    versions = [row for row in _rows(work) if row.code == code][::-1]
    row = next((one for one in versions if version in (0, one.version)), None)
    if row is None:
        raise NotFound(T("没有找到该统计报表"))
    definition = work.session.execute(
        select(ReportTable.definition).where(ReportTable.id == row.id)
    ).scalar_one()
    return TableView(row, table_of(definition), definition, versions)


def _rows(work: Work) -> list[TableRow]:
    found = work.session.scalars(
        select(ReportTable).order_by(ReportTable.code, ReportTable.version)
    ).all()
    people = names_of_people(
        work, [row.published_by for row in found if row.published_by is not None]
    )
    return [
        TableRow(
            row.id,
            row.code,
            row.version,
            Term(row.name, english=row.name_en),
            row.source,
            len(row.definition["columns"]),
            row.published_at,
            people.get(row.published_by or 0, ""),
        )
        for row in found
    ]


def answers(work: Work, code: str) -> dict[str, Any]:
    """Return the newest version as the form's answers, to begin the next one with.

    :raises NotFound: if there is none such
    """
    found = get(work, code)
    row = found.row
    head = {"name": row.name.wording, "name_en": row.name.english, "source": row.source}
    columns = [
        {key: value for key, value in one.items() if value} for one in found.definition["columns"]
    ]
    return {**head, "columns": columns, "checks": list(found.definition["checks"])}


def publish(work: Work, code: str, given: Answers, seen: int) -> None:
    """Publish a new version of a table; its groups stay as the notice has them.

    `seen` is the version it was made from.

    :raises NotFound: if there is no such table
    :raises Invalid: if something is missing or wrong
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_TABLES, topmost(work))
    before = get(work, code)
    groups = before.definition["groups"]
    checked = edit_form(before.table.groups).check(given)
    definition = {
        "groups": groups,
        "columns": checked["columns"],
        "checks": checked.get("checks", []),
    }
    if problems := faults(definition):
        raise Invalid(problems)
    if before.row.version != seen:
        raise Stale
    _add(work, {**checked, **definition, "code": code}, seen + 1, work.me, work.now)
    work.record(
        Stream.INSTALLATION,
        1,
        "table.publish",
        grant,
        code=code,
        name=checked["name"],
        edition=seen + 1,
        columns=len(definition["columns"]),
        source=checked["source"],
    )


def _add(work: Work, given: Mapping[str, Any], version: int, by: int | None, at: datetime) -> None:
    work.session.add(
        ReportTable(
            code=given["code"],
            version=version,
            name=given["name"],
            name_en=given.get("name_en", ""),
            source=given["source"],
            definition={part: given[part] for part in PARTS},
            published_at=at,
            published_by=by,
        )
    )
    work.session.flush()


def seed(work: Work) -> None:
    """Publish the shipped table if there is no version of it yet; the operator's."""
    given = shipped()
    if work.session.scalar(select(func.count()).where(ReportTable.code == given["code"])):
        return
    # It is in force from the first day: campaigns that run already use it, too.
    since = work.session.get_one(Installation, 1).created_at
    _add(work, given, 1, None, since)


def install(deps: Deps) -> None:
    """Publish the table that a newer edition of the product ships; the operator's."""
    with deps.system("publish the table of statistics that came along") as work:
        seed(work)
