"""Consent to electronic service: what an enterprise confirmed, a new one, its withdrawal."""

from typing import Any

from flask import Response

from app.domain.access import Permission
from app.domain.serving import Channel
from app.services import Work
from app.services.enterprises import consents
from app.services.enterprises.consents import ConsentRow
from app.web.api.contract import listed, moment, operation, reply, sent
from app.web.api.schemas import ID, REASON, STRING, TIME, thing
from app.web.consents import asked_for_password
from app.web.request import once, reading

DAY: dict[str, Any] = {"type": "string", "format": "date"}
CONSENT = thing(
    {
        "id": ID,
        "channel": {"enum": [channel.value for channel in Channel]},
        "address": {"type": "string", "description": "Empty for the enterprise's account here"},
        "receiver": STRING,
        "signer": STRING,
        "own": {"type": "boolean", "description": "Given with the enterprise's own account"},
        "confirmed_on": DAY,
        "papers": {
            "type": "array",
            "items": thing({"name": STRING, "sha256": STRING}),
            "description": "The signed confirmation, as it was handed in",
        },
        "recorded_at": TIME,
        "recorded_by": STRING,
        "ended_on": {"type": ["string", "null"], "format": "date"},
        "end_reason": STRING,
    }
)
GIVEN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "password": {"type": "string", "description": "One's own, if the party itself confirms"}
    },
    "description": (
        "`channel`, `receiver`, and `email` or `number`; the party itself: `agreed`, `password`; "
        "staff: `confirmed_on`, `signer`, `papers` (files handed in)"
    ),
}


def _json(row: ConsentRow) -> dict[str, Any]:
    consent = row.consent
    return {
        "id": str(consent.id),
        "channel": consent.channel.value,
        "address": consent.address,
        "receiver": row.receiver,
        "signer": row.signer,
        "own": row.own,
        "confirmed_on": consent.confirmed_on.isoformat(),
        "papers": [{"name": paper.name, "sha256": paper.sha256} for paper in row.papers],
        "recorded_at": moment(row.recorded_at),
        "recorded_by": row.recorded_by,
        "ended_on": consent.ended_on.isoformat() if consent.ended_on else None,
        "end_reason": row.end_reason,
    }


def _all(work: Work, enterprise_id: int) -> dict[str, Any]:
    return {"items": [_json(row) for row in consents.of_enterprise(work, enterprise_id)]}


@operation(
    "GET",
    "/enterprises/<int:enterprise_id>/consents",
    "The addresses that an enterprise confirmed for electronic service, the newest first",
    permission=Permission.SEE_ENTERPRISES,
    answers={200: listed(CONSENT)},
)
def list_consents(enterprise_id: int) -> Response:
    with reading() as work:
        return reply(_all(work, enterprise_id))


@operation(
    "POST",
    "/enterprises/<int:enterprise_id>/consents",
    "Confirm an address for electronic service, or enter what the enterprise signed",
    permission=Permission.CONFIRM_SERVICE,
    body=GIVEN,
    answers={201: listed(CONSENT)},
    errors=(429,),
)
def enter_consent(enterprise_id: int) -> Response:
    given = dict(sent())
    password = given.pop("password", "")
    with reading() as work:
        own = consents.blank(work, enterprise_id).own

    def enter(work: Work) -> Response:
        consents.enter(work, enterprise_id, given)
        return reply(_all(work, enterprise_id), 201)

    return once(enter, first=asked_for_password(password) if own else None)


@operation(
    "POST",
    "/enterprises/<int:enterprise_id>/consents/<int:consent_id>/withdraw",
    "Withdraw a consent: nothing is served electronically by it from today on",
    permission=Permission.CONFIRM_SERVICE,
    body=thing({"reason": REASON}),
    answers={200: listed(CONSENT)},
    errors=(404, 409),
)
def withdraw_consent(enterprise_id: int, consent_id: int) -> Response:
    reason = sent()["reason"]

    def withdraw(work: Work) -> Response:
        consents.withdraw(work, enterprise_id, consent_id, reason)
        return reply(_all(work, enterprise_id))

    return once(withdraw)
