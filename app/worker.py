"""The worker: a process that does jobs, and every two seconds hands out what has become due."""

import logging
from contextlib import suppress
from functools import partial
from threading import Event

from app.services import Deps, Unavailable, workers
from app.services.jobs import HANDLERS
from app.services.sweeping import Sweep

PAUSE = 2.0

logger = logging.getLogger(__name__)


def run(deps: Deps, stop: Event, pause: float = PAUSE) -> None:
    """Do jobs until `stop` is set.

    :raises Unavailable: if the database does not answer: whoever keeps the worker starts another
    """
    for name, handler in HANDLERS.items():
        deps.jobs.register(name, partial(handler, deps))
    sweep, presence = Sweep(deps), workers.Presence(deps)

    def beat() -> None:
        try:
            sweep.run()
            presence.renew()
        except Unavailable:
            return  # it is told once, when it begins
        except Exception:  # whatever it was, the jobs go on
            logger.exception("A sweep failed")

    try:
        with deps.reached():
            deps.jobs.run_worker(stop, beat, pause)
    finally:
        with suppress(Unavailable):
            presence.leave()
