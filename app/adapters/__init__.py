"""The outside world behind small protocols; `config.py` chooses the adapter behind each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any, Protocol


class Passwords(Protocol):
    """Keeps secrets that people type."""

    def hash(self, secret: str) -> str:
        """Return what may be stored of `secret`."""
        ...

    def matches(self, hashed: str | None, secret: str) -> bool:
        """Test `secret`; takes as long for None as for a wrong one."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Test whether `hashed` was made with weaker settings than today's."""
        ...


class Files(Protocol):
    """Keeps files by the SHA-256 of their bytes."""

    def put(self, data: bytes) -> str:
        """Keep `data` for good and return its SHA-256 in hexadecimal."""
        ...

    def get(self, digest: str) -> bytes:
        """Return the bytes with this SHA-256, or raise OSError."""
        ...

    def take(self, made: Path) -> str:
        """Keep what a file holds, however large, and return its SHA-256."""
        ...

    def path(self, digest: str) -> Path:
        """Return where the file with this SHA-256 lies: for what is too large to be read whole."""
        ...


class PapersOff(RuntimeError):
    """Papers cannot be made yet: fonts or libraries are missing."""

    def __init__(self, state: str, command: str) -> None:
        super().__init__(f"Papers are {state}; {command}")
        self.state = state
        self.command = command
        """The line to type."""


class MissingGlyphs(ValueError):
    """Characters that are in no font: what they stand in cannot be printed."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"No font has {characters!r}")
        self.characters = characters


Box = tuple[int, float, float, float, float]
"""A place on a paper: page from 0, then left, bottom, right and top in points."""


@dataclass(frozen=True, slots=True)
class Order:
    """A paper to typeset."""

    sources: Mapping[str, str]
    """Templates and style sheets by name."""
    template: str
    data: Mapping[str, Any]
    assets: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    """Pictures by name, each with its media type: the paper calls them `asset:<name>`."""
    attached: Mapping[str, bytes] = field(default_factory=dict)
    """Files that travel inside the paper."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A paper as it was typeset: no signature yet."""

    pdf: bytes
    pages: int
    boxes: Mapping[str, Box]
    """Where the elements with an id are."""


class Press(Protocol):
    """Typesets papers."""

    @property
    def ready(self) -> bool:
        """Whether fonts and libraries are there."""
        ...

    def lacking(self, text: str) -> str:
        """Return the characters of `text` that cannot be printed."""
        ...

    def typeset(self, order: Order) -> Typeset:
        """Typeset a paper, or raise PapersOff or MissingGlyphs."""
        ...

    def close(self) -> None:
        """Give back the memory of what has nothing to do; the next paper takes a second longer."""
        ...


Handler = Callable[[Mapping[str, Any]], object]
"""Does one kind of job with its arguments; it may be called again for the same job, and must then
find that nothing is left to do."""


@dataclass(frozen=True, slots=True)
class JobStats:
    """How many jobs there are in each state; what is done is forgotten after 30 days."""

    queued: int
    later: int
    """Not to be run before their time."""
    running: int
    failed: int
    done: int


class Jobs(Protocol):
    """Does work in the background, at least once, in any worker process."""

    def enqueue(
        self,
        session: Any,
        name: str,
        key: str,
        arguments: Mapping[str, Any],
        delay: timedelta | None = None,
    ) -> None:
        """Add a job in the transaction of `session`; a `key` that is known changes nothing."""
        ...

    def cancel(self, key: str) -> None:
        """Drop a job that has not begun."""
        ...

    def register(self, name: str, handler: Handler) -> None:
        """Say who does the jobs called `name`."""
        ...

    def run_worker(self, stop: Event, beat: Callable[[], None], pause: float) -> None:
        """Do jobs until `stop` is set; calls `beat` every `pause` seconds."""
        ...

    def stats(self) -> JobStats:
        """Count the jobs."""
        ...

    def forget(self, age: timedelta) -> int:
        """Remove jobs that ended longer than `age` ago, and say how many."""
        ...
