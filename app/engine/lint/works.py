"""What the engine and the services are asked to do: events, effects, decisions, parts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.domain.text import T
from app.engine import decisions
from app.engine.bundle import Bundle
from app.engine.expressions import BadExpression, compile_expression, is_name
from app.engine.lint import files
from app.engine.lint.regions import reached
from app.engine.lint.report import Report, Rule, place
from app.engine.markup import BPMN, DMN, Element, tag
from app.engine.model import Node, Operator, Process
from app.engine.rules import is_rule, looks_like_rule

START_EVENT = Rule(
    T("开始事件不能等待 {event}"),
    T("流程由人、服务任务或计划启动；定时和消息画在开始事件之后"),
)
NO_EVENT = Rule(T("{id} 没有事件定义"), T("写上它等待或抛出的事件：{known}"))
EVENT_KIND = Rule(T("{tag} 不能是 {event} 事件"), T("这里可用的有：{known}"))
EVENT_TWICE = Rule(T("{id} 有几个事件定义"), T("一个事件只等一件事；等几件事用事件网关"))
NO_TIME = Rule(T("定时事件 {id} 没有时限"), T("写上时限规则，例如 P5BD，或给出规则的表达式"))
BAD_TIME = Rule(T("时限规则“{rule}”写得不对"), T("写成 PT24H、P10D、P5BD、2027-06-30 这样的规则"))
NO_MESSAGE = Rule(T("{id} 没有指明消息"), T("用 messageRef 指向一个有名称的消息"))
NO_CODE = Rule(T("{id} 没有指明代码"), T("指向一个有代码的错误或升级"))
UNCAUGHT = Rule(
    T("{id} 抛出的 {code} 没有边界事件接住"),
    T("在每一处包含它的子流程或调用活动上画同一代码的边界事件；主流程里不抛出"),
)
ALARM_ON = Rule(T("{id} 没有附着在子流程或调用活动上"), T("错误和升级只来自子流程和调用活动"))
SOFT_ERROR = Rule(T("错误边界事件 {id} 不打断活动"), T("把 cancelActivity 设为 true"))
NO_EFFECT = Rule(T("服务任务 {id} 没有写效果"), T("写上一个 serviceTaskOperator"))
UNKNOWN_EFFECT = Rule(T("没有效果 {name}"), T("用 app/services/effects 里的效果：{known}"))
UNKNOWN_PARAMETER = Rule(T("效果 {effect} 没有参数 {name}"), T("可用的有：{known}"))
MISSING_PARAMETER = Rule(T("效果 {effect} 缺少参数 {name}"), T("写上这个参数"))
PARAMETER_TWICE = Rule(T("参数 {name} 写了两次"), T("只留一个"))
BAD_RESULT = Rule(T("“{name}”不能作结果变量"), T("换一个变量名"))
NO_DECISION = Rule(
    T("部署包里没有决策表 {decision}"), T("用 calledDecisionId 指明 bpmn/decisions 里的决策表")
)
ONE_TABLE = Rule(T("文件里不是恰好一个决策和一张决策表"), T("一个文件放一张决策表"))
DECISION_TWICE = Rule(T("决策 {decision} 有两张表"), T("改一个的标识"))
HIT_POLICY = Rule(T("不支持命中策略 {policy}"), T("用 FIRST：从上到下第一条适用的规则"))
CELLS = Rule(T("规则 {rule} 的单元格与列数不符"), T("每列一格"))
BAD_CELL = Rule(
    T("规则 {rule} 的单元格“{cell}”：{why}"),
    T('写字面值、> 100、in ["A", "B"]，或以 ? 代表输入的条件；不用 FEEL'),
)
BAD_INPUT = Rule(T("输入列的“{cell}”：{why}"), T("写流转变量或它们的表达式"))
BAD_OUTPUT = Rule(T("“{name}”不能作输出的变量名"), T("在输出列的 name 里写变量名"))
NO_CATCH_ALL = Rule(T("最后一条规则不是兜底"), T("最后加一条规则，输入全部写 -"))
NO_PART = Rule(T("部署包里没有子流程 {part}"), T("把它放进 bpmn/parts；启动别的流程用 start_case"))
NO_INPUT = Rule(
    T("子流程 {part} 没有输入 {name}"), T("去掉属性，或在子流程的 ioSpecification 里声明它")
)
RECURSION = Rule(T("子流程 {part} 调用了它自己"), T("用循环代替"))
UNUSED_PART = Rule(T("没有谁调用子流程 {part}"), T("从部署包里去掉，或者调用它"))
BAD_DECLARED = Rule(
    T("“{name}”不能作输入输出的变量名"), T("在 dataInput、dataOutput 的 name 里写变量名")
)

_EVENTS: Final[Mapping[str, Sequence[str]]] = {
    "startEvent": (),
    "endEvent": ("terminate", "error", "escalation"),
    "intermediateCatchEvent": ("timer", "message"),
    "intermediateThrowEvent": ("escalation",),
    "boundaryEvent": ("timer", "message", "error", "escalation"),
}
_PLAIN: Final = {"startEvent", "endEvent"}
_THROWING: Final = {"endEvent", "intermediateThrowEvent"}


def check(report: Report, bundle: Bundle, roots: Mapping[str, Element]) -> None:
    """Check events, effects, decision tables and calls."""
    _tables(report, bundle)
    for file, root in roots.items():
        _definitions(report, file, root)
    for process in report.processes.values():
        for name in (*process.inputs, *process.outputs):
            if not is_name(name):
                report.at(BAD_DECLARED, process, process.id, name=name)
        for node in process.nodes.values():
            _node(report, process, node)
            _times(report, process, node)
    _parts(report)


def _definitions(report: Report, file: str, root: Element) -> None:
    for event in root.iter(*(f"{BPMN}{kind}" for kind in _EVENTS)):
        if sum(tag(child).endswith("EventDefinition") for child in event) > 1:
            report.add(EVENT_TWICE, file, place(event), id=place(event))


def _node(report: Report, process: Process, node: Node) -> None:
    if node.kind in _EVENTS:
        _event(report, process, node)
    elif node.kind == "receiveTask" and not node.value:
        report.at(NO_MESSAGE, process, node.id)
    elif node.kind == "serviceTask":
        if node.operator is None:
            report.at(NO_EFFECT, process, node.id)
        else:
            _effect(report, process, node, node.operator)
    elif node.kind == "businessRuleTask" and node.decision not in report.tables:
        report.at(NO_DECISION, process, node.id, decision=node.decision or "")


def _event(report: Report, process: Process, node: Node) -> None:
    known = _EVENTS[node.kind]
    if node.event not in known and not (node.event is None and node.kind in _PLAIN):
        rule = NO_EVENT if node.event is None else EVENT_KIND if known else START_EVENT
        words = " ".join(known)
        report.at(rule, process, node.id, tag=node.kind, event=node.event, known=words)
    elif node.event == "timer" and not node.value:
        report.at(NO_TIME, process, node.id)
    elif node.event == "message" and not node.value:
        report.at(NO_MESSAGE, process, node.id)
    elif node.event in {"error", "escalation"}:
        _alarm(report, process, node)


def _times(report: Report, process: Process, node: Node) -> None:
    for time in node.times:
        if looks_like_rule(time) and not is_rule(time):
            report.at(BAD_TIME, process, node.id, rule=time)


def _alarm(report: Report, process: Process, node: Node) -> None:
    if node.kind in _THROWING:
        if not node.value:
            report.at(NO_CODE, process, node.id)
        elif not _caught(report, process, node):
            report.at(UNCAUGHT, process, node.id, code=node.value)
        return
    activity = process.nodes.get(node.attached_to or "")
    if activity is not None and activity.kind not in {"callActivity", "subProcess"}:
        report.at(ALARM_ON, process, node.id)
    if node.event == "error" and not node.interrupting:
        report.at(SOFT_ERROR, process, node.id)


def _caught(report: Report, process: Process, node: Node) -> bool:
    """Test whether every activity that runs `process` has a border event for what it throws."""
    around = [
        (outer, activity)
        for outer in report.processes.values()
        for activity in outer.nodes.values()
        if activity.kind in {"callActivity", "subProcess"}
        and (activity.called or activity.id) == process.id
    ]
    return bool(around) and all(
        any(
            event.event == node.event and event.value in {None, node.value}
            for event in outer.boundary(activity.id)
        )
        for outer, activity in around
    )


def _effect(report: Report, process: Process, node: Node, operator: Operator) -> None:
    signature = report.effects.get(operator.name)
    if signature is None:
        known = " ".join(sorted(report.effects))
        report.at(UNKNOWN_EFFECT, process, node.id, name=operator.name, known=known)
        return
    names = [name for name, _value in operator.parameters]
    allowed = signature.required | signature.optional
    for name in dict.fromkeys(names):
        if name not in allowed:
            words = " ".join(sorted(allowed))
            report.at(
                UNKNOWN_PARAMETER, process, node.id, effect=operator.name, name=name, known=words
            )
        if names.count(name) > 1:
            report.at(PARAMETER_TWICE, process, node.id, name=name)
    for name in sorted(signature.required - set(names)):
        report.at(MISSING_PARAMETER, process, node.id, effect=operator.name, name=name)
    if operator.result is not None and not is_name(operator.result):
        report.at(BAD_RESULT, process, node.id, name=operator.result)


def _tables(report: Report, bundle: Bundle) -> None:
    for file, data in bundle.decisions.items():
        root = files.read(report, file, data)
        if root is None:
            continue
        found = root.findall(f"{DMN}decision")
        if len(found) != 1 or len(found[0].findall(f"{DMN}decisionTable")) != 1:
            report.add(ONE_TABLE, file, "")
            continue
        id_ = found[0].get("id", "")
        if id_ in report.tables:
            report.add(DECISION_TWICE, file, id_, decision=id_)
        report.tables[id_] = decisions.read(found[0])
        policy = found[0].find(f"{DMN}decisionTable").get("hitPolicy", "UNIQUE")
        if policy != "FIRST":
            report.add(HIT_POLICY, file, id_, policy=policy)
        _table(report, file, report.tables[id_])


def _table(report: Report, file: str, table: decisions.Table) -> None:
    for name in table.outputs:
        if not is_name(name):
            report.add(BAD_OUTPUT, file, table.id, name=name)
    for number, rule in enumerate(table.rules, 1):
        if len(rule.tests) != len(table.inputs) or len(rule.results) != len(table.outputs):
            report.add(CELLS, file, table.id, rule=number)
        for cell in rule.tests:
            if cell not in decisions.ANYTHING:
                _cell(report, file, table.id, cell, decisions.names, BAD_CELL, number)
        for cell in rule.results:
            _cell(report, file, table.id, cell, compile_expression, BAD_CELL, number)
    for cell in table.inputs:
        _cell(report, file, table.id, cell, compile_expression, BAD_INPUT)
    if not table.rules or not decisions.ANYTHING.issuperset(table.rules[-1].tests):
        report.add(NO_CATCH_ALL, file, table.id)


def _cell(
    report: Report,
    file: str,
    id_: str,
    cell: str,
    compile_: Callable[[str], object],
    rule: Rule,
    number: int = 0,
) -> None:
    try:
        compile_(cell)
    except BadExpression as error:
        report.add(rule, file, id_, rule=number, cell=cell, why=error.reason)


def _parts(report: Report) -> None:
    calls: dict[str, set[str]] = {process.root: set() for process in report.processes.values()}
    for process in report.processes.values():
        for node in process.nodes.values():
            if node.kind == "callActivity":
                part = report.processes.get(node.called or "")
                if part is None or part.embedded or part is report.main():
                    report.at(NO_PART, process, node.id, part=node.called or "")
                else:
                    calls[process.root].add(part.id)
                    for name in sorted(set(node.given) - set(part.inputs)):
                        report.at(NO_INPUT, process, node.id, part=part.id, name=name)
    for id_, called in calls.items():
        if id_ in reached(calls, called):
            report.at(RECURSION, report.processes[id_], id_, part=id_)
    used = reached(calls, [report.main().id])
    for id_ in calls:
        if id_ not in used:
            report.at(UNUSED_PART, report.processes[id_], id_, part=id_)
