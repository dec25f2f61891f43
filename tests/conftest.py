"""Every test that touches a database runs twice: on SQLite and on PostgreSQL.

A database with the schema and the demo data is made once; each test gets a copy of its own.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from app.adapters.files import FolderStore
from app.services import Deps
from app.web import create_app
from config import Config
from tests import contract, databases, fakes, stage
from tests.people import actor_of, signed_in
from tests.stage import Stage

# How long an example takes says how busy the machine is, not whether the rule holds.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


LONG = ("tests/journeys/", "tests/browser/")


def pytest_collection_modifyitems(items):
    """Begin with the files of few long tests, or one process is left with them in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish():
    """What has been collected stays: the collector of garbage need not go through it time and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock():
    return fakes.Clock()


@pytest.fixture(scope="session")
def passwords():
    return fakes.quick_passwords()


@pytest.fixture(scope="session")
def sqlite_stage(passwords) -> Iterator[Stage]:
    with stage.in_a_file(passwords) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_stage(passwords) -> Iterator[Stage]:
    with stage.on_a_server(passwords) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def on(request) -> Stage:
    """A database with the demo data, which no test has touched."""
    found = request.getfixturevalue(f"{request.param}_stage")
    found.put_back()
    return found


@pytest.fixture
def database_url(on) -> str:
    return on.url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bihuan.db'}"
        return
    with databases.fresh_database(databases.postgresql_url()) as url:
        yield url


@pytest.fixture
def deps(on, clock, passwords, tmp_path) -> Iterator[Deps]:
    files = FolderStore(tmp_path / "files")
    with on.deps(clock=clock, passwords=passwords, files=files) as made:
        yield made


@pytest.fixture(scope="session")
def site() -> tuple[Flask, list[str]]:
    """The application, made once, and what it answered that its description does not declare."""
    made = create_app(Config(data=Path(), database_url="", secret_key="test"), None)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made, contract.watch(made)


@pytest.fixture
def app(site, deps):
    made, breaches = site
    made.extensions["deps"] = deps
    yield made
    found, breaches[:] = breaches[:], []
    assert found == [], "the API answered what its description does not declare"


@pytest.fixture
def actor(deps):
    """`actor("xingxian.staff1")`: a demo person with all their grants."""
    return lambda username: actor_of(deps, username)


@pytest.fixture
def client(app):
    """`client("xingxian.staff1")`: a signed-in browser; without a name, a stranger's."""
    return lambda username=None: signed_in(app, username)
