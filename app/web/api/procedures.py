"""Procedures: which there are, and their diagrams."""

from flask import Response, request

from app.domain.access import Permission
from app.services import procedures
from app.services.cases import starting
from app.web.api.contract import listed, named, operation, reply
from app.web.api.schemas import FORM, STRING, thing
from app.web.api.tasks import form_json
from app.web.language import chosen, read
from app.web.request import reading

PROCEDURE = named(
    "Procedure",
    thing(
        {
            "id": STRING,
            "name": STRING,
            "version": {"type": "integer"},
            "startable_by_me": {"type": "boolean"},
            "start_form": FORM,
        }
    ),
)


@operation(
    "GET",
    "/procedures",
    "The newest version of every procedure",
    permission=Permission.SEE_PROCEDURES,
    answers={200: listed(PROCEDURE)},
)
def list_procedures() -> Response:
    with reading() as work:
        rows = procedures.everything(work)
        mine = {found.id: found for found in starting.startable(work)}
    items = [
        {
            "id": row.id,
            "name": read(row.name),
            "version": row.version,
            "startable_by_me": row.id in mine,
            "start_form": form_json(mine[row.id].form) if row.id in mine else None,
        }
        for row in rows
    ]
    return reply({"items": items})


@operation(
    "GET",
    "/procedures/<procedure>/diagram",
    "A procedure's BPMN 2.0 XML",
    permission=Permission.SEE_PROCEDURES,
    query={"version": {"type": "string", "pattern": "^[0-9]{1,8}$"}},
    answers={200: None},
    media="application/xml",
)
def procedure_diagram(procedure: str) -> Response:
    version = request.args.get("version")
    with reading() as work:
        xml = procedures.drawing(work, procedure, int(version) if version else None, chosen())
    return Response(xml, content_type="application/xml")
