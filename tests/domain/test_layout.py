"""Drawing: the author writes what happens, and gets a picture without a fault."""

import random

import pytest

from app.domain import layout
from app.domain.layout import CannotDraw, draw, lettering
from tests.diagrams import picture

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' id="definitions" targetNamespace="urn:t">'
)
KINDS = {"s": "startEvent", "e": "endEvent", "x": "exclusiveGateway", "p": "parallelGateway"}
KINDS |= {"t": "userTask", "c": "callActivity", "b": "boundaryEvent"}


def diagram(lanes, flows, *, names=None, on=None, more=""):
    """Write a process: the first letter of an id says what it is, names stand after a colon."""
    names = names or {}
    nodes = [node for members in lanes.values() for node in members.split()]
    xml = [HEAD, '<bpmn:process id="p1" name="流程" isExecutable="true">']
    if list(lanes) != [""]:
        xml.append('<bpmn:laneSet id="lanes">')
        for number, (lane, members) in enumerate(lanes.items()):
            refs = "".join(f"<bpmn:flowNodeRef>{m}</bpmn:flowNodeRef>" for m in members.split())
            xml.append(f'<bpmn:lane id="lane{number}" name="{lane}">{refs}</bpmn:lane>')
        xml.append("</bpmn:laneSet>")
    for node in nodes:
        gateway = node[0] in "xp"
        name = names.get(node, "" if gateway else "办理事项" + node)
        xml.append(f'<bpmn:{KINDS[node[0]]} id="{node}"' + f' name="{name}"' * bool(name) + "/>")
    for event, host in (on or {}).items():
        name = names.get(event, "逾期")
        xml.append(f'<bpmn:boundaryEvent id="{event}" name="{name}" attachedToRef="{host}"/>')
    for number, flow in enumerate(flows.split()):
        ends, _, name = flow.partition(":")
        source, target = ends.split(">")
        xml.append(
            f'<bpmn:sequenceFlow id="f{number}"'
            + f' name="{name}"' * bool(name)
            + f' sourceRef="{source}" targetRef="{target}"/>'
        )
    return "".join([*xml, more, "</bpmn:process></bpmn:definitions>"]).encode()


SMALL = diagram(
    {"企业": "s1 t1 x2", "执法人员": "t2 x1 e1"},
    "s1>x2 x2>t1 t1>t2 t2>x1 x1>e1:合格 x1>x2:不合格",
    names={"x1": "是否合格？"},
)
HARD = diagram(
    {
        "执法人员": "s1 t1 t2 x1 x2 t3 e1",
        "法制审核": "t4 t5 t6",
        "集体讨论成员": "t7 x3",
        "主要负责人": "t8 p1 p2 t9 e2",
        "企业": "ta tb tc x4 x5 c1 td e3 te e4",
    },
    "s1>t1 t1>t2 t2>x1 x1>x2 x2>e1:未发现 x2>t3:紧急危险 x2>t4:立案 x2>tb:限期整改 t3>t5 t5>t6"
    " b3>t6 t4>t7 t6>t7 t7>x3 x3>t8:通过 x3>x1:退回 t8>p1 p1>ta p1>t9 ta>p2 t9>p2 p2>e2 tb>tc"
    " tc>x5 x5>c1 c1>x4 x4>e4:合格 x4>tb:不合格 b1>te te>x5 b2>td td>e3",
    names={"x2": "如何处理？", "x3": "是否通过？", "x4": "是否合格？", "b2": "到期前3日"},
    on={"b1": "tb", "b2": "tc", "b3": "t4"},
    more='<bpmn:textAnnotation id="n1"><bpmn:text>自立案之日起九十日内作出决定</bpmn:text>'
    '</bpmn:textAnnotation><bpmn:association id="a1" sourceRef="t8" targetRef="n1"/>',
)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """One short search; a longer one only if lines cross."""
    monkeypatch.setattr(layout, "QUICK", 1)
    monkeypatch.setattr(layout, "TRIALS", (400, 1500))


def test_five_lanes_two_loops_three_timers_and_a_block():
    assert picture.faults(draw(HARD)) == []


def test_drawing_again_changes_nothing():
    drawn = draw(SMALL)
    assert picture.faults(drawn) == []
    assert draw(drawn) == drawn


def test_part_without_lanes():
    drawn = draw(diagram({"": "s1 t1 x1 t2 e1"}, "s1>t1 t1>x1 x1>t2:是 x1>e1:否 t2>e1"))
    assert picture.faults(drawn) == []
    assert b"BPMNShape" in drawn


