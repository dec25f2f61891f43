"""Joins that wait for the right branches and lose no branch's variables."""

from collections.abc import Iterator
from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.util.task import TaskState

from app.engine import Variables

ARRIVED: Final = "arrived"
MET: Final = "met"
_ACTIVE: Final = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_MISSING: Final = object()


class _Join:
    """A join of which at most one instance waits, and that one knows which inputs have arrived.

    The library counts finished instances instead, those of earlier rounds of a loop among them,
    and lets the last branch overwrite with its stale copy what the others have set.
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
        variables = dict(my_task.parent.data)
        arrived = {my_task.parent.task_spec.name}
        for earlier in list(my_task.workflow.tasks.values()):
            if (
                earlier.task_spec is self
                and earlier is not my_task
                and earlier.has_state(TaskState.WAITING)
            ):
                base = self._base(earlier, my_task)
                variables = merge(base.data, earlier.data, variables)
                arrived.update(earlier.internal_data[ARRIVED])
                earlier.cancel()
        my_task.data = variables
        my_task.internal_data[ARRIVED] = sorted(arrived)

    def _base(self, earlier: Any, my_task: Any) -> Any:
        """The task where the two that meet here parted."""
        return _common_ancestor(earlier, my_task)

    def _may_fire(self, my_task: Any) -> bool:
        raise NotImplementedError


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
    """The end of a process: fires when nothing else is left to do.

    Any number of tokens may end here, each parted from another. So a token that ends marks its way
    back to the root; the next one meets its predecessors at the first mark above it.
    """

    def _arrive(self, my_task: Any) -> None:
        super()._arrive(my_task)
        above = my_task.parent
        while above is not None and MET not in above.internal_data:
            above.internal_data[MET] = True
            above = above.parent

    def _base(self, earlier: Any, my_task: Any) -> Any:
        return nearest_met(my_task)

    def _may_fire(self, my_task: Any) -> bool:
        return not any(
            task.has_state(TaskState.NOT_FINISHED_MASK)
            for task in my_task.workflow.tasks.values()
            if task.task_spec is not self and task.task_spec.name != "End"
        )


def nearest_met(task: Any) -> Any:
    """Return the nearest task above `task` through which a token came that has ended; else None."""
    while task is not None and MET not in task.internal_data:
        task = task.parent
    return task


def merge(base: Variables, earlier: Variables, later: Variables) -> dict[str, Any]:
    """Return `earlier` with what `later` changed since `base`."""
    merged = dict(earlier)
    merged.update(
        {name: value for name, value in later.items() if base.get(name, _MISSING) != value}
    )
    for name in base:
        if name not in later:
            merged.pop(name, None)
    return merged


def _common_ancestor(one: Any, other: Any) -> Any:
    line = set()
    while one is not None:
        line.add(one.id)
        one = one.parent
    while other.id not in line:
        other = other.parent
    return other
