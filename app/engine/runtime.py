"""Advance a case by one command. Each command returns a `Step` that stands at an effect or at rest.

    step = runtime.complete(definition, case_id, state, seq, answers)
    while step.effect is not None:
        step.answer(carry_out(step.effect))  # or step.wait(), to resume() later
    outcome = step.outcome()

After an exception nothing may be saved; the state given is still the case's.
"""

from collections.abc import Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.util.task import TaskState

from app.domain import Conflict
from app.domain.text import T
from app.engine import (
    CaseFault,
    Effect,
    OpenTask,
    Outcome,
    Subscription,
    TaskNotOpen,
    Timer,
    Variables,
    Waiting,
    expressions,
    rules,
)
from app.engine import state as states
from app.engine.build import JOIN, SPLIT
from app.engine.definitions import Definition
from app.engine.specs import activities, events
from app.engine.workflow import CaseTask, CaseWorkflow

MAX_NODES: Final = 1000
"""Nodes a case may pass in one step; more means it goes round without ever waiting."""
_PARKED: Final = "parked"


class NoReturn(Conflict):
    """The task cannot be returned to that node."""


def start(definition: Definition, case_id: int, variables: Variables) -> "Step":
    """Begin a case; start variables that are missing become None.

    :raises CaseFault: if the variables do not let the case run to its first rest
    """
    states.check(variables)
    workflow = CaseWorkflow(definition, case_id)
    workflow.begin(dict.fromkeys(definition.start.variables) | dict(variables))
    return Step(workflow)


def complete(
    definition: Definition, case_id: int, state: bytes, seq: int, variables: Variables
) -> "Step":
    """Complete a human task with its answers, of which the declared ones enter the case.

    :raises TaskNotOpen: if there is no such open task
    :raises CaseFault: if the case cannot go on with these answers
    """
    workflow = states.load(definition, case_id, state)
    return complete_in(workflow, seq, variables)


def complete_in(workflow: CaseWorkflow, seq: int, variables: Variables) -> "Step":
    """Do what `complete` does, on a workflow in memory."""
    task = _find(workflow, seq, TaskState.READY)
    if not task.task_spec.manual:
        raise TaskNotOpen(seq)
    task.write(_declared(task, variables))
    return Step(workflow, task)


def fire(definition: Definition, case_id: int, state: bytes, seq: int) -> "Step":
    """Fire an armed timer; the caller decided that it is due.

    :raises TaskNotOpen: if there is no such armed timer
    """
    return fire_in(states.load(definition, case_id, state), seq)


def fire_in(workflow: CaseWorkflow, seq: int) -> "Step":
    """Do what `fire` does, on a workflow in memory."""
    events.fire(_find_event(workflow, seq, events.Timer))
    return Step(workflow)


def deliver(
    definition: Definition, case_id: int, state: bytes, seq: int, variables: Variables
) -> "Step":
    """Deliver a message to the event that waits for it; declared variables enter the case.

    :raises TaskNotOpen: if there is no such subscription
    """
    return deliver_in(states.load(definition, case_id, state), seq, variables)


def deliver_in(workflow: CaseWorkflow, seq: int, variables: Variables) -> "Step":
    """Do what `deliver` does, on a workflow in memory."""
    task = _find_event(workflow, seq, events.Message)
    declared = _declared(task, variables)
    events.fire(task)
    task.write(declared)
    return Step(workflow)


def resume(definition: Definition, case_id: int, state: bytes, seq: int, result: Any) -> "Step":
    """Answer a service task that was left waiting.

    :raises TaskNotOpen: if there is no such waiting service task
    """
    return resume_in(states.load(definition, case_id, state), seq, result)


def resume_in(workflow: CaseWorkflow, seq: int, result: Any) -> "Step":
    """Do what `resume` does, on a workflow in memory."""
    task = _find(workflow, seq, TaskState.READY)
    if _PARKED not in task.internal_data:
        raise TaskNotOpen(seq)
    _set_result(task, result)
    return Step(workflow, task)


def jump(definition: Definition, case_id: int, state: bytes, seq: int, target: str) -> "Step":
    """Return an open task (退回) to one of the nodes in its `returnTo`; its answers are dropped.

    :raises TaskNotOpen: if there is no such open task
    :raises NoReturn: if the task may not be returned to `target`
    """
    return jump_in(states.load(definition, case_id, state), seq, target)


