"""The bytes of a case: what is alive, and of the past only what it stands on.

Kept are the tasks that wait or are ready, their parents, and the root. The future is not kept, it
is predicted anew. So a state does not grow with the age of a case. A task is written as

    [number, place of its parent, number of its spec, status, variables, notes]

where trailing empty fields are left out, and variables are those that differ from the parent's,
each with its value and when it was written.
"""

import math
import threading
from typing import Any, Final, NamedTuple

import orjson
import zstandard
from SpiffWorkflow.util.task import TaskState

from app.domain.text import T
from app.engine import CaseFault, StateMismatch, Variables
from app.engine.definitions import Definition
from app.engine.workflow import CaseTask, CaseWorkflow

_FORMAT: Final = b"\x01"
_GUARD: Final = 12
_LIVE: Final = TaskState.WAITING | TaskState.READY | TaskState.STARTED
_TRIGGERED: Final = 1024
_MAX_DEPTH: Final = 20
_WORD: Final = 1 << 63
_local = threading.local()


class _Line(NamedTuple):
    """A task to keep, and the place of the nearest kept one above it."""

    task: CaseTask
    parent: int


def dump(workflow: CaseWorkflow) -> bytes:
    """Return the state of `workflow`, which stays as it is.

    :raises CaseFault: if a routing variable is not a JSON value
    """
    alive = {task.id: task for task in workflow.all_tasks() if task.has_state(_LIVE)}
    levels = [[0, _rows(workflow.definition, workflow)]]
    for owner, level in workflow.subprocesses.items():
        if owner in alive:
            levels.append([alive[owner].seq, _rows(workflow.definition, level)])
    whole = [workflow.definition.guard[:_GUARD], workflow.next_seq, levels]
    try:
        data = orjson.dumps(whole)
    except (orjson.JSONEncodeError, TypeError) as error:
        raise CaseFault(T("流转变量不是 JSON 值：{error}", error=str(error))) from error
    return _FORMAT + bytes(_compressor().compress(data))


def load(definition: Definition, case_id: int, state: bytes) -> CaseWorkflow:
    """Return the workflow saved as `state`.

    :raises StateMismatch: if it was saved on another definition or by another engine
    """
    if state[:1] != _FORMAT:
        raise StateMismatch(T("案件状态的格式无法识别"))
    guard, next_seq, levels = orjson.loads(_decompressor().decompress(state[1:]))
    if guard != definition.guard[:_GUARD]:
        raise StateMismatch(
            T("案件状态与流程 {procedure} 的这一版本不符", procedure=definition.procedure)
        )
    workflow = CaseWorkflow(definition, case_id, next_seq)
    for owner, rows in levels:
        _restore(workflow, owner, rows)
    for task in list(workflow.all_tasks()):
        if task.has_state(_LIVE):
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    return workflow


def check(variables: Variables) -> None:
    """Make sure that `variables` are JSON values, which is all a state can hold.

    :raises CaseFault: if one is not
    """
    for name, value in variables.items():
        if not _is_json({name: value}, _MAX_DEPTH):
            raise CaseFault(T("流转变量 {name} 不是 JSON 值", name=name))


def _is_json(value: Any, depth: int) -> bool:
    if isinstance(value, bool | str | None):
        return True
    if isinstance(value, int):
        return -_WORD <= value < _WORD
    if isinstance(value, float):
        return math.isfinite(value)
    if type(value) is dict and all(isinstance(key, str) for key in value):
        value = list(value.values())
    return type(value) is list and depth > 0 and all(_is_json(item, depth - 1) for item in value)


def _lines(level: Any) -> list[_Line]:
    """The tasks of one level to keep, parents first, children in their order."""
    wanted = _wanted(level)
    lines: list[_Line] = []
    stack = [(level.task_tree, -1)]
    while stack:
        task, parent = stack.pop()
        if task.id in wanted:
            lines.append(_Line(task, parent))
            parent = len(lines) - 1
        stack.extend((child, parent) for child in reversed(task.children))
    return lines


def _wanted(level: Any) -> set[Any]:
    alive = [task for task in level.tasks.values() if task.has_state(_LIVE)]
    above = {task._parent for task in alive} - {None}
    return {level.task_tree.id, *(task.id for task in alive), *above}


def _rows(definition: Definition, level: Any) -> list[list[Any]]:
    lines = _lines(level)
    return [_row(definition, line, lines) for line in lines]


def _row(definition: Definition, line: _Line, lines: list[_Line]) -> list[Any]:
    task = line.task
    status = task._state | (_TRIGGERED if task.triggered else 0)
    number = definition.numbers[task.workflow.spec.name, task.task_spec.name]
    above = lines[line.parent].task.written if line.parent >= 0 else {}
    changed = {
        name: [task.data[name], written]
        for name, written in task.written.items()
        if above.get(name) != written
    }
    notes = task.internal_data if task.has_state(_LIVE) else None
    row = [task.seq, line.parent, number, status, changed or 0, notes or 0]
    while not row[-1]:
        row.pop()
    return row


def _restore(workflow: CaseWorkflow, owner: int, rows: list[list[Any]]) -> None:
    level: Any = workflow
    if owner:
        caller = workflow.get_task_from_id(workflow.new_id(owner))
        level = workflow.adopt(caller, caller.task_spec.spec)
        level.completed_event.connect(caller.task_spec._on_subworkflow_completed, caller)
    tasks: list[CaseTask] = []
    for row in rows:
        seq, parent, number, status, changed, notes = row + [0] * (6 - len(row))
        above = tasks[parent] if parent >= 0 else None
        spec = workflow.definition.specs[number]
        task = CaseTask(level, spec, above, status & ~_TRIGGERED, seq)
        task.triggered = bool(status & _TRIGGERED)
        task.internal_data = notes or {}
        if above is not None:
            # What a task has that the one above has not was written in between.
            task.take(above)
        for name, (value, written) in (changed or {}).items():
            task.data[name], task.written[name] = value, written
        tasks.append(task)
    level.task_tree = tasks[0]


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3)
    return _local.compressor  # type: ignore[no-any-return]


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    return _local.decompressor  # type: ignore[no-any-return]
