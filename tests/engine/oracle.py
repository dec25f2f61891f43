"""A token game that says what a case should do; it knows the model of a diagram and no library.

Where tokens meet, each variable has the value that was written last.
"""

import json
from dataclasses import dataclass, field
from itertools import count


@dataclass(eq=False)
class Token:
    data: dict
    stack: tuple = ()
    """One entry an open split: which one, and how many tokens left it."""

    def values(self):
        return {name: value for name, (value, _written) in self.data.items()}


@dataclass(eq=False)
class Scope:
    process: object
    owner: object = None
    live: int = 0
    result: dict = field(default_factory=dict)


@dataclass(eq=False)
class Activity:
    scope: Scope
    node: object
    token: Token
    armed: list
    inner: Scope = None
    opinions: dict = None


def merge(*variables):
    merged = {}
    for name, entry in (item for data in variables for item in data.items()):
        merged[name] = max(merged.get(name, entry), entry, key=lambda pair: pair[1])
    return merged


class Oracle:
    def __init__(self, processes, main, variables, answer):
        self.processes = processes
        self.answer = answer
        self.writes = count()
        self.activities = []
        self.meeting = {}
        self.passed = []
        self.finished = None
        token = Token({})
        self.write(token, variables)
        self.begin(Scope(processes[main]), token)

    # what stands open

    def items(self):
        """Everything that can happen, as (kind, node, values as JSON, what `act` needs)."""
        for activity in self.activities:
            node = activity.node
            values = activity.token.values()
            if node.kind == "userTask" and activity.opinions is None:
                yield "task", node.id, dump(values), (activity, None)
            elif node.kind == "userTask":
                for index, item in enumerate(values[node.repetition.items]):
                    if index not in activity.opinions:
                        mine = values | {node.repetition.item: item}
                        yield "task", node.id, dump(mine), (activity, index)
            elif node.kind == "serviceTask":
                yield "waiting", node.id, "", (activity, None)
            for event in activity.armed:
                if event.event in {"timer", "message"}:
                    yield event.event, event.id, "", (activity, event)

    # what happens

    def act(self, kind, ref, values):
        self.passed = []
        activity, detail = ref
        if kind in {"timer", "message"}:
            self.occur(activity, detail, values if kind == "message" else {})
        elif kind == "waiting":
            self.close(activity, {activity.node.operator.result: values})
        elif detail is None:
            self.close(activity, values)
        else:
            self.opine(activity, detail, values)

    def back(self, ref, target):
        self.passed = []
        activity, _ = ref
        self.remove(activity)
        self.arrive(activity.scope, activity.scope.process.nodes[target], activity.token)

    def opine(self, activity, index, values):
        repetition = activity.node.repetition
        activity.opinions[index] = values[repetition.result]
        given = [activity.opinions[key] for key in sorted(activity.opinions)]
        items = activity.token.values()[repetition.items]
        until = repetition.until
        if len(given) == len(items) or (until and holds(until, {repetition.results: given})):
            self.close(activity, {repetition.results: given})

    def occur(self, activity, event, values):
        """An event on the border of an activity, or one that an activity is."""
        scope, token = activity.scope, activity.token
        if event.attached_to and not event.interrupting:
            if event.event == "timer":
                activity.armed.remove(event)
            scope.live += 1
            token = Token(dict(token.data))
        else:
            self.remove(activity)
        self.write(token, values)
        self.leave(scope, event, token)

    def close(self, activity, values):
        self.remove(activity)
        self.write(activity.token, values)
        self.leave(activity.scope, activity.node, activity.token)

    def remove(self, activity):
        self.activities.remove(activity)
        if activity.inner:
            self.abandon(activity.inner)

    def abandon(self, scope):
        for other in [a for a in self.activities if a.scope is scope]:
            self.remove(other)
        self.meeting = {key: v for key, v in self.meeting.items() if key[0] is not scope}
        scope.live = -1

    # how tokens move

    def begin(self, scope, token):
        scope.live = 1
        self.arrive(scope, scope.process.start, token)

    def leave(self, scope, node, token, flows=None):
        self.passed.append(node.id)
        for flow in [scope.process.flows[id_] for id_ in flows or node.outgoing]:
            self.passed.append(flow.id)
            if scope.live >= 0:
                self.arrive(scope, scope.process.nodes[flow.target], token)

    def arrive(self, scope, node, token):
        if node.kind == "exclusiveGateway":
            self.leave(scope, node, token, self.chosen(scope, node, token)[:1])
        elif node.kind in {"parallelGateway", "inclusiveGateway"}:
            self.branch(scope, node, token)
        elif node.kind in {"endEvent", "intermediateThrowEvent"}:
            self.throw(scope, node, token)
        elif node.kind == "startEvent":
            self.leave(scope, node, token)
        else:
            self.open(scope, node, token)

    def chosen(self, scope, node, token):
        flows = [scope.process.flows[id_] for id_ in node.outgoing]
        values = token.values()
        found = [f.id for f in flows if f.id != node.default and holds(f.condition, values)]
        return found or [node.default]

    def branch(self, scope, node, token):
        if len(node.incoming) > 1:
            self.meet(scope, node, token)
            return
        parallel = node.kind == "parallelGateway"
        flows = list(node.outgoing) if parallel else self.chosen(scope, node, token)
        mark = (next(self.writes), len(flows))
        scope.live += len(flows) - 1
        self.passed.append(node.id)
        for id_ in flows:
            flow = scope.process.flows[id_]
            self.passed.append(id_)
            branch = Token(dict(token.data), (*token.stack, mark))
            self.arrive(scope, scope.process.nodes[flow.target], branch)

    def meet(self, scope, node, token):
        key = (scope, token.stack)
        data, arrived = self.meeting.pop(key, ({}, 0))
        data, arrived = merge(data, token.data), arrived + 1
        if arrived == token.stack[-1][1]:
            self.leave(scope, node, Token(data, token.stack[:-1]))
        else:
            self.meeting[key] = data, arrived
            scope.live -= 1

    def open(self, scope, node, token):
        armed = [n for n in scope.process.nodes.values() if n.attached_to == node.id]
        if node.kind == "eventBasedGateway":
            targets = [scope.process.flows[id_].target for id_ in node.outgoing]
            armed = [scope.process.nodes[target] for target in targets]
            self.passed += [node.id, *node.outgoing]
        if node.event:
            armed.append(node)
        activity = Activity(scope, node, token, armed)
        self.activities.append(activity)
        if node.repetition:
            activity.opinions = {}
            if not token.values()[node.repetition.items]:
                self.close(activity, {node.repetition.results: []})
        elif node.kind == "serviceTask":
            result = self.answer(node.id)
            if result is not None:
                self.close(activity, {node.operator.result: result})
        elif node.kind in {"callActivity", "subProcess"}:
            process = self.processes[node.called or node.id]
            data = {n: v for n, v in token.data.items() if not node.called or n in process.inputs}
            activity.inner = Scope(process, activity)
            self.begin(activity.inner, Token(data))

    def throw(self, scope, node, token):
        if node.event in {"error", "escalation"}:
            self.raise_(scope, node)
        if node.kind != "endEvent":
            if scope.live >= 0:
                self.leave(scope, node, token)
            return
        self.passed.append(node.id)
        if scope.live < 0:
            return
        scope.live -= 1
        if node.event == "terminate":
            self.abandon(scope)
            scope.live, scope.result = 0, {}
        scope.result = merge(scope.result, token.data)
        if not scope.live and not any(key[0] is scope for key in self.meeting):
            self.finish(scope)

    def raise_(self, scope, node):
        for event in list(scope.owner.armed):
            if event.event == node.event:
                self.occur(scope.owner, event, {})

    def finish(self, scope):
        if scope.owner is None:
            self.finished = {name: value for name, (value, _written) in scope.result.items()}
            return
        activity = scope.owner
        outputs = scope.process.outputs if activity.node.called else scope.result
        data = {name: scope.result[name] for name in outputs}
        activity.inner = None
        activity.token.data.update(data)
        self.close(activity, {})

    def write(self, token, values):
        for name, value in values.items():
            token.data[name] = (value, next(self.writes))


def holds(condition, values):
    return eval(condition or "1", dict(values))  # noqa: S307  (written by the generator)


def dump(values):
    return json.dumps(values, sort_keys=True)
