"""Every test that touches a database runs twice: on SQLite and on PostgreSQL (but see `TURNS`).

A database with the schema and the demo data is made once; each test gets a copy of its own.
"""

import gc
import os
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
from tests.robots.together import (  # noqa: F401  (hooks)
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.stage import Stage

# How long an example takes says how busy the machine is, not whether the rule holds.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


WAITING = ("journeys", "browser")
"""Folders of tests that wait for other processes or a browser most of their time."""
LONG = ("services", "web")
LONGEST = ("test_robots.py", "test_every_page.py", "test_papers_browser.py", "test_kill.py")
TURNS = frozenset(
    f"test_{name}.py"
    for names in (
        "apart api blacklist by_hand campaigns casefiles certificates chain checklists claims",
        "clauses consents double_report double_reporting draws expert figures",
        "government_papers hazards hearing home imports issuing lasting_papers lawful",
        "look_back outside_seal paper_in_hand paper_kinds paper_safety papers prescribed",
        "rankings rectification renewing reports rules second secret_visits serving settings",
        "terms token_seal unserved verify verifying visits wordings",
    )
    for name in names.split()
)
"""Long walks and pages: run by themselves each is played on both databases; where everything is run
(`TAKING_TURNS`) one on this, the next on the other. Accounts, the registry and the search of histories
are not among them: what they ask differs most from database to database."""
DATABASES = ("sqlite", "postgresql")
EARLY = 0.5
"""The part of a run in which the files that wait begin: a long one must not be left in the end."""


def pytest_collection_modifyitems(items):
    """Spread the files that wait among those that compute: so neither processors nor tests idle."""
    if os.environ.get("TAKING_TURNS"):
        items[:] = _in_turns(items)
    files = list(dict.fromkeys(item.path for item in items))
    waiting = [file for file in files if file.parent.name in WAITING]
    waiting.sort(key=lambda file: file.name not in LONGEST)
    computing = [file for file in files if file.parent.name not in WAITING]
    computing.sort(key=lambda file: file.parent.name not in LONG)
    place = {file: EARLY * n / len(waiting) for n, file in enumerate(waiting)}
    place |= {file: n / len(computing) for n, file in enumerate(computing)}
    items.sort(key=lambda item: place[item.path])


def _in_turns(items):
    """Leave one of the two databases to each test that would be played on both."""
    names = [_but_for_its_database(item) for item in items]
    both = [name for name in dict.fromkeys(filter(None, names)) if names.count(name) > 1]
    turn = {name: DATABASES[number % 2] for number, name in enumerate(both)}
    for item, name in zip(items, names, strict=True):
        if name not in turn or item.callspec.params["on"] == turn[name]:
            yield item


def _but_for_its_database(item):
    """Return what a test's turns have in common; None for those that take none."""
    given = getattr(item, "callspec", None)
    if given is None or "on" not in given.params or item.path.name not in TURNS:
        return None
    return item.nodeid.replace(given.params["on"], "", 1)


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


@pytest.fixture(params=DATABASES)
def on(request) -> Stage:
    """A database with the demo data, which no test has touched."""
    found = request.getfixturevalue(f"{request.param}_stage")
    found.put_back()
    return found


@pytest.fixture
def database_url(on) -> str:
    return on.url


@pytest.fixture(params=DATABASES)
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
