"""Papers that are to be served, those that are due first."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.services.documents import unserved
from app.services.documents.unserved import UnservedRow
from app.web.api.contract import listed, moment, named, operation, reply
from app.web.api.schemas import (
    CURSOR,
    ID,
    MAYBE_ID,
    MAYBE_STRING,
    MAYBE_TIME,
    STRING,
    TIME,
    thing,
)
from app.web.language import read
from app.web.request import reading
from app.web.unserved import asked

BOOLEAN: dict[str, Any] = {"type": "boolean"}
UNSERVED = named(
    "UnservedDocument",
    thing(
        {
            "id": ID,
            "kind": STRING,
            "title": STRING,
            "number": STRING,
            "organisation": STRING,
            "subject": STRING,
            "case": ID,
            "case_running": BOOLEAN,
            "issued_at": TIME,
            "task": {**MAYBE_ID, "description": "The open task of serving it"},
            "due_at": MAYBE_TIME,
            "noticed_on": MAYBE_STRING,
            "late": BOOLEAN,
            "role": MAYBE_STRING,
            "assignee": MAYBE_STRING,
        }
    ),
)


def _json(row: UnservedRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "title": read(row.title),
        "number": row.number,
        "organisation": row.organisation,
        "subject": row.subject,
        "case": str(row.case_id),
        "case_running": row.running,
        "issued_at": moment(row.issued_at),
        "task": str(row.task_id) if row.task_id else None,
        "due_at": moment(row.due_at),
        "noticed_on": row.noticed_on.isoformat() if row.noticed_on else None,
        "late": row.late,
        "role": row.role.value if row.role else None,
        "assignee": row.assignee or None,
    }


@operation(
    "GET",
    "/documents/unserved",
    "Papers that are complete and not served, those due first",
    permission=Permission.SEE_DOCUMENT,
    query={
        "q": {"type": "string", "description": "Part of a number or of the unit's name"},
        "kind": STRING,
        "due": {
            "enum": [*unserved.DUE],
            "description": "By the task of serving it; `soon`: within three days",
        },
        "cursor": CURSOR,
    },
    answers={200: listed(UNSERVED, paged=True)},
)
def list_unserved() -> Response:
    with reading() as work:
        rows, following = unserved.find(work, asked(), request.args.get("cursor", ""))
    return reply({"items": [_json(row) for row in rows], "next": following})
