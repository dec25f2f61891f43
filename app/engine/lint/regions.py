"""Where in its process a node lies: in which parallel blocks, and on which of their branches."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.engine.model import Process

SIDE: Final = "side"
"""The region behind a boundary event that does not interrupt: a token more, that joins nothing."""


class Branch(NamedTuple):
    """One branch of the parallel block that `split` opens."""

    kind: str
    split: str
    flow: str


Region = tuple[Branch | str, ...]
Ways = Mapping[str, Collection[str]]


@dataclass
class Regions:
    of: dict[str, Region] = field(default_factory=dict)
    """The region of each node that can be reached."""
    torn: dict[str, None] = field(default_factory=dict)
    """Nodes that are reached from different regions, in the order found."""
    joined: dict[str, list[Branch]] = field(default_factory=dict)
    """The branches that come to each join."""


def ways(process: Process) -> dict[str, list[str]]:
    """Where a token may go from each node: along its flows, and out of an event on its border."""
    found: dict[str, list[str]] = {id_: [] for id_ in process.nodes}
    for flow in process.flows.values():
        found[flow.source].append(flow.target)
    for node in process.nodes.values():
        if node.attached_to in found:
            found[node.attached_to].append(node.id)
    return found


def reached(ways: Ways, starts: Iterable[str]) -> set[str]:
    """The nodes a token may come to from `starts`, these included."""
    seen = set(starts)
    stack = list(seen)
    while stack:
        for target in ways.get(stack.pop(), ()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def cyclic(ways: Ways, among: set[str]) -> list[str]:
    """The nodes of `among` from which a way inside `among` leads back."""
    inner = {id_: [target for target in ways[id_] if target in among] for id_ in among}
    return [id_ for id_ in ways if id_ in among and id_ in reached(inner, inner[id_])]


def parallel(region: Region) -> list[Branch]:
    """The parallel branches in `region`, outermost first."""
    return [step for step in region if isinstance(step, Branch)]


def find(process: Process) -> Regions:
    """Follow the tokens from the start event and note where they are."""
    found = Regions()
    work: list[tuple[str, Region]] = [(process.start.id, ())]
    while work:
        id_, region = work.pop()
        node = process.nodes[id_]
        if node.kind in {"parallelGateway", "inclusiveGateway"} and len(node.incoming) > 1:
            if not region or not isinstance(region[-1], Branch) or region[-1].kind != node.kind:
                found.torn[id_] = None
                continue
            found.joined.setdefault(id_, []).append(region[-1])
            region = region[:-1]
        if id_ in found.of:
            if found.of[id_] != region:
                found.torn[id_] = None
            continue
        found.of[id_] = region
        work += reversed(list(_leave(process, id_, region)))
    return found


def _leave(process: Process, id_: str, region: Region) -> Iterable[tuple[str, Region]]:
    node = process.nodes[id_]
    splits = node.kind in {"parallelGateway", "inclusiveGateway"} and len(node.outgoing) > 1
    for flow in node.outgoing:
        branch = (Branch(node.kind, id_, flow),) if splits else ()
        yield process.flows[flow].target, region + branch
    for event in process.boundary(id_):
        yield event.id, region if event.interrupting else (*region, SIDE)
