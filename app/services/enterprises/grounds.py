"""Whether an enterprise may be closed: the evidence of a case against what our registers say."""

import json
from datetime import date

from sqlalchemy import func, select

from app.domain.closure import AfterStop, Ground, Known, Stop, after_stop, lacking
from app.domain.deadlines import BEIJING
from app.domain.documents import DocumentState
from app.domain.measures import Measure
from app.domain.text import Text
from app.models.casework import WorkItem, last_done
from app.models.documents import Document, ServiceRecord
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.records import Installation
from app.services import Work
from app.services.enterprises import standing

STOP_DECISION = "stop_decision"
CHECKED_AT = "gather"
"""The task in which the ground and its evidence are put together."""
BASIS = "closure_basis"
"""The decision table that says on which provision each ground stands."""
LOOKED_UP = {"unscoped": "what registers say of the enterprise of a case"}


def missing(work: Work, case_id: int, enterprise_id: int) -> list[Text]:
    """Return what is lacking to the ground that the case last named: a step of the case."""
    answers = work.session.scalar(
        last_done(case_id, CHECKED_AT, WorkItem.answers), execution_options=LOOKED_UP
    )
    if not answers:
        return []
    return lacking(Ground(answers["ground"]), answers, _known(work, enterprise_id))


def open_after_stop(work: Work, case_id: int, enterprise_id: int) -> AfterStop:
    """Return which grounds to close a stop of this case can bear: a temporary one bears none."""
    if standing.stop_of(work, case_id) != Measure.STOPPED:
        return AfterStop.NONE
    today = work.now.astimezone(BEIJING).date()
    return after_stop(stops(work, enterprise_id).values(), today)


def stops(work: Work, enterprise_id: int) -> dict[str, Stop]:
    """Return the served decisions to stop production of an enterprise by number: a step of a case.

    Each with the day on which it was served, and the end of its period.
    """
    rows = work.session.execute(
        select(Document.number, ServiceRecord.served_on, Document.data)
        .join(ServiceRecord, ServiceRecord.document_id == Document.id)
        .where(Document.subject_id == enterprise_id, Document.kind == STOP_DECISION)
        .where(Document.state == DocumentState.SERVED),
        execution_options=LOOKED_UP,
    )
    return {
        number: Stop(served, date.fromisoformat(json.loads(data)["until"]))
        for number, served, data in rows
    }


def _known(work: Work, enterprise_id: int) -> Known:
    run = work.session
    hazards = run.scalar(
        select(func.count(Hazard.id)).where(
            Hazard.enterprise_id == enterprise_id, Hazard.major, Hazard.closed_at.is_(None)
        ),
        execution_options=LOOKED_UP,
    )
    since = run.scalar(select(Installation.created_at), execution_options=LOOKED_UP)
    catalogued = run.scalar(
        select(Enterprise.catalogued).where(Enterprise.id == enterprise_id),
        execution_options=LOOKED_UP,
    )
    today = work.now.astimezone(BEIJING).date()
    return Known(
        today=today,
        since=since.astimezone(BEIJING).date() if since else today,
        stops=stops(work, enterprise_id),
        major_hazards=hazards or 0,
        catalogued=bool(catalogued),
    )
