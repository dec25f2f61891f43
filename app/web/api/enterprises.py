"""The registry of enterprises, and imports of lists into it."""

from typing import Any

from flask import Response, request

from app.domain import Invalid
from app.domain.access import Permission, code_of, stem
from app.domain.entered import PLAIN_INTEGER, whole
from app.domain.enterprises import FIELDS, SCHEMA, Card, Life
from app.domain.imports import ImportState, Outcome, RowStatus, Treatment
from app.domain.measures import Measure
from app.domain.text import T
from app.services import Work, dossier
from app.services.dossier import Dossier, Known
from app.services.enterprises import registry, writing
from app.services.enterprises.registry import EnterpriseRow, Wanted
from app.services.imports import taking
from app.services.imports.taking import BatchRow
from app.web.api.contract import listed, moment, named, operation, reply, sent
from app.web.api.schemas import CURSOR, ID, MAYBE_TIME, NAME, STRING, TIME, thing
from app.web.language import read
from app.web.request import once, reading

INTEGER: dict[str, Any] = {"type": "integer"}
BOOLEAN: dict[str, Any] = {"type": "boolean"}
DIVISION = thing(
    {
        "code": {"type": "string", "description": "GB/T 2260, or a zone's place"},
        "place": STRING,
        "name": STRING,
    }
)
SUMMARY: dict[str, Any] = {
    "id": ID,
    "name": STRING,
    "credit_code": {"type": ["string", "null"], "description": "null while it is unknown (待补码)"},
    "address": STRING,
    "division": DIVISION,
    "sector": STRING,
    "tags": {"type": "array", "items": STRING},
    "production": {"enum": ["", "normal", "partial", "stopped"]},
    "key": BOOLEAN,
    "worrisome": BOOLEAN,
    "idle": BOOLEAN,
    "blacklisted": BOOLEAN,
    "card": {"enum": [card.value for card in Card]},
    "status": {"enum": [life.value for life in Life]},
    "updated_at": TIME,
}
FACTS: dict[str, Any] = {
    key: {name: value for name, value in spec.items() if name != "x-en"}
    for key, spec in SCHEMA["properties"].items()
}
ENTERPRISE = named("Enterprise", thing(SUMMARY))
OF_CASE = {"oneOf": [ID, {"type": "null"}]}
WHOLE = named(
    "WholeEnterprise",
    thing(
        {
            **SUMMARY,
            "revision": INTEGER,
            "facts": {"type": "object", "properties": FACTS, "description": "What is known"},
            "open_cases": {"type": "array", "items": ID},
            "measures": {
                "type": "array",
                "items": thing(
                    {
                        "measure": {"enum": [*Measure]},
                        "reason": STRING,
                        "case": OF_CASE,
                        "goes_on_in": OF_CASE,
                        "given_at": TIME,
                        "lifted_at": MAYBE_TIME,
                        "lifted_in": OF_CASE,
                        "lift_reason": STRING,
                    }
                ),
                "description": "Cards and stops, those in force first; `case` gave it",
            },
        }
    ),
)
# What comes in is checked by the form, whose lists of words are data; here only that it is facts.
GIVEN: dict[str, Any] = {
    "type": "object",
    "properties": {key: {"title": SCHEMA["properties"][key]["title"]} for key in FIELDS},
}
IMPORT = named(
    "Import",
    thing(
        {
            "id": ID,
            "name": STRING,
            "division": DIVISION,
            "state": {"enum": [state.value for state in ImportState]},
            "problem": {"type": ["string", "null"], "description": "Why it could not be read"},
            "columns": {"type": "object", "description": "The heading found for each field"},
            "total": INTEGER,
            "done": INTEGER,
            **{status.value: INTEGER for status in RowStatus},
            **{outcome.value: INTEGER for outcome in Outcome},
            "created_at": TIME,
            "finished_at": MAYBE_TIME,
        }
    ),
)
ROW = thing(
    {
        "number": {"type": "integer", "description": "The line in the file"},
        "cells": {"type": "object"},
        "facts": {"type": "object"},
        "status": {"enum": [status.value for status in RowStatus]},
        "errors": {
            "type": "array",
            "items": thing({"pointer": STRING, "message": STRING}),
        },
        "match": {"oneOf": [NAME, {"type": "null"}]},
        "outcome": {"enum": [*(outcome.value for outcome in Outcome), None]},
        "enterprise": {"type": ["string", "null"]},
    }
)
FLAG = {"enum": [*registry.FLAGS]}


