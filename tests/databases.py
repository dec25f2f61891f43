"""Throw-away PostgreSQL servers and databases for tests.

`TEST_DATABASE_URL` names a server to use. Without it a server is started once per test process: from
`$POSTGRESQL_BIN`, `pg_config`, `/usr/lib/postgresql`, or what `manage.py test` unpacked. It listens on a
Unix socket only, belongs to an unprivileged user when root runs the tests, dies with the process that
started it, and what a killed run left behind is removed by the next.

    url = postgresql_url()                       # the server's administration database
    with fresh_database(url) as mine: ...        # an empty database, dropped afterwards
    with fresh_database(url, template=t) as mine: ...   # a copy of another (a database's name or URL)
"""

import atexit
import contextlib
import fcntl
import functools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

UNPACKED = Path(__file__).resolve().parents[1] / ".runtime/apt/postgresql"
PREFIX = "bihuan-postgresql-"
MEMORY, ROOM = Path("/dev/shm"), 2 << 30  # noqa: S108 - copies of databases cost 10 ms there, not 200
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a killed server is thrown away, so only its processes' order counts
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_size": "128MB",
    "max_wal_senders": 0,
    "shared_buffers": "64MB",
    "max_connections": 100,
    "autovacuum_naptime": "1h",
    "jit": "off",
}


class NoServerError(Exception):
    """There is no PostgreSQL on this machine, and none was brought."""


def programs() -> Path | None:
    """Find the folder of `initdb` and `postgres`, the newest first."""
    given = [os.environ.get("POSTGRESQL_BIN")]
    if configure := shutil.which("pg_config"):
        given += subprocess.run(
            [configure, "--bindir"], capture_output=True, text=True, check=False
        ).stdout.split()
    for root in (Path("/"), UNPACKED):
        found = root.glob("usr/lib/postgresql/*/bin")
        given += map(str, sorted(found, key=lambda path: float(path.parent.name), reverse=True))
    for folder in filter(None, given):
        if (Path(folder) / "initdb").exists():
            return Path(folder)
    return None


class Server:
    """A server of this process, with all its files in one temporary folder."""

    def __init__(self) -> None:
        remove_left_over()
        bin_folder = programs()
        if bin_folder is None:
            message = "no PostgreSQL found; `python3 manage.py test` brings one"
            raise NoServerError(message)
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.lock = (self.home / "lock").open("w")  # held as long as this process lives
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.data = _place_of_data(self.home)
        self.data.mkdir(mode=0o700)
        self.as_user: list[str] = []
        if os.geteuid() == 0:
            user = _unprivileged()
            for folder in (self.home, self.data):
                shutil.chown(folder, user.pw_uid, user.pw_gid)
            ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            self.as_user = ["setpriv", *ids]
            bin_folder = _within_reach(bin_folder, self.home)
        self.bin = bin_folder
        self.env = {**os.environ, "LC_ALL": "C.UTF-8", "PGTZ": "UTC", **_libraries(bin_folder)}
        self.url = make_url("postgresql+psycopg://bihuan@/postgres").update_query_dict(
            {"host": str(self.home)}
        )
        self._start()

    def _start(self) -> None:
        data, log = self.data, self.home / "log"
        initdb = ["-D", data, "-U", "bihuan", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        locale = ["--locale=C.UTF-8", "--no-instructions"]
        subprocess.run(
            [*self.as_user, self.bin / "initdb", *initdb, *locale],
            env=self.env,
            cwd=self.home,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        mortal = ["setpriv", *self.as_user[1:], "--pdeathsig=QUIT"]  # dies when this process does
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*mortal, self.bin / "postgres", "-D", data, "-k", self.home, *options],
                env=self.env,
                cwd=self.home,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        atexit.register(self.stop)
        until = time.monotonic() + 30
        while True:
            try:
                _connect(self.url).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text(errors="replace")) from None
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop at once: nobody reads the data again."""
        atexit.unregister(self.stop)
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        for folder in (self.data, self.home):
            shutil.rmtree(folder, ignore_errors=True)
        self.lock.close()


def roomy() -> Path | None:
    """Return the folder that lies in memory, where there is one with room."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
            return MEMORY
    return None


def _place_of_data(home: Path) -> Path:
    """Keep data in memory where there is room; programs cannot be there, as it may be `noexec`."""
    memory = roomy()
    return memory / home.name if memory else home / "data"


def _unprivileged() -> pwd.struct_passwd:
    """Choose whom the server belongs to, as PostgreSQL refuses root."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return next(user for user in pwd.getpwall() if user.pw_uid >= 1000)


def _within_reach(bin_folder: Path, home: Path) -> Path:
    """Copy the programs to where an unprivileged user may read them, if the checkout is private."""
    if all(folder.stat().st_mode & 0o005 == 0o005 for folder in (bin_folder, *bin_folder.parents)):
        return bin_folder
    shutil.copytree(UNPACKED / "usr", home / "usr", symlinks=True)
    home.chmod(0o755)
    return home / bin_folder.relative_to(UNPACKED)


def _libraries(bin_folder: Path) -> dict[str, str]:
    root = bin_folder.parents[4]
    if root == Path("/"):
        return {}
    folders = {str(path.parent) for path in (root / "usr/lib").glob("*-linux-gnu/lib*.so*")}
    return {"LD_LIBRARY_PATH": ":".join(sorted(folders))}


def remove_left_over() -> None:
    """Remove what killed runs left: a folder whose lock is free has no owner any more."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (home / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for data in (MEMORY / home.name, home / "data"):
                with contextlib.suppress(OSError, ValueError):
                    server = int((data / "postmaster.pid").read_text().split()[0])
                    if Path(f"/proc/{server}/comm").read_text() == "postgres\n":
                        os.kill(server, signal.SIGQUIT)
                shutil.rmtree(data, ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)


@functools.cache
def _server() -> Server:
    return Server()


def postgresql_url() -> str:
    """Name the administration database of the server for tests; start the server if need be."""
    given = os.environ.get("TEST_DATABASE_URL")
    url = make_url(given) if given else _server().url
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextlib.contextmanager
def throwaway_postgresql() -> Iterator[str]:
    """Give a server of one's own, for tests that stop or kill it; yields its URL."""
    server = Server()
    try:
        yield server.url.render_as_string(hide_password=False)
    finally:
        server.stop()


@contextlib.contextmanager
def fresh_database(url: str, template: str | None = None) -> Iterator[str]:
    """Give a database of one's own, dropped afterwards whoever is still connected.

    Nobody may be connected to `template`: dispose of engines before copying from it.
    """
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    with _connect(make_url(url)) as connection:
        connection.execute(_copying(name, template))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with _connect(make_url(url)) as connection:
            connection.execute(_dropping(name))


def copy_anew(url: str, mine: str, template: str) -> None:
    """Put another copy of `template` in the place of a fresh database, `mine`."""
    name = str(make_url(mine).database)
    with _connect(make_url(url)) as connection:
        connection.execute(_dropping(name))
        connection.execute(_copying(name, template))


def _copying(name: str, template: str | None) -> sql.Composed:
    source = "template0"
    if template:
        source = str(make_url(template).database) if "://" in template else template
    return sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
        sql.Identifier(name),
        sql.Identifier(source),
        sql.SQL("FILE_COPY" if template else "WAL_LOG"),
    )


def _dropping(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


def _connect(url: URL) -> psycopg.Connection:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


if __name__ == "__main__":
    raise SystemExit(0 if os.environ.get("TEST_DATABASE_URL") or programs() else 1)
