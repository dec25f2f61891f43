"""Random diagrams, random walks: saved, kept in memory, and played by the oracle must be the same.

`run(first_seed, count)` plays any number of diagrams; `python -m tests.engine.fuzz 0 300` prints.
"""

import random
import sys
from dataclasses import dataclass, field

from app.engine import definitions, runtime
from app.engine import state as states
from tests.engine.generator import Generator
from tests.engine.oracle import Oracle, dump

STEPS = 60
CASE = 7


@dataclass
class Report:
    diagrams: int = 0
    steps: int = 0
    finished: int = 0
    largest: int = 0
    """Bytes of the largest state."""
    differences: list = field(default_factory=list)
    """One line for each diagram that was not played alike."""

    def __str__(self):
        head = (
            f"{self.diagrams} diagrams, {self.steps} steps, {self.finished} finished,"
            f" largest state {self.largest} bytes, {len(self.differences)} differences"
        )
        return "\n".join([head, *self.differences])


class Player:
    """One way to play a case: `save` after each step, or keep the workflow."""

    def __init__(self, definition, variables, answer, *, save):
        self.definition = definition
        self.answer = answer
        self.save = save
        self.workflow = None
        self.settle(runtime.start(definition, CASE, variables))

    def settle(self, step):
        while step.effect is not None:
            result = self.answer(step.effect.node)
            step.wait() if result is None else step.answer(result)
        self.workflow = step._workflow
        self.outcome = step.outcome()

    def loaded(self):
        if self.save:
            return states.load(self.definition, CASE, self.outcome.state)
        return self.workflow

    def items(self):
        o = self.outcome
        found = [("task", t.node, dump(t.variables), t.seq) for t in o.tasks]
        found += [("timer", t.node, "", t.seq) for t in o.timers]
        found += [("message", s.node, "", s.seq) for s in o.subscriptions]
        return found + [("waiting", w.node, "", w.seq) for w in o.waiting]

    def act(self, kind, seq, values):
        command = {
            "task": runtime.complete_in,
            "message": runtime.deliver_in,
            "waiting": runtime.resume_in,
        }
        if kind == "timer":
            self.settle(runtime.fire_in(self.loaded(), seq))
        else:
            self.settle(command[kind](self.loaded(), seq, values))

    def back(self, seq, target):
        self.settle(runtime.jump_in(self.loaded(), seq, target))

    passed = property(lambda self: list(self.outcome.passed))
    finished = property(
        lambda self: dict(self.outcome.variables) if self.outcome.finished else None
    )


class Walk:
    """One diagram played three ways in step."""

    def __init__(self, seed):
        self.seed = seed
        self.n = 0
        self.random = random.Random(seed)  # noqa: S311  (a seed must give the same diagram again)
        self.definition = definitions.load(Generator(seed).bundle())
        self.variables = variables = {"c": 1, "again": 0, "panel": ["p", "q", "r"][: seed % 4]}
        self.players = [
            Oracle(self.definition.processes, "p", variables, self.answer),
            Player(self.definition, variables, self.answer, save=True),
            Player(self.definition, variables, self.answer, save=False),
        ]

    def answer(self, node):
        """What a service task is answered in this step; None leaves it waiting."""
        return None if sum(map(ord, node)) * (self.n + 3) % 5 == 0 else f"{node}@{self.n}"

    def step(self):
        """Compare, then do one random thing; return whether there was one to do."""
        seen = [view(player) for player in self.players]
        if seen[0] != seen[1] or seen[0] != seen[2]:
            raise AssertionError(f"oracle {seen[0]}\n saved {seen[1]}\n  kept {seen[2]}")
        if self.players[0].finished is not None:
            return False
        items = [sorted(player.items(), key=lambda item: item[:3]) for player in self.players]
        if not items[0]:
            raise AssertionError("nothing is open, and the case is not finished")
        self.n += 1
        at = self.random.randrange(len(items[0]))
        kind, node, _, _ = items[0][at]
        refs = [listed[at][3] for listed in items]
        targets = self.definition.nodes[node].words("returnTo")
        if kind == "task" and targets and self.n < STEPS // 2 and self.random.random() < 0.4:
            for player, ref in zip(self.players, refs, strict=True):
                player.back(ref, targets[0])
            return True
        values = self.values(kind, node)
        for player, ref in zip(self.players, refs, strict=True):
            player.act(kind, ref, values)
        return True

    def values(self, kind, node):
        if kind == "waiting":
            return f"{node}@late{self.n}"
        again = self.random.random() < 0.55 and self.n < STEPS * 3 // 4
        every = {
            "c": self.n * 10 + self.random.randint(0, 9),
            "again": self.n * 2 + again,
            node: self.n,
            "opinion": f"o{self.n}",
        }
        return {name: every[name] for name in self.definition.nodes[node].variables}


def view(player):
    if player.finished is not None:
        return ("finished", dump(player.finished), sorted(player.passed))
    return sorted(item[:3] for item in player.items()), sorted(player.passed)


def run(first_seed, count):
    """Play `count` diagrams and report; nothing is raised for a difference."""
    report = Report()
    for seed in range(first_seed, first_seed + count):
        report.diagrams += 1
        try:
            walk = Walk(seed)
            while walk.n < STEPS and walk.step():
                report.largest = max(report.largest, len(walk.players[1].outcome.state))
            report.steps += walk.n
            report.finished += walk.players[0].finished is not None
        except Exception as error:  # noqa: BLE001  (whatever it is, the seed shows it again)
            report.differences.append(f"seed {seed}: {type(error).__name__}: {error}")
    return report


if __name__ == "__main__":
    print(run(int(sys.argv[1]), int(sys.argv[2])))  # noqa: T201
