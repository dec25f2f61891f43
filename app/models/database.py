"""Open the database: settings, transactions, one writer at a time on SQLite.

SQLite is the one that `pysqlite3` brings: the system's own may carry the WAL-reset defect (fixed in
3.51.3) that can corrupt a file with two writing connections.
"""

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    InvalidatePoolError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolEmpty
from sqlalchemy.orm import Session, sessionmaker

from app.domain.history import seal
from app.models import scope

logger = logging.getLogger(__name__)

OLDEST_SQLITE = (3, 51, 3)
# Seconds for which one SQLite connection waits for another.
SQLITE_PATIENCE = 30
PRAGMAS = (
    "synchronous=FULL",  # an acknowledged step survives a power cut
    f"busy_timeout={SQLITE_PATIENCE * 1000}",
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
# A server that is cut off says nothing at all: nobody waits for it longer than for a statement.
POSTGRESQL_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
# Wrong SQL is an "operational" error of SQLite; what is too complex is one of PostgreSQL.
SQLITE_ERROR = 1
SQLITE_BUSY = 5
SQLITE_READONLY = 8
POSTGRESQL_AWAY = ("08", "40", "53", "55", "57")
# Seconds for which a connection that was just used is taken to be still there.
TRUSTED = 1.0


class Outage:
    """Whether the database is away: the log is told once when it goes, and once when it is back."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._on = False

    def begin(self, error: Exception) -> None:
        with self._mutex:
            if self._on:
                return
            self._on = True
        first = str(getattr(error, "orig", None) or error).partition("\n")[0]
        logger.error("The database does not answer: %s", first)

    def end(self) -> None:
        if not self._on:
            return
        with self._mutex:
            self._on = False
        logger.warning("The database answers again")


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: session makers for writing and for reading only."""

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]
    glancing: sessionmaker[Session]
    """Reads statement by statement, with no transaction round them."""
    jobs: Engine
    """For the tables of the job queue: its library begins transactions by itself."""
    outage: Outage = field(default_factory=Outage)

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()
        self.jobs.dispose()


def away(error: Exception) -> bool:
    """Test whether the database failed to answer, or not in time, whatever it was asked."""
    if isinstance(error, PoolEmpty):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    if (state := getattr(error.orig, "sqlstate", None)) is not None:
        return str(state)[:2] in POSTGRESQL_AWAY
    return getattr(error.orig, "sqlite_errorcode", None) != SQLITE_ERROR


def is_there(url: str) -> bool:
    """Test whether there is a file to open, which opening would make; a server is not asked."""
    file = make_url(url)
    return file.get_backend_name() != "sqlite" or Path(file.database or "").exists()


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
        glancing=sessionmaker(_alone(engine, readonly), expire_on_commit=False),
        jobs=jobs,
    )


def _alone(engine: Engine, readonly: Engine) -> Engine:
    """Return the engine for statements that stand alone; SQLite reads in a transaction anyway."""
    if engine.dialect.name == "sqlite":
        return readonly.execution_options(glancing=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT", glancing=True)


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"options": POSTGRESQL_OPTIONS, **POSTGRESQL_PATIENCE},
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
        connect_args={"timeout": SQLITE_PATIENCE, "check_same_thread": False},
    )
    _stay_with_the_file(engine)
    queue = FairLock()

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        raw.create_function("history_seal", 5, seal, deterministic=True)
        _set_up(raw)

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

    event.listen(engine, "handle_error", _tell_apart)
    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)
    return engine


def _tell_apart(context: ExceptionContext) -> None:
    """Know a defect of ours from a file that takes no writing: SQLite says the same of both."""
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    asked = context.connection.get_execution_options() if context.connection else {}
    if code == SQLITE_READONLY and asked.get("readonly"):
        reason = "What only reads writes nothing"
        raise scope.ScopeBreach(reason) from context.original_exception


def _sqlite_for_jobs(url: str) -> Engine:
    engine = create_engine(
        url, module=sqlite, connect_args={"timeout": SQLITE_PATIENCE, "check_same_thread": False}
    )
    _stay_with_the_file(engine)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = "IMMEDIATE"
        _set_up(raw)

    return engine


def _set_up(raw: Any) -> None:
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    # Of two that first open a new file, one is refused at once: SQLite does not wait here.
    until = monotonic() + SQLITE_PATIENCE
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


def _stay_with_the_file(engine: Engine) -> None:
    """Fail when the file is gone: SQLite would go on with the one taken away, or make an empty one.

    The file is made by the first connection of a process at the earliest.
    """
    path = Path(engine.url.database or "")
    seen = path.exists()

    def inode() -> int | None:
        try:
            return path.stat().st_ino
        except OSError:
            return None

    @event.listens_for(engine, "do_connect")
    def find(*_args: Any) -> None:
        nonlocal seen
        there = path.exists()
        if seen and not there:
            raise sqlite.OperationalError(f"unable to open database file {path}")
        seen = seen or there

    @event.listens_for(engine, "connect")
    def remember(_raw: Any, record: Any) -> None:
        record.info["inode"] = inode()

    @event.listens_for(engine, "checkout")
    def compare(_raw: Any, record: Any, _proxy: Any) -> None:
        if record.info["inode"] != inode():
            raise DisconnectionError


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
