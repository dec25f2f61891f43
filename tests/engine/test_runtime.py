import pytest

from app.engine import CaseFault, TaskNotOpen, rules, runtime
from tests.engine.draw import (
    TERMINATE,
    Drawing,
    bundle,
    message,
    timer,
)
from tests.engine.play import CASE, Case, line, load


def test_a_case_runs_to_its_end():
    drawing = line("a", "b", start="n")
    drawing.user("a", "x", due="P5BD")
    drawing.user("b")
    case = Case(load(drawing), given=1)
    assert case.open == ["a"]
    assert case.outcome.tasks[0].due == "P5BD"
    assert case.data("a") == {"n": None, "given": 1}
    assert case.outcome.passed == ("start", "p_f1")
    case.do("a", x=2, undeclared=3)
    assert case.data("b") == {"n": None, "given": 1, "x": 2}
    case.do("b")
    assert case.outcome.finished
    assert case.outcome.passed == ("b", "p_f3", "end")
    assert case.outcome.ended == ("end",)
    assert case.outcome.variables == {"n": None, "given": 1, "x": 2}
    assert case.open == []


def test_what_is_declared_and_missing_is_none():
    drawing = line("a", "b")
    drawing.user("a", "x y")
    drawing.user("b")
    assert Case(load(drawing)).do("a", x=1).data("b") == {"x": 1, "y": None}


def test_a_closed_task_is_refused():
    drawing = line("a", "b")
    drawing.user("a")
    drawing.user("b")
    case = Case(load(drawing))
    seq = case.seq("tasks", "a")
    case.do("a")
    for wrong in (seq, 999):
        for command in (runtime.complete, runtime.deliver, runtime.resume, runtime.jump):
            with pytest.raises(TaskNotOpen):
                command(case.definition, CASE, case.state, wrong, {})
        with pytest.raises(TaskNotOpen):
            runtime.fire(case.definition, CASE, case.state, wrong)
    with pytest.raises(TaskNotOpen):
        runtime.resume(case.definition, CASE, case.state, case.seq("tasks", "b"), 1)


def test_an_effect_is_not_completed_by_hand():
    drawing = line("n", "a")
    drawing.service("n")
    drawing.user("a")
    case = Case(load(drawing))
    seq = case.seq("waiting", "n")
    with pytest.raises(TaskNotOpen):
        runtime.complete(case.definition, CASE, case.state, seq, {})
    with pytest.raises(TaskNotOpen):
        runtime.fire(case.definition, CASE, case.state, seq)


def test_a_fired_timer_is_no_message():
    drawing = line("c")
    drawing.catch("c", timer("P1D"))
    case = Case(load(drawing))
    with pytest.raises(TaskNotOpen):
        runtime.deliver(case.definition, CASE, case.state, case.seq("timers", "c"), {})


def test_an_effect_is_yielded_with_its_parameters_and_answered():
    drawing = line("n", "o", "a", start="x")
    drawing.service("n", "start_case", result="r", procedure='"penalty"', size="x + 1")
    drawing.service("o", "note")
    drawing.user("a")
    case = Case(load(drawing), {"n": {"case": 7}, "o": "ignored"}, x=1)
    assert case.effects == [
        ("n", "start_case", {"procedure": "penalty", "size": 2}),
        ("o", "note", {}),
    ]
    assert case.data("a") == {"x": 1, "r": {"case": 7}}


def test_an_effect_may_be_answered_later():
    drawing = line("n", "a")
    drawing.service("n", result="r")
    drawing.user("a")
    case = Case(load(drawing))
    assert [(w.node, w.seq) for w in case.outcome.waiting] == [("n", case.seq("waiting", "n"))]
    assert case.open == []
    case.resume("n", [1, 2])
    assert case.data("a") == {"r": [1, 2]}
    assert case.outcome.passed == ("n", "p_f2")


def test_a_step_stands_at_its_effect():
    drawing = line("n")
    drawing.service("n")
    step = runtime.start(load(drawing), CASE, {})
    with pytest.raises(RuntimeError):
        step.outcome()
    step.answer(None)
    assert step.outcome().finished
    with pytest.raises(RuntimeError):
        step.answer(None)


@pytest.mark.parametrize(
    "value", [float("nan"), {1: 2}, (1,), {1}, b"x", 2**63, object(), {"a": [b""]}]
)
def test_only_json_enters_a_case(value):
    drawing = line("n", "a")
    drawing.service("n", result="r")
    drawing.user("a", "x")
    definition = load(drawing)
    with pytest.raises(CaseFault):
        runtime.start(definition, CASE, {"x": value})
    case = Case(definition)
    with pytest.raises(CaseFault):
        case.resume("n", value)
    case.resume("n", None)
    with pytest.raises(CaseFault):
        case.do("a", x=value)


