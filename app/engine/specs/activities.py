"""Activities: effects, decisions, called parts, and a task for each of several people."""

from collections.abc import Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from app.domain.text import T
from app.engine import CaseFault
from app.engine.decisions import Table
from app.engine.model import Operator, Repetition

MAX_INSTANCES: Final = 50
INDEX: Final = "key_or_index"
RESULTS: Final = "results"


class ServiceTask(BpmnSpecMixin):  # type: ignore[misc]
    """Stands until its effect is answered; the engine carries nothing out itself."""

    def __init__(self, wf_spec: Any, bpmn_id: str, *, operator: Operator, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.operator = operator


class BusinessRuleTask(BpmnSpecMixin):  # type: ignore[misc]
    """Sets the outputs of a decision table.

    The library lets a FEEL form never match, leaves the variables of an earlier round when nothing
    matches, and merges a list into the old one.
    """

    def __init__(self, wf_spec: Any, bpmn_id: str, *, table: Table, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.table = table

    def _run_hook(self, my_task: Any) -> bool:
        my_task.write(self.table.decide(my_task.data))
        return True


class CallActivity(defaults.CallActivity):  # type: ignore[misc]
    """Runs a part: only its declared inputs go in, only its declared outputs come back.

    The library replaces all variables of the caller when a part declares nothing.
    """

    def __init__(
        self,
        wf_spec: Any,
        bpmn_id: str,
        part: str,
        *,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        given: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(wf_spec, bpmn_id, part, **kwargs)
        self.inputs_ = tuple(name for name in inputs if name not in given)
        self.outputs_ = outputs
        self.given_ = given

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        subworkflow.task_tree.take(my_task, self._checked(my_task, self.inputs_))
        environment = my_task.workflow.script_engine.environment
        subworkflow.task_tree.write(
            {name: environment.evaluate(value, my_task.data) for name, value in self.given_.items()}
        )

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        last = subworkflow.last_task
        my_task.take(last, self._checked(last, self.outputs_))

    def _checked(self, task: Any, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in task.data:
                raise CaseFault(
                    T("子流程 {part} 声明的变量 {name} 没有值", part=self.spec, name=name)
                )
        return names


class Subprocess(defaults.SubWorkflowTask):  # type: ignore[misc]
    """An embedded subprocess: all variables go in, and all come back."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        subworkflow.task_tree.take(my_task)

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        my_task.take(subworkflow.last_task)


class UserTaskForEach(defaults.ParallelMultiInstanceTask):  # type: ignore[misc]
    """A user task for each item of a list (会签); the results are listed in the items' order.

    The library appends in the order of completion, breaks when it comes round a second time, and
    never finishes on a parsed diagram whose instances were started by another process.
    """

    def __init__(
        self, wf_spec: Any, bpmn_id: str, *, child: str, repetition: Repetition, **kwargs: Any
    ) -> None:
        super().__init__(wf_spec, bpmn_id, child, **kwargs)
        self.repetition = repetition

    def _update_hook(self, my_task: Any) -> bool | None:
        my_task._inherit_data()
        items = my_task.data.get(self.repetition.items)
        if not isinstance(items, list) or len(items) > MAX_INSTANCES:
            raise CaseFault(
                T(
                    "会签 {node} 的名单 {name} 应为不超过 {count} 项的列表",
                    node=self.name,
                    name=self.repetition.items,
                    count=MAX_INSTANCES,
                )
            )
        my_task.internal_data[RESULTS] = {}
        my_task._set_state(TaskState.STARTED)
        for index, item in enumerate(items):
            self._open(my_task, index, item)
        if items:
            return None
        self._close(my_task)
        return True

    def merge_child(self, workflow: Any, child: Any) -> None:
        my_task = child.parent
        given = my_task.internal_data[RESULTS]
        given[str(child.internal_data[INDEX])] = child.data.get(self.repetition.result)
        instances = [task for task in my_task.children if task.triggered]
        waiting = [task for task in instances if not task.has_state(TaskState.FINISHED_MASK)]
        if waiting and not self._is_enough(my_task):
            return
        for task in waiting:
            task.cancel()
        self._close(my_task)
        my_task._set_state(TaskState.READY)

    def _open(self, my_task: Any, index: int, item: Any) -> None:
        spec = self._wf_spec.task_specs[self.task_spec]
        child = my_task._add_child(spec, TaskState.WAITING)
        child.triggered = True
        child.internal_data[INDEX] = index
        spec._update(child)
        child.write({self.repetition.item: item})

    def _is_enough(self, my_task: Any) -> bool:
        if self.repetition.until is None:
            return False
        so_far = {**my_task.data, self.repetition.results: self._results(my_task)}
        environment = my_task.workflow.script_engine.environment
        return bool(environment.evaluate(self.repetition.until, so_far))

    def _close(self, my_task: Any) -> None:
        my_task.write({self.repetition.results: self._results(my_task)})

    def _results(self, my_task: Any) -> list[Any]:
        given = my_task.internal_data[RESULTS]
        return [given[index] for index in sorted(given, key=int)]
