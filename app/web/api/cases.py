"""Cases: start one, list them, one with its history."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.casework import CaseStatus, ItemStatus
from app.services import Work
from app.services.cases import ending, starting
from app.services.cases import reading as cases
from app.services.cases.reading import CaseFilter, CaseRow
from app.services.documents import reading as documents
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.papers import DOCUMENT, document_json
from app.web.api.schemas import (
    ANSWERS,
    CURSOR,
    ID,
    MAYBE_ID,
    MAYBE_TIME,
    NAME,
    REASON,
    STRING,
    TASK,
    TIME,
    WAITING,
    thing,
)
from app.web.api.tasks import KINDS, task_json, whole_number
from app.web.language import read
from app.web.request import once, reading
from app.web.words import ACTIONS

CASE_PROPERTIES: dict[str, Any] = {
    "id": ID,
    "procedure": STRING,
    "name": STRING,
    "version": {"type": "integer"},
    "status": {"enum": [status.value for status in CaseStatus]},
    "ended": {"type": ["string", "null"], "description": "How it ended"},
    "subject": NAME,
    "owner": NAME,
    "deadline": MAYBE_TIME,
    "opened_at": TIME,
    "closed_at": MAYBE_TIME,
    "parent": MAYBE_ID,
}
CASE = named("Case", thing(CASE_PROPERTIES))
WHOLE_CASE = thing(
    {
        **CASE_PROPERTIES,
        "children": {"type": "array", "items": ID},
        "tasks": {"type": "array", "items": TASK},
        "documents": {"type": "array", "items": DOCUMENT},
        "waiting": {"type": "array", "items": WAITING},
    }
)
ENTRY = named(
    "HistoryEntry",
    thing(
        {
            "seq": {"type": "integer"},
            "at": TIME,
            "actor": {"oneOf": [NAME, {"type": "null"}]},
            "on_behalf_of": {"type": ["string", "null"]},
            "action": STRING,
            "title": STRING,
            "node": {"type": ["string", "null"]},
            "detail": {"type": "object"},
            "hash": STRING,
        }
    ),
)


def _case_json(row: CaseRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "procedure": row.procedure,
        "name": read(row.name),
        "version": row.version,
        "status": row.status.value,
        "ended": read(row.ended) if row.ended is not None else None,
        "subject": {"id": str(row.subject_id), "name": row.subject},
        "owner": {"id": str(row.owner_id), "name": row.owner},
        "deadline": moment(row.deadline),
        "opened_at": moment(row.opened_at),
        "closed_at": moment(row.closed_at),
        "parent": str(row.parent_id) if row.parent_id else None,
    }


@operation(
    "POST",
    "/cases",
    "Start a case about an enterprise or organisation",
    permission=Permission.START_CASE,
    body=thing(
        {
            "procedure": {"type": "string", "title": "流程", "minLength": 1, "maxLength": 64},
            "subject": thing({"kind": {"enum": ["enterprise", "organisation"]}, "id": ID}),
            "answers": ANSWERS,
        },
        "answers",
    ),
    answers={201: thing({"id": ID, "tasks": {"type": "array", "items": ID}})},
    errors=(404,),
)
def start_case() -> Response:
    body = sent()
    subject = whole_number(body["subject"]["id"], "企业或单位")

    def start(work: Work) -> Response:
        moved = starting.start(work, body["procedure"], subject, body.get("answers", {}))
        return reply(
            {"id": str(moved.case_id), "tasks": [str(task.id) for task in moved.opened]}, 201
        )

    return once(start)


@operation(
    "GET",
    "/cases",
    "The cases I may know of, the newest first",
    permission=Permission.SEE_CASE,
    query={
        "procedure": STRING,
        "enterprise": ID,
        "status": {"enum": [status.value for status in CaseStatus]},
        "cursor": CURSOR,
    },
    answers={200: listed(CASE, paged=True)},
    errors=(404,),
)
def list_cases() -> Response:
    args = request.args
    subject = args.get("enterprise")
    wanted = CaseFilter(
        procedure=args.get("procedure", ""),
        status=args.get("status", ""),
        subject_id=whole_number(subject, "企业") if subject else None,
    )
    with reading() as work:
        rows, following = cases.find(work, wanted, args.get("cursor"))
    return reply({"items": [_case_json(row) for row in rows], "next": following})


@operation(
    "GET",
    "/cases/<int:case_id>",
    "One case",
    permission=Permission.SEE_CASE,
    answers={200: WHOLE_CASE},
)
def get_case(case_id: int) -> Response:
    with reading() as work:
        view = cases.get(work, case_id)
        papers = documents.of_case(work, case_id)
    return reply(
        {
            **_case_json(view.row),
            "children": [str(child.id) for child in view.children],
            "tasks": [task_json(row) for row in view.tasks if row.status is ItemStatus.OPEN],
            "documents": [document_json(row) for row in papers],
            "waiting": [
                {"kind": KINDS[wait.kind], "id": wait.node, "until": moment(wait.due_at)}
                for wait in view.waits
            ],
        }
    )


@operation(
    "GET",
    "/cases/<int:case_id>/history",
    "What was done in a case, oldest first",
    permission=Permission.SEE_CASE,
    answers={200: listed(ENTRY)},
)
def case_history(case_id: int) -> Response:
    with reading() as work:
        view = cases.get(work, case_id)
    items = [
        {
            "seq": line.seq,
            "at": moment(line.at),
            "actor": {"id": str(line.actor_id), "name": line.actor or ""}
            if line.actor_id is not None
            else None,
            "on_behalf_of": line.on_behalf_of,
            "action": line.action,
            "title": read(ACTIONS.get(line.action, line.action)),
            "node": line.node,
            "detail": line.detail,
            "hash": line.hash,
        }
        for line in view.history
    ]
    return reply({"items": items})


@operation(
    "POST",
    "/cases/<int:case_id>/cancel",
    "End a case before its procedure does (终止)",
    permission=Permission.CANCEL_CASE,
    body=thing({"reason": REASON}),
    answers={204: None},
)
def cancel_case(case_id: int) -> Response:
    reason = sent()["reason"]

    def cancel(work: Work) -> Response:
        ending.cancel(work, case_id, reason)
        return Response(status=204)

    return once(cancel)
