"""How much CPU this process and the database server behind it have used."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU seconds of this process and of a server with all its children."""

    def __init__(self, server: int | None) -> None:
        self.server = server

    def now(self) -> float:
        return time.process_time() + (family(self.server) if self.server else 0.0)


def family(root: int) -> float:
    """Return what a process, its living children, and those it has waited for have used."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid, parent = int(folder.name), int(words[1])
        if root in (pid, parent):
            own = int(words[11]) + int(words[12])
            waited = int(words[13]) + int(words[14]) if pid == root else 0
            total += (own + waited) / TICK
    return total
