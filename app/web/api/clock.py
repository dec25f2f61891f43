"""The demo's clock."""

from flask import Response

from app.domain.access import Permission
from app.services import Work
from app.services import clock as clocks
from app.web.api.contract import moment, named, operation, reply, sent
from app.web.api.schemas import ID, STRING, TIME, thing
from app.web.language import read
from app.web.request import actor, deps, once

FIRED = named(
    "Fired",
    thing(
        {
            "at": TIME,
            "kind": {"enum": ["timer", "reminder", "overdue"]},
            "case": ID,
            "procedure": STRING,
            "name": STRING,
            "done": {"type": "boolean", "description": "False if it failed: an incident"},
        }
    ),
)


@operation(
    "POST",
    "/demo/clock",
    "Move the demo's clock ahead, doing what becomes due; 404 outside demo mode",
    permission=Permission.MOVE_CLOCK,
    body=thing(
        {
            "advance": {
                "type": "string",
                "title": "时长",
                "x-en": {"title": "Duration"},
                "minLength": 1,
                "maxLength": 40,
                "description": "ISO 8601, two years at most, such as P10D",
            }
        }
    ),
    answers={200: thing({"now": TIME, "fired": {"type": "array", "items": FIRED}})},
    errors=(404,),
)
def move_clock() -> Response:
    done: list[clocks.Advanced] = []

    def advance() -> None:
        done.append(clocks.advance(deps(), actor(), sent()["advance"]))

    def tell(_work: Work) -> Response:
        (advanced,) = done
        fired = [
            {
                "at": moment(one.at),
                "kind": one.kind,
                "case": str(one.case_id),
                "procedure": read(one.procedure),
                "name": read(one.title),
                "done": one.done,
            }
            for one in advanced.fired
        ]
        return reply({"now": moment(advanced.now), "fired": fired})

    return once(tell, advance)
