"""What it costs to verify a million sealed lines."""

from sqlalchemy import insert

from app.domain.history import GENESIS, Stream, seal, write
from app.models import table_of
from app.models.records import HistoryEntry
from app.services.verifying import Tally, chains
from tests.bench import Row
from tests.bench.cpu import Meter
from tests.bench.steps import installed

LONG = 50
"""Lines of each history, as of a case that went a long way."""
AT_ONCE = 10_000
GATE = 10.0


def measure(url: str, server: int | None, size: int) -> list[Row]:
    """Return the CPU seconds of verifying `size` lines, client and database together."""
    with installed(url) as (deps, _actor, _subject):
        with deps.database.engine.connect().execution_options(unscoped="bench") as connection:
            for first in range(0, size, AT_ONCE):
                connection.execute(insert(table_of(HistoryEntry)), _lines(first, AT_ONCE))
            connection.commit()
        meter, tally = Meter(server), Tally()
        begun = meter.now()
        if faults := list(chains(deps, tally)):
            raise AssertionError(faults[0])
        used = meter.now() - begun
    if tally.number < size:
        raise AssertionError(f"only {tally.number} lines were verified")
    return [Row(f"verify {size:,} lines of history", used, GATE, "s")]


def _lines(first, count):
    """Return sealed lines of cases nobody has, `LONG` of each."""
    rows, previous = [], GENESIS
    for number in range(first, first + count):
        subject, seq = 10**9 + number // LONG, number % LONG + 1
        body = write(
            {
                "action": "task.complete",
                "at": "2026-11-20T01:00:00+00:00",
                "by": number % 97,
                "role": "staff",
                "organisation": 7,
                "detail": {"node": "reinspect", "task": number, "passed": ["f_a", "gw_b", "f_c"]},
            }
        )
        previous = seal(GENESIS if seq == 1 else previous, Stream.CASE, subject, seq, body)
        row = {"stream": Stream.CASE, "subject": subject, "seq": seq, "body": body}
        rows.append({**row, "hash": previous})
    return rows
