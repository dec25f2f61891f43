"""What the library gets wrong about events, data and diagrams, and the engine puts right."""

import pytest
from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.util.deep_merge import DeepMerge

from app.engine import definitions, runtime
from app.engine.bundle import Bundle
from tests.engine.draw import DEFINED, Drawing, alarm, table, timer
from tests.engine.play import Case, line, load
from tests.engine.stock import Stock


def scoped(kind):
    """Two parallel subprocesses that know the same code."""
    drawing = Drawing()
    drawing.start()
    drawing.both("s")
    drawing.flow("start", "s")
    for number in (1, 2):
        inner = Drawing(f"q{number}", tag="subProcess")
        inner.start(f"qs{number}")
        inner.user(f"u{number}")
        inner.end(f"qe{number}", inner=alarm(kind, "e1" if kind == "error" else "s1"))
        inner.chain(f"qs{number}", f"u{number}", f"qe{number}")
        drawing.embed(inner)
        drawing.boundary(f"t{number}", f"q{number}", alarm(kind, "e1" if kind == "error" else "s1"))
        drawing.user(f"h{number}")
        drawing.end(f"x{number}")
        drawing.end(f"y{number}")
        drawing.chain("s", f"q{number}", f"x{number}").chain(
            f"t{number}", f"h{number}", f"y{number}"
        )
    return drawing


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_the_library_catches_in_every_subprocess(kind):
    assert "h2" in Stock(scoped(kind)).do("u1").open


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_an_error_stays_in_its_scope(kind):
    case = Case(load(scoped(kind))).do("u1")
    assert sorted(case.open) == ["h1", "u2"]
    case.do("u2").do("h1").do("h2")
    assert case.outcome.finished


def test_an_error_passes_a_level_without_a_handler():
    inner = Drawing("q2")
    inner.start("s2")
    inner.user("u")
    inner.end("x2", inner=alarm("error", "e1"))
    inner.chain("s2", "u", "x2")
    outer = Drawing("q1")
    outer.start("s1")
    outer.call("k2", "q2")
    outer.end("x1")
    outer.chain("s1", "k2", "x1")
    drawing = line("k1")
    drawing.call("k1", "q1")
    drawing.boundary("t", "k1", alarm("error"))
    drawing.user("h")
    drawing.end("e2")
    drawing.chain("t", "h", "e2")
    case = Case(load(drawing, outer, inner)).do("u")
    assert case.open == ["h"]
    assert case.outcome.passed[-3:] == ("x2", "t", "p_f3")


def test_an_error_nobody_catches_ends_its_process():
    drawing = line("a")
    drawing.user("a")
    drawing.items = [
        item.replace("</bpmn:endEvent>", alarm("error", "e1") + "</bpmn:endEvent>")
        for item in drawing.items
    ]
    assert Case(load(drawing)).do("a").outcome.finished


def test_the_library_keeps_one_due_time_for_a_gateway():
    drawing = Drawing()
    drawing.start()
    drawing.node("eventBasedGateway", "g")
    drawing.flow("start", "g")
    for id_, rule in (("t1", '"P9D"'), ("t2", '"P1D"')):
        drawing.catch(id_, timer(rule))
        drawing.end(f"e{id_}")
        drawing.chain("g", id_, f"e{id_}")
    case = Stock(drawing)
    (gateway,) = case.workflow.event_manager.tasks.values()
    assert isinstance(gateway.internal_data["event_value"], str)


def watched(rule, kind):
    """A task with a timer, beside another task."""
    drawing = Drawing()
    drawing.start()
    drawing.both("s")
    drawing.user("a")
    drawing.user("b")
    drawing.user("c")
    drawing.boundary("t", "a", timer(rule, kind))
    for number in (1, 2, 3):
        drawing.end(f"e{number}")
    drawing.chain("start", "s", "a", "e1").chain("s", "b", "c", "e2").chain("t", "e3")
    return drawing


def test_the_library_fires_by_the_wall_clock_when_a_sibling_completes():
    case = Stock(watched('"2020-01-01T00:00:00+08:00"', "timeDate"))
    assert "a" not in case.open


def test_a_timer_fires_only_when_it_is_told_to():
    case = Case(load(watched("2020-01-01", "timeDate")))
    assert sorted(case.do("b").open) == ["a", "c"]
    assert case.fire("t").open == ["c"]


def test_nothing_reads_the_clock(monkeypatch):
    def forbidden(*_):
        raise AssertionError("the wall clock was read")

    monkeypatch.setattr("SpiffWorkflow.task.time.time", forbidden)
    case = Case(load(watched("P1D", "timeDuration"))).do("b")
    assert case.fire("t").do("c").outcome.finished


