"""Use cases: one public function is one thing a person, a timer or a job can do.

This file holds what every use case gets: `Work`, one actor's work inside one transaction.
`Deps.transaction` is the only place in the code base that commits.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.exc import StaleDataError

from app.adapters import Files, Jobs, Passwords
from app.adapters.papers import Papers
from app.domain import Conflict, Forbidden, access
from app.domain import history as chain
from app.domain.access import SYSTEM, Actor, Grant, Permission, Role, Thing, areas
from app.domain.deadlines import Calendar, Workdays
from app.domain.history import Stream
from app.domain.lazy import lazy
from app.domain.text import T
from app.models import Scope, Unscoped, table_of, within
from app.models.database import Database, away
from app.models.records import HistoryEntry, Installation
from app.models.scope import open_session
from app.models.workdays import CalendarDay, CalendarYear

logger = logging.getLogger(__name__)

# In the order given, so that two transactions never wait for each other.
LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 4774))"
    " FROM unnest(CAST(:keys AS text[])) AS key"
)


class Stale(Conflict):
    """Somebody changed the thing since the actor looked at it."""

    def __init__(self) -> None:
        super().__init__(T("内容已被他人修改，请刷新后重试"))


class Unavailable(Exception):
    """The database does not answer, or not in time; what was begun may not have been kept."""


@dataclass(frozen=True)
class Deps:
    """Built once, at the edge, from the configuration."""

    database: Database
    clock: Callable[[], datetime]
    """The wall clock: sessions, tokens, limits. Cases run by `Work.now`."""
    passwords: Passwords
    files: Files
    jobs: Jobs
    papers: Papers = field(default_factory=Papers.none)
    calendars: dict[int, Calendar] = field(default_factory=dict, compare=False)
    """The calendar of working days as last read, by its revision."""
    loaded: dict[int, object] = field(default_factory=dict, compare=False)
    """Deployed procedures ready to run, by id: a deployment never changes."""

    @lazy
    def installation(self) -> "Facts":
        """What was fixed when the data directory was made."""
        unscoped = Unscoped("installation")
        with self.reached(), open_session(self.database.reading, unscoped) as session:
            row = session.get_one(Installation, 1)
            return Facts(demo=row.demo, root=row.root)

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator["Work"]:
        """Commit what happens inside the block, or none of it."""
        with self._work(self.database.writing, actor, scope_of(actor)) as work:
            yield work
            work.commit()

    @contextmanager
    def reading(self, actor: Actor) -> Iterator["Work"]:
        """Read one consistent state; nothing can be written."""
        with self._work(self.database.reading, actor, scope_of(actor)) as work:
            yield work

    @contextmanager
    def system(self, why: str) -> Iterator["Work"]:
        """Commit the system's own work, which no area bounds; `why` says what it is."""
        with self._work(self.database.writing, SYSTEM, Unscoped(why)) as work:
            yield work
            work.commit()

    @contextmanager
    def system_reading(self, why: str) -> Iterator["Work"]:
        """Read what no area bounds; `why` says what for."""
        with self._work(self.database.reading, SYSTEM, Unscoped(why)) as work:
            yield work

    @contextmanager
    def glance(self, why: str) -> Iterator["Work"]:
        """Read as `system_reading` does, but each statement may see another state."""
        with self._work(self.database.glancing, SYSTEM, Unscoped(why)) as work:
            yield work

    @contextmanager
    def _work(self, maker: Any, actor: Actor, scope: Scope | Unscoped) -> Iterator["Work"]:
        with self.reached(), open_session(maker, scope) as session:
            try:
                yield Work(self, session, actor, wall=self.clock())
            except (StaleDataError, IntegrityError) as lost:
                # The first line names the constraint; later ones may quote what somebody typed.
                first = str(getattr(lost, "orig", None) or lost).partition("\n")[0]
                logger.info("Lost a write: %s", first)
                raise Stale from lost

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Tell a database that is away from an answer that was wrong.

        :raises Unavailable: if it is away
        """
        try:
            yield
        except SQLAlchemyError as error:
            if not away(error):
                raise
            self.database.outage.begin(error)
            raise Unavailable from error
        self.database.outage.end()


# Built once: every transaction that writes runs these.
_ENTRY, _INSTALLATION = table_of(HistoryEntry), table_of(Installation)
PACE = (
    select(_INSTALLATION.c.clock_offset, _INSTALLATION.c.calendar_revision)
    .where(_INSTALLATION.c.id == 1)
    .execution_options(unscoped="the clock is everybody's")
)
HEAD = (
    select(_ENTRY.c.seq, _ENTRY.c.hash)
    .where(_ENTRY.c.stream == bindparam("stream"), _ENTRY.c.subject == bindparam("subject"))
    .order_by(_ENTRY.c.seq.desc())
    .limit(1)
    .execution_options(unscoped="the chain goes on from its last line")
)
APPEND = insert(_ENTRY)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an installation is: demo or real, and its topmost place."""

    demo: bool
    root: str


PAPERLESS = frozenset({Role.EXPERT, Role.ADMIN})


def scope_of(actor: Actor) -> Scope:
    """Return what `actor` may know of."""
    return Scope(
        account=actor.id or 0,
        areas=areas(actor.grants),
        managed=tuple({grant.place for grant in actor.grants if grant.role is Role.ADMIN}),
        organisations=tuple({grant.organisation for grant in actor.grants}),
        offices=tuple(
            {grant.organisation for grant in actor.grants if grant.role not in PAPERLESS}
        ),
    )


