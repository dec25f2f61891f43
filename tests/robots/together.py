"""What journeys and robots of a run have passed together: every flow of every diagram is taken.

A journey is whatever test carries cases on a stage (tests/stage.py), or lets a story do so. Each
process of the tests gathers its own; the one that started them adds them up, says what is left, and
fails a run of everything that leaves more than a few. Robots go by chance, and elsewhere after each
change of a diagram: what they leave by then is named, and wants a walk of its own.
"""

import json

import pytest
from sqlalchemy import select

from app.domain.history import Stream
from app.models import Unscoped
from app.models.casework import Case
from app.models.records import HistoryEntry
from app.models.scope import open_session
from tests.diagrams.course import PROCEDURES
from tests.robots.seen import Seen

KEY = "passed"
FEW = 10
passed: set[tuple[str, str]] = set()
"""Procedures, and elements of theirs or of their parts."""


def note(database):
    """Add what the history of a database says was passed."""
    lines = (
        select(Case.procedure, HistoryEntry.body)
        .join(Case, Case.id == HistoryEntry.subject)
        .where(HistoryEntry.stream == Stream.CASE, Case.procedure.in_(PROCEDURES))
    )
    with open_session(database.reading, Unscoped("what a journey has passed")) as session:
        for procedure, body in session.execute(lines):
            elements = json.loads(body).get("detail", {}).get("passed", ())
            passed.update((procedure, element) for element in elements)


def pytest_sessionfinish(session, exitstatus):
    """Hand over what this process gathered; where it gathered all, ask for every flow."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[KEY] = sorted(passed)
    elif _everything(config) and exitstatus == pytest.ExitCode.OK and _left() > FEW:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    passed.update(tuple(pair) for pair in getattr(node, "workeroutput", {}).get(KEY, ()))


def pytest_terminal_summary(terminalreporter, config):
    if passed and _everything(config):
        terminalreporter.write_line(f"by journeys and robots: {_seen()}")


def _everything(config):
    """Tell whether nothing was left out."""
    chosen = config.option.keyword or config.option.markexpr
    return config.args_source is config.ArgsSource.TESTPATHS and not chosen


def _left():
    return sum(map(len, _seen().left().values()))


def _seen():
    seen = Seen()
    for procedure, element in passed:
        seen.add(procedure, [element])
    return seen