def _division(place: str, name: str) -> dict[str, str]:
    return {"code": code_of(place), "place": place, "name": name}


def summary(row: EnterpriseRow) -> dict[str, Any]:
    """Return an enterprise as lists tell it."""
    return {
        "id": str(row.id),
        "name": row.name,
        "credit_code": row.credit_code,
        "address": row.address,
        "division": _division(row.place, row.division),
        "sector": row.sector,
        "tags": row.tags,
        "production": row.production.value,
        "key": row.key,
        "worrisome": row.worrisome,
        "idle": row.idle,
        "blacklisted": row.blacklisted,
        "card": row.card.value,
        "status": row.life.value,
        "updated_at": moment(row.updated_at),
    }


def _id_of(case: Known | None) -> str | None:
    return str(case.id) if case else None


def _whole(found: Dossier) -> dict[str, Any]:
    return {
        **summary(found.row),
        "revision": found.revision,
        "facts": {key: found.facts[key] for key in FIELDS if key in found.facts},
        "open_cases": [str(case.id) for case in found.open_cases],
        "measures": [
            {
                "measure": row.measure.value,
                "reason": row.reason,
                "case": _id_of(row.given_in),
                "goes_on_in": _id_of(row.goes_on_in),
                "given_at": moment(row.given_at),
                "lifted_at": moment(row.lifted_at),
                "lifted_in": _id_of(row.lifted_in),
                "lift_reason": row.lift_reason,
            }
            for row in found.measures
        ],
    }


@operation(
    "GET",
    "/enterprises",
    "The enterprises I may know of, by name",
    permission=Permission.SEE_ENTERPRISES,
    query={
        "q": {"type": "string", "description": "Part of a name, code or address"},
        "division": {"type": "string", "description": "GB/T 2260 code or place; with all below it"},
        "sector": STRING,
        "tag": STRING,
        "card": {"enum": [card.value for card in Card]},
        "status": {"enum": [life.value for life in Life]},
        "flag": FLAG,
        "cursor": CURSOR,
    },
    answers={200: listed(ENTERPRISE, paged=True)},
)
def list_enterprises() -> Response:
    args = request.args
    wanted = Wanted(
        q=args.get("q", ""),
        division=_place(args.get("division", "")),
        sector=args.get("sector", ""),
        tag=args.get("tag", ""),
        card=args.get("card", ""),
        status=args.get("status", ""),
        flag=args.get("flag", ""),
    )
    with reading() as work:
        found = registry.find(work, wanted, args.get("cursor", ""))
    return reply({"items": [summary(row) for row in found.rows], "next": found.following})


def _place(division: str) -> str:
    """Return the place that a caller means by a six-digit code or by a place."""
    plain = division.isascii() and division.isdigit() and len(division) == 6  # noqa: PLR2004
    return stem(division) if plain else division


@operation(
    "POST",
    "/enterprises",
    "Enter an enterprise into the registry",
    permission=Permission.MANAGE_ENTERPRISES,
    body=GIVEN,
    answers={201: WHOLE},
)
def create_enterprise() -> Response:
    facts = sent()

    def create(work: Work) -> Response:
        created = writing.create(work, facts)
        return reply(_whole(dossier.get(work, created)), 201)

    return once(create)


@operation(
    "GET",
    "/enterprises/<int:enterprise_id>",
    "One enterprise with all that is known of it",
    permission=Permission.SEE_ENTERPRISES,
    answers={200: WHOLE},
)
def get_enterprise(enterprise_id: int) -> Response:
    with reading() as work:
        return reply(_whole(dossier.get(work, enterprise_id)))