def test_json_of_every_kind_survives():
    value = {"a": [1, 1.5, "字", None, True, {"typename": "x", "": []}], "b": -(2**63)}
    drawing = line("a", "b")
    drawing.user("a", "x")
    drawing.user("b")
    assert Case(load(drawing)).do("a", x=value).data("b") == {"x": value}


def test_variables_nested_too_deep_are_refused():
    value = []
    for _ in range(30):
        value = [value]
    with pytest.raises(CaseFault):
        runtime.start(load(line()), CASE, {"x": value})


def test_due_may_be_an_expression():
    drawing = line("a", "b", start="deadline")
    drawing.user("a", due='"P3D/" + deadline')
    drawing.user("b", due="deadline")
    case = Case(load(drawing), deadline="2027-06-30")
    assert case.outcome.tasks[0].due == "P3D/2027-06-30"
    assert case.do("a").outcome.tasks[0].due == "2027-06-30"
    with pytest.raises(CaseFault):
        Case(load(drawing), deadline="some day")
    drawing = line("a", start="deadline")
    drawing.user("a", due="deadline")
    assert Case(load(drawing)).outcome.tasks[0].due is None
    with pytest.raises(CaseFault):
        Case(load(drawing), deadline=3)


def bordered(event, *, interrupting):
    drawing = line("a", start="deadline")
    drawing.user("a", "x")
    drawing.boundary("t", "a", event, interrupting=interrupting, props={"variables": "y"})
    drawing.user("w")
    drawing.end("e2")
    drawing.chain("t", "w", "e2")
    return load(drawing)


def test_an_interrupting_timer_takes_the_task_away():
    case = Case(bordered(timer("P5BD"), interrupting=True))
    (armed,) = case.outcome.timers
    assert (armed.node, armed.rule, armed.interrupting) == ("t", "P5BD", True)
    assert armed.attached_to == case.seq("tasks", "a")
    case.fire("t")
    assert case.open == ["w"]
    assert case.outcome.passed == ("t", "p_f3")
    assert case.outcome.timers == ()
    assert case.do("w").outcome.ended == ("e2",)
    assert case.outcome.finished


def test_a_timer_that_does_not_interrupt_fires_once():
    case = Case(bordered(timer("deadline"), interrupting=False), deadline="2027-06-30")
    (armed,) = case.outcome.timers
    assert (armed.rule, armed.interrupting) == ("2027-06-30", False)
    case.fire("t")
    assert sorted(case.open) == ["a", "w"]
    assert case.outcome.timers == ()
    case.do("a", x=1).do("w")
    assert case.outcome.finished
    assert case.outcome.variables["x"] == 1


def test_completing_the_task_disarms_its_timer():
    case = Case(bordered(timer("P1D"), interrupting=True))
    assert case.do("a", x=1).outcome.finished
    assert case.outcome.timers == ()


def test_a_timer_needs_a_rule():
    with pytest.raises(CaseFault):
        Case(bordered(timer("deadline"), interrupting=True), deadline="tomorrow")


def test_a_message_may_come_again():
    case = Case(bordered(message("m1"), interrupting=False))
    (first,) = case.outcome.subscriptions
    assert (first.node, first.message) == ("t", "m1")
    case.deliver("t", y=1)
    assert sorted(case.open) == ["a", "w"]
    case.deliver("t", y=2, undeclared=3)
    assert sorted(case.open) == ["a", "w", "w"]
    assert sorted(task.variables["y"] for task in case.outcome.tasks if task.node == "w") == [1, 2]
    case.do("w").do("a", x=1).do("w")
    assert case.outcome.finished
    assert case.outcome.variables["x"] == 1
    assert case.outcome.variables["y"] == 2


def test_receive_and_catch():
    drawing = line("r", "c", "d")
    drawing.node("receiveTask", "r", name="r", messageRef="m1", props={"variables": "x"})
    drawing.catch("c", message("m2"))
    drawing.catch("d", timer("PT24H"))
    case = Case(load(drawing))
    case.deliver("r", x=5).deliver("c")
    (armed,) = case.outcome.timers
    assert (armed.rule, armed.interrupting, armed.attached_to) == ("PT24H", False, None)
    assert case.fire("d").outcome.variables == {"x": 5}


@pytest.mark.parametrize("first", ["m", "t1", "t2"])
def test_the_first_event_wins(first):
    drawing = line()
    drawing.items = []
    drawing.start()
    drawing.end()
    drawing.node("eventBasedGateway", "g")
    drawing.flow("start", "g")
    for id_, event in (("m", message("m1")), ("t1", timer("P1D")), ("t2", timer("P2D"))):
        drawing.catch(id_, event)
        drawing.user(f"after_{id_}")
        drawing.chain("g", id_, f"after_{id_}", "end")
    case = Case(load(drawing))
    assert [armed.rule for armed in case.outcome.timers] == ["P1D", "P2D"]
    case.deliver("m") if first == "m" else case.fire(first)
    assert case.open == [f"after_{first}"]
    assert (case.outcome.timers, case.outcome.subscriptions) == ((), ())


