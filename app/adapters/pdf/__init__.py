"""Papers as PDF: a small pool of typesetting processes, started when the first paper is asked for.

WeasyPrint's fonts may not be shared by threads (the process aborts), and a page costs CPU that web
threads have no business spending; so orders go over a pipe to processes that do nothing else.
"""

import base64
import json
import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, LifoQueue
from typing import IO, Any

from app.adapters import MissingGlyphs, Order, PapersOff, Typeset
from app.adapters.fonts import RUNTIME, papers
from app.adapters.fonts.coverage import lacking

logger = logging.getLogger(__name__)

AT_ONCE = 2
LONGEST = 60.0
"""Seconds after which a process that does not answer is ended."""


class TypesetFailed(RuntimeError):
    """A paper could not be typeset: a defect of its template, not of what was filled in."""


class PressEnded(TypesetFailed):
    """The process that was typesetting died, or took too long and was ended."""


class Press:
    """Typesets papers in processes of its own."""

    def __init__(self, data: Path, runtime: Path = RUNTIME, longest: float = LONGEST) -> None:
        self._data = data
        self._runtime = runtime
        self._longest = longest
        self._idle: LifoQueue[_Process] = LifoQueue()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        weakref.finalize(self, _end, self._idle)  # at the latest when this process ends

    def lacking(self, text: str) -> str:
        """Return the characters of `text` that no font of ours has; "" while papers are off."""
        return lacking(text, self._runtime / "fonts", self._data / "fonts") if self.ready else ""

    @property
    def ready(self) -> bool:
        return papers(self._runtime).ready

    def typeset(self, order: Order) -> Typeset:
        """Typeset a paper.

        :raises PapersOff: if fonts or libraries are missing
        :raises MissingGlyphs: if a character is in no font
        :raises TypesetFailed: if the template is at fault
        """
        with self._places:
            process = self._take()
            try:
                made = process.typeset(order, self._longest)
            except (MissingGlyphs, TypesetFailed) as refused:
                if isinstance(refused, PressEnded):
                    process.end()
                else:
                    self._idle.put(process)
                raise
            except BaseException:
                process.end()
                raise
            self._idle.put(process)
            return made

    def _take(self) -> "_Process":
        while True:
            try:
                process = self._idle.get_nowait()
            except Empty:
                break
            if process.lives():
                return process
            process.end()
        found = papers(self._runtime)
        if not found.ready:
            raise PapersOff(found.state, found.command)
        return _Process(self._data, self._runtime)

    def close(self) -> None:
        """End the processes that have nothing to do."""
        _end(self._idle)


def _end(idle: "LifoQueue[_Process]") -> None:
    while True:
        try:
            idle.get_nowait().end()
        except Empty:
            return


class _Process:
    """One typesetting process and its pipes."""

    def __init__(self, data: Path, runtime: Path) -> None:
        command = [sys.executable, "-m", __name__, str(data), str(runtime)]
        root = Path(__file__).resolve().parents[3]
        self._child = subprocess.Popen(  # noqa: S603  (our own module)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )

    def lives(self) -> bool:
        return self._child.poll() is None

    def end(self) -> None:
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not yet written cannot be
                    pipe.close()
        self._child.wait()

    def typeset(self, order: Order, longest: float) -> Typeset:
        source, target = self._child.stdout, self._child.stdin
        if source is None or target is None:
            raise RuntimeError("The typesetting process has no pipes")
        watch = threading.Timer(longest, self._child.kill)
        watch.daemon = True
        watch.start()
        try:
            send_order(target, order)
            found, content = receive(source)
        except (OSError, EOFError) as broken:
            raise PressEnded("The typesetting process ended") from broken
        finally:
            watch.cancel()
        if "missing" in found:
            raise MissingGlyphs(found["missing"])
        if "error" in found:
            raise TypesetFailed(found["error"])
        boxes = {name: tuple(box) for name, box in found["boxes"].items()}
        return Typeset(content, found["pages"], boxes)


def send(target: IO[bytes], head: Mapping[str, Any], content: bytes = b"") -> None:
    """Write one message: a line of JSON that says how many bytes follow."""
    line = json.dumps({**head, "size": len(content)}, ensure_ascii=False)
    target.write(line.encode() + b"\n" + content)
    target.flush()


def receive(source: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message.

    :raises EOFError: if there is none any more
    """
    line = source.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head: dict[str, Any] = json.loads(line)
    content = source.read(head.pop("size"))
    return head, content


def send_order(target: IO[bytes], order: Order) -> None:
    """Write an order as one message."""
    pack: Callable[[bytes], str] = lambda content: base64.b64encode(content).decode()  # noqa: E731
    send(
        target,
        {
            "sources": dict(order.sources),
            "template": order.template,
            "data": dict(order.data),
            "assets": {name: (kind, pack(it)) for name, (kind, it) in order.assets.items()},
            "attached": {name: pack(content) for name, content in order.attached.items()},
        },
    )


def receive_order(source: IO[bytes]) -> Order | None:
    """Read an order; None when there are no more."""
    try:
        head, _content = receive(source)
    except EOFError:
        return None
    head["assets"] = {
        name: (kind, base64.b64decode(it)) for name, (kind, it) in head["assets"].items()
    }
    head["attached"] = {name: base64.b64decode(it) for name, it in head["attached"].items()}
    return Order(**head)
