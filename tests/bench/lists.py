"""The task list of a county, a city and a province reader, small against large."""

import statistics
import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from app.domain.access import Actor
from app.services import Deps
from app.services.tasks import lists
from tests.bench import Row
from tests.bench.steps import installed
from tests.people import actor_of

READERS = {
    "county": "xingxian.auditor",
    "city": "lvliang.auditor",
    "province": "shanxi.auditor",
}
CASES = 100  # work items a case
ROUNDS = 15
RUNS = 7  # reads of a round

# A third is open; of the open ones most lie in one busy county. Counted by arithmetic, so that the
# database makes them without a row passing through Python.
PLACE = (
    "CASE WHEN c.id % 5 < 3 THEN '141123' WHEN c.id % 5 = 3 THEN '141182'"
    " ELSE '1401' || CASE WHEN c.id % 2 = 0 THEN '05' ELSE '06' END END"
)


def measure(small_url: str, large_url: str, size: int) -> list[Row]:
    """Return how much longer the newest twenty take in a list of `size` than in one of 1,000."""
    with installed(small_url) as (small, _one, here), installed(large_url) as (large, _two, there):
        _fill(small, here, 1000)
        _fill(large, there, size)
        return [
            Row(f"task list, {reader}: {size:,} ÷ 1,000", _times(small, large, username), 1.5)
            for reader, username in READERS.items()
        ]


def _times(small: Deps, large: Deps, username: str) -> float:
    """Return how many times the small list's time its round's large one takes, typically.

    Both are read in turn: a machine's pace changes by the second.
    """
    reads = [_reading(deps, actor_of(deps, username)) for deps in (small, large)]
    for read in reads * 5:
        read()
    rounds = [[_typical(read) for read in reads] for _ in range(ROUNDS)]
    return statistics.median(long / short for short, long in rounds)


def _reading(deps: Deps, reader: Actor) -> Callable[[], object]:
    def read() -> object:
        with deps.reading(reader) as work:
            return lists.find(work, "supervised")

    return read


def _typical(read: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        read()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _fill(deps: Deps, subject: int, size: int) -> None:
    with deps.database.engine.connect().execution_options(unscoped="bench") as connection:
        sqlite = deps.database.sqlite
        cases = max(1, size // CASES)
        if not sqlite:  # a million rows at once, whose keys are right by construction
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _divisions(connection)
        connection.execute(text(_cases(sqlite)), {"subject": subject, "n": cases})
        connection.execute(text(_items(sqlite)), {"n": CASES})
        connection.commit()
        if not sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("ANALYZE"))
        connection.commit()


def _divisions(connection: Connection) -> None:
    for place in ("140105", "140106"):
        connection.execute(
            text(
                "INSERT INTO division (place, name, zone, parent)"
                " VALUES (:place, :place, false, '1401') ON CONFLICT DO NOTHING"
            ),
            {"place": place},
        )


def _numbers(sqlite: bool, name: str) -> str:  # noqa: FBT001
    if sqlite:
        return (
            f"WITH RECURSIVE {name}(i) AS"
            f" (SELECT 1 UNION ALL SELECT i + 1 FROM {name} WHERE i < :n) "
        )
    return f"WITH {name}(i) AS (SELECT generate_series(1, :n)) "


def _cases(sqlite: bool) -> str:  # noqa: FBT001
    return (
        'INSERT INTO "case" (id, deployment_id, procedure, place, owner_id, subject_id,'
        " status, step, opened_at) "
        + _numbers(sqlite, "k")
        + f"SELECT c.id, d.id, 'bench', {PLACE}, o.id, :subject, 'running', 1,"
        " CURRENT_TIMESTAMP FROM (SELECT i + 1000000 AS id FROM k) c,"
        " (SELECT max(id) AS id FROM deployment) d,"
        " (SELECT min(id) AS id FROM organisation WHERE place = '141123') o"
    )


def _items(sqlite: bool) -> str:  # noqa: FBT001
    return (
        "INSERT INTO work_item (case_id, seq, node, place, organisation_id, role, status,"
        " opened_at, closed_at) "
        + _numbers(sqlite, "k")
        + "SELECT c.id, k.i, 't1', c.place, c.owner_id, 'staff',"
        " CASE WHEN k.i % 3 = 0 THEN 0 ELSE 1 END, CURRENT_TIMESTAMP,"
        " CASE WHEN k.i % 3 = 0 THEN NULL ELSE CURRENT_TIMESTAMP END"
        ' FROM "case" c, k WHERE c.id > 1000000'
    )
