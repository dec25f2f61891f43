"""Clauses of laws and standards: what words find, the laws and standards, one of them, the next."""

from typing import Any

from flask import Response, request

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.clauses import Use
from app.domain.text import T
from app.services import Work
from app.services.clauses import keeping, reading
from app.services.clauses.reading import ClauseRow, LawRow
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.schemas import STRING, TIME, thing
from app.web.request import once
from app.web.request import reading as reading_work

USE: dict[str, Any] = {"enum": [use.value for use in Use], "description": "What it is cited for"}
DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
CLAUSE = named(
    "Clause",
    thing(
        {
            "citation": STRING,
            "article": STRING,
            "use": USE,
            "sector": {**STRING, "description": "Whose criterion it is; empty for all"},
            "text": STRING,
            "hazard": {**STRING, "description": "Ready wording of the hazard; or empty"},
            "demand": {**STRING, "description": "Ready wording of the demand; or empty"},
        }
    ),
)
PROPERTIES: dict[str, Any] = {
    "code": STRING,
    "version": {"type": "integer", "minimum": 1},
    "name": STRING,
    "number": STRING,
    "since": DAY,
    "until": DAY,
    "published_at": TIME,
    "retired": {"type": "boolean"},
}
LAW = named("Law", thing(PROPERTIES))
WHOLE = named("WholeLaw", thing({**PROPERTIES, "clauses": {"type": "array", "items": CLAUSE}}))
NEXT = {
    "type": "object",
    "required": ["seen", "code", "name", "clauses"],
    "properties": {
        "seen": {
            "type": "integer",
            "minimum": 0,
            "description": "The version it was made from; 0 begins a new one",
        },
        "code": STRING,
        "name": STRING,
        "number": STRING,
        "since": {"type": "string"},
        "until": {"type": "string"},
        "source": {"type": "string", "description": "What was changed"},
        "clauses": {"type": "array", "items": {"type": "object"}},
    },
}


def _clause(row: ClauseRow) -> dict[str, Any]:
    return {
        "citation": row.citation,
        "article": row.article,
        "use": row.usage.value,
        "sector": row.sector,
        "text": row.text,
        "hazard": row.hazard,
        "demand": row.demand,
    }


def _law(row: LawRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "version": row.version,
        "name": row.name,
        "number": row.number,
        "since": row.since.isoformat() if row.since else None,
        "until": row.until.isoformat() if row.until else None,
        "published_at": moment(row.published_at),
        "retired": row.retired_at is not None,
    }


@operation(
    "GET",
    "/clauses",
    "The clauses in force that hold all the words asked for",
    permission=Permission.SEE_CLAUSES,
    query={"q": {"type": "string"}, "use": {"type": "string"}},
    answers={200: listed(CLAUSE)},
    errors=(422,),
)
def find_clauses() -> Response:
    use = request.args.get("use", "")
    if use and use not in set(Use):
        raise Invalid({"/use": T("没有这个选项")})
    with reading_work() as work:
        rows = reading.search(work, request.args.get("q", ""), [Use(use)] if use else ())
    return reply({"items": [_clause(row) for row in rows]})


@operation(
    "GET",
    "/laws",
    "The laws and standards, each in its newest version",
    permission=Permission.SEE_CLAUSES,
    answers={200: listed(LAW)},
)
def list_laws() -> Response:
    with reading_work() as work:
        rows = reading.newest(work)
    return reply({"items": [_law(row) for row in rows]})


@operation(
    "GET",
    "/laws/<code>",
    "One law or standard with its clauses",
    permission=Permission.SEE_CLAUSES,
    answers={200: WHOLE},
)
def show_law(code: str) -> Response:
    with reading_work() as work:
        return reply(_whole(work, code))


def _whole(work: Work, code: str) -> dict[str, Any]:
    view = reading.get(work, code)
    return {**_law(view.row), "clauses": [_clause(row) for row in view.clauses]}


@operation(
    "POST",
    "/laws",
    "Publish a version of a law or standard",
    permission=Permission.MANAGE_CLAUSES,
    body=NEXT,
    answers={201: WHOLE},
    errors=(409, 422),
)
def publish_law() -> Response:
    def act(work: Work) -> Response:
        told = dict(sent())
        code = keeping.publish(work, told, told.pop("seen"))
        return reply(_whole(work, code), 201)

    return once(act)
