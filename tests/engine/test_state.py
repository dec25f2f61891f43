import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from SpiffWorkflow.exceptions import WorkflowException

from app.engine import CaseFault, StateMismatch, runtime
from app.engine import state as states
from app.engine.workflow import CaseTask, CaseWorkflow, Environment
from tests.engine import fuzz
from tests.engine.draw import timer
from tests.engine.play import CASE, Case, line, load


def test_a_state_belongs_to_its_definition():
    one, other = line("a"), line("b")
    one.user("a")
    other.user("b")
    case = Case(load(one))
    seq = case.seq("tasks", "a")
    with pytest.raises(StateMismatch):
        runtime.complete(load(other), CASE, case.state, seq, {})
    with pytest.raises(StateMismatch):
        runtime.complete(case.definition, CASE, b"\x09" + case.state[1:], seq, {})
    with pytest.raises(StateMismatch):
        runtime.complete(case.definition, CASE, b"", seq, {})


def test_the_same_diagram_loaded_again_fits():
    drawing = line("a")
    drawing.user("a")
    case = Case(load(drawing))
    case.definition = load(drawing)
    assert case.do("a").outcome.finished


def test_a_number_stays_while_a_task_is_open_and_is_never_given_twice():
    case = fuzz.Walk(8)
    seen, before = {}, {}
    for _ in range(40):
        if not case.step():
            break
        now = {task.seq: task.node for task in case.players[1].outcome.tasks}
        for seq, node in now.items():
            assert seen.setdefault(seq, node) == node
            assert seq in before or seq not in set(seen) - set(now)
        before = now


def test_a_state_is_small():
    drawing = line("a", start="n")
    drawing.user("a", "x")
    drawing.boundary("t", "a", timer("P5BD"), interrupting=False)
    drawing.end("e2")
    drawing.chain("t", "e2")
    assert len(Case(load(drawing), n=1).state) < 100


def test_a_finished_case_is_closed():
    drawing = line("a")
    drawing.user("a")
    case = Case(load(drawing))
    seq = case.seq("tasks", "a")
    case.do("a")
    with pytest.raises(runtime.TaskNotOpen):
        runtime.complete(case.definition, CASE, case.state, seq, {})


def test_a_command_leaves_the_given_state_alone():
    drawing = line("a", "b")
    drawing.user("a", "x")
    drawing.user("b")
    case = Case(load(drawing))
    before, seq = case.state, case.seq("tasks", "a")
    outcomes = [
        runtime.complete(case.definition, CASE, before, seq, {"x": [1]}).outcome() for _ in range(2)
    ]
    assert outcomes[0] == outcomes[1]


def test_variables_that_are_no_json_are_not_written():
    workflow = CaseWorkflow(load(line()), CASE)
    workflow.begin({"a": object()})
    with pytest.raises(CaseFault):
        states.dump(workflow)


def test_ids_hold_the_case():
    workflow = CaseWorkflow(load(line()), CASE)
    assert workflow.new_id(5).int == CASE << 32 | 5


def test_a_predicted_task_opens_nothing():
    workflow = CaseWorkflow(load(line()), CASE)
    workflow.begin({})
    root = workflow.task_tree
    predicted = CaseTask(workflow, root.task_spec, root)
    with pytest.raises(WorkflowException):
        predicted._add_child(root.task_spec, 16)


def test_a_diagram_holds_no_scripts():
    with pytest.raises(CaseFault):
        Environment().execute("a = 1", {})
    with pytest.raises(CaseFault):
        Environment().call_service({})


def test_logs_hold_no_variables(caplog):
    drawing = line("a")
    drawing.user("a", "x")
    with caplog.at_level(logging.DEBUG):
        Case(load(drawing)).do("a", x="secret")
    assert "secret" not in str([record.__dict__ for record in caplog.records])


def play(walk):
    while walk.n < 30 and walk.step():
        pass
    return walk


def sharing(walk, definition):
    """Let `walk` begin anew on a definition that others use too."""
    walk.definition = definition
    for player in walk.players[1:]:
        player.definition = definition
        player.settle(runtime.start(definition, fuzz.CASE, walk.variables))
    return walk


def test_threads_share_a_definition():
    alone = [play(fuzz.Walk(seed)) for seed in range(4)]
    walks = [sharing(fuzz.Walk(walk.seed), walk.definition) for walk in alone for _ in range(3)]
    with ThreadPoolExecutor(len(walks)) as threads:
        list(threads.map(play, walks))
    for walk in walks:
        assert walk.players[1].outcome == alone[walk.seed].players[1].outcome
