"""The settings of the databases, and who waits for whom."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from app.models import database as opening
from app.models.database import OLDEST_SQLITE, FairLock, connect, sqlite
from app.models.people import Account
from app.models.records import Installation
from app.models.scope import ScopeBreach
from config import ROOT
from tests.models import two_at_once

UNSCOPED = {"unscoped": "test"}


def ask(database, statement):
    with database.engine.connect() as connection:
        return connection.scalar(text(statement).execution_options(**UNSCOPED))


@pytest.fixture
def sqlite_only(deps):
    if not deps.database.sqlite:
        pytest.skip("about SQLite")
    return deps.database


@pytest.fixture
def postgresql_only(deps):
    if deps.database.sqlite:
        pytest.skip("about PostgreSQL")
    return deps.database


def test_sqlite_is_new_enough():
    assert sqlite.sqlite_version_info >= OLDEST_SQLITE


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("cell_size_check", 1),
        ("busy_timeout", 30000),
    ],
)
def test_sqlite_settings(sqlite_only, setting, value):
    assert ask(sqlite_only, f"PRAGMA {setting}") == value


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("timezone", "UTC"),
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ],
)
def test_postgresql_settings(postgresql_only, setting, value):
    assert ask(postgresql_only, f"SHOW {setting}") == value


def test_several_open_a_new_file_at_once(tmp_path):
    """SQLite turns a file to its log with an error for whoever comes second, however long it waits."""
    for turn in range(20):
        databases = [connect(f"sqlite:///{tmp_path}/{turn}.db") for _ in range(4)]
        start = threading.Barrier(len(databases))

        def first(database, start=start):
            start.wait()
            return ask(database, "PRAGMA journal_mode")

        with ThreadPoolExecutor(len(databases)) as pool:
            assert list(pool.map(first, databases)) == ["wal"] * len(databases)
        for database in databases:
            database.close()


def test_who_has_the_file_alone_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "SQLITE_PATIENCE", 0.1)
    monkeypatch.setattr(opening, "PRAGMAS", ())
    holder = sqlite.connect(tmp_path / "new.db")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("CREATE TABLE held (id INTEGER)")
    database = connect(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(OperationalError, match="locked"):
        ask(database, "PRAGMA journal_mode")
    database.close()
    holder.close()


def test_an_old_sqlite_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(SystemExit, match="Expected SQLite"):
        connect(f"sqlite:///{tmp_path / 'x.db'}")


def test_a_connection_that_died_while_it_rested_is_replaced(postgresql_only, monkeypatch):
    monkeypatch.setattr(opening, "TRUSTED", 0)
    with postgresql_only.engine.connect() as one, postgresql_only.engine.connect() as other:
        pids = [each.connection.driver_connection.info.backend_pid for each in (one, other)]
    end = text("SELECT count(pg_terminate_backend(pid)) FROM unnest(CAST(:pids AS int[])) AS pid")
    with postgresql_only.jobs.connect() as aside:
        assert aside.scalar(end, {"pids": pids}) == 2

    assert ask(postgresql_only, "SELECT 1") == 1
    assert ask(postgresql_only, "SELECT pg_backend_pid()") not in pids


def test_a_connection_just_used_is_not_asked_again(postgresql_only, monkeypatch):
    asked = []
    dialect = postgresql_only.engine.dialect
    monkeypatch.setattr(dialect, "do_ping", lambda raw: asked.append(raw) or True)
    ask(postgresql_only, "SELECT 1")
    ask(postgresql_only, "SELECT 1")
    assert not asked
    monkeypatch.setattr(opening, "TRUSTED", 0)
    ask(postgresql_only, "SELECT 1")
    assert len(asked) == 1


def test_a_glance_cannot_write(deps):
    with pytest.raises(ScopeBreach), deps.glance("test") as work:
        work.session.execute(update(Account).values(name="改名"))
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(Account.id).filter_by(name="改名")).all() == []


def test_reading_cannot_write(deps, actor):
    with deps.reading(actor("xingxian.admin")) as work:
        work.session.scalars(select(Account)).first().name = "改名"
        with pytest.raises((ScopeBreach, DBAPIError), match=r"(?i)read-?only|only reads"):
            work.session.flush()


def test_a_connection_that_read_can_write_again(deps, actor):
    with deps.reading(actor("xingxian.admin")) as work:
        work.session.scalars(select(Account)).first()
    with deps.transaction(actor("xingxian.admin")) as work:
        work.session.scalars(select(Account)).first().name = "改名"


def test_readers_do_not_wait_for_a_writer(deps, actor):
    """Somebody who writes for long keeps nobody from reading; what they wrote shows afterwards."""
    admin = actor("xingxian.admin")
    with deps.transaction(admin) as writing:
        account = writing.session.scalars(select(Account).order_by(Account.id)).first()
        was, account.name = account.name, "正在修改"
        writing.session.flush()
        began = time.monotonic()
        with deps.reading(admin) as reading:
            assert reading.session.get(Account, account.id).name == was
        assert time.monotonic() - began < 2
    with deps.reading(admin) as reading:
        assert reading.session.get(Account, account.id).name == "正在修改"


def test_a_failed_writer_lets_the_next_one_in(deps):
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), deps.system("test"):
            raise ZeroDivisionError
    with deps.system("test") as work:
        assert work.session.get(Installation, 1)


def test_writers_from_many_threads_lose_nothing(deps):
    def add(times):
        for _ in range(times):
            with deps.system("test") as work:
                row = work.session.get(Installation, 1, with_for_update=True)
                row.clock_offset += 1

    threads = [threading.Thread(target=add, args=(10,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with deps.system_reading("test") as work:
        assert work.session.get(Installation, 1).clock_offset == 60


def test_who_waits_for_the_database_holds_nobody_up(database_url):
    command = [sys.executable, "-m", two_at_once.__name__, database_url]
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)


def test_the_lock_serves_in_order_of_arrival():
    lock, order, threads = FairLock(), [], []

    def wait(number):
        lock.acquire()
        order.append(number)
        lock.release()

    lock.acquire()
    for number in range(8):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        threads.append(thread)
        until = time.monotonic() + 5
        while len(lock._waiting) <= number and time.monotonic() < until:
            time.sleep(0.001)
    assert order == []
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    lock.acquire()  # free again


def test_who_writes_where_one_reads_met_no_outage(deps):
    """It is a defect of ours, which coming again later does not mend."""
    with pytest.raises((ScopeBreach, DBAPIError)) as refused, deps.system_reading("test") as work:
        work.session.execute(update(Installation).values(demo=True))
    assert not opening.away(refused.value)


def test_a_file_that_takes_no_writing_is_an_outage(sqlite_only):
    """Who runs the tests may write any file: the database is opened as if they might not."""
    url = sqlite_only.engine.url
    url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
    readonly = connect(url.render_as_string())
    with pytest.raises(DBAPIError) as refused, readonly.engine.begin() as connection:
        connection.execute(update(Installation).values(demo=True), execution_options=UNSCOPED)
    readonly.close()
    assert opening.away(refused.value)
