"""The BPMN engine: it says what comes next in a case, and does nothing itself.

It opens no connection, reads no clock and knows no user. `definitions.load` turns a bundle into a
`Definition`; `runtime` takes a definition and the bytes of a state and returns a step, whose
`Outcome` the services store. This file is the vocabulary the two sides share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain import Conflict
from app.domain.text import T, Text

Variables = Mapping[str, Any]


class TaskNotOpen(Conflict):
    """The task, timer or subscription was closed before this command came."""

    def __init__(self, seq: int) -> None:
        super().__init__(T("事项 {seq} 已不在待办状态", seq=seq))


class StateMismatch(Conflict):
    """The saved state was not made on this definition by this engine."""


class CaseFault(Conflict):
    """The diagram asks for something that cannot be done with the case's variables."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a service task asks for: the named effect, with its parameters evaluated."""

    seq: int
    node: str
    name: str
    parameters: Variables


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A human task somebody may now perform."""

    seq: int
    node: str
    due: str | None
    """A time rule, counted from the moment the task was opened."""
    variables: Variables
    round: int | None = None
    """Of one of several that everybody answers (会签): what those of its round share."""


@dataclass(frozen=True, slots=True)
class Timer:
    """An armed timer; it fires when the caller says so, and only then."""

    seq: int
    node: str
    rule: str
    interrupting: bool
    attached_to: int | None
    """The activity it is on the border of; None for a timer that lies in the flow."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A message the case waits for."""

    seq: int
    node: str
    message: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A service task whose effect was begun and will be answered later."""

    seq: int
    node: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a case stands after a step: not what changed, but what is."""

    state: bytes
    tasks: tuple[OpenTask, ...]
    timers: tuple[Timer, ...]
    subscriptions: tuple[Subscription, ...]
    waiting: tuple[Waiting, ...]
    finished: bool
    passed: tuple[str, ...]
    """Ids of the nodes and sequence flows passed during this step, in order."""
    ended: tuple[str, ...]
    """Ids of the procedure's own end events reached during this step."""
    variables: Variables
    """The routing variables at the end of a finished case, else empty."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters an effect takes."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a bundle is refused: where, what is wrong, and what to draw instead."""

    file: str
    element: str
    """The id of the element, or the line it begins on."""
    reason: Text
    remedy: Text

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, self.element) if part)
        return f"{where}: {self.reason}。{self.remedy}"
