"""Plays many demos, and says what was done, what does not hold, and where nobody has been."""

import shutil
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.files import FolderStore
from app.models.database import connect
from app.services import Deps
from tests import databases, fakes
from tests.robots import rules
from tests.robots.robots import Habits, Robots, Stuck
from tests.robots.seen import Seen
from tests.template import filled

MOVES = 60


@dataclass
class Report:
    """What many demos came to."""

    demos: int = 0
    seconds: float = 0.0
    did: Counter = field(default_factory=Counter)
    seen: Seen = field(default_factory=Seen)
    habits: Habits = field(default_factory=Habits)
    broken: list = field(default_factory=list)
    """A line for everything that does not hold, with its seed."""

    def __str__(self):
        what = ", ".join(f"{name} {number}" for name, number in self.did.most_common())
        head = f"{self.demos} demos in {self.seconds:.0f} s: {what}"
        return "\n".join([head, str(self.seen), f"broken rules: {len(self.broken)}"])


def play(seeds, moves=MOVES, tell=lambda _line: None):
    """Play a demo of its own for each seed."""
    report, began = Report(), time.monotonic()
    with tempfile.TemporaryDirectory(dir=databases.roomy()) as name:
        stage = _Stage(Path(name))
        for seed in seeds:
            broken = _demo(stage.fresh(), seed, moves, report)
            report.demos += 1
            report.broken += [f"seed {seed}: {line}" for line in broken]
            for line in report.broken[-len(broken) :] if broken else ():
                tell(line)
        stage.database.close()
    report.seconds = time.monotonic() - began
    return report


class _Stage:
    """A demo that is put back to its beginning: what was compiled and loaded once stays so."""

    def __init__(self, folder):
        self.folder, self.template = folder, folder / "template.db"
        filled(f"sqlite:///{self.template}", fakes.quick_passwords())
        self.database = connect(f"sqlite:///{folder / 'bihuan.db'}")
        self.loaded = {}

    def fresh(self):
        self.database.close()
        for old in self.folder.glob("bihuan.db*"):
            old.unlink()
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        shutil.copy(self.template, self.folder / "bihuan.db")
        return Deps(
            database=self.database,
            clock=fakes.Clock(),
            passwords=fakes.quick_passwords(),
            files=FolderStore(self.folder / "files"),
            jobs=fakes.Jobs(),
            papers=fakes.papers(),
            loaded=self.loaded,
        )


def _demo(deps, seed, moves, report):
    robots = Robots(deps, seed, report.seen, report.habits)
    try:
        robots.act(moves)
        return rules.broken(robots)
    except Stuck as stuck:
        return [f"stuck: {stuck}"]
    except Exception:  # noqa: BLE001 - whatever it is, the other demos go on
        return [traceback.format_exc()]
    finally:
        report.did.update(robots.did)
