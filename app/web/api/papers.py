"""A paper as cases and tasks list it."""

from typing import Any

from app.domain.documents import DocumentState
from app.services.documents.reading import DocumentRow
from app.web.api.contract import moment, named
from app.web.api.schemas import ID, MAYBE_TIME, STRING, TIME, thing
from app.web.language import read

DIGEST: dict[str, Any] = {"type": ["string", "null"], "description": "SHA-256 of the newest file"}
PROPERTIES: dict[str, Any] = {
    "id": ID,
    "kind": STRING,
    "title": STRING,
    "number": STRING,
    "state": {"enum": [state.value for state in DocumentState]},
    "declined": {
        "type": "boolean",
        "description": "Whether who decided by signing it declined what it proposes",
    },
    "case": ID,
    "organisation": STRING,
    "subject": STRING,
    "sha256": DIGEST,
    "pages": {"type": ["integer", "null"]},
    "issued_at": TIME,
    "served_at": MAYBE_TIME,
}
DOCUMENT = named("Document", thing(PROPERTIES))


def document_json(row: DocumentRow) -> dict[str, Any]:
    """Return a line of the register."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "title": read(row.title),
        "number": row.number,
        "state": row.state.value,
        "declined": row.declined,
        "case": str(row.case_id),
        "organisation": row.organisation,
        "subject": row.subject,
        "sha256": row.sha256,
        "pages": row.pages,
        "issued_at": moment(row.issued_at),
        "served_at": moment(row.served_at),
    }
