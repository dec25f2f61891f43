"""How nodes and flows hang together: ways in and out, gateways, parallel blocks, loops."""

from typing import Final

from app.domain.text import T
from app.engine.lint.regions import SIDE, Branch, Regions, cyclic, find, parallel, reached, ways
from app.engine.lint.report import Report, Rule
from app.engine.model import Flow, Node, Process

STARTS = Rule(T("有 {count} 个开始事件"), T("画一个，而且只画一个开始事件"))
ENDS = Rule(T("没有结束事件"), T("画出结束事件"))
DANGLING = Rule(
    T("线 {id} 的一端不在同一层里"), T("把线的两端都连到同一流程或同一子流程里的节点上")
)
INTO_START = Rule(T("有线进入开始事件"), T("让线回到开始事件之后的节点"))
OUT_OF_END = Rule(T("有线离开结束事件"), T("删去这条线，或把结束事件换成别的节点"))
BORDER = Rule(T("边界事件没有附着在活动上"), T("把它拖到任务或子流程的边框上"))
INTO_BORDER = Rule(T("有线进入边界事件"), T("删去这条线；边界事件由它的活动触发"))
DEAD_END = Rule(T("{id} 之后没有去路"), T("把它连到下一个节点或结束事件"))
UNREACHED = Rule(T("从开始事件走不到 {id}"), T("把它连进流程，或者删去"))
NO_WAY_OUT = Rule(T("从 {id} 走不到任何结束事件"), T("画出离开循环的路"))
MANY_OUT = Rule(T("{id} 不是网关，却有 {count} 条流出的线"), T("用网关分流"))
DOUBLE = Rule(T("{source} 与 {target} 之间有几条线"), T("合成一条，条件用 or 连接"))
IDLE_CONDITION = Rule(
    T("线 {id} 上的条件不起作用"), T("条件只写在排他或包容网关流出的、不是默认的线上")
)
NO_DEFAULT = Rule(T("网关 {id} 没有默认的线"), T("把一条流出的线设为默认"))
NO_CONDITION = Rule(T("线 {id} 没有条件"), T("写上条件；只有默认的线不写"))
MIXED = Rule(T("网关 {id} 既汇合又分支"), T("拆成两个网关，先汇合，后分支"))
EVENT_CHOICE = Rule(T("事件网关 {id} 只有 {count} 条流出的线"), T("至少等待两个事件"))
EVENT_TARGET = Rule(
    T("事件网关 {id} 之后的 {target} 不能用"),
    T("之后只画消息或定时的中间捕获事件，每个只有一条进入的线"),
)
TORN = Rule(
    T("到 {id} 的几条线不在同一并行块、同一分支里"),
    T("每条分支都引到同一个汇合网关；不打断的边界事件之后的路单独结束"),
)
UNJOINED = Rule(
    T("汇合网关 {id} 没有从每条分支各收到一条线"),
    T("让 {split} 的每条分支恰好有一条线到这里，分支内的岔路先用排他网关合并"),
)
END_INSIDE = Rule(T("{id} 在并行块里结束"), T("先汇合再结束，或者用终止结束事件"))
LOOP_INSIDE = Rule(T("并行块里有经过 {id} 的循环"), T("把循环画成 parts 目录里的子流程，再调用它"))
BUSY_LOOP = Rule(T("经过 {id} 的循环里没有任何等待"), T("在循环里画上用户任务、定时或消息"))

_WAITS: Final = {
    "userTask",
    "receiveTask",
    "intermediateCatchEvent",
    "eventBasedGateway",
    "callActivity",
    "subProcess",
}
_BORDERED: Final = {"userTask", "serviceTask", "receiveTask", "callActivity", "subProcess"}


def check(report: Report) -> dict[str, Regions]:
    """Check every process; return the regions of those that could be followed."""
    found: dict[str, Regions] = {}
    for process in report.processes.values():
        if not _sound(report, process):
            continue
        for node in process.nodes.values():
            _node(report, process, node)
        for flow in process.flows.values():
            _flow(report, process, flow)
        _reach(report, process)
        found[process.id] = _blocks(report, process)
        _loops(report, process, found[process.id])
    return found


def _sound(report: Report, process: Process) -> bool:
    """Test whether the process can be followed at all."""
    before = len(report.problems)
    kinds = [node.kind for node in process.nodes.values()]
    if kinds.count("startEvent") != 1:
        report.at(STARTS, process, process.id, count=kinds.count("startEvent"))
    if "endEvent" not in kinds:
        report.at(ENDS, process, process.id)
    for flow in process.flows.values():
        if flow.source not in process.nodes or flow.target not in process.nodes:
            report.at(DANGLING, process, flow.id)
    for node in process.nodes.values():
        if node.kind == "boundaryEvent":
            activity = process.nodes.get(node.attached_to or "")
            if activity is None or activity.kind not in _BORDERED:
                report.at(BORDER, process, node.id)
    return len(report.problems) == before


