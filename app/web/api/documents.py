"""Papers: one with its signatures, its file, one's signature on it; and the public's questions."""

from typing import Any

from flask import Response, request

from app.domain import strokes
from app.domain.access import Permission
from app.domain.documents import Manner
from app.domain.measures import CARDS
from app.services import Work, letters, offering, sessions
from app.services.documents import reading as documents
from app.services.documents.course import Goes
from app.services.documents.reading import DocumentView
from app.services.letters import LetterRow
from app.services.pdf import signing, verifying
from app.services.pdf.verifying import Verdict, Verified
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.papers import PROPERTIES, document_json
from app.web.api.schemas import (
    ANSWERS,
    ID,
    MAYBE_STRING,
    MAYBE_TIME,
    MOVED,
    STRING,
    TIME,
    thing,
)
from app.web.api.tasks import moved_json, whole_number
from app.web.language import read
from app.web.papers import pdf
from app.web.request import actor, deps, once, origin, person, reading

BOOLEAN: dict[str, Any] = {"type": "boolean"}
SECOND = {
    **BOOLEAN,
    "description": "Whether it is the organ's second signature, with SM2, by our own authority",
}
INSTEAD = {**BOOLEAN, "description": "Whether somebody else was to sign there, and did not"}
MANNER = {
    "enum": [*(manner.value for manner in Manner), None],
    "description": "How it was signed by hand: then it is no electronic signature of who is named",
}
CHECKED_BY = {**MAYBE_STRING, "description": "Who certified what was signed by hand"}
SIGNATURE = thing(
    {
        "slot": STRING,
        "name": STRING,
        "instead": INSTEAD,
        "handwritten": {**BOOLEAN, "description": "Whether the place bears strokes from a pad"},
        "manner": MANNER,
        "checked_by": CHECKED_BY,
        "scans": {"type": "array", "items": ID, "description": "Files of what was signed on paper"},
        "at": TIME,
    }
)
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
        "wording": {
            "type": ["integer", "null"],
            "description": "Version of the wording; null if there were none yet",
        },
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
CARD = {
    **thing({"colour": {"enum": list(CARDS)}, "number": MAYBE_STRING, "lifted": BOOLEAN}),
    "description": "A card that the paper publishes or lifts, by the number it was published under",
}
STRINGS: dict[str, Any] = {"type": "array", "items": STRING}
OFFER = named(
    "DocumentKind",
    thing(
        {
            "kind": STRING,
            "title": STRING,
            "group": {"enum": list(offering.GROUPS)},
            "purpose": STRING,
            "signers": {**STRINGS, "description": "The roles that sign it, in order"},
            "sealed": BOOLEAN,
            "goes": {"enum": [goes.value for goes in Goes]},
            "enterprises_only": BOOLEAN,
            "missing": {
                **STRINGS,
                "description": "What has to be complete in its case before, and is not",
            },
        }
    ),
)
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
                                        "second": SECOND,
                                        "instead": INSTEAD,
                                        "manner": MANNER,
                                        "checked_by": CHECKED_BY,
                                        "at": TIME,
                                    }
                                ),
                            },
                            "revoked_at": MAYBE_TIME,
                            "replaced_by": {
                                **MAYBE_STRING,
                                "description": "Number of the paper in its place, once taken back",
                            },
                            "cards": {"type": "array", "items": CARD},
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
        "wording": view.wording,
        "signatures": [
            {
                "slot": s.slot,
                "name": s.name,
                "instead": s.instead,
                "handwritten": s.handwritten,
                "manner": s.manner,
                "checked_by": s.by if s.manner else None,
                "scans": list(s.scans),
                "at": moment(s.at),
            }
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
    "/documents/kinds",
    "The kinds of paper that I can make by starting `issue_paper`, and what each still lacks",
    permission=Permission.START_CASE,
    query={"case": ID},
    answers={200: listed(OFFER)},
    errors=(404,),
)
def list_kinds() -> Response:
    asked = request.args.get("case")
    with reading() as work:
        offers = offering.offers(work, whole_number(asked, "案件") if asked else None)
    items = [
        {
            "kind": offer.kind,
            "title": read(offer.title),
            "group": offer.group,
            "purpose": read(offer.purpose),
            "signers": [read(signer) for signer in offer.signers],
            "sealed": offer.sealed,
            "goes": offer.goes.value,
            "enterprises_only": offer.needs_plant,
            "missing": [read(one) for one in offer.missing],
        }
        for offer in offers
    ]
    return reply({"items": items})


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
            "strokes": strokes.SCHEMA,
        },
        "answers",
        "strokes",
    ),
    answers={200: MOVED},
    errors=(429,),
)
def sign_document(document_id: int) -> Response:
    body, made = sent(), list[signing.Signed]()

    def make() -> None:
        written = strokes.checked(body["strokes"]) if "strokes" in body else None
        sessions.confirm(deps(), person(), body["pin"], origin(), "/pin", pin=True)
        given = (body["pin"], body["sha256"], body.get("answers"), written)
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
                {
                    "name": s.name,
                    "seal": s.seal,
                    "second": s.second,
                    "instead": s.instead,
                    "manner": s.manner,
                    "checked_by": s.checked_by or None,
                    "at": moment(s.at),
                }
                for s in known.signers
            ],
            "revoked_at": moment(known.revoked_at),
            "replaced_by": known.replaced_by or None,
            "cards": [
                {
                    "colour": card.colour.value,
                    "number": card.number or None,
                    "lifted": card.lifted,
                }
                for card in known.cards
            ],
            "lifted": known.lifted
            and {
                "colour": known.lifted.colour.value,
                "at": moment(known.lifted.at),
                "number": known.lifted.number or None,
            },
        },
    }
