"""What the library gets wrong about joins and instances and the engine puts right, on both.

A test called `test_the_library_…` fails when a new release of the library behaves; the correction
that the tests after it show may then be dropped.
"""

import inspect
import itertools

import pytest
from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskIterator

from tests.engine.draw import Drawing, for_each, message, timer
from tests.engine.play import Case, line, load
from tests.engine.stock import Stock


def looped(tag):
    """A block of two branches in a loop."""
    drawing = Drawing()
    drawing.start(props={"variables": "r"})
    drawing.end()
    drawing.user("a")
    drawing.node(tag, "s", **({"default": "sd"} if tag == "inclusiveGateway" else {}))
    drawing.node(tag, "j")
    drawing.user("z", "again")
    drawing.xor("x", "xd")
    drawing.chain("start", "a", "s").chain("j", "z", "x")
    for id_ in "bc":
        drawing.user(id_, f"r {id_}")
        drawing.flow("s", id_, "1 == 1" if tag == "inclusiveGateway" else None)
        drawing.flow(id_, "j")
    if tag == "inclusiveGateway":
        drawing.user("never")
        drawing.flow("s", "never", id_="sd")
        drawing.flow("never", "j")
    drawing.flow("x", "a", "again")
    drawing.flow("x", "end", id_="xd")
    return drawing


def rounds(case, orders):
    """Play a round for each order of the branches, and say what was open between."""
    for number, order in enumerate(orders, 1):
        case.do("a")
        yield case.do(order[0], **{order[0]: order}).open
        yield case.do(order[1], **{order[1]: order}).open
        case.do("z", again=number < len(orders))


GATEWAYS = ["parallelGateway", "inclusiveGateway"]
ORDERS = list(itertools.product(["bc", "cb"], repeat=3))


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_library_joins_too_early_in_a_loop(gateway):
    with pytest.raises(Exception):  # noqa: B017, PT011  (what it raises depends on the order)
        assert list(rounds(Stock(looped(gateway)), ["bc", "cb"])) == [["c"], ["z"], ["b"], ["z"]]


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("orders", ORDERS)
def test_a_join_waits_for_every_branch_in_every_round(gateway, orders):
    expected = [step for order in orders for step in ([order[1]], ["z"])]
    assert list(rounds(Case(load(looped(gateway))), orders)) == expected


def test_the_library_loses_what_the_first_branch_wrote():
    case = Stock(looped("parallelGateway"), r="pending").do("a").do("b", r="failed").do("c")
    assert case.data("z")["r"] == "pending"


def block():
    """Two branches, of which only the first writes."""
    drawing = looped("parallelGateway")
    drawing.items = [item.replace('value="r c"', 'value="c"') for item in drawing.items]
    return drawing


@pytest.mark.parametrize("order", ["bc", "cb"])
def test_a_join_keeps_what_either_branch_wrote(order):
    case = Case(load(block()), r="pending").do("a")
    for node in order:
        case.do(node, r="failed")
    assert case.data("z")["r"] == "failed"


def ended(order):
    """Two tokens that end apart; the end of the process is a join too."""
    drawing = line("k", "o")
    inner = Drawing("q", io=((), ("r",)))
    inner.start("qs", props=None)
    inner.user("a", "r")
    inner.user("w")
    inner.end("e1")
    inner.end("e2")
    inner.chain("qs", "a", "e1")
    inner.boundary("t", "a", timer('"P1D"'), interrupting=False)
    inner.chain("t", "w", "e2")
    drawing.call("k", "q")
    drawing.user("o")
    case = Case(load(drawing, inner)).fire("t")
    for node in order:
        case.do(node, **({"r": 1} if node == "a" else {}))
    return case


@pytest.mark.parametrize("order", ["aw", "wa"])
def test_the_end_keeps_what_either_token_wrote(order):
    assert ended(order).data("o") == {"r": 1}


def test_the_library_does_not_see_tasks_below_a_thousand():
    assert inspect.signature(TaskIterator).parameters["max_depth"].default == 1000


def test_a_case_of_many_rounds_stays_small_and_open():
    drawing = Drawing()
    drawing.start()
    drawing.xor("m")
    drawing.user("a", "again")
    drawing.xor("x", "xd")
    drawing.end()
    drawing.chain("start", "m", "a", "x")
    drawing.flow("x", "m", "again")
    drawing.flow("x", "end", id_="xd")
    case = Case(load(drawing))
    for _ in range(6):
        case.do("a", again=True)
    after_six = len(case.state)
    for _ in range(194):
        case.do("a", again=True)
    assert len(case.state) <= after_six * 1.2
    for _ in range(400):
        case.do("a", again=True)
    assert case.open == ["a"]
    assert case.do("a", again=False).outcome.finished


def each(event=None):
    drawing = line("a", start="panel")
    drawing.user("a", "again")
    drawing.user("m", "opinion", inner=for_each())
    drawing.end("e2")
    if event:
        drawing.boundary("t", "a", event)
        drawing.chain("t", "m", "e2")
    return drawing


def test_the_library_connects_instances_only_where_they_were_opened():
    drawing = line("m")
    drawing.user("m", inner=for_each())
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(drawing.file()))
    assert parser.get_spec("p").task_specs["m [child]"].completed_event.n_subscribers() == 0


def test_instances_are_joined_on_a_definition_loaded_elsewhere():
    drawing = line("m", "a", start="panel")
    drawing.user("m", "opinion", inner=for_each())
    drawing.user("a")
    case = Case(load(drawing), panel=["p", "q"]).do("m", opinion=1)
    case.definition = load(drawing)
    assert case.do("m", opinion=2).open == ["a"]


def test_the_library_cannot_open_instances_after_a_boundary_event():
    case = Stock(each(message("m1")), panel=["p"])
    (event,) = case.workflow.get_tasks(state=TaskState.WAITING, spec_name="t")
    definition = event.task_spec.event_definition
    definition.catch(event, BpmnEvent(definition, {}))
    event.task_spec._update(event)
    with pytest.raises(WorkflowException, match="non-predicted"):
        case.workflow.do_engine_steps()


def test_instances_may_follow_a_boundary_event():
    case = Case(load(each(timer("P1D"))), panel=["p", "q"]).fire("t")
    assert case.open == ["m", "m"]
    assert case.do("m", opinion=1).do("m", opinion=2).outcome.finished


def test_instances_come_round_again():
    drawing = Drawing()
    drawing.start(props={"variables": "panel"})
    drawing.xor("h")
    drawing.user("m", "opinion", inner=for_each())
    drawing.user("a", "again")
    drawing.xor("x", "xd")
    drawing.end()
    drawing.chain("start", "h", "m", "a", "x")
    drawing.flow("x", "h", "again")
    drawing.flow("x", "end", id_="xd")
    case = Case(load(drawing), panel=["p", "q"])
    for number in range(2):
        case.do("m", opinion=number).do("m", opinion=number)
        assert case.data("a")["opinions"] == [number, number]
        case.do("a", again=not number)
    assert case.outcome.finished
