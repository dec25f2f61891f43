"""Verify what is stored: every history chain, and that tables, engine and files agree.

Everything is read from one snapshot, so that people may go on working meanwhile.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, select, type_coerce
from sqlalchemy.orm import undefer

from app.domain import Conflict
from app.domain.access import Permission, may_somewhere
from app.domain.casework import CaseStatus, ItemStatus, WaitKind
from app.domain.draws.bundle import replay
from app.domain.draws.roster import sha256
from app.domain.history import FORGED, GENESIS, Entry, Stream, first_break, seal
from app.engine import Outcome, runtime
from app.engine.bundle import BadBundle, Bundle
from app.models.casefiles import CaseFile
from app.models.casework import Case, Deployment, Upload, Wait, WorkItem
from app.models.documents import Document, DocumentRevision
from app.models.draws import Draw
from app.models.records import HistoryEntry
from app.services import Deps, Work, procedures
from app.services.documents import registered
from app.services.draws import bundling, lists
from app.services.draws import checked as drawn
from app.services.rankings import checked as ranked
from app.services.reports import checked as reported

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Tally:
    """How many things a check looked at."""

    number: int = 0


Check = Callable[[Deps, Tally], Iterator[Fault]]


@contextmanager
def _snapshot(deps: Deps, why: str) -> Iterator[Work]:
    with deps.system_reading(why) as work:
        if not deps.database.sqlite:
            work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield work


def chains(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check every history; yields the first break of each."""
    columns = HistoryEntry.__table__.c
    stream_name = type_coerce(columns.stream, String)
    wanted = (
        select(stream_name, columns.subject, columns.seq, columns.body, columns.hash)
        .order_by(columns.stream, columns.subject, columns.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    of: tuple[str, int] = ("", 0)
    previous, expected, broken = GENESIS, 1, False
    with _snapshot(deps, "verify histories") as work:
        for rows in work.session.execute(wanted).partitions():
            tally.number += len(rows)
            for stream, subject, seq, body, sealed in rows:
                if (stream, subject) != of:
                    of, previous, expected, broken = (stream, subject), GENESIS, 1, False
                elif broken:
                    continue
                if seq != expected or seal(previous, stream, subject, seq, body) != sealed:
                    broken = True
                    yield Fault(f"history {stream} {subject}", f"broken at entry {expected}")
                previous, expected = sealed, expected + 1


def cases(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that open tasks, timers and subscriptions are those of the engine's state."""
    running = (
        select(Case.id, Case.deployment_id, Case.state)
        .where(Case.status == CaseStatus.RUNNING)
        .order_by(Case.id)
        .execution_options(yield_per=AT_ONCE // 10)
    )
    with _snapshot(deps, "verify cases") as work:
        for rows in work.session.execute(running).partitions():
            tally.number += len(rows)
            stored = _stored(work, [row.id for row in rows])
            for row in rows:
                yield from _of_case(work, row.id, row.deployment_id, row.state, stored)


Stored = dict[int, set[tuple[str, int, str]]]


def _stored(work: Work, ids: list[int]) -> Stored:
    """Return what the tables say is open in each of some cases."""
    found: Stored = {case: set() for case in ids}
    items = select(WorkItem.case_id, WorkItem.seq, WorkItem.node).where(
        WorkItem.case_id.in_(ids), WorkItem.status == ItemStatus.OPEN
    )
    for case, seq, node in work.session.execute(items):
        found[case].add(("task", seq, node))
    waits = select(Wait.case_id, Wait.kind, Wait.seq, Wait.node).where(Wait.case_id.in_(ids))
    for case, kind, seq, node in work.session.execute(waits):
        found[case].add((kind.value, seq, node))
    return found


def _of_case(
    work: Work, case_id: int, deployment_id: int, state: bytes | None, stored: Stored
) -> Iterator[Fault]:
    where = f"case {case_id}"
    if state is None:
        yield Fault(where, "it runs without a state")
        return
    try:
        definition = procedures.running(work, deployment_id).definition
        told = _told(runtime.standing(definition, case_id, state))
    except (Conflict, BadBundle) as mismatch:
        yield Fault(where, f"its state cannot be read: {mismatch}")
        return
    for kind, seq, node in sorted(told - stored[case_id]):
        yield Fault(where, f"the engine has {kind} {seq} at {node}, the tables have not")
    for kind, seq, node in sorted(stored[case_id] - told):
        yield Fault(where, f"the tables have {kind} {seq} at {node}, the engine has not")


def _told(outcome: Outcome) -> set[tuple[str, int, str]]:
    return {
        *(("task", task.seq, task.node) for task in outcome.tasks),
        *((WaitKind.TIMER.value, timer.seq, timer.node) for timer in outcome.timers),
        *((WaitKind.MESSAGE.value, one.seq, one.node) for one in outcome.subscriptions),
        *((WaitKind.EFFECT.value, one.seq, one.node) for one in outcome.waiting),
    }


def closed(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that nothing is open in a case that ended."""
    ended = Case.status != CaseStatus.RUNNING
    items = (
        select(WorkItem.id, WorkItem.case_id)
        .join(Case, Case.id == WorkItem.case_id)
        .where(ended, WorkItem.status == ItemStatus.OPEN)
    )
    waits = select(Wait.case_id, Wait.seq).join(Case, Case.id == Wait.case_id).where(ended)
    states = select(Case.id).where(ended, Case.state.is_not(None))
    with _snapshot(deps, "verify cases that ended") as work:
        for item, case in work.session.execute(items):
            yield Fault(f"case {case}", f"it ended, and task {item} is open")
        for case, seq in work.session.execute(waits):
            yield Fault(f"case {case}", f"it ended, and waits for {seq}")
        for case in work.session.scalars(states):
            yield Fault(f"case {case}", "it ended, and has a state")
        tally.number += len(work.session.scalars(select(Case.id).where(ended)).all())


def deployments(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that every deployed bundle is the one its digest names."""
    rows = select(Deployment).options(undefer(Deployment.bundle)).order_by(Deployment.id)
    with _snapshot(deps, "verify deployments") as work:
        for row in work.session.scalars(rows.execution_options(yield_per=10)):
            tally.number += 1
            where = f"deployment {row.procedure} v{row.version}"
            try:
                digest = Bundle.unpack(row.bundle).digest
            except BadBundle as bad:
                yield Fault(where, f"its bundle cannot be read: {bad}")
            else:
                if digest != row.digest:
                    yield Fault(where, f"its bundle is {digest}, not {row.digest}")


# Every column that names a file by its SHA-256.
FILES: tuple[tuple[str, ColumnElement[str | None]], ...] = (
    ("upload", Upload.__table__.c.sha256),
    ("shown copy of an upload", Upload.__table__.c.shown_sha256),
    ("revision of a paper", DocumentRevision.__table__.c.sha256),
    ("templates of a paper", Document.__table__.c.template_sha256),
    ("case file", CaseFile.__table__.c.sha256),
    ("record of a case file", CaseFile.__table__.c.record_sha256),
)


def files(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that every file is there, and is what its name says."""
    for what, column in FILES:
        with _snapshot(deps, "verify files") as work:
            digests = work.session.scalars(select(column).distinct().where(column.is_not(None)))
            found = [digest for digest in digests if digest is not None]
        for digest in found:
            tally.number += 1
            try:
                deps.files.get(digest)
            except OSError as wrong:
                yield Fault(f"{what} {digest}", str(wrong))


def papers(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that the register of papers is what histories tell, and that no number is missing."""
    with _snapshot(deps, "verify the register of papers") as work:
        for number, faults in registered.checked(work):
            tally.number += 1
            yield from (Fault(f"paper {number}", what) for what in faults)
        for number in registered.lost(work):
            yield Fault(f"paper {number}", "it was issued, and is not in the register")
        for organ, kind, year in registered.gaps(work):
            where = f"numbers of {kind} of organisation {organ} in {year}"
            yield Fault(where, "they do not go from 1 to the last one given")


def reports(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Check that reports hold what histories tell was handed in, and stand where these say."""
    with _snapshot(deps, "verify reports") as work:
        for number, faults in reported.checked(work):
            tally.number += 1
            yield from (Fault(f"report {number}", what) for what in faults)


def draws(deps: Deps, tally: Tally) -> Iterator[Fault]:
    """Draw again what was drawn: commitment, lists, result and scores must fit their history."""
    with _snapshot(deps, "verify draws") as work:
        for draw in work.session.scalars(select(Draw).order_by(Draw.id)):
            where = f"draw {draw.number}"
            frozen = lists(work, draw.id)
            tally.number += 1
            if (sha256(frozen.roster), sha256(frozen.reasons)) != (
                draw.roster_sha256,
                draw.reasons_sha256,
            ):
                yield Fault(where, "its roster is not the one that was frozen")
            files: dict[str, str] = {}
            if draw.seed is not None:
                files = bundling.files(work, draw)
                yield from (Fault(where, what) for what in replay(files).faults)
            told = _lines(work, Stream.DRAW, draw.id)
            yield from (Fault(where, what) for what in drawn.differing(draw, files, told))
            yield from (Fault(where, what) for what in ranked.of_draw(work, draw.id, told))


def _lines(work: Work, stream: Stream, subject: int) -> Sequence[Mapping[str, Any]]:
    """Return what the lines of a history say, oldest first, but for what no use case wrote."""
    bodies = work.session.scalars(
        select(HistoryEntry.body)
        .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
        .order_by(HistoryEntry.seq)
    )
    found = []
    for body in bodies:
        with suppress(*FORGED):
            line = json.loads(body)
            found.append({"action": line["action"], "detail": line.get("detail", {})})
    return found


CHECKS: tuple[Check, ...] = (chains, cases, closed, deployments, files, papers, draws, reports)


@dataclass(frozen=True, slots=True)
class Chain:
    """The history of one case as an auditor sees it."""

    entries: int
    head: str
    """Hash of the last entry: whoever noted it earlier sees whether anything was changed since."""
    broken_at: int | None


def chain_of(work: Work, case_id: int) -> Chain | None:
    """Say whether the history of a case is whole, to whose task it is; to others None."""
    if not may_somewhere(work.actor, Permission.VERIFY_HISTORY):
        return None
    work.require_somewhere(Permission.VERIFY_HISTORY)
    if work.session.scalar(select(Case.id).where(Case.id == case_id)) is None:
        return None
    columns = HistoryEntry.__table__.c
    rows = work.session.execute(
        select(columns.stream, columns.subject, columns.seq, columns.body, columns.hash)
        .where(columns.stream == Stream.CASE, columns.subject == case_id)
        .order_by(columns.seq)
    )
    entries = [Entry(*row) for row in rows]
    head = entries[-1].hash.hex() if entries else ""
    return Chain(len(entries), head, first_break(entries))
