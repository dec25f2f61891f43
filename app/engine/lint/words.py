"""What is written on the diagram and in properties: names, lanes, forms, the work of people."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from app.domain.casework import DRAFTER, LAST
from app.domain.documents import ANY, OR, ROUND, Act
from app.domain.hazards import Verb, order_of
from app.domain.text import T
from app.engine import choosing, model
from app.engine.bundle import Bundle
from app.engine.expressions import is_name
from app.engine.lint.regions import Regions, parallel, reached, ways
from app.engine.lint.report import Report, Rule, place
from app.engine.markup import BPMN, SPIFF, Element, tag
from app.engine.model import Node, Process
from app.engine.rules import is_duration

NO_NAME = Rule(T("{id} 没有名称"), T("写上中文名称"))
NO_ENGLISH = Rule(T("{id} 没有英文名称"), T("在属性 nameEn 里写上英文名称"))
UNKNOWN_PROPERTY = Rule(T("{tag} 没有属性 {name}"), T("检查拼写；可用的有：{known}"))
PROPERTY_TWICE = Rule(T("属性 {name} 写了两次"), T("只留一个"))
LANE_SETS = Rule(T("流程有 {count} 个泳道组"), T("只画一个泳道组"))
LANE_REF = Rule(T("泳道 {lane} 里的 {node} 不存在"), T("重新保存泳道，或删去这一项"))
LANE_TWICE = Rule(T("{node} 同时在两条泳道里"), T("只放在一条泳道里"))
NO_LANE = Rule(T("{id} 由人办理，却不在泳道里"), T("把它放进办理人的泳道"))
UNKNOWN_LANE = Rule(T("泳道“{lane}”不在泳道表里"), T("改用 app/domain/lanes.py 里的名称"))
NO_FORM = Rule(
    T("{id} 没有表单"), T("用属性 formJsonSchemaFilename 和 formUiSchemaFilename 指明表单")
)
NO_FILE = Rule(T("部署包里没有表单文件 {path}"), T("补上文件，或改正路径；路径从 forms 目录算起"))
BAD_PLACE = Rule(
    T("“{value}”里的花括号写得不对"),
    T("一个属性里只写一处，里面是一个流转变量的名称；同一环节用同一个变量，文书不再写动作"),
)
START_PLACE = Rule(
    T("开始事件的表单不能由案件选定"), T("写明一个表单；由流转变量选定的是后面的环节")
)
NO_FITTING = Rule(
    T("部署包里没有符合“{path}”的表单文件"), T("补上文件，或改正路径；路径从 forms 目录算起")
)
PART_FORM = Rule(T("子流程的开始事件不能有表单和变量"), T("由调用方给出子流程声明的输入"))
BAD_NAME = Rule(T("“{name}”不能作变量名"), T("以字母开头，不用下划线开头，不与函数和保留字重名"))
NOT_IN_FORM = Rule(T("表单里没有变量 {name} 这一项"), T("在表单的 properties 里加上它，或改名"))
NO_REMINDER = Rule(
    T("提醒“{value}”不是时长，或者没有办理期限"), T("写成 P1BD 这样的时长，并写上 due")
)
NOT_BY = Rule(
    T("notBy 里的 {other} 不是别的办理环节"), T("写部署包里另一个用户任务或开始事件的标识")
)
RETURN_TO = Rule(T("不能退回到 {other}"), T("写同一流程里、在它之前的用户任务的标识"))
RETURN_INSIDE = Rule(
    T("退回到 {other} 会穿过并行块"), T("只在并行块以外退回，或把要退回的一段画成子流程")
)
HAZARDS = Rule(
    T("hazards 不能是“{words}”"),
    T("写 open working waiting overdue failed 之一，或 record、reviewed 加办理环节的标识"),
)
TAKE = Rule(T("只有流程的开始事件能接手隐患"), T("把 hazards 的 take 写在主流程的开始事件上"))
UNKNOWN_PAPER = Rule(
    T("没有文书“{word}”"), T("写有模板的文书和动作：{known}；动作有 sign view seal serve")
)
EACH_DATA = Rule(
    T("会签缺少名单、办理人、意见或意见表"),
    T("写上 loopDataInputRef、inputDataItem、outputDataItem 和 loopDataOutputRef"),
)
EACH_VARIABLES = Rule(
    T("会签的 variables 应为 {result}"), T("把 variables 写成 outputDataItem 的名称")
)
EACH_RETURN = Rule(T("会签不能退回"), T("在会签之后的环节退回"))

_FORM: Final = (model.SCHEMA, model.UI)
_NAMED: Final = {"nameEn"}
_STEP: Final = {*_NAMED, "hazards"}
_PROPERTIES: Final[Mapping[str, set[str]]] = {
    "startEvent": {*_STEP, *_FORM, "variables", "about", "belongsTo", "disclosedTo"},
    "userTask": {
        *(*_STEP, *_FORM, "variables", "due", "reminder", "papers"),
        *("notBy", "returnTo", "disclosedTo", "performer"),
    },
    "intermediateCatchEvent": {*_STEP, "variables"},
    "boundaryEvent": {*_STEP, "variables"},
    "receiveTask": {*_STEP, "variables"},
    **dict.fromkeys(("serviceTask", "businessRuleTask", "endEvent", "sequenceFlow"), _STEP),
    "callActivity": {*_STEP, f"{model.INPUT}…"},
}


def check(
    report: Report, bundle: Bundle, roots: Mapping[str, Element], regions: Mapping[str, Regions]
) -> None:
    """Check names, properties, lanes and what is asked of people."""
    for file, root in roots.items():
        _properties(report, file, root)
        _lanes(report, file, root)
    for process in report.processes.values():
        _names(report, process)
        for node in process.nodes.values():
            _variables(report, bundle, process, node)
            if node.kind == "userTask":
                _task(report, process, node)
                _relations(report, process, node, regions.get(process.id))
            if node.repetition is not None:
                _each(report, process, node, node.repetition)
        elements: list[Node | model.Flow] = [*process.nodes.values(), *process.flows.values()]
        for element in elements:
            _hazards(report, process, element)
    for process in report.processes.values():
        _start(report, process)


def _properties(report: Report, file: str, root: Element) -> None:
    for element in root.iter(f"{BPMN}*"):
        known = _PROPERTIES.get(tag(element), _NAMED)
        call = tag(element) == "callActivity"
        names = [
            item.get("name", "")
            for item in element.findall(
                f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
            )
        ]
        for name in dict.fromkeys(names):
            if name not in known and not (call and name.startswith(model.INPUT)):
                words = " ".join(sorted(known))
                report.add(
                    UNKNOWN_PROPERTY, file, place(element), tag=tag(element), name=name, known=words
                )
            if names.count(name) > 1:
                report.add(PROPERTY_TWICE, file, place(element), name=name)


def _lanes(report: Report, file: str, root: Element) -> None:
    sets = root.findall(f"{BPMN}process/{BPMN}laneSet")
    if len(sets) > 1:
        report.add(LANE_SETS, file, "", count=len(sets))
    nodes = {element.get("id") for element in root.iter(f"{BPMN}*") if tag(element) in model.NODES}
    seen: set[str] = set()
    for lane in root.iter(f"{BPMN}lane"):
        name = lane.get("name", "")
        if name not in report.lanes:
            report.add(UNKNOWN_LANE, file, place(lane), lane=name)
        for ref in lane.findall(f"{BPMN}flowNodeRef"):
            node = (ref.text or "").strip()
            if node not in nodes:
                report.add(LANE_REF, file, place(lane), lane=name, node=node)
            if node in seen:
                report.add(LANE_TWICE, file, place(lane), node=node)
            seen.add(node)


def _names(report: Report, process: Process) -> None:
    if not process.embedded:
        if not process.name:
            report.at(NO_NAME, process, process.id)
        if not process.name_en:
            report.at(NO_ENGLISH, process, process.id)
    for node in process.nodes.values():
        if node.kind in model.ACTIVITIES and not node.name:
            report.at(NO_NAME, process, node.id)
        elif node.name and not node.name_en:
            report.at(NO_ENGLISH, process, node.id)
    for flow in process.flows.values():
        if flow.name and not flow.name_en:
            report.at(NO_ENGLISH, process, flow.id)


def _variables(report: Report, bundle: Bundle, process: Process, node: Node) -> None:
    chosen = _choices(report, bundle, process, node)
    schemas = [path for path in _paths(node, model.SCHEMA, chosen) if path in report.forms]
    for name in node.variables:
        if not is_name(name):
            report.at(BAD_NAME, process, node.id, name=name)
        elif any(name not in report.forms[path] for path in schemas):
            report.at(NOT_IN_FORM, process, node.id, name=name)
    for key in _FORM:
        for path in _paths(node, key, chosen):
            if path not in bundle.files:
                report.at(NO_FILE, process, node.id, path=path.removeprefix("forms/"))


def _paths(node: Node, key: str, chosen: Collection[str]) -> list[str]:
    """Return the files that a property names, as they lie in a bundle: one for each choice."""
    text = node.properties.get(key)
    if text is None:
        return []
    if choosing.places(text):
        return [f"forms/{choosing.filled(text, choice)}" for choice in chosen]
    return [f"forms/{text}"]


def _choices(report: Report, bundle: Bundle, process: Process, node: Node) -> list[str]:
    """Return by what a case may choose the form of a task; complain of places that choose none."""
    texts = [text for name in model.CHOSEN if (text := node.properties.get(name)) is not None]
    named = {name for text in texts for name in choosing.places(text)}
    wrong = [text for text in texts if not _is_place(text)]
    if wrong or len(named) > 1:
        value = (wrong or [text for text in texts if choosing.places(text)])[0]
        report.at(BAD_PLACE, process, node.id, value=value)
        return []
    schema = node.properties.get(model.SCHEMA, "")
    if not named:
        return []
    if node.kind != "userTask":
        report.at(START_PLACE, process, node.id)
        return []
    if not choosing.places(schema):
        report.at(BAD_PLACE, process, node.id, value=f"{{{named.pop()}}}")
        return []
    found = choosing.fitting(f"forms/{schema}", bundle.files.keys() - _named(report))
    if not found:
        report.at(NO_FITTING, process, node.id, path=schema)
    _papers_made(report, process, node, found)
    return list(found)


def _is_place(text: str) -> bool:
    """Test whether what stands in braces is a variable, and does not say what is done with it."""
    return (
        all(
            choosing.is_sound(word)
            and all(is_name(name) for name in choosing.places(word))
            and not (choosing.places(word) and ":" in word)
            for word in text.split()
        )
        and sum(len(choosing.places(word)) for word in text.split()) <= 1
    )


def _named(report: Report) -> set[str]:
    """Return the forms that steps name in full."""
    return {f"forms/{node.properties.get(model.SCHEMA)}" for node in report.all_nodes().values()}


def _papers_made(report: Report, process: Process, node: Node, choices: Iterable[str]) -> None:
    """Complain of a form by whose choice a paper is made that there is not."""
    made = [word for word in node.words("papers") if choosing.places(word)]
    there = " ".join(sorted(report.papers))
    for kind in (choosing.filled(word, choice) for word in made for choice in choices):
        if kind not in report.papers:
            report.at(UNKNOWN_PAPER, process, node.id, word=kind, known=there)


def _start(report: Report, process: Process) -> None:
    for node in process.nodes.values():
        if node.kind != "startEvent":
            continue
        asks = any(name in node.properties for name in (*_FORM, "variables"))
        if not asks:
            continue
        if process is not report.main():
            report.at(PART_FORM, process, node.id)
            continue
        _person(report, process, node)
        _belongs(report, process, node)


def _belongs(report: Report, process: Process, node: Node) -> None:
    """Ask that the case to which one belongs is an answer of the start form."""
    name = node.properties.get("belongsTo")
    fields = report.forms.get(f"forms/{node.properties.get(model.SCHEMA)}", frozenset())
    if name is not None and name not in fields:
        report.at(NOT_IN_FORM, process, node.id, name=name)


def _task(report: Report, process: Process, node: Node) -> None:
    _person(report, process, node)
    for word in node.words("papers"):
        if "{" in word or "}" in word:  # by what the case chooses
            continue
        paper, rounds, since = word.partition(ROUND)
        kind, colon, act = paper.partition(":")
        known = kind in report.papers or (kind == ANY and colon)
        of_round = act == Act.VIEW and set(since.split(OR)) <= _people(report) if rounds else True
        if not known or act not in set(Act) or (colon and not act) or not of_round:
            there = " ".join(sorted(report.papers))
            report.at(UNKNOWN_PAPER, process, node.id, word=word, known=there)
    reminder = node.properties.get("reminder")
    if reminder is not None and not (is_duration(reminder) and "due" in node.properties):
        report.at(NO_REMINDER, process, node.id, value=reminder)


def _person(report: Report, process: Process, node: Node) -> None:
    if node.lane is None:
        report.at(NO_LANE, process, node.id)
    if not all(node.properties.get(name) for name in _FORM):
        report.at(NO_FORM, process, node.id)


def _people(report: Report) -> set[str]:
    """Return the ids of what people do."""
    nodes = report.all_nodes().values()
    return {node.id for node in nodes if node.kind in {"userTask", "startEvent"}}


def _relations(report: Report, process: Process, node: Node, regions: Regions | None) -> None:
    for other in (word.removesuffix(LAST) for word in node.words("notBy")):
        if other not in {*_people(report), DRAFTER} - {node.id}:
            report.at(NOT_BY, process, node.id, other=other)
    for other in node.words("returnTo"):
        target = process.nodes.get(other)
        if target is None or target.kind != "userTask" or other == node.id:
            report.at(RETURN_TO, process, node.id, other=other)
        elif regions is not None and node.id in regions.of:
            if node.id not in reached(ways(process), [other]):
                report.at(RETURN_TO, process, node.id, other=other)
            elif regions.of.get(other) != regions.of[node.id] or parallel(regions.of[node.id]):
                report.at(RETURN_INSIDE, process, node.id, other=other)


def _hazards(report: Report, process: Process, element: Node | model.Flow) -> None:
    words = element.properties.get("hazards")
    if words is None:
        return
    order = order_of(words)
    if order is None or (order.task and order.task not in _people(report)):
        report.at(HAZARDS, process, element.id, words=words)
    elif order.verb is Verb.TAKE and (
        process is not report.main() or element.id != process.start.id
    ):
        report.at(TAKE, process, element.id)


def _each(report: Report, process: Process, node: Node, each: model.Repetition) -> None:
    names = (each.items, each.item, each.results, each.result)
    if not all(names):
        report.at(EACH_DATA, process, node.id)
        return
    for name in names:
        if not is_name(name):
            report.at(BAD_NAME, process, node.id, name=name)
    if node.variables != (each.result,):
        report.at(EACH_VARIABLES, process, node.id, result=each.result)
    if node.words("returnTo"):
        report.at(EACH_RETURN, process, node.id)
