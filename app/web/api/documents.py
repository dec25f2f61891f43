"""Papers: one with its signatures, its file, one's signature on it; and the public's questions."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.measures import CARDS
from app.services import Work, letters, sessions
from app.services.documents import reading as documents
from app.services.documents.reading import DocumentView
from app.services.letters import LetterRow
from app.services.pdf import signing, verifying
from app.services.pdf.verifying import Verdict, Verified
from app.web.api.contract import moment, named, operation, reply, sent
from app.web.api.papers import MAYBE_STRING, PROPERTIES, document_json
from app.web.api.schemas import ANSWERS, MAYBE_TIME, MOVED, STRING, TIME, thing
from app.web.api.tasks import moved_json
from app.web.language import read
from app.web.papers import pdf
from app.web.request import actor, deps, once, origin, person, reading

BOOLEAN: dict[str, Any] = {"type": "boolean"}
INSTEAD = {**BOOLEAN, "description": "Whether somebody else was to sign there, and did not"}
SIGNATURE = thing({"slot": STRING, "name": STRING, "instead": INSTEAD, "at": TIME})
REVISION = thing({"sha256": STRING, "size": {"type": "integer"}, "at": TIME})
LETTER = thing(
    {
        "received_on": {"type": ["string", "null"], "format": "date"},
        "docket": MAYBE_STRING,
        "answer": MAYBE_STRING,
        "answered_at": MAYBE_TIME,
        "renewed_by": {**MAYBE_STRING, "description": "The document sent in its place"},
    }
)
WHOLE = thing(
    {
        **PROPERTIES,
        "code": STRING,
        "data": {"type": "object", "description": "Frozen when the number was given"},
        "data_sha256": STRING,
        "template_sha256": STRING,
        "signatures": {"type": "array", "items": SIGNATURE},
        "revisions": {"type": "array", "items": REVISION},
        "service": {
            "oneOf": [
                thing(
                    {
                        "manner": STRING,
                        "receipt": STRING,
                        "served_on": {"type": "string", "format": "date"},
                        "served_at": STRING,
                    }
                ),
                {"type": "null"},
            ]
        },
        "letter": {
            "oneOf": [LETTER, {"type": "null"}],
            "description": "Of a letter: what became of it at the organ it went to",
        },
        "void": {
            "oneOf": [thing({"at": TIME, "reason": STRING}), {"type": "null"}],
        },
        "sign_task": MAYBE_STRING,
    }
)
LIFTED = {
    **thing({"colour": {"enum": list(CARDS)}, "at": TIME, "number": MAYBE_STRING}),
    "description": "How the card ended that the paper publishes, and by which paper",
}
VERIFIED = named(
    "Verified",
    thing(
        {
            "status": {"enum": [verdict.value for verdict in Verdict]},
            "sha256": MAYBE_STRING,
            "document": {
                "oneOf": [
                    thing(
                        {
                            "number": STRING,
                            "title": STRING,
                            "organ": STRING,
                            "issued_at": TIME,
                            "unit": {
                                "type": "string",
                                "description": "Masked, unless the paper speaks to everybody",
                            },
                            "sha256": STRING,
                            "signers": {
                                "type": "array",
                                "items": thing(
                                    {
                                        "name": STRING,
                                        "seal": BOOLEAN,
                                        "instead": INSTEAD,
                                        "at": TIME,
                                    }
                                ),
                            },
                            "revoked_at": MAYBE_TIME,
                            "lifted": {"oneOf": [LIFTED, {"type": "null"}]},
                        }
                    ),
                    {"type": "null"},
                ]
            },
        }
    ),
)


def _letter(letter: LetterRow) -> dict[str, Any]:
    return {
        "received_on": letter.received_on.isoformat() if letter.received_on else None,
        "docket": letter.docket or None,
        "answer": read(letter.answer) if letter.answer else None,
        "answered_at": moment(letter.answered_at),
        "renewed_by": str(letter.renewed.id) if letter.renewed else None,
    }


def _whole(view: DocumentView, letter: LetterRow | None, sign_in: int | None) -> dict[str, Any]:
    service = view.service
    void = None
    if view.void_at is not None:
        void = {"at": moment(view.void_at), "reason": view.void_reason or ""}
    return {
        **document_json(view.row),
        "code": view.code,
        "data": view.data,
        "data_sha256": view.data_sha256,
        "template_sha256": view.template_sha256,
        "signatures": [
            {"slot": s.slot, "name": s.name, "instead": s.instead, "at": moment(s.at)}
            for s in view.signatures
        ],
        "revisions": [
            {"sha256": r.sha256, "size": r.size, "at": moment(r.at)} for r in view.revisions
        ],
        "service": service
        and {
            "manner": service.manner,
            "receipt": service.receipt,
            "served_on": service.served_on.isoformat(),
            "served_at": service.served_at,
        },
        "letter": _letter(letter) if letter else None,
        "void": void,
        "sign_task": str(sign_in) if sign_in else None,
    }


@operation(
    "GET",
    "/documents/<int:document_id>",
    "One paper with its signatures and its service",
    permission=Permission.SEE_DOCUMENT,
    answers={200: WHOLE},
)
def get_document(document_id: int) -> Response:
    with reading() as work:
        view = documents.get(work, document_id)
        letter = letters.of(work, view.row)
        sign_in = signing.to_sign(work, document_id)
    return reply(_whole(view, letter, sign_in))


@operation(
    "GET",
    "/documents/<int:document_id>/file",
    "A paper's newest file, as PDF",
    permission=Permission.SEE_DOCUMENT,
    answers={200: None},
    media="application/pdf",
)
def get_document_file(document_id: int) -> Response:
    with reading() as work:
        found = documents.file(work, document_id)
    return pdf(found.data, found.name)


@operation(
    "POST",
    "/documents/<int:document_id>/sign",
    "Sign a paper with one's PIN, and so complete the task of signing it",
    permission=Permission.SIGN_DOCUMENT,
    body=thing(
        {
            "pin": {"type": "string", "title": "签名口令", "minLength": 1, "maxLength": 64},
            "sha256": {"type": "string", "title": "文件摘要", "pattern": "^[0-9a-f]{64}$"},
            "answers": {**ANSWERS, "description": "To the task's form; by default: checked"},
        },
        "answers",
    ),
    answers={200: MOVED},
    errors=(429,),
)
def sign_document(document_id: int) -> Response:
    body, made = sent(), list[signing.Signed]()

    def make() -> None:
        sessions.confirm(deps(), person(), body["pin"], origin(), "/pin", pin=True)
        given = (body["pin"], body["sha256"], body.get("answers"))
        signed = signing.prepare(deps(), actor(), document_id, *given)
        made.append(signed)

    def register(work: Work) -> Response:
        return reply(moved_json(signing.register(work, made[0], body.get("answers"))))

    return once(register, first=make)


@operation(
    "POST",
    "/documents/verify",
    "Say whether a PDF is the original of a paper",
    permission=None,
    why_public="whoever holds a paper may ask whether it is genuine",
    multipart=thing({"file": {"type": "string", "format": "binary"}}),
    answers={200: VERIFIED},
    errors=(429,),
)
def verify_file() -> Response:
    file = request.files.get("file")
    return reply(
        _verified(verifying.by_file(deps(), file.stream.read() if file else b"", origin()))
    )


@operation(
    "GET",
    "/verify/<code>",
    "Say what is registered under the code on a paper",
    permission=None,
    why_public="whoever holds a paper may ask whether it is genuine",
    answers={200: VERIFIED},
    errors=(429,),
)
def verify_code(code: str) -> Response:
    return reply(_verified(verifying.by_code(deps(), code[:64], origin())))


def _verified(found: Verified) -> dict[str, Any]:
    known = found.known
    return {
        "status": found.verdict.value,
        "sha256": found.sha256 or None,
        "document": known
        and {
            "number": known.number,
            "title": read(known.title),
            "organ": known.organ,
            "issued_at": moment(known.issued_at),
            "unit": known.unit,
            "sha256": known.sha256,
            "signers": [
                {"name": s.name, "seal": s.seal, "instead": s.instead, "at": moment(s.at)}
                for s in known.signers
            ],
            "revoked_at": moment(known.revoked_at),
            "lifted": known.lifted
            and {
                "colour": known.lifted.colour.value,
                "at": moment(known.lifted.at),
                "number": known.lifted.number or None,
            },
        },
    }
