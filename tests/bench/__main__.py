"""`manage.py bench [papers] [--json]`: print every gate with its figure and verdict.

Both databases are measured; `papers` measures papers alone.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests import databases
from tests.bench import Row, campaigns, histories, lists, pages, papers, registers, states, steps

SIZE = 1_000_000
STARTS = 10_000
PAPERS = 20_000


def main(arguments: list[str]) -> int:
    """Measure, print, and return whether a gate was missed."""
    rows = papers.measure() if "papers" in arguments else _everything()
    if "--json" in arguments:
        told = [{"name": r.name, "value": r.value, "gate": r.gate, "ok": r.ok} for r in rows]
        print(json.dumps({"rows": told}, ensure_ascii=False))
    else:
        for row in rows:
            verdict, sign = "ok" if row.ok else "MISSED", "≥" if row.least else "≤"
            told = f"{row.name:<60} {row.value:>12,.2f} {row.unit:<2} {sign} {row.gate:<8,g}"
            print(f"{told} {verdict}")
    return 0 if all(row.ok for row in rows) else 1


def _everything() -> list[Row]:
    rows = [states.measure(), *papers.measure()]
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        steps.fill(f"sqlite:///{template}")

        def copied(name: str) -> str:
            return f"sqlite:///{shutil.copy(template, template.with_stem(name))}"

        rows.append(pages.measure(copied("pages")))
        rows += _on("SQLite", steps.measure(copied("steps"), None))
        rows += _on("SQLite", campaigns.measure(copied("campaigns"), None, STARTS))
        rows += _on("SQLite", histories.measure(copied("histories"), None, SIZE))
        rows += _on("SQLite", registers.measure(copied("registers"), None, PAPERS))
        rows += _on("SQLite", lists.measure(copied("small"), copied("large"), SIZE))
    with _server() as (url, pid), databases.fresh_database(url) as filled:
        steps.fill(filled)
        fresh = partial(databases.fresh_database, url, filled)
        with fresh() as mine:
            rows += _on("PostgreSQL", steps.measure(mine, pid))
        with fresh() as mine:
            rows += _on("PostgreSQL", campaigns.measure(mine, pid, STARTS))
        with fresh() as mine:
            rows += _on("PostgreSQL", histories.measure(mine, pid, SIZE))
        with fresh() as mine:
            rows += _on("PostgreSQL", registers.measure(mine, pid, PAPERS))
        with fresh() as small, fresh() as large:
            rows += _on("PostgreSQL", lists.measure(small, large, SIZE))
    return rows


def _on(database: str, rows: list[Row]) -> list[Row]:
    return [Row(f"{database}: {row.name}", row.value, row.gate, row.unit) for row in rows]


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """Give a server that syncs what it acknowledges, and its process."""
    server = databases.Server()
    try:
        with databases._connect(server.url) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = on")
            connection.execute("SELECT pg_reload_conf()")
        yield server.url.render_as_string(hide_password=False), server.process.pid
    finally:
        server.stop()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
