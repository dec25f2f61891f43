"""Rosters and bundles of draws, made without a database."""

import re
import subprocess
from datetime import date
from fractions import Fraction

from hypothesis import strategies as some

from app.domain.draws import bundle
from app.domain.draws.bundle import Settings
from app.domain.draws.publicvalue import SOURCES, Rule
from app.domain.draws.roster import Entry, Inspector
from app.domain.draws.sampling import assign, commitment, seed_of, select
from config import ROOT

SALT = "5a" * 32
VALUE = "2026134 03 07 12 19 25 31 09"
RULE = Rule(SOURCES["ssq"], date(2026, 11, 20)).code
POOL = tuple(Inspector(f"14-{number:06}", f"检查员{number}") for number in range(1, 13))
COUNTIES = ("141121", "141122", "141123")

ENTRIES = some.lists(
    some.tuples(some.sampled_from(COUNTIES), some.booleans(), some.integers(0, 9)),
    max_size=60,
).map(
    lambda rows: [
        Entry(county, f"91{number:016}", f"企业{number}", key, not odd, "原因" * (key or not odd))
        for number, (county, key, odd) in enumerate(rows)
    ]
)


def settings(percent=10, load=1000) -> Settings:
    return Settings(
        draw="1411-2026-1",
        organ="吕梁市应急管理局",
        supplements="",
        replaces="",
        frozen="2026-11-20T10:00:00+08:00",
        sectors=("steel",),
        themes=(),
        percent=percent,
        load=load,
        rule=RULE,
    )


def drawn(entries, percent=10, load=1000, pool=POOL, conflicts=(), salt=SALT, value=VALUE):
    """Return the files of a bundle by name."""
    made = settings(percent, load)
    lists = bundle.lists_of(entries, pool, conflicts)
    parameters = bundle.parameters_text(made, lists)
    committed = commitment(parameters, salt)
    seed = seed_of(committed, value, salt)
    targets = select(entries, seed, Fraction(percent, 100))
    visited = assign(targets, seed, pool, set(conflicts), load)
    return {
        "parameters": parameters,
        **{name: getattr(lists, name) for name in bundle.FROZEN},
        "salt": f"{salt}\n",
        "value": f"{value}\n",
        "commitment": f"{committed}\n",
        "list": bundle.list_text(targets),
        "visits": bundle.visits_text(visited),
    }


def commands() -> str:
    """Return the commands of `docs/draws.md`, as they stand there."""
    page = (ROOT / "docs" / "draws.md").read_text("utf-8")
    found = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(found) == 4
    return "".join(found)


def by_hand(folder, files) -> subprocess.CompletedProcess:
    """Draw again with the shell's own tools, by the page's commands."""
    for name, text in files.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return subprocess.run(
        ["sh", "-eu", "-c", commands()], cwd=folder, capture_output=True, text=True, check=False
    )
