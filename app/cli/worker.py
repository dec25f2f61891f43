"""Do jobs in the background: `run` starts one such process, and more may run beside it."""

import logging
import os
import signal
import sys
from pathlib import Path
from threading import Event, Thread

import click

from app import worker as process
from app.cli.common import data_option, no_answer, opened, say
from app.services import Unavailable


@click.command()
@data_option
@click.option("--leashed", is_flag=True, hidden=True)
def worker(data: Path, *, leashed: bool) -> None:
    """Do jobs and watch the time until stopped."""
    # With --leashed, the process also stops when whoever started it is gone: its input then ends.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if leashed:
        Thread(target=_watch, args=(stop,), daemon=True).start()
    deps = opened(data)
    if not leashed:
        click.echo(say("后台任务进程已启动，按 Ctrl-C 停止", "The worker runs; Ctrl-C stops"))
    try:
        process.run(deps, stop)
    except Unavailable as away:
        raise no_answer(away) from away
    deps.database.close()
    sys.stdout.flush()
    os._exit(0)  # threads of the job library may still wait for something


def _watch(stop: Event) -> None:
    while os.read(0, 1):
        pass
    stop.set()
