"""What can be said before a diagram is understood: files, elements, ids."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

import orjson

from app.domain.text import T
from app.engine import model
from app.engine.bundle import Bundle
from app.engine.lint.report import Report, Rule, place
from app.engine.markup import BPMN, SPIFF, BadMarkup, Element, parse, tag

MAX_NODES: Final = 150
MAX_NESTING: Final = 3

MAIN = Rule(
    T("部署包里有 {count} 个主流程文件"),
    T("主流程只有一个文件，子流程放在 parts 目录"),
)
UNREADABLE = Rule(
    T("{why}"),
    T("以 UTF-8 保存为普通 XML，不带文档类型声明，不超过 1 MB"),
)
NOT_BPMN = Rule(T("根元素不是 bpmn:definitions"), T("用 BPMN 2.0 编辑器重新保存"))
ONE_PROCESS = Rule(T("文件里有 {count} 个流程"), T("一个文件画一个流程"))
FILE_NAME = Rule(
    T("文件名与流程的标识 {process} 不一致"), T("把文件命名为 {process}.bpmn，或改流程的标识")
)
NOT_EXECUTABLE = Rule(T("流程标为不可执行"), T("把 isExecutable 设为 true"))
NO_ID = Rule(T("元素 {tag} 没有标识"), T("给它一个标识"))
BAD_ID = Rule(
    T("标识 {id} 不能用"), T("以字母开头，只用字母、数字、下划线和连字符，不用 Start、End、Root")
)
DUPLICATE_ID = Rule(
    T("标识 {id} 在 {other} 里已经用过"), T("换一个标识；子流程里的标识以子流程的标识开头")
)
TOO_LARGE = Rule(
    T("流程有 {count} 个节点，超过 {most} 个"), T("把其中一段画成 parts 目录里的子流程")
)
TOO_DEEP = Rule(T("子流程嵌套过深"), T("用调用活动代替嵌套的子流程"))
UNSUPPORTED = Rule(T("不支持元素 {tag}"), T("换成 docs/diagrams.md 所列的元素"))
FOREIGN = Rule(T("元素 {tag} 不属于 BPMN，不起作用"), T("删去这个元素"))
EXTENSION = Rule(
    T("扩展元素 {tag} 在这里不起作用"),
    T("只用 properties，服务任务另用 serviceTaskOperator，业务规则任务另用 calledDecisionId"),
)
ATTRIBUTE = Rule(T("不支持 {name}=“{value}”"), T("去掉这个标记，用网关、边界事件或子流程画出来"))
SCRIPT = Rule(T("脚本任务不能用"), T("改用服务任务或决策表"))
SEND = Rule(T("流程不能自己发送消息"), T("改用服务任务"))
UNTYPED = Rule(T("没有类型或手工的任务不会出现在任何人的待办里"), T("改用用户任务"))
SUBPROCESS = Rule(T("不支持事务和临时子流程"), T("改用普通子流程或调用活动"))
POOL = Rule(T("不支持泳池和协作"), T("删去泳池，只留泳道"))
LOOP_MARKER = Rule(T("不支持循环标记"), T("用排他网关画出循环"))
DATA = Rule(T("数据对象和数据存储不起作用"), T("用流转变量"))
CYCLE = Rule(T("不支持周期定时"), T("用排他网关和中间定时事件画出循环"))
CARDINALITY = Rule(T("会签不能按次数"), T("用 loopDataInputRef 给出名单"))
CALL_IO = Rule(T("输入输出应由子流程声明"), T("把 ioSpecification 移到被调用的流程里"))
EACH_ON = Rule(T("只有用户任务能会签"), T("去掉会签标记"))
FORM_JSON = Rule(T("表单文件不是 JSON 对象"), T("改正 JSON"))

_SPECIFIC: Final[Mapping[str, Rule]] = {
    "scriptTask": SCRIPT,
    "sendTask": SEND,
    "task": UNTYPED,
    "manualTask": UNTYPED,
    "transaction": SUBPROCESS,
    "adHocSubProcess": SUBPROCESS,
    "collaboration": POOL,
    "standardLoopCharacteristics": LOOP_MARKER,
    "dataObject": DATA,
    "dataObjectReference": DATA,
    "dataStore": DATA,
    "dataStoreReference": DATA,
    "timeCycle": CYCLE,
    "loopCardinality": CARDINALITY,
    "multiInstanceLoopCharacteristics": EACH_ON,
    "ioSpecification": CALL_IO,
}
_COMMON: Final = {"documentation", "extensionElements"}
_WIRED: Final = _COMMON | {"incoming", "outgoing"}
_DEFINITIONS: Final = {
    f"{event}EventDefinition"
    for event in [
        "timer",
        "message",
        "error",
        "escalation",
        "terminate",
        "signal",
        "conditional",
        "link",
        "compensate",
        "cancel",
    ]
}
_DRAWN: Final = {"sequenceFlow", "textAnnotation", "association", "group"} | model.NODES
_CHILDREN: Final[Mapping[str, set[str]]] = {
    "definitions": {"process", "message", "error", "escalation", "category", *_COMMON},
    "process": {"laneSet", "ioSpecification", *_DRAWN, *_COMMON},
    "subProcess": {*_DRAWN, *_WIRED},
    **{event: {*_WIRED, *_DEFINITIONS} for event in model.EVENTS},
    **dict.fromkeys(model.GATEWAYS, _WIRED),
    **dict.fromkeys(model.ACTIVITIES - {"subProcess", "userTask"}, _WIRED),
    "userTask": {*_WIRED, "multiInstanceLoopCharacteristics"},
    "laneSet": {"lane", *_COMMON},
    "lane": {"flowNodeRef", *_COMMON},
    "sequenceFlow": {"conditionExpression", *_COMMON},
    "timerEventDefinition": {"timeDate", "timeDuration"},
    "multiInstanceLoopCharacteristics": {
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "completionCondition",
    },
    "ioSpecification": {"dataInput", "dataOutput", "inputSet", "outputSet"},
    "inputSet": {"dataInputRefs"},
    "outputSet": {"dataOutputRefs"},
    "textAnnotation": {"text"},
    "category": {"categoryValue"},
    **dict.fromkeys(("message", "error", "escalation", "association", "group"), _COMMON),
}
_EXTENSIONS: Final[Mapping[str, set[str]]] = {
    "serviceTask": {"properties", "serviceTaskOperator"},
    "businessRuleTask": {"properties", "calledDecisionId"},
}
_MARKS: Final = {
    "triggeredByEvent": "false",
    "isForCompensation": "false",
    "parallelMultiple": "false",
    "isSequential": "false",
    "isInterrupting": "true",
    "startQuantity": "1",
    "completionQuantity": "1",
}
_NEEDS_ID: Final = model.NODES | {
    "process",
    "sequenceFlow",
    "lane",
    "message",
    "error",
    "escalation",
}
_SHARED: Final = model.NODES | {"process", "sequenceFlow"}
"""Elements whose ids the services use, so that no other file may have them."""
_ID: Final = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_RESERVED: Final = {"Start", "End", "Root"}


def check(report: Report, bundle: Bundle) -> dict[str, Element]:
    """Check the files and return the readable diagrams' roots, if all elements are known."""
    if len(bundle.mains) != 1:
        report.add(MAIN, "", "", count=len(bundle.mains))
    roots: dict[str, Element] = {}
    ids: dict[str, str] = {}
    for file, data in bundle.diagrams.items():
        root = _read(report, file, data)
        if root is not None and _process(report, file, root):
            roots[file] = root
            _ids(report, file, root, ids)
            _elements(report, file, root)
    _forms(report, bundle)
    return roots


