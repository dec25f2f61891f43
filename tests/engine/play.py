"""Plays a case by node ids, saving and loading at every step."""

from app.engine import definitions, runtime
from tests.engine.draw import Drawing, bundle

CASE = 42


class Case:
    def __init__(self, definition, answers=None, **variables):
        self.definition = definition
        self.answers = answers or {}
        self.effects = []
        self.settle(runtime.start(definition, CASE, variables))

    def settle(self, step):
        while step.effect is not None:
            effect = step.effect
            self.effects.append((effect.node, effect.name, dict(effect.parameters)))
            if effect.node in self.answers:
                step.answer(self.answers[effect.node])
            else:
                step.wait()
        self.outcome = step.outcome()
        self.state = self.outcome.state
        return self

    def seq(self, kind, node, at=0):
        return [item.seq for item in getattr(self.outcome, kind) if item.node == node][at]

    def do(self, node, at=0, **answers):
        seq = self.seq("tasks", node, at)
        return self.settle(runtime.complete(self.definition, CASE, self.state, seq, answers))

    def fire(self, node):
        seq = self.seq("timers", node)
        return self.settle(runtime.fire(self.definition, CASE, self.state, seq))

    def deliver(self, node, **variables):
        seq = self.seq("subscriptions", node)
        return self.settle(runtime.deliver(self.definition, CASE, self.state, seq, variables))

    def resume(self, node, result):
        seq = self.seq("waiting", node)
        return self.settle(runtime.resume(self.definition, CASE, self.state, seq, result))

    def back(self, node, target):
        seq = self.seq("tasks", node)
        return self.settle(runtime.jump(self.definition, CASE, self.state, seq, target))

    @property
    def open(self):
        return [task.node for task in self.outcome.tasks]

    def data(self, node):
        return next(task.variables for task in self.outcome.tasks if task.node == node)


def load(main, *parts, decisions=()):
    return definitions.load(bundle(main, *parts, decisions=decisions))


def line(*ids, start=None):
    """A drawing whose nodes `ids`, still to be added, lie between start and end."""
    drawing = Drawing()
    drawing.start(props={"variables": start} if start else None)
    drawing.end()
    return drawing.chain("start", *ids, "end")
