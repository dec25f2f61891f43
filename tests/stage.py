"""One database after another at the same address, each a copy of the template with the demo data.

What was compiled for the address stays, and so does what was loaded of the deployments.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.models.database import Database, Outage, connect
from app.services import Deps
from tests import databases, fakes
from tests.robots import together
from tests.template import filled


@dataclass
class Stage:
    """Where the tests of one process play; `put_back` makes the database anew."""

    url: str
    put_back: Callable[[], None]
    loaded: dict
    """Every deployment of the template ready to run, by id."""
    database: Database = field(init=False)

    def __post_init__(self):
        self.database = connect(self.url)

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


@contextlib.contextmanager
def in_a_file(passwords) -> Iterator[Stage]:
    """Give a stage on SQLite; in memory where there is room."""
    with tempfile.TemporaryDirectory(dir=databases.roomy()) as name:
        template, place = Path(name) / "template.db", Path(name) / "stage"
        loaded = filled(f"sqlite:///{template}", passwords)

        def put_back():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            shutil.copy(template, place / "bihuan.db")

        stage = Stage(f"sqlite:///{place / 'bihuan.db'}", put_back, loaded)
        yield stage
        stage.database.close()


@contextlib.contextmanager
def on_a_server(passwords) -> Iterator[Stage]:
    """Give a stage on PostgreSQL."""
    server = databases.postgresql_url()
    with databases.fresh_database(server) as template:
        loaded = filled(template, passwords)
        with databases.fresh_database(server, template) as url:
            stage = Stage(url, lambda: databases.copy_anew(server, url, template), loaded)
            yield stage
            stage.database.close()
