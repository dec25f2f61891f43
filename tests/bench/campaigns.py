"""Starting a procedure for ten thousand enterprises, while somebody goes on completing tasks."""

import multiprocessing
import resource
import statistics
import time
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from app.adapters.files import FolderStore
from app.domain.access import Actor
from app.models.campaigns import CampaignBatch
from app.models.casework import Case
from app.models.database import connect
from app.services import Deps, procedures
from app.services.campaigns import starting
from app.services.enlisting import batches
from config import ROOT
from tests.bench import Row
from tests.bench.cpu import family
from tests.bench.steps import _complete, _started, installed
from tests.fakes import Clock, Jobs, quick_passwords

ROUNDS = 3
"""Rounds of completions while nothing else goes on."""
PROCEDURE = "self_inspection"


MADE = (
    (
        "campaign",
        "id, place, owner_id, name, year, sought, opened_at",
        "VALUES (:id, '141123', 1, '专项行动', 2027, '{}', :now)",
    ),
    (
        "campaign_day",
        "campaign_id, key, day, planned",
        "VALUES (:id, 'self_inspection_ends', '2027-05-31', '2027-05-31')",
    ),
    (
        "campaign_member",
        "campaign_id, enterprise_id, place, joined_at",
        "SELECT :id, id, place, :now FROM enterprise WHERE id > 1000000",
    ),
)
"""A campaign of the plants that were made."""


def measure(url: str, server: int | None, size: int) -> list[Row]:
    """Return the CPU seconds of `size` starts, and how much slower completions are meanwhile."""
    with installed(url) as (deps, actor, subject):
        procedures.install(deps, ROOT)
        batch = _batch(deps, subject, size)
        served = _served(server)
        idle = [time for _ in range(ROUNDS) for time in _round(deps, actor, subject)]
        each = (_served(server) - served) / ROUNDS

        served, used = _served(server), _used()
        worker = multiprocessing.get_context("spawn").Process(target=_work, args=(url, batch))
        worker.start()
        busy, rounds = [], 0
        while worker.is_alive():
            busy += _round(deps, actor, subject)
            rounds += 1
        worker.join()
        spent = _used() - used + _served(server) - served - rounds * each
        with deps.system_reading("bench") as work:
            began = select(func.count()).where(Case.procedure == PROCEDURE)
            started = work.session.scalar(began)
        if worker.exitcode or started != size:
            raise RuntimeError(f"{started} of {size} cases were started")
    return [
        Row(f"CPU to start {size:,} cases in batches", spent, 60 * size / 10_000, "s"),
        Row("p95 of a completion meanwhile ÷ idle", _p95(busy) / _p95(idle), 5),
    ]


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _served(server: int | None) -> float:
    return family(server) if server else 0.0


def _used() -> float:
    """Return the CPU seconds of the processes that were waited for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _round(deps: Deps, actor: Actor, subject: int) -> list[float]:
    """Complete some tasks, and return how long each took."""
    times = []
    for task in _started(deps, actor, subject):
        begun = time.perf_counter()
        _complete(deps, actor, task)
        times.append(time.perf_counter() - begun)
    return times


def _work(url: str, batch: int) -> None:
    """Do what a worker process does with the batch."""
    database = connect(url)
    starting.carry_out(
        Deps(database, Clock(), quick_passwords(), FolderStore(Path("/nowhere")), Jobs()), batch
    )
    database.close()


def _batch(deps: Deps, subject: int, size: int) -> int:
    """Make a campaign of `size` enterprises and ask for the procedure for each; return the batch."""
    with deps.database.engine.connect().execution_options(unscoped="bench") as connection:
        _copies(connection, "organisation", subject, size, {"name": "name || n.i"})
        _copies(
            connection,
            "enterprise",
            subject,
            size,
            {"name_key": "name_key || n.i", "credit_code": "NULL"},
        )
        connection.commit()
    with deps.system("bench") as work:
        found = procedures.find_newest(work, "campaign_xingxian_2022")
        case = Case(
            deployment_id=found.id,
            procedure="campaign_xingxian_2022",
            place="141123",
            owner_id=1,
            subject_id=1,
            status="running",
            state=b"",
            step=1,
            opened_at=work.now,
        )
        work.session.add(case)
        work.session.flush()
        case.campaign_id = case.id
        told = {"id": case.id, "now": work.now}
        options = {"unscoped": "bench"}
        for table, columns, rows in MADE:
            statement = text(f"INSERT INTO {table} ({columns}) {rows}")
            work.session.execute(statement, told, execution_options=options)
        until = "@self_inspection_ends"
        batches.open_batch(work, case.id, "self_batch", PROCEDURE, until, "", "", "")
        return work.session.scalars(select(func.max(CampaignBatch.id))).one()


def _copies(
    connection: Connection, table: str, subject: int, size: int, changed: dict[str, str]
) -> None:
    """Have the database make rows like the demo's plant, but for what is `changed`."""
    names = [column["name"] for column in inspect(connection).get_columns(table)]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join({"id": "1000000 + n.i", **changed}.get(n, f'{table}."{n}"') for n in names)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :size)"
    rows = f"SELECT {values} FROM n, {table} WHERE {table}.id = :subject"
    # SQLite wants the numbers inside the insert, PostgreSQL takes them there too.
    statement = text(f"INSERT INTO {table} ({columns}) {numbers} {rows}")
    connection.execute(statement, {"size": size, "subject": subject})