def test_main_course_is_a_straight_line():
    drawn = picture.look(draw(diagram({"企业": "s1 t1 t2 t3 e1"}, "s1>t1 t1>t2 t2>t3 t3>e1")))
    assert {len(line) for line in drawn.lines.values()} == {2}
    assert len({box.middle[1] for box in drawn.boxes.values()}) == 2  # the lane and its row


def test_what_an_author_leaves_out_is_completed():
    xml = diagram({"企业": "s1 t1 e1", "县局": "t2 e2"}, "s1>t1 t1>e1 b1>t2 t2>e2", on={"b1": "t1"})
    drawn = draw(xml).decode()
    assert "<bpmn:flowNodeRef>b1</bpmn:flowNodeRef>" in drawn
    assert "<bpmn:incoming>f0</bpmn:incoming>" in drawn
    assert "<bpmn:outgoing>f2</bpmn:outgoing>" in drawn


def test_remarks_of_the_author_stay():
    xml = SMALL.replace(b"<bpmn:userTask", "<!-- 依据第六十二条 --><bpmn:userTask".encode(), 1)
    assert "<!-- 依据第六十二条 -->".encode() in draw(xml)


def test_three_events_on_one_task_stand_apart():
    on = {"b1": "t1", "b2": "t1", "b3": "t1"}
    drawn = draw(
        diagram({"企业": "s1 t1 e1 t2 e2 t3 e3 t4 e4"}, FLOWS_OF_THREE, on=on, names=THREE)
    )
    assert picture.faults(drawn) == []


FLOWS_OF_THREE = "s1>t1 t1>e1 b1>t2 t2>e2 b2>t3 t3>e3 b3>t4 t4>e4"
THREE = {"b1": "逾期", "b2": "到期前3日", "b3": "催办"}


@pytest.mark.parametrize("seed", range(6))
def test_any_course_is_drawn_without_a_fault(seed):
    """Courses of blocks: sequences, choices that join again, loops, over three lanes."""
    chance = random.Random(seed)  # noqa: S311  (courses, not secrets)
    lanes = {"企业": ["s1"], "执法人员": [], "分管领导": []}
    flows, count, on = [], [0], {}

    def new(kind):
        count[0] += 1
        node = f"{kind}{count[0] + 1}"
        lanes[chance.choice(list(lanes))].append(node)
        return node

    def block(before, depth):
        kind = chance.choice("tttxl") if depth else "t"
        if kind == "t":
            flows.append(f"{before}>{(task := new('t'))}")
            if chance.random() < 0.3:
                on[f"b{task}"] = task
                flows.append(f"b{task}>{(late := new('t'))}")
                flows.append(f"{late}>{new('e')}")
            return task
        first, last = new("x"), new("x")
        flows.append(f"{before}>{first}")
        if kind == "x":
            for name in ("是", "否"):
                flows.append(f"{first}>{(task := new('t'))}:{name}")
                flows.append(f"{block(task, depth - 1)}>{last}")
        else:
            flows.append(f"{block(first, depth - 1)}>{last}")
            flows.append(f"{last}>{first}:退回")
        return last

    node = "s1"
    for _ in range(3):
        node = block(node, 1)
    flows.append(f"{node}>{new('e')}")
    members = {lane: " ".join(nodes) for lane, nodes in lanes.items()}
    xml = diagram(members, " ".join(flows), on=on)
    assert picture.faults(draw(xml)) == []


@pytest.mark.parametrize(
    ("xml", "named"),
    [
        (SMALL.replace(b"<bpmn:flowNodeRef>t2</bpmn:flowNodeRef>", b""), "t2"),
        (SMALL.replace(b'targetRef="t2"', b'targetRef="gone"'), "f2"),
        (SMALL.replace(b"userTask", b"subProcess"), "subProcess t1"),
        (diagram({"企业": "s1 e1"}, "s1>e1", on={"b1": "gone"}), "b1"),
        (
            diagram({"企业": "s1 e1"}, "s1>e1", more='<bpmn:textAnnotation id="n1"/>'),
            "n1",
        ),
        (diagram({"": ""}, ""), "empty"),
        (f"{HEAD}</bpmn:definitions>".encode(), "0 processes"),
    ],
)
def test_what_cannot_be_drawn_is_named(xml, named):
    with pytest.raises(CannotDraw, match=named):
        draw(xml)


def test_room_for_names():
    assert lettering.label("") is None
    assert lettering.label("合格").height == lettering.LINE
    assert lettering.label("合格", "Handed over").height == lettering.LINE
    assert lettering.label("合格", "Handed over to stop production").height == 3 * lettering.LINE
    assert lettering.lines("责令限期整改指令书", 60) == 3
    assert lettering.lines("Re-inspect on site", 60) == 2
    assert lettering.task("审批").width == lettering.TASK.width
    assert lettering.task("制作责令限期整改指令书并报分管领导").width > lettering.TASK.width
