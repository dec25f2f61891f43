"""Open the database: settings, transactions, one writer at a time on SQLite.

SQLite is the one that `pysqlite3` brings: the system's own may carry the WAL-reset defect (fixed in
3.51.3) that can corrupt a file with two writing connections.
"""

import threading
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

from app.domain.history import seal
from app.models import scope

OLDEST_SQLITE = (3, 51, 3)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged step survives a power cut
    "busy_timeout=30000",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # else INSERT OR REPLACE walks past the append-only triggers
    "trusted_schema=ON",  # else no trigger may call history_seal; it is the only function added
    "cell_size_check=ON",
    "cache_size=-65536",
    "temp_store=MEMORY",
)
POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=5s"
    " -c idle_in_transaction_session_timeout=30s"
)

# Seconds for which a connection that was just used is taken to be still there.
TRUSTED = 1.0


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: session makers for writing and for reading only."""

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]
    jobs: Engine
    """For the tables of the job queue: its library begins transactions by itself."""

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()
        self.jobs.dispose()


def connect(url: str) -> Database:
    """Open the database at `url` (sqlite:///… or postgresql+psycopg://…)."""
    if make_url(url).get_backend_name() == "sqlite":
        engine, jobs = _sqlite(url), _sqlite_for_jobs(url)
    else:
        engine, jobs = _postgresql(url), _postgresql(url)
    scope.guard(engine)
    readonly = engine.execution_options(
        **({"readonly": True} if engine.dialect.name == "sqlite" else {"postgresql_readonly": True})
    )
    return Database(
        engine,
        writing=sessionmaker(engine, expire_on_commit=False),
        reading=sessionmaker(readonly, expire_on_commit=False),
        jobs=jobs,
    )


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"options": POSTGRESQL_OPTIONS},
    )

    @event.listens_for(engine, "checkin")
    def rest(_raw: Any, record: Any) -> None:
        record.info["resting_since"] = monotonic()

    # `pool_pre_ping` would ask before every transaction: a seventh of a session's look-up.
    @event.listens_for(engine, "checkout")
    def wake(raw: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("resting_since", monotonic()) > TRUSTED:
            try:
                engine.dialect.do_ping(raw)
            except engine.dialect.loaded_dbapi.Error as gone:
                raise InvalidatePoolError from gone

    return engine


def _sqlite(url: str) -> Engine:
    if sqlite.sqlite_version_info < OLDEST_SQLITE:
        raise SystemExit(f"Expected SQLite 3.51.3 or newer, but got {sqlite.sqlite_version}")
    engine = create_engine(
        url,
        module=sqlite,
        pool_size=10,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": 30, "check_same_thread": False},
    )
    queue = FairLock()

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        raw.create_function("history_seal", 5, seal, deterministic=True)
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        readonly = connection.get_execution_options().get("readonly")
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if readonly else 'OFF'}")
        if readonly:
            connection.exec_driver_sql("BEGIN")
            return
        # A plain BEGIN would fail with "database is locked" when it turns to writing.
        queue.acquire()
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            queue.release()
            raise
        connection.info["queued"] = True

    def end(connection: Connection) -> None:
        if connection.info.pop("queued", False):
            queue.release()

    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)
    return engine


def _sqlite_for_jobs(url: str) -> Engine:
    engine = create_engine(
        url, module=sqlite, connect_args={"timeout": 30, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = "IMMEDIATE"
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    return engine


class FairLock:
    """A lock served in order of arrival: SQLite's own waiting is a lottery with a long tail."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
