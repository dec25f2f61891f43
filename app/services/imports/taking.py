"""Hand in a list, see how it stands, decide what is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.adapters import sheets
from app.domain import Conflict, Invalid, NotFound
from app.domain.access import Permission, Thing
from app.domain.entered import whole
from app.domain.filetypes import NAME
from app.domain.history import Stream
from app.domain.imports import ImportState, Outcome, RowStatus, Treatment
from app.domain.text import T, Text
from app.models.imports import ImportBatch, ImportRow
from app.models.people import Division, Organisation
from app.services import Work, history
from app.services.imports import texts

READ, CARRY = "import-read", "import-carry"
PAGE = 20
ROWS = 50


@dataclass(frozen=True, slots=True)
class BatchRow:
    """An import as lists and its own page show it."""

    id: int
    name: str
    sha256: str
    place: str
    division: str
    state: ImportState
    problem: Text | None
    origin: str
    columns: dict[str, str]
    total: int
    good: int
    bad: int
    same: int
    similar: int
    whole: bool
    on_same: Treatment
    on_similar: Treatment
    created: int
    updated: int
    skipped: int
    failed: int
    by: str
    created_at: datetime
    finished_at: datetime | None
    revision: int

    @property
    def done(self) -> int:
        """How many rows have been dealt with."""
        return self.created + self.updated + self.skipped + self.failed


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of an import with what was found about it."""

    number: int
    place: str
    cells: dict[str, str]
    facts: dict[str, Any]
    errors: dict[str, Text]
    status: RowStatus
    match_id: int | None
    match: str
    outcome: Outcome | None
    enterprise_id: int | None


def take(work: Work, place: str, name: str, data: bytes) -> int:
    """Keep a list for a division and have it read; return the import's id.

    :raises Invalid: if it is no list that we take, or no division was chosen
    """
    work.require_somewhere(Permission.MANAGE_ENTERPRISES)
    errors: dict[str, Text] = {}
    try:
        sheets.weigh(data)
    except sheets.Unreadable as unreadable:
        errors["/file"] = unreadable.text
    if not place or work.session.get(Division, place) is None:
        errors["/place"] = T("请选择名单所属的区划")
    if errors:
        raise Invalid(errors)
    grant = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=place))
    batch = ImportBatch(
        place=place,
        organisation_id=grant.organisation,
        role=grant.role,
        on_behalf_of=grant.on_behalf_of,
        created_by=work.me,
        created_at=work.now,
        name=NAME.sub("_", name)[-200:] or "list",
        sha256=work.deps.files.put(data),
        size=len(data),
        state=ImportState.READING,
    )
    work.session.add(batch)
    work.session.flush()
    work.enqueue(READ, f"{READ}:{batch.id}", {"batch": batch.id})
    return batch.id


def find(work: Work, cursor: str = "") -> tuple[list[BatchRow], str | None]:
    """Return a page of the imports of the actor's area, the newest first, and a cursor."""
    work.require_somewhere(Permission.MANAGE_ENTERPRISES)
    here = work.where_granted(Permission.MANAGE_ENTERPRISES, ImportBatch.place)
    batches = select(ImportBatch).where(here).order_by(ImportBatch.id.desc()).limit(PAGE + 1)
    if (before := whole(cursor)) is not None:
        batches = batches.where(ImportBatch.id < before)
    found = work.session.scalars(batches).all()
    rows = _rows(work, found[:PAGE])
    return rows, str(rows[-1].id) if len(found) > PAGE else None


def _rows(work: Work, batches: Sequence[ImportBatch]) -> list[BatchRow]:
    people = history.names_of_people(work, [batch.created_by for batch in batches])
    places = [batch.place for batch in batches]
    named = work.session.execute(
        select(Division.place, Division.name).where(Division.place.in_(places))
    )
    names: dict[str, str] = {place: name for place, name in named}  # noqa: C416
    return [
        BatchRow(
            id=batch.id,
            name=batch.name,
            sha256=batch.sha256,
            place=batch.place,
            division=names.get(batch.place, batch.place),
            state=batch.state,
            problem=texts.unpack(batch.problem) if batch.problem else None,
            origin=batch.origin,
            columns=batch.columns,
            total=batch.total,
            good=batch.good,
            bad=batch.bad,
            same=batch.same,
            similar=batch.similar,
            whole=batch.whole,
            on_same=batch.on_same,
            on_similar=batch.on_similar,
            created=batch.created,
            updated=batch.updated,
            skipped=batch.skipped,
            failed=batch.failed,
            by=people.get(batch.created_by, ""),
            created_at=batch.created_at,
            finished_at=batch.finished_at,
            revision=batch.revision,
        )
        for batch in batches
    ]


