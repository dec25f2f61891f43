"""How far it is, from wherever a case stands, to a sequence flow that nobody has taken."""

import heapq
import re
from collections import defaultdict
from functools import cache

from tests.diagrams import walker
from tests.diagrams.course import PROCEDURES
from tests.robots.seen import counted

FAR = 40.0
"""Nothing new is to be seen from there, or too much lies before it."""
FLOW, TIMER, PART, CASE, RETURN = 1.0, 2.0, 6.0, 5.0, 4.0
"""What it takes to follow a flow, to let a timer fire, to come through a part, to start a case of
another procedure, and to send a task back."""
TRIED, TIRED = 10, 25.0
"""So many times at a fork without having taken a flow count for one step more, up to this."""
OTHER = "handover"
"""What is started where there is no such procedure."""


@cache
def started(procedure, node):
    """Return the procedures of which a service task may start cases."""
    operator = walker.load(procedure)[0].nodes[node].operator
    if operator is None or not operator.name.startswith("start_"):
        return frozenset()
    if operator.name == "start_visits":
        return frozenset({walker.VISIT})
    value = dict(operator.parameters).get("procedure", "")
    named = re.findall(r'"(\w+)"', value)
    return frozenset(name if name in PROCEDURES else OTHER for name in named)


@cache
def ways(procedure):
    """Return what leads from node to node, as rows of both, the flow or None, and its cost."""
    definition = walker.load(procedure)[0]
    found = [(flow.source, flow.target, flow.id, FLOW) for flow in definition.flows.values()]
    for node in definition.nodes.values():
        if node.attached_to:
            found.append((node.attached_to, node.id, None, TIMER))
        if node.called:
            part = definition.processes[node.called]
            found.append((node.id, part.start.id, None, FLOW))
            ends = [end.id for end in part.nodes.values() if end.kind == "endEvent"]
            for target in (definition.flows[id_].target for id_ in node.outgoing):
                found.append((node.id, target, None, PART))
                found += [(end, target, None, FLOW) for end in ends]
        found += [(node.id, back, None, RETURN) for back in node.words("returnTo")]
    return found


@cache
def before():
    """Return the places from which one comes to each place, with the cost of each way.

    A place is a procedure and a node.
    """
    found = defaultdict(list)
    for procedure in PROCEDURES:
        for source, target, _flow, cost in ways(procedure):
            found[procedure, target].append((cost, (procedure, source)))
        for node in walker.load(procedure)[0].nodes:
            for other in started(procedure, node):
                start = other, walker.load(other)[0].start.id
                found[start].append((CASE, (procedure, node)))
    return found


@cache
def drawn():
    """Return every flow: the place that it leaves, and by what that and the flow are counted."""
    return [
        ((procedure, source), counted(procedure, source), counted(procedure, flow))
        for procedure in PROCEDURES
        for source, _target, flow, _cost in ways(procedure)
        if flow
    ]


class Ahead:
    """The way to what is new, by what has been `seen`; `look` again once more has been."""

    def __init__(self, seen):
        self.seen = seen
        self.far = {}

    def look(self):
        """Work out every distance anew."""
        passed = self.seen.passed
        near = [
            (FLOW + min(passed[source] / TRIED, TIRED), place)
            for place, source, flow in drawn()
            if not passed[flow]
        ]
        self.far = {}
        heapq.heapify(near)
        while near:
            distance, place = heapq.heappop(near)
            if distance >= FAR:
                break
            if place in self.far:
                continue
            self.far[place] = distance
            for cost, source in before()[place]:
                if source not in self.far:
                    heapq.heappush(near, (distance + cost, source))

    def of(self, procedure, node):
        """Return the distance from a node of a procedure."""
        return min(self.far.get((procedure, node), FAR), FAR)

    def start(self, procedure):
        """Return the distance from a procedure's start."""
        return self.of(procedure, walker.load(procedure)[0].start.id)