@dataclass
class Work:
    """Everything one use case may touch."""

    deps: Deps
    session: Session
    actor: Actor
    wall: datetime
    _entries: list[tuple[Stream, int, dict[str, Any]]] = field(default_factory=list)
    _fresh: set[tuple[Stream, int]] = field(default_factory=set)

    @property
    def me(self) -> int:
        """The actor's account."""
        if self.actor.id is None:
            raise Forbidden(T("此事项须由本人办理"))
        return self.actor.id

    @lazy
    def now(self) -> datetime:
        """The business clock: the wall clock, but for demo mode, where it can be moved ahead."""
        return self.wall + self._pace[0] if self.deps.installation.demo else self.wall

    @lazy
    def calendar(self) -> Calendar:
        """The working days as last published."""
        revision = self._pace[1]
        read = self.deps.calendars
        if revision not in read:
            read.clear()
            read[revision] = self._published()
        return read[revision]

    @lazy
    def _pace(self) -> tuple[timedelta, int]:
        """How far the business clock is ahead, and the calendar's revision: both in one read."""
        row = self.run(PACE).one_or_none()
        if row is None:
            return timedelta(), 0
        return timedelta(seconds=row.clock_offset), row.calendar_revision

    def _published(self) -> Calendar:
        days = self.session.execute(select(CalendarDay.day, CalendarDay.working))
        return Workdays(
            exceptions={day: working for day, working in days},  # noqa: C416
            published=frozenset(self.session.scalars(select(CalendarYear.year))),
        )

    def run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Execute a statement on plain tables that says why it may: the path of a step."""
        return self._connection.execute(statement, parameters)

    @lazy
    def _connection(self) -> Connection:
        """The session's own, asked for once: the session asks itself a lot before it tells."""
        return self.session.connection()

    def enqueue(
        self, name: str, key: str, arguments: dict[str, Any], at: datetime | None = None
    ) -> None:
        """Add a job for a worker; it exists if this transaction commits.

        A job whose `key` is known is not added again. `at` is a moment of the wall clock.
        """
        delay = None if at is None else at - self.wall
        self.deps.jobs.enqueue(self.session, name, key, arguments, delay)

    def lock(self, *keys: str) -> None:
        """Let nobody else hold these until the transaction ends; SQLite has one writer anyway."""
        if keys and not self.deps.database.sqlite:
            self.session.execute(
                LOCK, {"keys": list(keys)}, execution_options={"unscoped": "a lock reads no row"}
            )

    def require(self, permission: Permission, thing: Thing) -> Grant:
        """Return the grant that gives the actor `permission` on `thing`, or raise Forbidden."""
        return access.require(self.actor, permission, thing)

    def require_somewhere(self, permission: Permission) -> None:
        """Ask for a permission before a list whose rows the scope guard chooses."""
        access.require_somewhere(self.actor, permission)

    def where_granted(
        self, permission: Permission, place: InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        """Return the condition that a row's place lies where the actor holds `permission`.

        For lists of what a permission shows: the guard lets through what any role sees.
        """
        return within(place, access.places(self.actor, permission))

    def record(
        self,
        stream: Stream,
        subject: int,
        action: str,
        grant: Grant | None = None,
        **detail: Any,
    ) -> None:
        """Add a line to a history; it is sealed when the transaction commits.

        `detail` holds ids, digests and reasons, never what was answered.
        """
        body: dict[str, Any] = {"action": action, "at": self.now.isoformat(), "by": self.actor.id}
        if grant is not None:
            body |= {"role": grant.role.value, "organisation": grant.organisation}
            if grant.on_behalf_of is not None:
                body["for"] = grant.on_behalf_of
        if detail:
            body["detail"] = detail
        self._entries.append((stream, subject, body))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what happens inside the block if it raises, its lines of history too."""
        known = len(self._entries)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self._entries[known:]
            raise

    def begins(self, stream: Stream, subject: int) -> None:
        """Say that a history begins here: there is no line of it to go on from."""
        self._fresh.add((stream, subject))

    def commit(self) -> None:
        """Seal the history and commit. Only `Deps` calls this."""
        self.session.flush()
        self._seal()
        self.session.commit()

    def _seal(self) -> None:
        if not self._entries:
            return
        self._lock_streams()
        heads: dict[tuple[Stream, int], tuple[int, bytes]] = {}
        rows = []
        for stream, subject, body in self._entries:
            key = (stream, subject)
            if key not in heads:
                heads[key] = (0, chain.GENESIS) if key in self._fresh else self._head(*key)
            seq, previous = heads[key]
            line = chain.write(body)
            sealed = chain.seal(previous, stream, subject, seq + 1, line)
            heads[key] = (seq + 1, sealed)
            rows.append(
                {
                    "stream": stream,
                    "subject": subject,
                    "seq": seq + 1,
                    "body": line,
                    "hash": sealed,
                }
            )
        self._entries.clear()
        self.run(APPEND, rows)

    def _lock_streams(self) -> None:
        """Let nobody else add to these histories meanwhile; a case is locked by its own row."""
        keys = {f"{stream} {subject}" for stream, subject, _body in self._entries}
        self.lock(*sorted(key for key in keys if not key.startswith(Stream.CASE)))

    def _head(self, stream: Stream, subject: int) -> tuple[int, bytes]:
        found = self.run(HEAD, {"stream": stream, "subject": subject}).one_or_none()
        return (found.seq, found.hash) if found else (0, chain.GENESIS)