def read(report: Report, file: str, data: bytes) -> Element | None:
    """Return the root of an XML file, or report why there is none."""
    try:
        return parse(data)
    except BadMarkup as error:
        report.add(UNREADABLE, file, "", why=error.reason)
        return None


def _read(report: Report, file: str, data: bytes) -> Element | None:
    root = read(report, file, data)
    if root is not None and root.tag != f"{BPMN}definitions":
        report.add(NOT_BPMN, file, place(root))
        return None
    return root


def _process(report: Report, file: str, root: Element) -> bool:
    found = root.findall(f"{BPMN}process")
    if len(found) != 1:
        report.add(ONE_PROCESS, file, "", count=len(found))
        return False
    process = found[0]
    if PurePosixPath(file).stem != process.get("id"):
        report.add(FILE_NAME, file, place(process), process=process.get("id", ""))
    if process.get("isExecutable") == "false":
        report.add(NOT_EXECUTABLE, file, place(process))
    return True


def _ids(report: Report, file: str, root: Element, shared: dict[str, str]) -> None:
    own: set[str] = set()
    for element in root.iter(f"{BPMN}*"):
        id_, kind = element.get("id"), tag(element)
        if not id_:
            if kind in _NEEDS_ID:
                report.add(NO_ID, file, place(element), tag=kind)
            continue
        if kind in _SHARED and (not _ID.fullmatch(id_) or id_ in _RESERVED):
            report.add(BAD_ID, file, id_, id=id_)
        other = file if id_ in own else shared.get(id_) if kind in _SHARED else None
        if other is not None:
            report.add(DUPLICATE_ID, file, id_, id=id_, other=other)
        own.add(id_)
        if kind in _SHARED:
            shared[id_] = file


