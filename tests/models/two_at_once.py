"""Whoever has the database asks for the time, after one who waits for it has asked as well.

A process of its own: where they hold each other up, they would hold up the test run too.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import update

from app.adapters.files import FolderStore
from app.models.database import connect
from app.models.records import Installation
from app.services import Deps
from tests import fakes

HELD_UP = 3
"""The exit code where nobody goes on."""


def main(url: str) -> int:
    deps = Deps(
        database=connect(url),
        clock=fakes.Clock(),
        passwords=fakes.quick_passwords(),
        files=FolderStore(Path(tempfile.gettempdir())),
        jobs=fakes.Jobs(),
        papers=fakes.papers(),
    )
    assert deps.installation.demo
    has, asked = threading.Event(), threading.Event()

    def write():
        with deps.system("the one who has it") as work:
            work.run(update(Installation).values(clock_offset=0))
            has.set()
            asked.wait(5)
            time.sleep(0.2)  # by now the other one waits
            assert work.now

    def wait():
        has.wait(5)
        with deps.system("the one who waits") as work:
            asked.set()
            assert work.now

    threads = [threading.Thread(target=target, daemon=True) for target in (write, wait)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    if any(thread.is_alive() for thread in threads):
        os._exit(HELD_UP)
    deps.database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
