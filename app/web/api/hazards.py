"""The ledger of hazards: the list, and one with its way through the cases."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.hazards import Finder, Guarantee, HazardEvent, HazardState
from app.services import ledger
from app.services.ledger import HazardRow, Wanted
from app.web.api.contract import listed, moment, named, operation, reply
from app.web.api.schemas import CURSOR, ID, MAYBE_ID, MAYBE_TIME, NAME, STRING, TIME, thing
from app.web.language import read
from app.web.request import number_asked, reading

DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
FILES: dict[str, Any] = {"type": "array", "items": ID}
CLASS: dict[str, Any] = {"enum": ["general", "major"]}
PROPERTIES: dict[str, Any] = {
    "id": ID,
    "enterprise": NAME,
    "description": STRING,
    "place": {"type": "string", "description": "Where in the plant (部位)"},
    "class": CLASS,
    "state": {"enum": [state.value for state in HazardState]},
    "deadline": DAY,
    "late": {"type": "boolean", "description": "Not closed, and its deadline is over"},
    "listed": {"type": "boolean", "description": "Supervised by name (挂牌督办)"},
    "found_by": {"type": "string", "description": "The procedure that found it"},
    "found_at": TIME,
    "closed_at": MAYBE_TIME,
    "case": {"type": "string", "description": "The case that follows it, or was the last to"},
    "followed": {"type": "boolean", "description": "Whether that case still runs"},
}
HAZARD = named("Hazard", thing(PROPERTIES))
WHOLE = named(
    "WholeHazard",
    thing(
        {
            **PROPERTIES,
            "basis": STRING,
            "criterion": STRING,
            "cited": {
                "type": "array",
                "items": thing(
                    {
                        "law": STRING,
                        "version": {"type": "integer"},
                        "name": STRING,
                        "article": STRING,
                    }
                ),
                "description": "The clauses it cites, in the version that held when it was written",
            },
            "photos": FILES,
            "after": FILES,
            "owner": STRING,
            "measure": STRING,
            "finish": DAY,
            "doer": STRING,
            "checker": STRING,
            "secured": {
                "type": "array",
                "items": {"enum": [word.value for word in Guarantee]},
                "description": "Of a major one (五到位)",
            },
            "found_in": ID,
            "origin": {
                **MAYBE_ID,
                "description": "The hazard that has come back in this one (复发)",
            },
            "recurred": {
                "type": "array",
                "items": ID,
                "description": "The hazards in which this one has come back",
            },
            "changes": {
                "type": "array",
                "items": thing(
                    {
                        "what": {"enum": [event.value for event in HazardEvent]},
                        "state": {"enum": [state.value for state in HazardState]},
                        "deadline": DAY,
                        "at": TIME,
                        "by": STRING,
                        "case": ID,
                        "title": STRING,
                    }
                ),
            },
        }
    ),
)


def _json(row: HazardRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "enterprise": {"id": str(row.enterprise_id), "name": row.enterprise},
        "description": row.description,
        "place": row.spot,
        "class": "major" if row.major else "general",
        "state": row.state.value,
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "late": row.late,
        "listed": row.listed,
        "found_by": read(row.procedure),
        "found_at": moment(row.found_at),
        "closed_at": moment(row.closed_at),
        "case": str(row.case_id),
        "followed": row.followed,
    }


@operation(
    "GET",
    "/hazards",
    "The hazards I may know of, the newest first",
    permission=Permission.SEE_HAZARDS,
    query={
        "q": {"type": "string", "description": "Part of an enterprise, a description or a place"},
        "state": {"enum": ["unclosed", *(state.value for state in HazardState)]},
        "class": CLASS,
        "enterprise": ID,
        "case": ID,
        "due": {
            "enum": ["late", "soon", "none", "intime"],
            "description": "Of those not closed; `intime`: all that are not late",
        },
        "mark": {"enum": ["listed", "loose"], "description": "Supervised; followed by no case"},
        "campaign": {**ID, "description": "Found in the cases of this campaign"},
        "found_by": {"enum": [one.value for one in Finder], "description": "Who found it"},
        "sector": {"type": "string", "description": "Of the enterprise; - for none"},
        "cursor": CURSOR,
    },
    answers={200: listed(HAZARD, paged=True)},
)
def list_hazards() -> Response:
    args = request.args
    wanted = Wanted(
        q=args.get("q", ""),
        state=args.get("state", ""),
        grade=args.get("class", ""),
        enterprise_id=number_asked("enterprise"),
        case_id=number_asked("case"),
        due=args.get("due", ""),
        mark=args.get("mark", ""),
        campaign_id=number_asked("campaign"),
        found_by=args.get("found_by", ""),
        sector=args.get("sector", ""),
    )
    with reading() as work:
        found = ledger.find(work, wanted, args.get("cursor", ""))
    return reply({"items": [_json(row) for row in found.rows], "next": found.following})


@operation(
    "GET",
    "/hazards/<int:hazard_id>",
    "One hazard with its way through the cases",
    permission=Permission.SEE_HAZARDS,
    answers={200: WHOLE},
)
def show_hazard(hazard_id: int) -> Response:
    with reading() as work:
        view = ledger.get(work, hazard_id)
    whole = {
        **_json(view.row),
        "basis": view.basis,
        "criterion": view.criterion,
        "cited": list(view.cited),
        "photos": list(view.photos),
        "after": list(view.after),
        "owner": view.owner,
        "measure": view.measure,
        "finish": view.finish.isoformat() if view.finish else None,
        "doer": view.doer,
        "checker": view.checker,
        "secured": list(view.secured),
        "found_in": str(view.found_in),
        "origin": str(view.origin) if view.origin else None,
        "recurred": [str(number) for number in view.recurred],
        "changes": [
            {
                "what": change.what.value,
                "state": change.state.value,
                "deadline": change.deadline.isoformat() if change.deadline else None,
                "at": moment(change.at),
                "by": change.by,
                "case": str(change.case_id),
                "title": read(change.node),
            }
            for change in view.changes
        ],
    }
    return reply(whole)
