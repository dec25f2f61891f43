"""Draws: the list, one with its list of targets, and the bundle that it takes to draw again."""

from typing import Any

from flask import Response, request

from app.adapters.bundles import pack
from app.domain.access import Permission
from app.domain.draws import DrawState, How
from app.domain.entered import whole
from app.services import Work
from app.services.draws import bundling, declaring, reading
from app.services.draws.owned import Own
from app.services.draws.reading import DrawRow, Line
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.schemas import CURSOR, ID, MAYBE_TIME, STRING, TIME, thing
from app.web.attached import file_answer
from app.web.request import once
from app.web.request import reading as reading_work

WORDS: dict[str, Any] = {"type": "array", "items": STRING}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
PROPERTIES: dict[str, Any] = {
    "id": ID,
    "number": STRING,
    "organ": STRING,
    "state": {"enum": [state.value for state in DrawState]},
    "case": ID,
    "supplements": {
        "type": "string",
        "description": "The draw whose late entrants it takes; or empty",
    },
    "replaces": {
        "type": "string",
        "description": "The cancelled draw that it comes after; or empty",
    },
    "frozen_at": TIME,
    "rule": {"type": "string", "description": "Which public value was named; empty before"},
    "value": {"type": "string", "description": "The public value; empty before"},
    "reason": {"type": "string", "description": "Why it was cancelled; or empty"},
}
DRAW = named("Draw", thing(PROPERTIES))
TARGET = named(
    "DrawTarget",
    thing(
        {
            "enterprise": thing({"id": ID, "name": STRING, "code": STRING}),
            "county": STRING,
            "how": {"enum": [how.value for how in How]},
            "ticket": STRING,
            "inspectors": WORDS,
            "visit": {"type": ["string", "null"], "description": "The case of the visit"},
            "visited_at": {**MAYBE_TIME, "description": "When both inspectors were there"},
        }
    ),
)
OWN = named(
    "DrawOwn",
    thing(
        {
            "enterprise": thing({"id": ID, "name": STRING}),
            "inspection": {"type": ["string", "null"], "description": "The case of it"},
            "done": {"type": "boolean"},
        }
    ),
)
WHOLE = named(
    "WholeDraw",
    thing(
        {
            **PROPERTIES,
            "percent": {"type": "integer"},
            "load": {"type": ["integer", "null"]},
            "sectors": WORDS,
            "themes": WORDS,
            "counties": {
                "type": "array",
                "items": thing(
                    {
                        "county": STRING,
                        "whole": COUNT,
                        "ordinary": COUNT,
                        "drawn": COUNT,
                        "full": COUNT,
                    }
                ),
            },
            "roster_sha256": STRING,
            "reasons_sha256": STRING,
            "salt_sha256": STRING,
            "commitment": STRING,
            "committed_at": MAYBE_TIME,
            "seed": {"type": "string", "description": "Empty before it is drawn"},
            "published": {"type": "boolean", "description": "Whether everybody sees the list"},
            "targets": {"type": "array", "items": TARGET},
            "own": {
                "type": "array",
                "items": OWN,
                "description": "What the city supervises itself, inspected outside the draw",
            },
        }
    ),
)


def _json(row: DrawRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": row.number,
        "organ": row.organ,
        "state": row.state.value,
        "case": str(row.case_id),
        "supplements": row.supplements,
        "replaces": row.replaces,
        "frozen_at": moment(row.frozen_at),
        "rule": row.rule.code if row.rule else "",
        "value": row.value,
        "reason": row.reason,
    }


def _target(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "enterprise": {"id": str(line.enterprise_id), "name": entry.name, "code": entry.id},
        "county": entry.county,
        "how": line.how.value if line.how else "",
        "ticket": line.ticket,
        "inspectors": list(line.inspectors),
        "visit": None if line.visit_id is None else str(line.visit_id),
        "visited_at": moment(line.visited_at),
    }


def _own(one: Own) -> dict[str, Any]:
    return {
        "enterprise": {"id": str(one.enterprise_id), "name": one.name},
        "inspection": None if one.case_id is None else str(one.case_id),
        "done": one.done,
    }


@operation(
    "GET",
    "/draws",
    "The draws I may know of, the newest first",
    permission=Permission.SEE_DRAWS,
    query={"state": {"enum": [state.value for state in DrawState]}, "cursor": CURSOR},
    answers={200: listed(DRAW, paged=True)},
)
def list_draws() -> Response:
    args = request.args
    with reading_work() as work:
        found = reading.find(work, args.get("state", ""), args.get("cursor", ""))
    return reply({"items": [_json(row) for row in found.rows], "next": found.following})


@operation(
    "GET",
    "/draws/<int:draw_id>",
    "One draw with what fixes it and whom it took",
    permission=Permission.SEE_DRAWS,
    answers={200: WHOLE},
)
def show_draw(draw_id: int) -> Response:
    with reading_work() as work:
        view = reading.get(work, draw_id)
    sealed = view.sealed
    return reply(
        {
            **_json(view.row),
            "percent": view.percent,
            "load": view.load,
            "sectors": list(view.sectors),
            "themes": list(view.themes),
            "counties": [
                {
                    "county": share.county,
                    "whole": share.whole,
                    "ordinary": share.ordinary,
                    "drawn": share.drawn,
                    "full": share.full,
                }
                for share in view.counties
            ],
            "roster_sha256": sealed.roster,
            "reasons_sha256": sealed.reasons,
            "salt_sha256": sealed.salt_sha256,
            "commitment": sealed.commitment,
            "committed_at": moment(sealed.committed_at),
            "seed": sealed.seed,
            "published": view.published,
            "targets": [_target(line) for line in view.targets],
            "own": [_own(one) for one in view.own],
        }
    )


INTEREST = thing({"enterprise": {"oneOf": [ID, {"type": "null"}]}, "reason": STRING})


@operation(
    "POST",
    "/draws/<int:draw_id>/interests",
    "Declare my interest in an enterprise of the roster or, with null, that there is none",
    permission=Permission.DECLARE_INTEREST,
    body=INTEREST,
    answers={204: None},
)
def declare_interest(draw_id: int) -> Response:
    body = sent()
    enterprise = None if body["enterprise"] is None else whole(body["enterprise"]) or 0

    def declare(work: Work) -> Response:
        declaring.declare(work, draw_id, enterprise, body["reason"])
        return Response(status=204)

    return once(declare)


@operation(
    "GET",
    "/draws/<int:draw_id>/bundle",
    "All that it takes to draw again, as a ZIP (docs/draws.md); 409 before it is drawn",
    permission=Permission.SEE_DRAWS,
    answers={200: None},
    media="application/zip",
    errors=(409,),
)
def draw_bundle(draw_id: int) -> Response:
    with reading_work() as work:
        files = bundling.bundle(work, draw_id)
        _draw, row = reading.found(work, draw_id)
    return file_answer(pack(files), "application/zip", f"{row.number}.zip")