def get(work: Work, batch_id: int) -> BatchRow:
    """Return one import.

    :raises NotFound: if it lies outside the actor's area
    """
    (row,) = _rows(work, [_kept(work, batch_id)])
    return row


def _kept(work: Work, batch_id: int) -> ImportBatch:
    work.require_somewhere(Permission.MANAGE_ENTERPRISES)
    batch = work.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound(T("没有找到该导入"))
    work.require(Permission.MANAGE_ENTERPRISES, Thing(place=batch.place))
    return batch


def rows(
    work: Work, batch_id: int, status: str = "", after: int = 0, most: int = ROWS
) -> tuple[list[RowView], int | None]:
    """Return rows of an import, by their line in the file, and the line to go on from.

    `status` narrows to what was found (`RowStatus`) or to what became of them (`Outcome`).

    :raises NotFound: if it lies outside the actor's area
    """
    _kept(work, batch_id)
    found = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.number > after)
    if status in set(RowStatus):
        found = found.where(ImportRow.status == status)
    elif status in set(Outcome):
        found = found.where(ImportRow.outcome == status)
    listed = work.session.scalars(found.order_by(ImportRow.number).limit(most + 1)).all()
    names = _names(work, [row.match_id for row in listed])
    views = [
        RowView(
            row.number,
            row.place,
            row.cells,
            row.facts,
            texts.unpack_all(row.errors),
            row.status,
            row.match_id,
            names.get(row.match_id or 0, ""),
            row.outcome,
            row.enterprise_id,
        )
        for row in listed[:most]
    ]
    return views, views[-1].number if len(listed) > most else None


def _names(work: Work, ids: Sequence[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    found = work.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {organisation: name for organisation, name in found}  # noqa: C416


def confirm(
    work: Work,
    batch_id: int,
    revision: int | None = None,
    *,
    whole: bool,
    on_same: str = Treatment.SKIP,
    on_similar: str = Treatment.SKIP,
) -> None:
    """Have an import carried out: all rows, or the good ones only.

    :raises NotFound: if it lies outside the actor's area
    :raises Conflict: if somebody decided already
    :raises Invalid: if all rows are wanted while some are wrong, or nothing is left to do
    """
    batch = _kept(work, batch_id)
    _expect_ready(batch, revision)
    errors: dict[str, Text] = {}
    if on_same not in (Treatment.SKIP, Treatment.UPDATE):
        errors["/on_same"] = T("请选择如何处理已在台账的企业")
    if on_similar not in set(Treatment):
        errors["/on_similar"] = T("请选择如何处理疑似重复的企业")
    if whole and batch.bad:
        errors["/whole"] = T(
            "有 {n} 行有错误，不能整表导入；请修改表格后重新上传，或只导入无误的行", n=batch.bad
        )
    if batch.total == batch.bad:
        errors.setdefault("/whole", T("没有可以导入的行"))
    if errors:
        raise Invalid(errors)
    grant = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=batch.place))
    batch.state, batch.whole = ImportState.RUNNING, whole
    batch.on_same, batch.on_similar = Treatment(on_same), Treatment(on_similar)
    batch.confirmed_by = work.me
    batch.organisation_id, batch.role = grant.organisation, grant.role
    batch.on_behalf_of = grant.on_behalf_of
    work.enqueue(CARRY, f"{CARRY}:{batch.id}", {"batch": batch.id})
    work.record(
        Stream.ORGANISATION,
        grant.organisation,
        "import.confirm",
        grant,
        batch=batch.id,
        sha256=batch.sha256,
        rows=batch.total,
        whole=whole,
    )


def _expect_ready(batch: ImportBatch, revision: int | None) -> None:
    stale = revision is not None and batch.revision != revision
    if stale or batch.state is not ImportState.READY:
        raise Conflict(T("此名单的状态已经变化，请刷新后重试"))


def drop(work: Work, batch_id: int) -> None:
    """Give an import up before anything of it was written.

    :raises NotFound: if it lies outside the actor's area
    :raises Conflict: if it is being carried out already
    """
    batch = _kept(work, batch_id)
    if batch.state not in (ImportState.READY, ImportState.REFUSED, ImportState.READING):
        raise Conflict(T("此名单的状态已经变化，请刷新后重试"))
    batch.state = ImportState.DROPPED
    batch.finished_at = work.now