def chosen(drawing):
    """A choice between b, drawn first and lower, and a, drawn higher."""
    drawing.start(props={"variables": "n"})
    drawing.xor("x", "xd")
    drawing.end()
    drawing.flow("start", "x")
    for id_ in "ba":
        drawing.user(id_)
        drawing.flow("x", id_, "n == 1")
        drawing.flow(id_, "end")
    drawing.flow("x", "end", id_="xd")
    drawing.extra = [DEFINED]
    shapes = "".join(
        f'<di:BPMNShape id="{id_}_shape" bpmnElement="{id_}"><dc:Bounds x="0" y="{y}" width="9" height="9"/></di:BPMNShape>'
        for id_, y in (("a", 100), ("b", 200), ("end", 300))
    )
    plane = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        f' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">{shapes}</di:BPMNDiagram>'
    )
    return drawing.file().replace(b"</bpmn:definitions>", plane.encode() + b"</bpmn:definitions>")


def test_the_library_tries_conditions_from_top_to_bottom():
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(chosen(Drawing())))
    case = BpmnWorkflow(parser.get_spec("p"))
    case.task_tree.data["n"] = 1
    case.do_engine_steps()
    assert [t.task_spec.name for t in case.get_tasks(state=TaskState.READY, manual=True)] == ["a"]


def test_a_layout_means_nothing():
    definition = definitions.load(Bundle({"bpmn/p.bpmn": chosen(Drawing())}))
    assert Case(definition, n=1).open == ["b"]


def calling():
    drawing = line("k", "a", start="kept")
    drawing.call("k", "q")
    drawing.user("a")
    inner = Drawing("q")
    inner.start("qs")
    inner.user("u", "kept")
    inner.end("qe")
    inner.chain("qs", "u", "qe")
    return drawing, inner


def test_the_library_replaces_the_callers_variables():
    assert Stock(*calling(), kept=1).do("u", kept=2).data("a") == {"kept": 2}


def test_a_part_that_declares_nothing_changes_nothing():
    assert Case(load(*calling()), kept=1).do("u", kept=2).data("a") == {"kept": 1}


def test_the_library_lets_a_list_of_feel_never_match():
    rules = [(['"A","B"'], ['"found"']), (["-"], ['"lost"'])]
    drawing = line("d", "a")
    drawing.decide("d", "t")
    drawing.user("a")
    case = Stock(drawing, decisions=[table("t", ["n"], ["r"], rules)], n="A")
    assert case.data("a")["r"] == "lost"


def test_the_library_merges_a_list_into_the_old_one():
    assert DeepMerge.merge({"a": [3, 1]}, {"a": [1, 2]})["a"] != [1, 2]


def test_a_decision_replaces_a_list():
    drawing = line("d", "a", start="r")
    drawing.decide("d", "t")
    drawing.user("a")
    definition = load(drawing, decisions=[table("t", ["r"], ["r"], [(["-"], ["[1, 2]"])])])
    assert Case(definition, r=[3, 1]).data("a")["r"] == [1, 2]


def test_the_library_drops_event_definitions_it_does_not_know():
    drawing = line("x")
    drawing.throw("x", '<bpmn:linkEventDefinition name="L"/>')
    spec = Stock(drawing).spec.task_specs["x"]
    assert isinstance(spec.event_definition, NoneEventDefinition)


def test_the_library_runs_any_code():
    drawing = Drawing()
    drawing.start()
    drawing.xor("x", "xd")
    drawing.user("a")
    drawing.end()
    drawing.flow("start", "x")
    drawing.flow("x", "a", "__import__('os').getpid() > 0")
    drawing.flow("x", "end", id_="xd")
    drawing.flow("a", "end")
    assert Stock(drawing).open == ["a"]
    with pytest.raises(ValueError, match="不允许"):
        runtime.start(load(drawing), 1, {})


def test_the_library_recurses_as_deep_as_a_diagram_is_long():
    names = [f"n{number}" for number in range(600)]
    drawing = line(*names)
    for name in names:
        drawing.user(name)
    with pytest.raises(ValidationException, match="RecursionError"):
        Stock(drawing)


def test_the_longest_diagram_the_lint_allows_runs():
    names = [f"n{number}" for number in range(148)]
    drawing = line(*names)
    for name in names:
        drawing.user(name)
    case = Case(load(drawing))
    for name in names:
        case.do(name)
    assert case.outcome.finished
