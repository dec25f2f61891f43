import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests import databases
from tests.databases import fresh_database, postgresql_url, throwaway_postgresql
from tests.journeys.processes import runs

pytestmark = pytest.mark.skipif(
    not (databases.programs() or os.environ.get("TEST_DATABASE_URL")), reason="no PostgreSQL here"
)


def run(url, *statements):
    engine = create_engine(url)
    with engine.begin() as connection:
        answers = [connection.execute(text(each)) for each in statements]
        value = answers[-1].scalar() if answers[-1].returns_rows else None
    engine.dispose()
    return value


def places(home):
    return [home / "data/postmaster.pid", databases.MEMORY / home.name / "postmaster.pid"]


def exists(name):
    plain = make_url(postgresql_url()).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def test_a_fresh_database_is_empty_and_dropped_afterwards():
    url = postgresql_url()
    with fresh_database(url) as mine, fresh_database(url) as other:
        run(mine, "CREATE TABLE a (b text)")
        assert run(other, "SELECT to_regclass('a')") is None
    assert not exists(make_url(mine).database)


def test_a_database_is_dropped_though_somebody_is_connected():
    with fresh_database(postgresql_url()) as mine:
        engine = create_engine(mine)
        connection = engine.connect()
    assert not exists(make_url(mine).database)
    connection.invalidate()
    engine.dispose()


def test_a_template_is_copied_by_url_or_name():
    url = postgresql_url()
    with fresh_database(url) as template:
        run(template, "CREATE TABLE a AS SELECT '整改' AS b")
        for given in (template, make_url(template).database):
            with fresh_database(url, template=given) as mine:
                assert run(mine, "SELECT b FROM a") == "整改"
                run(mine, "DELETE FROM a")
        assert run(template, "SELECT count(*) FROM a") == 1


def test_commits_are_synchronous_and_text_is_utf8():
    with throwaway_postgresql() as url:
        assert run(url, "SHOW synchronous_commit") == "on"
        assert run(url, "SHOW server_encoding") == "UTF8"
        assert run(url, "SHOW listen_addresses") == ""


def test_a_server_of_ones_own_leaves_nothing_behind():
    with throwaway_postgresql() as url:
        home = Path(make_url(url).query["host"])
        assert home.stat().st_mode & 0o077 == 0 or os.geteuid() == 0
    assert not home.exists()
    assert not (databases.MEMORY / home.name).exists()


def test_a_killed_run_takes_its_server_along_and_the_next_cleans_up():
    code = "import time; from tests.databases import *; print(postgresql_url(), flush=True); time.sleep(60)"
    env = {key: value for key, value in os.environ.items() if key != "TEST_DATABASE_URL"}
    child = subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True
    )
    home = Path(make_url(child.stdout.readline().strip()).query["host"])
    server = int(next(path.read_text().split()[0] for path in places(home) if path.exists()))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    until = time.monotonic() + 10
    while runs(server) and time.monotonic() < until:
        time.sleep(0.02)
    assert not runs(server)
    databases.remove_left_over()
    assert not home.exists()
    assert not (databases.MEMORY / home.name).exists()
