"""Keep one worker process running beside the server, however often it dies."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

PAUSES = (0.2, 1.0, 5.0, 15.0)
"""Seconds before a worker that died is started again; longer each time it dies young."""
OLD = 60.0
PATIENCE = 8.0


class Keeper:
    """Starts a worker, and another when it dies; stops it on the way out.

    The worker reads a pipe that nobody writes to. When this process is gone, even by kill -9, the
    pipe ends, and so does the worker.
    """

    def __init__(self, data: Path) -> None:
        self._command = [sys.executable, "-m", "app.cli", "worker", "--leashed"]
        self._command += ["--data", str(data)]
        self._stop = Event()
        self._thread = Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        deaths = 0
        while not self._stop.is_set():
            with subprocess.Popen(self._command, stdin=subprocess.PIPE) as child:  # noqa: S603
                lived = self._wait(child)
            deaths = 1 if lived >= OLD else deaths + 1
            self._stop.wait(PAUSES[min(deaths, len(PAUSES)) - 1])

    def _wait(self, child: subprocess.Popen[bytes]) -> float:
        """Wait until the worker ends by itself or has to stop, and say how long it lived."""
        lived = 0.0
        while child.poll() is None:
            if self._stop.wait(0.1):
                child.terminate()
                try:
                    child.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    child.kill()
                break
            lived += 0.1
        return lived
