"""One database after another at the same address, each a copy of the template with the demo data.

What was compiled for the address stays, and so does what was loaded of the deployments. Tests that all
begin with the same walk let it be walked once (`Stage.begin`).
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.models.database import Database, Outage, connect
from app.services import Deps
from tests import databases, fakes
from tests.robots import together
from tests.template import filled

TEMPLATE = "template"


@dataclass(frozen=True)
class Left:
    """What a walk has left, beside the database."""

    found: Any
    """What it returned."""
    now: datetime
    waiting: dict
    known: set
    files: Path


@dataclass
class Stage:
    """Where the tests of one process play."""

    url: str
    copies: "InAFolder | OnAServer"
    loaded: dict
    """Every deployment of the template ready to run, by id."""
    database: Database = field(init=False)
    left: dict[str, Left] = field(default_factory=dict)

    def __post_init__(self):
        self.database = connect(self.url)

    def put_back(self, name=TEMPLATE):
        """Make the database anew."""
        self.copies.put_back(name)

    def begin(self, name, deps, walk):
        """Return what `walk()` returns; from the second time on what it left is put back instead.

        That is the database, the queue, the files and the clock: it may return ids, and no rows.
        """
        if name not in self.left:
            self.left[name] = self._walked(name, deps, walk)
            return self.left[name].found
        left = self.left[name]
        self.database.close()
        self.put_back(name)
        deps.clock.now = left.now
        deps.jobs.waiting, deps.jobs.known = dict(left.waiting), set(left.known)
        _copy(left.files, deps.files._folder)
        return left.found

    def _walked(self, name, deps, walk):
        found = walk()
        self.database.close()
        self.copies.keep(name)
        files = self.copies.folder / f"{name} files"
        _copy(deps.files._folder, files)
        return Left(found, deps.clock.now, dict(deps.jobs.waiting), set(deps.jobs.known), files)

    @contextlib.contextmanager
    def deps(self, *, passwords, files, clock=None) -> Iterator[Deps]:
        """Give what use cases need on the database as it stands."""
        made = Deps(
            database=replace(self.database, outage=Outage()),
            clock=clock or fakes.Clock(),
            passwords=passwords,
            files=files,
            jobs=fakes.Jobs(),
            papers=fakes.papers(),
            loaded=dict(self.loaded),
        )
        yield made
        together.note(made.database)
        self.database.close()


def _copy(folder, target):
    if folder.exists():  # a store makes its folder with the first file
        shutil.copytree(folder, target, dirs_exist_ok=True)


@contextlib.contextmanager
def in_a_file(passwords) -> Iterator[Stage]:
    """Give a stage on SQLite; in memory where there is room."""
    with tempfile.TemporaryDirectory(dir=databases.roomy()) as name:
        copies = InAFolder(Path(name))
        loaded = filled(f"sqlite:///{copies.file(TEMPLATE)}", passwords)
        stage = Stage(f"sqlite:///{copies.stage}", copies, loaded)
        yield stage
        stage.database.close()


class InAFolder:
    """Copies of a database of SQLite."""

    def __init__(self, folder):
        self.folder, self.stage = folder, folder / "stage/bihuan.db"

    def file(self, name):
        return self.folder / f"{name}.db"

    def put_back(self, name):
        shutil.rmtree(self.stage.parent, ignore_errors=True)
        self.stage.parent.mkdir()
        shutil.copy(self.file(name), self.stage)

    def keep(self, name):
        shutil.copy(self.stage, self.file(name))


@contextlib.contextmanager
def on_a_server(passwords) -> Iterator[Stage]:
    """Give a stage on PostgreSQL."""
    server = databases.postgresql_url()
    with contextlib.ExitStack() as stack:
        template = stack.enter_context(databases.fresh_database(server))
        loaded = filled(template, passwords)
        url = stack.enter_context(databases.fresh_database(server, template))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = Stage(url, OnAServer(server, url, template, folder, stack), loaded)
        yield stage
        stage.database.close()


class OnAServer:
    """Copies of a database of PostgreSQL."""

    def __init__(self, server, url, template, folder, stack):
        self.server, self.url, self.folder, self._stack = server, url, folder, stack
        self._urls = {TEMPLATE: template}

    def put_back(self, name):
        databases.copy_anew(self.server, self.url, self._urls[name])

    def keep(self, name):
        kept = databases.fresh_database(self.server, self.url)
        self._urls[name] = self._stack.enter_context(kept)