def test_terminate_ends_everything():
    drawing = Drawing()
    drawing.start()
    drawing.both("s")
    drawing.user("a", "x")
    drawing.user("b")
    drawing.boundary("t", "b", timer("P1D"))
    drawing.end("stop", inner=TERMINATE)
    drawing.end()
    drawing.end("e2")
    drawing.chain("start", "s", "a", "stop").chain("s", "b", "end").chain("t", "e2")
    case = Case(load(drawing)).do("a", x=1)
    assert case.outcome.finished
    assert (case.open, case.outcome.timers, case.outcome.ended) == ([], (), ("stop",))
    assert case.outcome.variables == {"x": 1}


def returning():
    drawing = line("a", "b", "c")
    drawing.user("a", "x")
    drawing.user("b", "y", returnTo="a")
    drawing.user("c", returnTo="a b")
    drawing.boundary("t", "b", timer("P15D"), interrupting=False)
    drawing.user("w")
    drawing.end("e2")
    drawing.chain("t", "w", "e2")
    return load(drawing)


def test_a_task_is_returned():
    case = Case(returning()).do("a", x=1)
    assert len(case.outcome.timers) == 1
    case.back("b", "a")
    assert (case.open, case.outcome.timers) == (["a"], ())
    assert case.data("a") == {"x": 1}
    case.do("a", x=2)
    assert (case.data("b"), len(case.outcome.timers)) == ({"x": 2}, 1)
    case.do("b", y=1).back("c", "b")
    assert (case.open, len(case.outcome.timers)) == (["b"], 1)
    case.do("b", y=2).do("c")
    assert case.outcome.variables == {"x": 2, "y": 2}


def test_what_a_border_event_began_goes_on_when_the_task_is_returned():
    case = Case(returning()).do("a", x=1).fire("t").back("b", "a")
    assert sorted(case.open) == ["a", "w"]
    case.do("a", x=2).do("w").do("b", y=3)
    assert case.open == ["c"]
    assert case.do("c").outcome.finished


@pytest.mark.parametrize("target", ["c", "start", "ghost", "t"])
def test_a_task_is_returned_only_where_the_diagram_says(target):
    case = Case(returning()).do("a", x=1)
    with pytest.raises(runtime.NoReturn):
        case.back("b", target)


def test_a_loop_that_never_waits_is_stopped():
    drawing = Drawing()
    drawing.start()
    drawing.xor("m")
    drawing.xor("x", "xd")
    drawing.end()
    drawing.chain("start", "m", "x")
    drawing.flow("x", "m", "1 == 1")
    drawing.flow("x", "end", id_="xd")
    with pytest.raises(CaseFault):
        Case(load(drawing))


def test_conditions_are_tried_in_the_order_of_the_file():
    drawing = Drawing()
    drawing.start(props={"variables": "n"})
    drawing.xor("x", "xd")
    drawing.end()
    drawing.flow("start", "x")
    for id_ in ("b", "a"):
        drawing.user(id_)
        drawing.flow("x", id_, "n > 1")
        drawing.flow(id_, "end")
    drawing.flow("x", "end", id_="xd")
    definition = load(drawing)
    assert Case(definition, n=2).open == ["b"]
    assert Case(definition, n=1).outcome.passed == ("start", "p_f1", "x", "xd", "end")


@pytest.mark.parametrize(
    ("rule", "good"),
    [
        ("PT24H", True),
        ("PT1H30M", True),
        ("P10D", True),
        ("P2W", True),
        ("P6M", True),
        ("P5BD", True),
        ("2027-06-30", True),
        ("2027-06-30T12:00:00+08:00", True),
        ("P3D/2027-06-30", True),
        ("P3BD/2027-06-30T12:00+08:00", True),
        ("P", False),
        ("PT", False),
        ("P5", False),
        ("5D", False),
        ("R3/P1D", False),
        ("2027-02-30", False),
        ("2027-06-30T25:00:00Z", False),
        ("deadline", False),
        ("P1D/P1D", False),
        ("P1D ", False),
        ("P١D", False),
    ],
)
def test_time_rules(rule, good):
    assert rules.is_rule(rule) is good
    assert rules.looks_like_rule("P5XX")
    assert not rules.looks_like_rule("deadline")


def test_bundles_are_played_from_storage():
    found = bundle(line())
    assert Case(load(line())).outcome.finished
    assert found.digest == type(found).unpack(found.pack()).digest
