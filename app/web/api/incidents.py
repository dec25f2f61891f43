"""Incidents: steps that failed."""

from flask import Response

from app.domain.access import Permission
from app.services import Work, incidents
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.schemas import ID, REASON, STRING, TIME, thing
from app.web.language import read
from app.web.request import once, reading

INCIDENT = named(
    "Incident",
    thing(
        {
            "id": ID,
            "case": ID,
            "node": STRING,
            "command": STRING,
            "fault": {
                "type": "string",
                "description": "The kind of error and where it was raised; no message of it",
            },
            "at": TIME,
            "attempts": {"type": "integer"},
            "papers": {
                "type": "array",
                "items": STRING,
                "description": "Numbers of the papers that cannot be stamped anew",
            },
            "retriable": {"type": "boolean", "description": "Whether the system can try again"},
        }
    ),
)


@operation(
    "GET",
    "/incidents",
    "Open incidents of my area, the newest first",
    permission=Permission.SEE_INCIDENT,
    answers={200: listed(INCIDENT)},
)
def list_incidents() -> Response:
    with reading() as work:
        rows = incidents.find(work)
    items = [
        {
            "id": str(row.id),
            "case": str(row.case_id),
            "node": read(row.title),
            "command": row.command,
            "fault": row.fault,
            "at": moment(row.at),
            "attempts": row.attempts,
            "papers": list(row.papers),
            "retriable": row.retriable,
        }
        for row in rows
    ]
    return reply({"items": items})


@operation(
    "POST",
    "/incidents/<int:incident_id>/skip",
    "Close an incident with what was done about it",
    permission=Permission.MANAGE_INCIDENT,
    body=thing({"reason": REASON}),
    answers={204: None},
)
def skip_incident(incident_id: int) -> Response:
    reason = sent()["reason"]

    def skip(work: Work) -> Response:
        incidents.close(work, incident_id, reason)
        return Response(status=204)

    return once(skip)


@operation(
    "POST",
    "/incidents/<int:incident_id>/retry",
    "Have a worker try again at once what the system could not do",
    permission=Permission.MANAGE_INCIDENT,
    answers={204: None},
)
def retry_incident(incident_id: int) -> Response:
    def retry(work: Work) -> Response:
        incidents.retry(work, incident_id)
        return Response(status=204)

    return once(retry)