@operation(
    "PATCH",
    "/enterprises/<int:enterprise_id>",
    "Change some facts, with a reason; null takes one away",
    permission=Permission.MANAGE_ENTERPRISES,
    body={
        **GIVEN,
        "required": ["reason"],
        "properties": {
            **GIVEN["properties"],
            "reason": {"type": "string", "title": "变更原因", "minLength": 2, "maxLength": 500},
            "revision": {"type": "integer", "description": "What the caller saw; else the newest"},
        },
    },
    answers={200: WHOLE},
)
def change_enterprise(enterprise_id: int) -> Response:
    given = dict(sent())
    revision = given.pop("revision", None)

    def change(work: Work) -> Response:
        before, newest = dossier.facts(work, enterprise_id)
        facts = {key: before[key] for key in FIELDS if key in before} | given
        writing.update_facts(work, enterprise_id, revision or newest, facts)
        return reply(_whole(dossier.get(work, enterprise_id)))

    return once(change)


def _import(batch: BatchRow) -> dict[str, Any]:
    return {
        "id": str(batch.id),
        "name": batch.name,
        "division": _division(batch.place, batch.division),
        "state": batch.state.value,
        "problem": None if batch.problem is None else read(batch.problem),
        "columns": batch.columns,
        "total": batch.total,
        "done": batch.done,
        **{status.value: getattr(batch, status.value) for status in RowStatus},
        **{outcome.value: getattr(batch, outcome.value) for outcome in Outcome},
        "created_at": moment(batch.created_at),
        "finished_at": moment(batch.finished_at),
    }


@operation(
    "POST",
    "/imports",
    "Hand in a list of enterprises for a division; a job reads it",
    permission=Permission.MANAGE_ENTERPRISES,
    multipart=thing(
        {
            "file": {"type": "string", "format": "binary"},
            "division": {"type": "string", "description": "GB/T 2260 code or a zone's place"},
        }
    ),
    answers={202: IMPORT},
)
def take_list() -> Response:
    file = request.files.get("file")
    if file is None:
        raise Invalid({"/file": T("请选择文件")})
    name, data = file.filename or "", file.stream.read()
    division = _place(request.form.get("division", ""))

    def take(work: Work) -> Response:
        batch = taking.take(work, division, name, data)
        return reply(_import(taking.get(work, batch)), 202)

    return once(take)


@operation(
    "GET",
    "/imports/<int:batch_id>",
    "How an import stands, with its rows and what is wrong in them",
    permission=Permission.MANAGE_ENTERPRISES,
    query={
        "rows": {"enum": [*RowStatus, *Outcome], "description": "Only such rows"},
        "cursor": CURSOR,
    },
    answers={200: named("WholeImport", {"allOf": [IMPORT, listed(ROW, paged=True)]})},
)
def get_import(batch_id: int) -> Response:
    cursor = request.args.get("cursor", "")
    with reading() as work:
        batch = taking.get(work, batch_id)
        rows, following = taking.rows(
            work, batch_id, request.args.get("rows", ""), whole(cursor, PLAIN_INTEGER) or 0
        )
    items = [
        {
            "number": row.number,
            "cells": row.cells,
            "facts": row.facts,
            "status": row.status.value,
            "errors": [
                {"pointer": f"/{key}", "message": read(text)} for key, text in row.errors.items()
            ],
            "match": {"id": str(row.match_id), "name": row.match} if row.match_id else None,
            "outcome": row.outcome.value if row.outcome else None,
            "enterprise": str(row.enterprise_id) if row.enterprise_id else None,
        }
        for row in rows
    ]
    return reply({**_import(batch), "items": items, "next": str(following) if following else None})


@operation(
    "POST",
    "/imports/<int:batch_id>/confirm",
    "Have an import carried out: all rows, or the good ones only",
    permission=Permission.MANAGE_ENTERPRISES,
    body=thing(
        {
            "whole": {"type": "boolean", "title": "整表导入"},
            "on_same": {"enum": ["skip", "update"], "title": "已在台账的企业"},
            "on_similar": {"enum": [*Treatment], "title": "疑似重复的企业"},
        },
        "on_same",
        "on_similar",
    ),
    answers={202: IMPORT},
)
def confirm_import(batch_id: int) -> Response:
    given = sent()

    def confirm(work: Work) -> Response:
        taking.confirm(
            work,
            batch_id,
            whole=given["whole"],
            on_same=given.get("on_same", Treatment.SKIP),
            on_similar=given.get("on_similar", Treatment.SKIP),
        )
        work.session.flush()
        return reply(_import(taking.get(work, batch_id)), 202)

    return once(confirm)
