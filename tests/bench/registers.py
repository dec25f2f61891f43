"""What it costs to hold the register of papers against the history, in time and in memory."""

import hashlib
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.domain.casework import CaseStatus
from app.domain.documents import DocumentState
from app.domain.history import GENESIS, Stream, seal, write
from app.models import table_of
from app.models.casework import Case, Deployment
from app.models.documents import Document, DocumentRevision, NumberCounter
from app.models.people import Organisation
from app.models.records import HistoryEntry
from app.services import Deps
from app.services.verifying import Tally, papers
from tests.bench import Row
from tests.bench.cpu import Meter
from tests.bench.steps import installed

BEFORE = 1_000_000
"""Ids of cases and papers begin here."""
OTHER = 8
"""Lines of a history beside those of each paper."""
AT_ONCE = 1_000
Known = Mapping[str, int | None]
Values = dict[str, Any]
GATE, MEMORY = 10.0, 16.0
DATA = b'{"number":"1"}' * 200
AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


def measure(url: str, server: int | None, size: int, each: int = 20) -> list[Row]:
    """Return CPU seconds and peak memory of checking `size` papers, `each` of a case."""
    with installed(url) as (deps, _actor, subject):
        _fill(deps, subject, size, each)
        meter, tally = Meter(server), Tally()
        begun = meter.now()
        if faults := list(papers(deps, tally)):
            raise AssertionError(faults[0])
        used = meter.now() - begun
        peak = _peak(deps)
    if tally.number < size:
        raise AssertionError(f"only {tally.number} papers were verified")
    return [
        Row(f"verify a register of {size:,} papers", used, GATE, "s"),
        Row(f"verify a register of {size:,} papers, memory", peak, MEMORY, "MB"),
    ]


def _peak(deps: Deps) -> float:
    """Return what is held at once of a register: measuring it takes its own time."""
    tracemalloc.start()
    for _fault in papers(deps, Tally()):
        raise AssertionError("It had no fault before")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _fill(deps: Deps, subject: int, size: int, each: int) -> None:
    with deps.database.engine.connect().execution_options(unscoped="bench") as connection:
        of = select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        known = {
            "organisation": connection.scalar(of),
            "subject": subject,
            "deployment": connection.scalar(select(Deployment.id).limit(1)),
        }
        at_once = max(1, AT_ONCE // each) * each
        for first in range(0, size, at_once):
            _papers(connection, range(first, min(first + at_once, size)), each, known)
        counter = {"organisation_id": known["organisation"], "kind": "bench", "year": 2026}
        connection.execute(insert(table_of(NumberCounter)), {**counter, "last": size})
        connection.commit()


def _papers(connection: Connection, numbers: range, each: int, known: Known) -> None:
    """Fill in papers that were made and need no signature, with the histories of their cases."""
    cases, rows, files, lines = [], [], [], []
    for begun in numbers[::each]:
        case = BEFORE + begun // each
        mine = range(begun, min(begun + each, numbers.stop))
        cases.append(_case(case, known))
        rows += [_paper(case, number, known) for number in mine]
        files += [_file(number) for number in mine]
        lines += list(_lines(case, [body for number in mine for body in _told(number)]))
    for table, values in (
        (Case, cases),
        (Document, rows),
        (DocumentRevision, files),
        (HistoryEntry, lines),
    ):
        connection.execute(insert(table_of(table)), values)


def _case(case: int, known: Known) -> Values:
    return {
        "id": case,
        "deployment_id": known["deployment"],
        "procedure": "bench",
        "place": "141123",
        "owner_id": known["organisation"],
        "subject_id": known["subject"],
        "status": CaseStatus.FINISHED,
        "step": 1,
        "opened_at": AT,
        "closed_at": AT,
    }


def _paper(case: int, number: int, known: Known) -> Values:
    return {
        "id": BEFORE + number,
        "code": f"BENCH{number:011}",
        "kind": "bench",
        "place": "141123",
        "organisation_id": known["organisation"],
        "subject_id": known["subject"],
        "case_id": case,
        "year": 2026,
        "serial": number + 1,
        "number": _number(number),
        "state": DocumentState.SEALED,
        "data": DATA,
        "data_sha256": hashlib.sha256(DATA).hexdigest(),
        "template_sha256": "0" * 64,
        "sha256": _digest(number),
        "pages": 1,
        "issued_at": AT,
        "declined": False,
    }


def _file(number: int) -> Values:
    made = {"sha256": _digest(number), "size": 1, "made_by": "", "at": AT}
    return {"document_id": BEFORE + number, "revision": 0, **made}


def _told(number: int) -> list[Values]:
    paper, data = BEFORE + number, hashlib.sha256(DATA).hexdigest()
    issued = {"document": paper, "number": _number(number), "data": data, "template": "0" * 64}
    made = {"document": paper, "sha256": _digest(number), "by": ""}
    work = {"node": "reinspect", "task": number, "passed": ["f_a", "gw_b", "f_c"]}
    return [
        {"action": "document.issue", "detail": issued},
        {"action": "document.register", "detail": made},
        *[{"action": "task.complete", "detail": work}] * OTHER,
    ]


def _lines(case: int, told: Iterable[Values]) -> Iterator[Values]:
    previous = GENESIS
    for seq, one in enumerate(told, 1):
        body = write({"at": AT.isoformat(), "by": 1, "role": "staff", "organisation": 7, **one})
        previous = seal(previous, Stream.CASE, case, seq, body)
        row = {"stream": Stream.CASE, "subject": case, "seq": seq, "body": body}
        yield {**row, "hash": previous}


def _number(number: int) -> str:
    return f"（兴）应急测〔2026〕{number + 1}号"


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()
