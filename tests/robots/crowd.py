"""Plays many demos, and says what was done, what does not hold, and where nobody has been."""

import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.files import FolderStore
from tests import fakes, stage
from tests.robots import rules
from tests.robots.robots import Habits, Robots, Stuck
from tests.robots.seen import Seen

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
    passwords = fakes.quick_passwords()
    with stage.in_a_file(passwords) as made, tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            made.put_back()
            files = FolderStore(Path(folder) / str(seed))
            with made.deps(passwords=passwords, files=files) as deps:
                broken = _demo(deps, seed, moves, report)
            report.demos += 1
            report.broken += [f"seed {seed}: {line}" for line in broken]
            for line in report.broken[-len(broken) :] if broken else ():
                tell(line)
    report.seconds = time.monotonic() - began
    return report


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
