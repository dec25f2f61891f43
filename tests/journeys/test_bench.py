"""`manage.py bench` with small figures: every row is measured, on both databases."""

import json

from tests import documents_made
from tests.bench import __main__ as bench
from tests.bench import lists, papers, steps

SMALL = {"CASES": 2, "ROUNDS": 1, "WARM": 1, "MANY": 1, "RUNS": 2, "LINES": 5, "EACH": 1}


def test_every_gate_has_its_row(capsys, monkeypatch):
    monkeypatch.setattr(bench, "SIZE", 2_000)
    monkeypatch.setattr(bench, "STARTS", 20)
    monkeypatch.setattr(bench, "PAPERS", 50)
    for module in (steps, lists, papers):
        for name, value in SMALL.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    bench.main(["--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all(set(row) == {"name", "value", "gate", "ok"} and row["value"] > 0 for row in rows)
    names = [row["name"] for row in rows]
    both = [name.partition(": ")[2] for name in names if name.startswith("SQLite: ")]
    assert both == [name.partition(": ")[2] for name in names if name.startswith("PostgreSQL: ")]
    assert len(both) == 13
    assert len(names) == 2 * len(both) + 2 + 3 * documents_made.READY
