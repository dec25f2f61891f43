"""Schemas that several operations share."""

from typing import Any

from app.web.api.contract import Schema, named

STRING: dict[str, Any] = {"type": "string"}
ID: dict[str, Any] = {"type": "string", "description": "Opaque"}
MAYBE_ID: dict[str, Any] = {"type": ["string", "null"]}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
MAYBE_STRING: dict[str, Any] = {"type": ["string", "null"]}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
ANSWERS: dict[str, Any] = {"type": "object", "title": "填写内容"}
REASON: dict[str, Any] = {"type": "string", "title": "原因", "minLength": 1, "maxLength": 500}
CURSOR: dict[str, Any] = {"type": "string", "maxLength": 32}


def thing(properties: dict[str, Schema], *optional: str) -> Schema:
    """Return the schema of an object with all of `properties`, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


NAME = thing({"id": ID, "name": STRING})
FORM = {
    "oneOf": [
        thing({"schema": {"type": "object"}, "ui": {"type": "object"}}),
        {"type": "null"},
    ]
}
TASK_PROPERTIES: dict[str, Schema] = {
    "id": ID,
    "case": ID,
    "node": STRING,
    "name": STRING,
    "procedure": STRING,
    "subject": NAME,
    "role": STRING,
    "organisation": NAME,
    "opened_at": TIME,
    "due_at": MAYBE_TIME,
    "noticed_on": {
        **MAYBE_STRING,
        "description": "When the public notice was published that it waits for until `due_at`",
    },
    "closed_at": MAYBE_TIME,
    "status": {"enum": ["open", "done", "cancelled"]},
    "assignee": {"oneOf": [NAME, {"type": "null"}]},
}
TASK = named("Task", thing(TASK_PROPERTIES))
WAITING = named(
    "Waiting",
    thing({"kind": {"enum": ["time", "message", "effect"]}, "id": STRING, "until": MAYBE_TIME}),
)
MOVED = named(
    "Moved",
    thing(
        {
            "case": ID,
            "next_tasks": {"type": "array", "items": ID},
            "waiting": {"type": "array", "items": WAITING},
        }
    ),
)