def _node(report: Report, process: Process, node: Node) -> None:
    count = len(node.outgoing)
    if node.kind == "startEvent" and node.incoming:
        report.at(INTO_START, process, node.id)
    if node.kind == "boundaryEvent" and node.incoming:
        report.at(INTO_BORDER, process, node.id)
    if node.kind == "endEvent":
        if count:
            report.at(OUT_OF_END, process, node.id)
    elif not count:
        report.at(DEAD_END, process, node.id)
    elif count > 1 and not node.kind.endswith("Gateway"):
        report.at(MANY_OUT, process, node.id, count=count)
    if node.kind.endswith("Gateway"):
        _gateway(report, process, node)


def _gateway(report: Report, process: Process, node: Node) -> None:
    count = len(node.outgoing)
    choosing = node.kind in {"exclusiveGateway", "inclusiveGateway"}
    if choosing and count > 1 and node.default not in node.outgoing:
        report.at(NO_DEFAULT, process, node.id)
    parallel = node.kind in {"parallelGateway", "inclusiveGateway"}
    if parallel and count > 1 and len(node.incoming) > 1:
        report.at(MIXED, process, node.id)
    if node.kind == "eventBasedGateway":
        if count == 1:
            report.at(EVENT_CHOICE, process, node.id, count=count)
        for target in (process.nodes[process.flows[flow].target] for flow in node.outgoing):
            if target.kind != "intermediateCatchEvent" or len(target.incoming) > 1:
                report.at(EVENT_TARGET, process, node.id, target=target.id)


def _flow(report: Report, process: Process, flow: Flow) -> None:
    source = process.nodes[flow.source]
    chosen = (
        source.kind in {"exclusiveGateway", "inclusiveGateway"}
        and len(source.outgoing) > 1
        and source.default != flow.id
    )
    if flow.condition is not None and not chosen:
        report.at(IDLE_CONDITION, process, flow.id)
    if flow.condition is None and chosen and source.default in source.outgoing:
        report.at(NO_CONDITION, process, flow.id)
    twins = [other for other in source.outgoing if process.flows[other].target == flow.target]
    if twins.index(flow.id) == 1:
        report.at(DOUBLE, process, flow.id, source=flow.source, target=flow.target)


def _reach(report: Report, process: Process) -> None:
    forward = ways(process)
    backward: dict[str, list[str]] = {id_: [] for id_ in forward}
    for source, targets in forward.items():
        for target in targets:
            backward[target].append(source)
    from_start = reached(forward, [process.start.id])
    ends = [node.id for node in process.nodes.values() if node.kind == "endEvent"]
    to_end = reached(backward, ends)
    for node in process.nodes.values():
        if node.id not in from_start:
            report.at(UNREACHED, process, node.id)
        elif node.id not in to_end and node.outgoing:
            report.at(NO_WAY_OUT, process, node.id)


def _blocks(report: Report, process: Process) -> Regions:
    regions = find(process)
    for id_ in regions.torn:
        report.at(TORN, process, id_)
    for id_, branches in regions.joined.items():
        split = branches[0].split
        expected = [
            Branch(process.nodes[split].kind, split, f) for f in process.nodes[split].outgoing
        ]
        if id_ not in regions.torn and sorted(branches) != sorted(expected):
            report.at(UNJOINED, process, id_, split=split)
    for node in process.nodes.values():
        region = regions.of.get(node.id, ())
        if (
            node.kind == "endEvent"
            and node.event not in {"terminate", "error"}
            and region
            and region[-1] != SIDE
        ):
            report.at(END_INSIDE, process, node.id)
    return regions


def _loops(report: Report, process: Process, regions: Regions) -> None:
    forward = ways(process)
    inside: dict[Branch, set[str]] = {}
    for id_, region in regions.of.items():
        for branch in parallel(region)[:1]:
            inside.setdefault(branch, set()).add(id_)
    for among in inside.values():
        for id_ in cyclic(forward, among)[:1]:
            report.at(LOOP_INSIDE, process, id_)
    busy = {node.id for node in process.nodes.values() if not _waits(report, node)}
    for id_ in cyclic(forward, busy)[:1]:
        report.at(BUSY_LOOP, process, id_)


def _waits(report: Report, node: Node) -> bool:
    """Test whether a token rests at `node`, or somewhere in the part or subprocess it is."""
    seen: set[str] = set()
    nodes = [node]
    while nodes:
        current = nodes.pop()
        inner = report.processes.get(current.called or current.id)
        if inner is None or current.kind not in {"callActivity", "subProcess"}:
            if current.kind in _WAITS:
                return True
        elif inner.id not in seen:
            seen.add(inner.id)
            nodes += inner.nodes.values()
    return False
