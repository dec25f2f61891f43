"""The library's task tree, made to number its tasks and to read no clock."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.domain.text import T
from app.engine import CaseFault, Variables, expressions
from app.engine.definitions import Definition
from app.engine.specs.events import BoundaryEvent

SEQ_BITS: Final = 32

# The library attaches a case's variables to its log records unless its loggers have a level.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Environment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Evaluates expressions of our language, and nothing else."""

    def evaluate(
        self,
        expression: str,
        context: dict[str, Any],
        external_context: dict[str, Any] | None = None,
    ) -> Any:
        return expressions.evaluate(expression, context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        raise CaseFault(T("流程图不执行脚本"))

    def call_service(self, context: Any, **kwargs: Any) -> str:
        raise CaseFault(T("引擎不执行服务调用"))


class ScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Passes errors on as they are."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return self.environment.evaluate(expression, task.data, external_context)


_ENGINE: Final = ScriptEngine(Environment())


class CaseTask(Task):  # type: ignore[misc]
    """A task with a number instead of a random id, and without times or log records."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: "CaseTask | None" = None,
        state: int = TaskState.MAYBE,
        seq: int | None = None,
    ) -> None:
        self.id = workflow.top_workflow.new_id(seq)
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = None if parent is None else parent.id
        self._children: list[UUID] = []
        self._state = state
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self.data: dict[str, Any] = {}
        self.written: dict[str, int] = {}
        """For each variable, when it was written, counted over the whole case."""
        self.internal_data: dict[str, Any] = {}
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    @property
    def seq(self) -> int:
        return int(self.id.int & ((1 << SEQ_BITS) - 1))

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> "CaseTask":
        if self.has_state(TaskState.PREDICTED_MASK) and not state & TaskState.PREDICTED_MASK:
            raise WorkflowException("A predicted task has predicted children only", task_spec)
        return type(self)(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == TaskState.READY:
            self.workflow.top_workflow.enqueue(self)

    def _inherit_data(self) -> None:
        self.take(self.parent)

    def write(self, variables: Variables) -> None:
        """Set `variables` now."""
        now = self.workflow.top_workflow.count()
        for name, value in variables.items():
            self.data[name] = value
            self.written[name] = now

    def take(self, other: "CaseTask", names: Iterable[str] | None = None) -> None:
        """Take over from `other` what was written later; by default, of all its variables."""
        for name in other.written if names is None else names:
            if other.written[name] > self.written.get(name, -1):
                self.data[name] = other.data[name]
                self.written[name] = other.written[name]

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        return {}


class CaseWorkflow(BpmnWorkflow):  # type: ignore[misc]
    """The tasks of one case on one definition; not for more than one thread."""

    def __init__(self, definition: Definition, case_id: int, next_seq: int = 1) -> None:
        self._base = case_id << SEQ_BITS
        self.next_seq = next_seq
        self.definition = definition
        self.ready: deque[CaseTask] = deque()
        super().__init__(
            definition.spec, dict(definition.parts), script_engine=_ENGINE, deserializing=True
        )

    def new_id(self, seq: int | None = None) -> UUID:
        """Return the id of the task numbered `seq`, by default the next number."""
        return UUID(int=self._base | (self.count() if seq is None else seq))

    def count(self) -> int:
        """Return the next number; tasks and writes share one series."""
        self.next_seq += 1
        return self.next_seq - 1

    def enqueue(self, task: CaseTask) -> None:
        """Note that `task` became ready; an event on a border goes first, to stop what it stops."""
        if isinstance(task.task_spec, BoundaryEvent):
            self.ready.appendleft(task)
        else:
            self.ready.append(task)

    def begin(self, variables: Variables) -> None:
        """Make the root of a new case."""
        plant(self)
        self.task_tree.write(variables)

    def create_subprocess(self, my_task: CaseTask, spec_name: str) -> BpmnSubWorkflow:
        subworkflow = self.adopt(my_task, spec_name)
        plant(subworkflow)
        return subworkflow

    def adopt(self, my_task: CaseTask, spec_name: str) -> BpmnSubWorkflow:
        """Return a new subworkflow of `my_task` that has no tasks yet."""
        spec = self.subprocess_specs[spec_name]
        subworkflow = BpmnSubWorkflow(spec, my_task.id, self, deserializing=True)
        self.subprocesses[my_task.id] = subworkflow
        return subworkflow

    def levels(self) -> Iterator[Any]:
        """Yield the workflow and every subworkflow."""
        yield self
        yield from self.subprocesses.values()

    def all_tasks(self) -> Iterator[CaseTask]:
        """Yield every task of every level."""
        for level in self.levels():
            yield from level.tasks.values()


def plant(workflow: Any) -> None:
    """Make the first task of `workflow` and predict what may follow."""
    root = CaseTask(workflow, workflow.spec.start, state=TaskState.FUTURE)
    workflow.task_tree = root
    root.task_spec._predict(root, mask=TaskState.NOT_FINISHED_MASK)
    root._ready()
