"""Events: timers without a clock, messages for one event, errors that stay in their scope."""

from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from app.domain.text import T
from app.engine import CaseFault
from app.engine.rules import is_rule

RULE: Final = "rule"
FIRED: Final = "event_fired"


class Timer(EventDefinition):  # type: ignore[misc]
    """Fires when it is told to.

    The library's timers compare themselves with the wall clock each time anything completes.
    """

    def __init__(self, expression: str) -> None:
        super().__init__()
        self.expression = expression

    def has_fired(self, my_task: Any) -> bool:
        if RULE not in my_task.internal_data:
            my_task.internal_data[RULE] = self._rule(my_task)
        return bool(my_task.internal_data.get(FIRED))

    def _rule(self, my_task: Any) -> str:
        if is_rule(self.expression):
            return self.expression
        rule = my_task.workflow.script_engine.evaluate(my_task, self.expression)
        if not isinstance(rule, str) or not is_rule(rule):
            raise CaseFault(
                T(
                    "定时器 {node} 的“{source}”没有给出时限规则",
                    node=my_task.task_spec.name,
                    source=self.expression,
                )
            )
        return rule


class Message(EventDefinition):  # type: ignore[misc]
    """A message from outside the case; the caller says which waiting event it is for."""


class Alarm(EventDefinition):  # type: ignore[misc]
    """An error or an escalation, caught on the border of the activity it was raised in.

    The library offers it to the whole case: of two parallel parts that know the same code, the
    handlers of both run.
    """

    def __init__(self, kind: str, code: str | None) -> None:
        super().__init__(code)
        self.kind = kind

    def throw(self, my_task: Any) -> None:
        workflow = my_task.workflow
        while workflow.parent_task_id is not None:
            activity = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
            for event in _border(activity):
                if self._is_caught_by(event):
                    fire(event)
                    return
            workflow = activity.workflow

    def _is_caught_by(self, event: Any) -> bool:
        definition = event.task_spec.event_definition
        return (
            event.has_state(TaskState.WAITING)
            and isinstance(definition, Alarm)
            and definition.kind == self.kind
            and definition.name in {None, self.name}
        )


class EventBasedGateway(BpmnSpecMixin):  # type: ignore[misc]
    """Arms every event behind it; the first to fire withdraws the others.

    The library keeps one due time for the whole gateway, so that a second timer is lost.
    """

    def _predict_hook(self, my_task: Any) -> None:
        my_task._sync_children(self.outputs, state=TaskState.MAYBE)


class CatchEvent(defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """An intermediate event, behind an event-based gateway or not."""

    def _run_hook(self, my_task: Any) -> bool:
        result: bool = super()._run_hook(my_task)
        if isinstance(my_task.parent.task_spec, EventBasedGateway):
            for sibling in my_task.parent.children:
                if sibling is not my_task:
                    sibling.cancel()
        _make_certain(my_task)
        return result


class ReceiveTask(defaults.ReceiveTask):  # type: ignore[misc]
    """A catching event drawn as a task."""


class BoundaryEvent(defaults.BoundaryEvent):  # type: ignore[misc]
    """An event on the border of an activity.

    Two things are put right: a multi-instance task may follow it, and one that does not interrupt
    is armed again, so that a second message or escalation is caught as the first was.
    """

    def _run_hook(self, my_task: Any) -> bool:
        result: bool = super()._run_hook(my_task)
        _make_certain(my_task)
        if not self.cancel_activity and not isinstance(self.event_definition, Timer):
            again = my_task.parent._add_child(self, TaskState.WAITING)
            self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
            self._update(again)
        return result


def fire(my_task: Any) -> None:
    """Make a waiting event ready to run."""
    my_task.internal_data[FIRED] = True
    my_task.task_spec._update(my_task)


def _border(activity: Any) -> list[Any]:
    """The events on the border of a running activity."""
    if not isinstance(activity.parent.task_spec, BoundaryEventSplit):
        return []
    return [task for task in activity.parent.children if task is not activity]


def _make_certain(my_task: Any) -> None:
    """What follows a fired event will happen; it was predicted as something that may."""
    for child in my_task.children:
        if child.has_state(TaskState.PREDICTED_MASK):
            child._set_state(TaskState.FUTURE)
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
