"""Every test that touches a database runs twice: on SQLite and on PostgreSQL.

A database with the schema and the demo data is made once; each test gets a copy of its own.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.adapters.files import FolderStore
from app.models.database import connect
from app.services import Deps
from app.web import create_app
from config import Config
from tests import contract, databases, fakes
from tests.people import actor_of, signed_in
from tests.template import filled

# How long an example takes says how busy the machine is, not whether the rule holds.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


LONG = ("tests/journeys/", "tests/browser/")


def pytest_collection_modifyitems(items):
    """Begin with the files of few long tests, or one process is left with them in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture
def clock():
    return fakes.Clock()


@pytest.fixture(scope="session")
def passwords():
    return fakes.quick_passwords()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory, passwords) -> Path:
    folder = tmp_path_factory.mktemp("template")
    filled(f"sqlite:///{folder / 'bihuan.db'}", passwords)
    return folder


@pytest.fixture(scope="session")
def postgresql_template(passwords) -> Iterator[str]:
    with databases.fresh_database(databases.postgresql_url()) as url:
        filled(url, passwords)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """A database of the test's own, with the demo data."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), tmp_path, dirs_exist_ok=True)
        yield f"sqlite:///{tmp_path / 'bihuan.db'}"
        return
    template = request.getfixturevalue("postgresql_template")
    with databases.fresh_database(databases.postgresql_url(), template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bihuan.db'}"
        return
    with databases.fresh_database(databases.postgresql_url()) as url:
        yield url


@pytest.fixture
def deps(database_url, clock, passwords, tmp_path) -> Iterator[Deps]:
    made = Deps(
        database=connect(database_url),
        clock=clock,
        passwords=passwords,
        files=FolderStore(tmp_path / "files"),
        jobs=fakes.Jobs(),
        papers=fakes.papers(),
    )
    yield made
    made.database.close()


@pytest.fixture
def app(deps, tmp_path, database_url):
    config = Config(data=tmp_path, database_url=database_url, secret_key="test")
    made = create_app(config, deps)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    breaches = contract.watch(made)
    yield made
    assert breaches == [], "the API answered what its description does not declare"


@pytest.fixture
def actor(deps):
    """`actor("xingxian.staff1")`: a demo person with all their grants."""
    return lambda username: actor_of(deps, username)


@pytest.fixture
def client(app):
    """`client("xingxian.staff1")`: a signed-in browser; without a name, a stranger's."""
    return lambda username=None: signed_in(app, username)