def _elements(report: Report, file: str, root: Element) -> None:
    for element, nesting in _walk(root):
        _attributes(report, file, element)
        count = sum(tag(child) in model.NODES for child in element)
        if count > MAX_NODES:
            report.add(TOO_LARGE, file, place(element), count=count, most=MAX_NODES)
        if nesting > MAX_NESTING and tag(element) == "subProcess":
            report.add(TOO_DEEP, file, place(element))
        for child in element:
            _child(report, file, element, child)


def _walk(root: Element) -> Iterator[tuple[Element, int]]:
    """Yield the elements whose children are known, with the number of subprocesses around."""
    stack = [(root, 0)]
    while stack:
        element, nesting = stack.pop()
        nesting += tag(element) == "subProcess"
        yield element, nesting
        allowed = _CHILDREN.get(tag(element), set()) - {"extensionElements"}
        stack += [
            (child, nesting)
            for child in reversed(element)
            if child.tag.startswith(BPMN) and tag(child) in allowed
        ]


def _child(report: Report, file: str, element: Element, child: Element) -> None:
    kind = tag(child)
    if not child.tag.startswith(BPMN):
        if kind != "BPMNDiagram":
            report.add(FOREIGN, file, place(child), tag=kind)
    elif kind not in _CHILDREN.get(tag(element), set()):
        report.add(_SPECIFIC.get(kind, UNSUPPORTED), file, place(child), tag=kind)
    elif kind == "extensionElements":
        allowed = _EXTENSIONS.get(tag(element), {"properties"})
        for extension in child:
            if not extension.tag.startswith(SPIFF) or tag(extension) not in allowed:
                report.add(EXTENSION, file, place(element), tag=tag(extension))


def _attributes(report: Report, file: str, element: Element) -> None:
    for name, usual in _MARKS.items():
        value = element.get(name, usual)
        if value != usual:
            report.add(ATTRIBUTE, file, place(element), name=name, value=value)


def _forms(report: Report, bundle: Bundle) -> None:
    for path, data in bundle.files.items():
        if path.endswith(".json"):
            try:
                schema = orjson.loads(data)
            except orjson.JSONDecodeError:
                schema = None
            if not isinstance(schema, dict):
                report.add(FORM_JSON, path, "")
                continue
            properties = schema.get("properties", {})
            report.forms[path] = frozenset(properties if isinstance(properties, dict) else ())
