"""While the database is away, pages and the API say so; when it is back, they go on."""

import logging
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import event, literal_column, make_url, select, text
from sqlalchemy.exc import DBAPIError

from app.models.database import connect
from app.web import create_app
from config import Config
from tests import databases
from tests.people import signed_in, token

WHO = "xingxian.staff1"
PAGES = ("/", "/sign-in", "/tasks/", "/me/", "/v/ABCDEFGHIJKLMNOP")


@contextmanager
def moved(url):
    """Take the file away for a while."""
    path = Path(make_url(url).database)
    away = path.with_name("elsewhere")
    path.rename(away)
    try:
        yield
    finally:
        assert not path.exists(), "an empty database was made in its place"
        away.rename(path)


@contextmanager
def cut_off(url):
    """Let nobody into the database for a while, and throw out who is in it."""
    name = make_url(url).database

    def run(statement, *values):
        plain = make_url(databases.postgresql_url()).set(drivername="postgresql")
        with psycopg.connect(
            plain.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(statement, values)

    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    run(allow.format(sql.Identifier(name), sql.SQL("false")))
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
    try:
        yield
    finally:
        run(allow.format(sql.Identifier(name), sql.SQL("true")))


@pytest.fixture
def gone(database_url):
    def away():
        return moved(database_url) if database_url.startswith("sqlite") else cut_off(database_url)

    return away


@pytest.fixture
def told(caplog):
    """What the log was told of the database, as lines and tracebacks."""
    caplog.set_level(logging.INFO)
    return lambda: [row for row in caplog.records if row.levelno >= logging.WARNING]


def test_pages_and_api_say_so_and_go_on(app, gone, told):
    browser, caller = signed_in(app, WHO), token(app, WHO)
    assert browser.get("/tasks/").status_code == 200
    with gone():
        for page in PAGES:
            answer = browser.get(page)
            assert answer.status_code == 503, page
            assert answer.headers["Retry-After"] == "30"
            assert "数据库暂时不能访问" in answer.text
            assert "暂时无法服务" in answer.text
        english = browser.get("/tasks/", headers={"Accept-Language": "en"})
        assert "The database cannot be reached" in english.text
        problem = app.test_client().get("/api/v1/tasks", headers=caller)
        assert problem.status_code == 503
        assert problem.headers["Retry-After"] == "30"
        assert problem.content_type == "application/problem+json"
        assert problem.json["status"] == 503
        assert "数据库暂时不能访问" in problem.json["detail"]
        body = {"username": WHO, "password": "whatever it is"}
        assert app.test_client().post("/api/v1/tokens", json=body).status_code == 503
        assert browser.post("/me/pin", data={"password": "x"}).status_code == 503
        with browser.get("/static/dist/manifest.json") as built:
            assert built.status_code == 200
    assert browser.get("/tasks/").status_code == 200
    assert app.test_client().get("/api/v1/tasks", headers=caller).status_code == 200
    lines = told()
    assert [row.exc_info for row in lines] == [None, None]
    assert "The database does not answer" in lines[0].getMessage()
    assert "The database answers again" in lines[1].getMessage()


def test_an_application_that_starts_without_it(deps, database_url, gone, tmp_path):
    """Nothing was read yet: not even whether it is a demo."""
    config = Config(data=tmp_path, database_url=database_url, secret_key="test")
    fresh = replace(deps, database=connect(database_url))
    flask = create_app(config, fresh)
    with gone():
        assert flask.test_client().get("/sign-in").status_code == 503
        assert flask.test_client().get("/api/v1/demo/accounts").status_code == 503
    assert flask.test_client().get("/sign-in").status_code == 200
    fresh.database.close()


def test_who_waits_too_long_is_told_to_come_again(app, deps):
    form = {"username": WHO, "password": "bihuan-demo"}
    browser = app.test_client()
    assert browser.get("/sign-in").status_code == 200
    with held(deps):
        refused = browser.post("/sign-in", data=form)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "30"
    assert browser.post("/sign-in", data=form).status_code == 303


@contextmanager
def held(deps):
    """Hold what every sign-in has to write, from another process as it were."""
    engine = deps.database.engine
    if not deps.database.sqlite:
        with engine.connect().execution_options(unscoped="test") as connection:
            connection.execute(text("LOCK TABLE sign_in_failure"))
            yield
        return

    def hurry(raw, _record, _proxy):
        raw.execute("PRAGMA busy_timeout=100")

    event.listen(engine, "checkout", hurry)
    other = sqlite.connect(engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
        event.remove(engine, "checkout", hurry)  # other tests of this process have the engine, too
        engine.dispose()


def test_wrong_sql_is_no_outage(deps):
    wrong = select(literal_column("nowhere"))
    with pytest.raises(DBAPIError), deps.system_reading("test") as work:
        work.session.execute(wrong, execution_options={"unscoped": "test"})
