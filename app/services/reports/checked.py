"""Whether reports say what their histories tell was handed in: a table can be written, they not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from app.domain.history import FORGED, Stream
from app.domain.statistics import By, ReportState, corrections, said
from app.models.records import HistoryEntry
from app.models.reports import Report
from app.services import Work

AT_ONCE = 200
ACTS = '{"action":"report.'
"""How a line of history begins that tells of a report: its keys are sorted."""
SUBMIT = "report.submit"
AFTERWARDS: Mapping[str, ReportState] = {
    "report.send": ReportState.SUBMITTED,
    "report.accept": ReportState.ACCEPTED,
    "report.return": ReportState.RETURNED,
}


def checked(work: Work) -> Iterator[tuple[int, list[str]]]:
    """Yield every report by id with what is wrong with it: a step of those who verify."""
    reports = select(Report).order_by(Report.id).execution_options(yield_per=AT_ONCE)
    for some in work.session.scalars(reports).partitions():
        told = _told(work, [report.case_id for report in some])
        for report in some:
            yield report.id, list(_faults(report, told.get(report.id, [])))


def _told(work: Work, cases: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    """Return the lines of history by the report that they tell of, oldest first."""
    bodies = work.session.scalars(
        select(HistoryEntry.body)
        .where(HistoryEntry.stream == Stream.CASE, HistoryEntry.subject.in_(cases))
        .where(HistoryEntry.body.startswith(ACTS, autoescape=True))
        .order_by(HistoryEntry.subject, HistoryEntry.seq)
    )
    found: dict[int, list[Mapping[str, Any]]] = {}
    for body in bodies:
        with suppress(*FORGED):
            line = json.loads(body)
            found.setdefault(line["detail"]["report"], []).append(line)
    return found


def _faults(report: Report, lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    state, handed_in = ReportState.ASKED, None
    for line in lines:
        if line["action"] == SUBMIT:
            handed_in = line["detail"]
            state = ReportState.SUBMITTED if report.by is By.PLANT else ReportState.DRAFTED
        state = AFTERWARDS.get(line["action"], state)
    if report.state != state:
        yield f"it is {report.state}, and its history tells that it is {state}"
    if handed_in is None:
        if report.figures or report.submitted_at is not None:
            yield "its history does not tell that it was handed in"
        return
    there = {
        "figures": said(report.figures),
        "corrected": corrections(report.figures),
        "zero": report.zero,
    }
    for name, value in there.items():
        if handed_in.get(name) != value:
            yield f"{name}: not what was handed in"