def jump_in(workflow: CaseWorkflow, seq: int, target: str) -> "Step":
    """Do what `jump` does, on a workflow in memory."""
    task = _find(workflow, seq, TaskState.READY)
    node = workflow.definition.nodes.get(task.task_spec.bpmn_id or "")
    specs = task.workflow.spec.task_specs
    allowed = node is not None and node.repetition is None and target in node.words("returnTo")
    if not allowed or target not in specs:
        raise NoReturn(T("事项 {seq} 不能退回到 {target}", seq=seq, target=target))
    above: Any = task.parent
    if isinstance(above.task_spec, BoundaryEventSplit):
        _close_border(above)
    else:
        task.cancel()
    spec = specs.get(target + SPLIT) or specs[target]
    again = above._add_child(spec, TaskState.FUTURE)
    # It is not an output of the node above, which must not remove it when it is predicted again.
    again.triggered = True
    spec._predict(again, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
    spec._update(again)
    return Step(workflow)


def standing(definition: Definition, case_id: int, state: bytes) -> Outcome:
    """Return where a case stands without moving it.

    :raises StateMismatch: if the state was saved on another definition or by another engine
    """
    workflow = states.load(definition, case_id, state)
    workflow.ready.clear()
    return Step(workflow).outcome()


class Step:
    """One command on its way: the case runs until it needs an effect or rests."""

    def __init__(self, workflow: CaseWorkflow, first: CaseTask | None = None) -> None:
        self._workflow = workflow
        self._definition = workflow.definition
        self._passed: list[str] = []
        self._pending: CaseTask | None = None
        self._left = MAX_NODES
        self.effect: Effect | None = None
        """What the caller is to do now; None when the case rests."""
        if first is not None:
            self._run(first)
        self._advance()

    def answer(self, result: Any) -> None:
        """Give the result of the effect and run on.

        :raises CaseFault: if the result is not a JSON value, or the case cannot go on with it
        """
        task = self._settle()
        _set_result(task, result)
        self._run(task)
        self._advance()

    def wait(self) -> None:
        """Leave the service task waiting, to be answered by `resume`, and run on."""
        self._settle().internal_data[_PARKED] = True
        self._advance()

    def outcome(self) -> Outcome:
        """Return where the case stands.

        :raises RuntimeError: if an effect is still to be answered
        """
        if self._pending is not None:
            raise RuntimeError(f"Effect {self.effect} is not answered")
        workflow = self._workflow
        found = _Found(workflow)
        finished = bool(workflow.completed)
        main = self._definition.processes[self._definition.procedure].nodes
        return Outcome(
            state=states.dump(workflow),
            tasks=tuple(found.tasks),
            timers=tuple(found.timers),
            subscriptions=tuple(found.subscriptions),
            waiting=tuple(found.waiting),
            finished=finished,
            passed=tuple(self._passed),
            ended=tuple(
                id_ for id_ in self._passed if id_ in main and main[id_].kind == "endEvent"
            ),
            variables=dict(workflow.last_task.data) if finished else {},
        )

    def _settle(self) -> CaseTask:
        if self._pending is None:
            raise RuntimeError("There is no effect to answer")
        task, self._pending, self.effect = self._pending, None, None
        return task

    def _advance(self) -> None:
        ready = self._workflow.ready
        while ready:
            task = ready.popleft()
            if not _is_due(task):
                continue
            if isinstance(task.task_spec, activities.ServiceTask):
                self._pending = task
                self.effect = _effect(task)
                return
            self._run(task)

    def _run(self, task: CaseTask) -> None:
        self._left -= 1
        if not self._left:
            raise CaseFault(T("流程在 {node} 处循环不止", node=task.task_spec.name))
        task.run()
        self._record(task)

    def _record(self, task: CaseTask) -> None:
        node = task.task_spec.bpmn_id
        if node is None or activities.INDEX in task.internal_data:
            return
        self._passed.append(node)
        for child in task.children:
            target = child.task_spec.name.removesuffix(SPLIT)
            flow = self._definition.between.get((node, target))
            if flow is not None and not child.has_state(TaskState.PREDICTED_MASK):
                self._passed.append(flow)


class _Found:
    """What is open in a workflow, by kind."""

    def __init__(self, workflow: CaseWorkflow) -> None:
        self.tasks: list[OpenTask] = []
        self.timers: list[Timer] = []
        self.subscriptions: list[Subscription] = []
        self.waiting: list[Waiting] = []
        self._nodes = workflow.definition.nodes
        for task in workflow.all_tasks():
            if task.has_state(TaskState.READY):
                self._add_ready(task)
            elif task.has_state(TaskState.WAITING):
                self._add_waiting(task)

    def _add_ready(self, task: CaseTask) -> None:
        node = task.task_spec.bpmn_id
        if task.task_spec.manual:
            due = _due(self._nodes[node].properties.get("due"), task.data)
            several = task.parent.seq if activities.INDEX in task.internal_data else None
            self.tasks.append(OpenTask(task.seq, node, due, dict(task.data), several))
        elif _PARKED in task.internal_data:
            self.waiting.append(Waiting(task.seq, node))

    def _add_waiting(self, task: CaseTask) -> None:
        spec = task.task_spec
        definition = getattr(spec, "event_definition", None)
        if isinstance(definition, events.Message):
            self.subscriptions.append(Subscription(task.seq, spec.bpmn_id, definition.name))
        elif isinstance(definition, events.Timer):
            on_border = isinstance(spec, events.BoundaryEvent)
            self.timers.append(
                Timer(
                    task.seq,
                    spec.bpmn_id,
                    task.internal_data[events.RULE],
                    interrupting=on_border and spec.cancel_activity,
                    attached_to=_activity(task).seq if on_border else None,
                )
            )


def _close_border(split: Any) -> None:
    """Withdraw an activity and the events on its border; what these have begun goes on."""
    for task in split.children:
        if not task.has_state(TaskState.FINISHED_MASK):
            task.cancel()
    # A join left waiting would take the next activity under this split for the one withdrawn.
    for event in split.children:
        for join in event.children:
            if join.has_state(TaskState.WAITING) and join.task_spec.name.endswith(JOIN):
                join.task_spec._update(join)


def _activity(event: CaseTask) -> CaseTask:
    """The running activity that has `event` on its border."""
    siblings: list[CaseTask] = event.parent.children
    return next(task for task in siblings if not isinstance(task.task_spec, events.BoundaryEvent))


def _due(source: str | None, variables: Mapping[str, Any]) -> str | None:
    if source is None or rules.is_rule(source):
        return source
    rule = expressions.evaluate(source, variables)
    if rule is not None and not (isinstance(rule, str) and rules.is_rule(rule)):
        raise CaseFault(T("“{source}”没有给出时限规则", source=source))
    return rule


def _effect(task: CaseTask) -> Effect:
    operator = task.task_spec.operator
    parameters = {
        name: expressions.evaluate(source, task.data) for name, source in operator.parameters
    }
    return Effect(task.seq, task.task_spec.bpmn_id, operator.name, parameters)


def _set_result(task: CaseTask, result: Any) -> None:
    name = task.task_spec.operator.result
    if name is not None:
        states.check({name: result})
        task.write({name: result})


def _declared(task: CaseTask, variables: Variables) -> dict[str, Any]:
    """The variables the task's node declares; one that is missing is None."""
    node = task.workflow.top_workflow.definition.nodes[task.task_spec.bpmn_id]
    declared = {name: variables.get(name) for name in node.variables}
    states.check(declared)
    return declared


def _is_due(task: CaseTask) -> bool:
    return (
        task.has_state(TaskState.READY)
        and not task.task_spec.manual
        and _PARKED not in task.internal_data
        and task.id in task.workflow.tasks
    )


def _find(workflow: CaseWorkflow, seq: int, status: int) -> CaseTask:
    id_ = workflow.new_id(seq)
    for level in workflow.levels():
        task: CaseTask | None = level.tasks.get(id_)
        if task is not None and task.has_state(status):
            return task
    raise TaskNotOpen(seq)


def _find_event(workflow: CaseWorkflow, seq: int, kind: type) -> CaseTask:
    task = _find(workflow, seq, TaskState.WAITING)
    if not isinstance(getattr(task.task_spec, "event_definition", None), kind):
        raise TaskNotOpen(seq)
    return task
