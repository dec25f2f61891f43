"""Joins that wait for the right branches and lose no branch's variables."""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.util.task import TaskState

ARRIVED: Final = "arrived"
_ACTIVE: Final = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class _Join(metaclass=ABCMeta):
    """A join of which at most one instance waits, and that one knows which inputs have arrived.

    The library counts finished instances instead, those of earlier rounds of a loop among them,
    and lets the last branch overwrite with its stale copy what the others have set. Here each
    variable has the value that was written last.
    """

    def _update_hook(self, my_task: Any) -> bool | None:
        if ARRIVED not in my_task.internal_data:
            self._arrive(my_task)
        if self._may_fire(my_task):
            return True
        my_task._set_state(TaskState.WAITING)
        return None

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def _arrive(self, my_task: Any) -> None:
        my_task.take(my_task.parent)
        arrived = {my_task.parent.task_spec.name}
        for earlier in list(my_task.workflow.tasks.values()):
            if (
                earlier.task_spec is self
                and earlier is not my_task
                and earlier.has_state(TaskState.WAITING)
            ):
                my_task.take(earlier)
                arrived.update(earlier.internal_data[ARRIVED])
                earlier.cancel()
        my_task.internal_data[ARRIVED] = sorted(arrived)

    @abstractmethod
    def _may_fire(self, my_task: Any) -> bool:
        """Test whether everything has come that this instance waits for."""


class ParallelGateway(_Join, defaults.ParallelGateway):  # type: ignore[misc]
    """Fires when every input has arrived in this round."""

    def _may_fire(self, my_task: Any) -> bool:
        return set(my_task.internal_data[ARRIVED]) >= set(self._inputs)


class InclusiveGateway(_Join, defaults.InclusiveGateway):  # type: ignore[misc]
    """Fires when no token can come to an input that is still empty.

    The library stops its search at the first instance and is wrong from the second round on.
    """

    reach: dict[str, frozenset[str]]
    """For each node of the process, the inputs of this join that it leads to."""

    def prepare(self) -> None:
        """Find out what leads here; the spec is read-only afterwards."""
        self.reach = {
            name: frozenset(self._reach(spec)) for name, spec in self._wf_spec.task_specs.items()
        }

    def _reach(self, spec: Any) -> Iterator[str]:
        seen, stack = {spec.name}, [spec]
        while stack:
            current = stack.pop()
            if current.name in self._inputs:
                yield current.name
            for output in current.outputs:
                if output is not self and output.name not in seen:
                    seen.add(output.name)
                    stack.append(output)

    def _may_fire(self, my_task: Any) -> bool:
        arrived = set(my_task.internal_data[ARRIVED])
        for task in my_task.workflow.tasks.values():
            if task.task_spec is not self and task.has_state(_ACTIVE):
                reach = self.reach[task.task_spec.name]
                if reach - arrived and not reach & arrived:
                    return False
        return True

    def _run_hook(self, my_task: Any) -> bool:
        matches, defaults_ = self._get_matching_outputs(my_task)
        my_task._sync_children(matches or defaults_, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class EndJoin(_Join, _EndJoin):  # type: ignore[misc]
    """The end of a process: fires when nothing else is left to do."""

    def _may_fire(self, my_task: Any) -> bool:
        return not any(
            task.has_state(TaskState.NOT_FINISHED_MASK)
            for task in my_task.workflow.tasks.values()
            if task.task_spec is not self and task.task_spec.name != "End"
        )
