"""Which workers are alive, so that the jobs of a dead one can be taken over.

A worker holds a lock that the operating system or the database server releases when it dies: on
PostgreSQL an advisory lock of a session of its own, on SQLite the lock of a file beside the
database. Whoever gets the lock of another knows that nobody holds it.
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg.conninfo import make_conninfo

NAMESPACE = 4775
# A machine that vanishes is noticed after 25 seconds.
KEEP_ALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}


class Lives(Protocol):
    """Says who is alive."""

    @contextmanager
    def live(self) -> Iterator[str]:
        """Be alive under a fresh name as long as the block runs."""
        ...

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        """Say whether a worker is dead; nobody else hears so before the block ends."""
        ...


def fresh_name() -> str:
    """Return a name that no worker has had before."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


class LockedFiles:
    """Workers on one machine: each holds the lock of a file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def live(self) -> Iterator[str]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        while True:
            path = self._folder / fresh_name()
            with path.open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if not path.exists():  # somebody swept it up before it was locked
                    continue
                try:
                    yield path.name
                finally:
                    path.unlink(missing_ok=True)
                return

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        try:
            file = (self._folder / (name or "-")).open("r")
        except FileNotFoundError:
            yield True
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _sweep(self) -> None:
        """Remove the files of the dead; without one, a name counts as dead too."""
        for path in self._folder.iterdir():
            with self.dead(path.name) as dead:
                if dead:
                    path.unlink(missing_ok=True)


class AdvisoryLocks:
    """Workers on any number of machines: each holds a session lock of the PostgreSQL server.

    The connection must be a direct one: a pooler that shares sessions would share the locks.
    """

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._mine: psycopg.Connection | None = None

    @contextmanager
    def live(self) -> Iterator[str]:
        name = fresh_name()
        with psycopg.connect(make_conninfo(self._url, **KEEP_ALIVE), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (NAMESPACE, name))
            self._mine = connection
            try:
                yield name
            finally:
                self._mine = None

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        connection = self._mine
        if connection is None:
            raise RuntimeError("Only the living can tell who is dead")
        key = (NAMESPACE, name)
        row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", key).fetchone()
        if row is None or not row[0]:
            yield False
            return
        try:
            yield True
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)
