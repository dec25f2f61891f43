"""Which routing variables certainly have a value where an expression reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.text import T
from app.engine import decisions
from app.engine.expressions import BadExpression, compile_expression, is_name
from app.engine.lint.regions import SIDE, Regions
from app.engine.lint.report import Report, Rule
from app.engine.model import Node, Process
from app.engine.rules import looks_like_rule

BAD_EXPRESSION = Rule(
    T("表达式“{source}”：{why}"), T("只用 docs/diagrams.md 所列的写法；文字加引号")
)
UNSET = Rule(
    T("变量 {name} 到这里不一定有值"),
    T("在到这里的每一条路上都让它有值：由表单的 variables、效果的结果或决策表给出"),
)
INPUT_UNSET = Rule(T("子流程 {part} 的输入 {name} 到这里不一定有值"), T("在调用之前让它有值"))
OUTPUT_UNSET = Rule(
    T("声明的输出 {name} 到 {end} 不一定有值"), T("在到每个结束事件的路上都让它有值")
)

Names = frozenset[str]


@dataclass
class _Flowing:
    """The variables certain on entry to each node and on leaving it."""

    into: dict[str, Names]
    out: dict[str, Names]


def check(report: Report, regions: dict[str, Regions]) -> None:
    """Check every expression of the bundle."""
    if len(regions) < len(report.processes):
        return
    for process in report.processes.values():
        if not process.embedded:
            _Analysis(report, regions).run(process, _entry(report, process))


def _entry(report: Report, process: Process) -> Names:
    if process is report.main():
        return report.given | frozenset(process.start.variables)
    return frozenset(process.inputs)


class _Analysis:
    def __init__(self, report: Report, regions: dict[str, Regions]) -> None:
        self.report = report
        self.regions = regions
        self.every = report.given.union(
            *(process.inputs for process in report.processes.values()),
            *(process.outputs for process in report.processes.values()),
            *(table.outputs for table in report.tables.values()),
            *(node.sets for node in report.all_nodes().values()),
        )

    def run(self, process: Process, entry: Names) -> None:
        flowing = self._solve(process, entry)
        for node in process.nodes.values():
            certain = flowing.into[node.id]
            self._read(process, node, certain)
            if node.kind == "subProcess":
                self.run(self.report.processes[node.id], certain)
        for end in _ends(process, self.regions[process.id]):
            for name in sorted(set(process.outputs) - flowing.into[end.id]):
                self.report.at(OUTPUT_UNSET, process, end.id, name=name, end=end.id)

    def _solve(self, process: Process, entry: Names) -> _Flowing:
        # From "everything is certain" down to what is: a set only ever shrinks, so this ends.
        flowing = _Flowing(
            dict.fromkeys(process.nodes, self.every), dict.fromkeys(process.nodes, self.every)
        )
        changed = True
        while changed:
            changed = False
            for node in process.nodes.values():
                into = entry if node.kind == "startEvent" else self._meet(process, node, flowing)
                out = into.union(self._set_by(node, into))
                changed |= (into, out) != (flowing.into[node.id], flowing.out[node.id])
                flowing.into[node.id], flowing.out[node.id] = into, out
        return flowing

    def _meet(self, process: Process, node: Node, flowing: _Flowing) -> Names:
        """What is certain on entry, from what is certain at the nodes before."""
        if node.attached_to is not None:
            return flowing.into[node.attached_to]
        known = [flowing.out[process.flows[flow].source] for flow in node.incoming]
        if node.kind == "parallelGateway":
            return frozenset[str]().union(*known)
        known += [
            flowing.into[other.id]
            for other in process.nodes.values()
            if node.id in other.words("returnTo")
        ]
        return self.every.intersection(*known)

    def _set_by(self, node: Node, into: Names) -> Iterable[str]:
        if node.decision in self.report.tables:
            return self.report.tables[node.decision or ""].outputs
        inner = self.report.processes.get(node.called or node.id)
        if node.kind == "callActivity" and inner is not None:
            return inner.outputs
        if node.kind == "subProcess" and inner is not None:
            flowing = self._solve(inner, into)
            ends = _ends(inner, self.regions[inner.id])
            return self.every.intersection(*(flowing.into[end.id] for end in ends))
        return node.sets

    def _read(self, process: Process, node: Node, certain: Names) -> None:
        for source in _sources(node):
            self._expression(process, node.id, source, certain)
        if node.repetition is not None:
            each = node.repetition
            self._names(process, node.id, [each.items], certain)
            if each.until is not None:
                self._expression(process, node.id, each.until, certain | {each.results})
        if node.decision in self.report.tables:
            read = _read_by(self.report.tables[node.decision or ""])
            self._names(process, node.id, read, certain)
        if node.called in self.report.processes:
            inputs = self.report.processes[node.called or ""].inputs
            for name in sorted(set(inputs) - certain - set(node.given)):
                self.report.at(INPUT_UNSET, process, node.id, part=node.called, name=name)
        for flow in (process.flows[id_] for id_ in node.outgoing):
            if flow.condition is not None:
                self._expression(process, flow.id, flow.condition, certain)

    def _expression(self, process: Process, id_: str, source: str, certain: Names) -> None:
        try:
            names = compile_expression(source).names
        except BadExpression as error:
            self.report.at(BAD_EXPRESSION, process, id_, source=source, why=error.reason)
            return
        self._names(process, id_, names, certain)

    def _names(self, process: Process, id_: str, names: Iterable[str], certain: Names) -> None:
        for name in sorted(set(names) - certain):
            self.report.at(UNSET, process, id_, name=name)


def _ends(process: Process, regions: Regions) -> list[Node]:
    """The end events at which the process hands its variables over."""
    return [
        node
        for node in process.nodes.values()
        if node.kind == "endEvent"
        and node.event != "error"
        and SIDE not in regions.of.get(node.id, ())
    ]


def _sources(node: Node) -> Iterator[str]:
    """The expressions of a node: times, performer, parameters of its effect, inputs of a part.

    What its form is chosen by is one too.
    """
    yield from node.given.values()
    if node.chosen_by is not None and is_name(node.chosen_by):
        yield node.chosen_by
    if "performer" in node.properties:
        yield node.properties["performer"]
    for _name, source in node.operator.parameters if node.operator else ():
        yield source
    yield from (time for time in node.times if not looks_like_rule(time))


def _read_by(table: decisions.Table) -> Iterator[str]:
    cells = [cell for rule in table.rules for cell in rule.tests if cell not in decisions.ANYTHING]
    results = [cell for rule in table.rules for cell in rule.results]
    for cell in cells:
        try:
            yield from decisions.names(cell)
        except BadExpression:
            continue  # reported with the table
    for source in (*table.inputs, *results):
        try:
            yield from compile_expression(source).names
        except BadExpression:
            continue
