"""Completing tasks: CPU against the floor, statements, commits, bytes."""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event, select, text

from app.adapters.files import FolderStore
from app.domain.access import Actor, Grant, Role
from app.models.database import connect
from app.models.people import Organisation
from app.services import Deps, installation, procedures
from app.services.cases import starting
from app.services.demo import filling
from app.services.tasks import commands
from app.web import create_app
from config import Config
from tests.bench import Row
from tests.bench.cpu import Meter
from tests.bench.floor import Floor
from tests.bench.material import ANSWERS, TASKS, bundle
from tests.fakes import Clock, Jobs, quick_passwords
from tests.people import actor_of, token

CASES = 60
ROUNDS = 7
WORKER = "xingxian.staff1"
NATIONAL = Actor(1, "bench", (Grant(Role.ADMIN, 1, ""),))


def fill(url: str) -> None:
    """Make a demo installation with the procedure in an empty database."""
    with _opened(url) as deps:
        installation.migrate(deps.database)
        filling.fill(deps)
        with deps.transaction(NATIONAL) as work:
            procedures.deploy(work, bundle())


@contextmanager
def installed(url: str) -> Iterator[tuple[Deps, Actor, int]]:
    """Give what `fill` made, somebody to work in it, and a plant."""
    with _opened(url) as deps:
        with deps.system_reading("bench") as work:
            plant = select(Organisation.id).filter_by(place="141123", kind="enterprise").limit(1)
            subject = work.session.scalars(plant).one()
        yield deps, actor_of(deps, WORKER), subject


@contextmanager
def _opened(url: str) -> Iterator[Deps]:
    with tempfile.TemporaryDirectory() as folder:
        deps = Deps(
            database=connect(url),
            clock=Clock(),
            passwords=quick_passwords(),
            files=FolderStore(Path(folder)),
            jobs=Jobs(),
        )
        yield deps
        deps.database.close()


def measure(url: str, server: int | None) -> list[Row]:
    """Return the figures of a step on one database."""
    meter = Meter(server)
    floor = Floor(url)
    with installed(url) as (deps, actor, subject):
        client = _http(deps, url)
        floor_cost, service_cost, http_cost = [], [], []
        for number in range(ROUNDS):
            floor_cost.append(_floor(floor, meter, number))
            service_cost.append(_service(deps, actor, subject, meter))
            http_cost.append(_over_http(deps, actor, subject, meter, client))
        rows = [
            Row("CPU per task, services ÷ floor", _over(floor_cost, service_cost), 3),
            Row("CPU per task, HTTP ÷ floor", _over(floor_cost, http_cost), 6),
            *_counted(deps, actor, subject),
            _bytes(deps, actor, subject),
        ]
    floor.close()
    return rows


def _over(base: list[float], cost: list[float]) -> float:
    """Return how many times its round's floor a cost is: a machine's pace changes by the second."""
    return statistics.median(one / floor for floor, one in zip(base, cost, strict=True))


def _floor(floor: Floor, meter: Meter, round_: int) -> float:
    numbers = range(round_ * CASES + 1, (round_ + 1) * CASES + 1)
    for number in numbers:
        floor.start(number)
    begun = meter.now()
    for _ in range(TASKS):
        for number in numbers:
            floor.step(number)
    return (meter.now() - begun) / (CASES * TASKS)


def _started(deps: Deps, actor: Actor, subject: int) -> list[int]:
    """Start the cases of one round and return their first tasks."""
    first = []
    for _ in range(CASES):
        with deps.transaction(actor) as work:
            moved = starting.start(work, "bench", subject, ANSWERS)
            first += [task.id for task in moved.opened]
    return first


def _steps(
    deps: Deps, actor: Actor, subject: int, meter: Meter, complete: Callable[[int], list[int]]
) -> float:
    tasks = _started(deps, actor, subject)
    begun = meter.now()
    for _ in range(TASKS):
        tasks = [following for task in tasks for following in complete(task)]
    return (meter.now() - begun) / (CASES * TASKS)


def _complete(deps: Deps, actor: Actor, task: int) -> list[int]:
    with deps.transaction(actor) as work:
        moved = commands.complete(work, task, ANSWERS)
    return [opened.id for opened in moved.opened]


def _service(deps: Deps, actor: Actor, subject: int, meter: Meter) -> float:
    return _steps(deps, actor, subject, meter, lambda task: _complete(deps, actor, task))


def _http(deps: Deps, url: str) -> Callable[[int], list[int]]:
    app = create_app(Config(data=Path(), database_url=url, secret_key="bench"), deps)
    client, headers = app.test_client(), token(app, WORKER)

    def complete(task: int) -> list[int]:
        answer = client.post(
            f"/api/v1/tasks/{task}/complete", json={"answers": ANSWERS}, headers=headers
        )
        return [int(following) for following in answer.json["next_tasks"]]

    return complete


def _over_http(
    deps: Deps, actor: Actor, subject: int, meter: Meter, complete: Callable[[int], list[int]]
) -> float:
    return _steps(deps, actor, subject, meter, complete)


def _counted(deps: Deps, actor: Actor, subject: int) -> list[Row]:
    statements: list[str] = []
    commits: list[int] = []
    (task, *_) = _started(deps, actor, subject)

    def count(_conn, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(deps.database.engine, "before_cursor_execute", count)
    event.listen(deps.database.engine, "commit", lambda _conn: commits.append(1))
    _complete(deps, actor, task)
    event.remove(deps.database.engine, "before_cursor_execute", count)
    return [
        Row("SQL statements per completion", len(statements), 12),
        Row("commits per completion", len(commits), 1),
    ]


def _bytes(deps: Deps, actor: Actor, subject: int) -> Row:
    """Finish whatever is open, then compare what one round of cases adds to a vacuumed database."""
    before = _size(deps)
    tasks = _started(deps, actor, subject)
    while tasks:
        tasks = [following for task in tasks for following in _complete(deps, actor, task)]
    return Row("bytes per finished case", (_size(deps) - before) / CASES, 8192, "B")


def _size(deps: Deps) -> int:
    with deps.database.engine.connect().execution_options(
        unscoped="bench", isolation_level="AUTOCOMMIT"
    ) as connection:
        if deps.database.sqlite:
            raw = connection.connection.driver_connection
            raw.execute("VACUUM")
            (pages,) = raw.execute("PRAGMA page_count").fetchone()
            (size,) = raw.execute("PRAGMA page_size").fetchone()
            return pages * size
        connection.execute(text("VACUUM FULL"))
        total = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND "
        ours = "relnamespace = 'public'::regnamespace AND relname <> 'naive'"
        return int(connection.scalar(text(total + ours)))
