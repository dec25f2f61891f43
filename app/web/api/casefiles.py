"""Case files: ask for one, follow it, take it away."""

from flask import Response

from app.domain.access import Permission
from app.domain.casefiles import FileState
from app.services import Work
from app.services.casefiles import requesting
from app.services.casefiles.requesting import CaseFileRow
from app.web.api.contract import moment, operation, reply, sent
from app.web.api.schemas import ID, MAYBE_TIME, STRING, TIME, thing
from app.web.casefiles import asked_for, handed_out
from app.web.request import once, reading

COUNT = {"type": "integer"}
MAYBE_COUNT = {"type": ["integer", "null"]}
CASE_FILE = thing(
    {
        "id": ID,
        "case": ID,
        "whole": {"type": "boolean", "description": "Whether the cases that came of it are in it"},
        "state": {"enum": [state.value for state in FileState]},
        "done": COUNT,
        "total": {**COUNT, "description": "Parts of it, of which `done` are made"},
        "record_sha256": STRING,
        "sha256": {"type": ["string", "null"]},
        "size": MAYBE_COUNT,
        "pages": MAYBE_COUNT,
        "requested_at": TIME,
        "finished_at": MAYBE_TIME,
    }
)


@operation(
    "POST",
    "/cases/<int:case_id>/file",
    "Have a case bound as one PDF/A-3 (案卷), as it stands now",
    permission=Permission.MAKE_CASE_FILE,
    body=thing({"whole": {"type": "boolean"}}),
    answers={202: CASE_FILE},
)
def make_case_file(case_id: int) -> Response:
    whole = sent()["whole"]

    def ask(work: Work) -> Response:
        file = asked_for(work, case_id, whole=whole)
        return reply(_json(requesting.get(work, file)), 202)

    return once(ask)


@operation(
    "GET",
    "/casefiles/<int:file_id>",
    "A case file, and how far it is made",
    permission=Permission.MAKE_CASE_FILE,
    answers={200: CASE_FILE},
)
def get_case_file(file_id: int) -> Response:
    with reading() as work:
        return reply(_json(requesting.get(work, file_id)))


@operation(
    "GET",
    "/casefiles/<int:file_id>/file",
    "The file itself, once it is ready",
    permission=Permission.MAKE_CASE_FILE,
    answers={200: None},
    media="application/pdf",
)
def case_file_pdf(file_id: int) -> Response:
    return handed_out(file_id)


def _json(file: CaseFileRow) -> dict[str, object]:
    return {
        "id": str(file.id),
        "case": str(file.case_id),
        "whole": file.whole,
        "state": file.state.value,
        "done": file.done,
        "total": file.total,
        "record_sha256": file.record_sha256,
        "sha256": file.sha256,
        "size": file.size,
        "pages": file.pages,
        "requested_at": moment(file.requested_at),
        "finished_at": moment(file.finished_at),
    }
