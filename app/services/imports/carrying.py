"""The job that carries an import out: a few rows in each transaction, so that it can be resumed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain import AppError, Invalid
from app.domain.access import Grant, Permission, Thing
from app.domain.enterprises import FIELDS
from app.domain.history import Stream
from app.domain.imports import ImportState, Outcome, RowStatus, Treatment
from app.domain.text import T
from app.models.enterprises import Enterprise
from app.models.imports import ImportBatch, ImportRow
from app.services import Deps, Work
from app.services.enterprises import entering, writing
from app.services.imports import texts
from app.services.imports.reading import acting

AT_ONCE = 100


def carry_out(deps: Deps, batch_id: int) -> None:
    """Write the rows that were confirmed; what was written already is left alone."""
    with deps.system_reading("whose list is to be carried out") as work:
        batch = work.session.get_one(ImportBatch, batch_id)
        actor = acting(work, batch)
    after: int | None = 0
    while after is not None:
        with deps.transaction(actor) as work:
            found = work.session.scalar(
                select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
            )
            if found is None or found.state is not ImportState.RUNNING:
                return
            after = carry_some(work, found, after, AT_ONCE)


def carry_some(work: Work, batch: ImportBatch, after: int, most: int) -> int | None:
    """Write the next rows, and return the line to go on from, or None: a step of the job."""
    waiting = (
        select(ImportRow)
        .where(
            ImportRow.batch_id == batch.id, ImportRow.number > after, ImportRow.outcome.is_(None)
        )
        .order_by(ImportRow.number)
        .limit(most)
    )
    rows = work.session.scalars(waiting).all()
    grant = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=batch.place))
    entered = _enter_good(work, batch, rows)
    for row in rows:
        outcome = Outcome.CREATED if row.number in entered else _carry(work, batch, row, grant)
        row.outcome = outcome
        row.enterprise_id = entered.get(row.number, row.enterprise_id)
        setattr(batch, outcome.value, getattr(batch, outcome.value) + 1)
    if len(rows) == most:
        return rows[-1].number
    batch.state, batch.finished_at = ImportState.DONE, work.now
    work.record(
        Stream.ORGANISATION,
        batch.organisation_id,
        "import.finish",
        grant,
        batch=batch.id,
        created=batch.created,
        updated=batch.updated,
        skipped=batch.skipped,
        failed=batch.failed,
    )
    return None


def _enter_good(work: Work, batch: ImportBatch, rows: Sequence[ImportRow]) -> dict[int, int]:
    """Enter all rows at once that nothing speaks against; return the enterprise of each by line."""
    good = [row for row in rows if row.status is RowStatus.GOOD]
    errors = entering.taken(work, [row.facts for row in good])
    free = [row for row, wrong in zip(good, errors, strict=True) if not wrong]
    wanted = [(row.facts, {"batch": batch.id, "row": row.number}) for row in free]
    try:
        with work.attempt():
            ids = entering.enter_many(work, wanted)
    except IntegrityError:
        return {}  # somebody is entering one of them just now: one by one it will show which
    return {row.number: enterprise for row, enterprise in zip(free, ids, strict=True)}


def _carry(work: Work, batch: ImportBatch, row: ImportRow, grant: Grant) -> Outcome:
    treatment = {
        RowStatus.GOOD: Treatment.CREATE,
        RowStatus.BAD: Treatment.SKIP,
        RowStatus.SAME: batch.on_same,
        RowStatus.SIMILAR: batch.on_similar,
    }[row.status]
    told: dict[str, Any] = {"batch": batch.id, "row": row.number}
    if treatment is Treatment.UPDATE and row.match_id is None:
        treatment = Treatment.SKIP  # it resembles an earlier row of the same list
    if treatment is Treatment.SKIP:
        row.enterprise_id = row.match_id
        return Outcome.SKIPPED
    # Somebody may have entered the same enterprise meanwhile.
    try:
        with work.attempt():
            if treatment is Treatment.UPDATE:
                return _update(work, row, grant, told)
            row.enterprise_id = writing.enter(work, row.facts, **told)
            return Outcome.CREATED
    except IntegrityError:
        refused: AppError = Invalid({"/name": T("该企业刚由他人录入，请核对")})
    except AppError as error:
        refused = error
    errors = refused.errors if isinstance(refused, Invalid) else {"/name": refused.text}
    row.errors = texts.pack_all({at.lstrip("/"): text for at, text in errors.items()})
    return Outcome.FAILED


def _update(work: Work, row: ImportRow, grant: Grant, told: dict[str, Any]) -> Outcome:
    """Write what the list knows over what was known; what it leaves open stays."""
    enterprise = work.session.get(Enterprise, row.match_id)
    if enterprise is None:
        raise Invalid({"/name": T("没有找到该企业")})
    _found, name = writing.kept(work, enterprise.id)
    known = {k: fact for k, fact in row.facts.items() if k in row.cells or (k in MARKS and fact)}
    before = writing.facts_of(name, enterprise)
    facts = {key: value for key, value in {**before, **known}.items() if key in FIELDS}
    facts |= {"place": enterprise.place, "name": name}
    if errors := writing.taken(work, facts, enterprise.id):
        raise Invalid(errors)
    row.enterprise_id = enterprise.id
    changed = writing.change(work, enterprise, None, facts, grant, **told)
    return Outcome.UPDATED if changed else Outcome.SKIPPED


# What a remark says beside the remark itself; what it does not say stays as it was.
MARKS = {"production", "key", "worrisome", "idle"}
