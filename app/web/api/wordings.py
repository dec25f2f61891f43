"""The wording of papers: its versions, one of them whole, the next one."""

from typing import Any

from flask import Response

from app.domain.access import Permission
from app.services import Work
from app.services.documents import wordings
from app.services.documents.wordings import VersionRow
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.schemas import STRING, TIME, thing
from app.web.request import once
from app.web.request import reading as reading_work

VERSION: dict[str, Any] = {"type": "integer", "minimum": 1}
PROPERTIES: dict[str, Any] = {
    "version": VERSION,
    "sha256": STRING,
    "reason": {**STRING, "description": "Why it was published; or empty"},
    "published_at": TIME,
    "by": {**STRING, "description": "Who published it; empty for the system"},
}
ROW = named("Wording", thing(PROPERTIES))
WHOLE = named(
    "WholeWording",
    thing(
        {
            **PROPERTIES,
            "kinds": {"type": "object", "description": "What each kind of paper says"},
            "changes": {
                "type": "object",
                "description": "What of it is otherwise than the product, by kind and entry",
            },
        }
    ),
)
SEEN = {**VERSION, "description": "The version it was made from"}
NEXT = {
    "type": "object",
    "required": ["seen", "kind", "entries", "reason"],
    "properties": {
        "seen": SEEN,
        "kind": STRING,
        "entries": {
            "type": "object",
            "additionalProperties": {"type": ["string", "integer"]},
            "description": "By the key of each entry, as titles.yellow; others stay",
        },
        "reason": STRING,
    },
}
AGAIN = {
    "type": "object",
    "required": ["seen", "reason"],
    "properties": {"seen": SEEN, "reason": STRING},
}


def _json(row: VersionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "sha256": row.sha256,
        "reason": row.reason,
        "published_at": moment(row.published_at),
        "by": row.by,
    }


@operation(
    "GET",
    "/wordings",
    "Every version of the wording of papers, the newest, which is in force, first",
    permission=Permission.SEE_WORDING,
    answers={200: listed(ROW)},
)
def list_wordings() -> Response:
    with reading_work() as work:
        rows = wordings.find(work)
    return reply({"items": [_json(row) for row in rows]})


@operation(
    "GET",
    "/wordings/<int:version>",
    "One version of the wording of papers, whole",
    permission=Permission.SEE_WORDING,
    answers={200: WHOLE},
)
def show_wording(version: int) -> Response:
    with reading_work() as work:
        return reply(_whole(work, version))


def _whole(work: Work, version: int) -> dict[str, Any]:
    row = wordings.get(work, version)
    said, changes = wordings.said(work, version), wordings.changes(work, version)
    return {**_json(row), "kinds": said, "changes": changes}


@operation(
    "POST",
    "/wordings",
    "Publish a version in which papers of one kind say something else",
    permission=Permission.MANAGE_WORDING,
    body=NEXT,
    answers={201: WHOLE},
    errors=(404, 409, 422),
)
def publish_wording() -> Response:
    def act(work: Work) -> Response:
        told = sent()
        version = wordings.publish(
            work, told["kind"], told["entries"], told["reason"], told["seen"]
        )
        return reply(_whole(work, version), 201)

    return once(act)


@operation(
    "POST",
    "/wordings/<int:version>/restore",
    "Publish what an earlier version says once more",
    permission=Permission.MANAGE_WORDING,
    body=AGAIN,
    answers={201: WHOLE},
    errors=(409, 422),
)
def restore_wording(version: int) -> Response:
    def act(work: Work) -> Response:
        found = wordings.restore(work, version, sent()["reason"], sent()["seen"])
        return reply(_whole(work, found), 201)

    return once(act)
