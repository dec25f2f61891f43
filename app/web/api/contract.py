"""Declare an operation once: its route, permission, schemas and every status that can come.

The declaration checks what comes in, and the OpenAPI 3.1 document is made of the declarations.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from typing import Any

import orjson
from flask import Blueprint, Response, request
from jsonschema import Draft202012Validator
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.deadlines import BEIJING
from app.domain.forms import messages
from app.domain.forms.formats import FORMATS
from app.web.request import needs, public
from app.web.titles import TITLES

Schema = Mapping[str, Any]
api = Blueprint("api", __name__, url_prefix="/api/v1")

# Every operation can meet these, whatever it does.
ALWAYS = (400, 500, 503)
# Unpacked, JSON takes many times its size in memory; photos are no JSON.
MOST_BYTES, DEEPEST = 4 * 2**20, 32
JSON, PROBLEM = "application/json", "application/problem+json"
WHOLE = re.compile(r"-?[0-9]{1,18}")
NAMED: dict[str, Schema] = {}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call as the OpenAPI document describes it."""

    method: str
    path: str
    name: str
    summary: str
    permission: Permission | None
    answers: Mapping[int, Schema | None]
    errors: Sequence[int]
    body: Schema | None
    multipart: Schema | None
    media: str
    query: Mapping[str, Schema] = field(default_factory=dict)


OPERATIONS: list[Operation] = []


def named(name: str, schema: Schema) -> Schema:
    """Give a schema a name in the document and return a reference to it."""
    NAMED[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    permission: Permission | None,
    answers: Mapping[int, Schema | None],
    why_public: str = "",
    body: Schema | None = None,
    multipart: Schema | None = None,
    media: str = JSON,
    query: Mapping[str, Schema] | None = None,
    errors: Sequence[int] = (),
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Register a view as an operation of the API.

    The view gets the path's variables; a `body` schema and what is asked in the address are checked
    before it is called, and the checked body is in `sent()`. `media` is the type of the answer.
    """

    def register(view: Callable[..., Response]) -> Callable[..., Response]:
        OPERATIONS.append(
            Operation(
                method,
                path,
                view.__name__,
                summary,
                permission,
                answers,
                sorted(
                    {*ALWAYS, *errors, *_statuses(method, path, permission, body, multipart, query)}
                ),
                body,
                multipart,
                media,
                query or {},
            )
        )

        validator = None if body is None else _validator(body)
        of_query = _validator({"type": "object", "properties": dict(query)}) if query else None

        @wraps(view)
        def checked(**values: Any) -> Response:
            if of_query is not None and (wrong := messages(of_query(), _asked(query or {}))):
                raise Invalid(wrong)
            if validator is not None and (wrong := messages(validator(), sent())):
                raise Invalid(wrong)
            return view(**values)

        mark = needs(permission) if permission is not None else public(why_public)
        api.add_url_rule(path, view.__name__, mark(checked), methods=[method])
        return checked

    return register


def _statuses(
    method: str,
    path: str,
    permission: Permission | None,
    body: Schema | None,
    multipart: Schema | None,
    query: Mapping[str, Schema] | None,
) -> Iterator[int]:
    """Yield the statuses that follow from how an operation is called."""
    if permission is not None:
        yield from (401, 403)
        if method != "GET":
            yield 409
    if "<" in path:
        yield 404
    if body is not None:
        yield from (413, 415, 422)
    if multipart is not None:
        yield from (413, 422)
    if query:
        yield 422


def _validator(schema: Schema) -> Callable[[], Draft202012Validator]:
    """Return what makes the validator, once every named schema is known."""

    @cache
    def made() -> Draft202012Validator:
        whole = {**schema, "components": {"schemas": NAMED}}
        return Draft202012Validator(whole, format_checker=FORMATS)

    return made


def _asked(query: Mapping[str, Schema]) -> dict[str, Any]:
    """Return what the address asks for, numbers as numbers; what is empty is not asked."""
    return {
        name: int(value) if schema.get("type") == "integer" and WHOLE.fullmatch(value) else value
        for name, schema in query.items()
        if (value := request.args.get(name, ""))
    }


def sent() -> Any:
    """Return the JSON that the caller sent.

    :raises BadRequest: if it is not JSON, nested beyond sense, or holds what no text can hold
    :raises RequestEntityTooLarge: if it is more than any form could be
    """
    if not request.is_json:
        raise UnsupportedMediaType
    raw = request.get_data()
    if len(raw) > MOST_BYTES:
        raise RequestEntityTooLarge
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as broken:
        raise BadRequest from broken
    if _deeper(value, DEEPEST) or (
        b"\\u0000" in raw and any("\0" in text for text in _texts(value))
    ):
        raise BadRequest
    return value


def _deeper(value: Any, most: int) -> bool:
    """Tell whether JSON is nested more than `most` times: checks and stores walk it recursively."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def reply(value: Any, status: int = 200) -> Response:
    """Return `value` as JSON; times are RFC 3339 with their offset."""
    return Response(orjson.dumps(value), status, content_type="application/json")


def moment(value: datetime | None) -> str | None:
    """Return a time as RFC 3339 in Beijing's offset."""
    return None if value is None else value.astimezone(BEIJING).isoformat()


def listed(item: Schema, *, paged: bool = False) -> Schema:
    """Return the schema of a list: all of it, or a page with the cursor of the next."""
    properties: dict[str, Any] = {"items": {"type": "array", "items": item}}
    if paged:
        properties["next"] = {"type": ["string", "null"], "description": "Cursor, or null"}
    return {"type": "object", "required": [*properties], "properties": properties}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", op.path)
        paths.setdefault(path, {})[op.method.lower()] = _described(op, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bihuan 闭环",
            "version": "1",
            "description": "Inspect plants, close the loop on every hazard, lawfully close plants.",
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": dict(NAMED),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(op: Operation, path: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": op.name,
        "summary": op.summary,
        "security": [{"token": []}] if op.permission is not None else [],
        "parameters": _parameters(op, path),
        "responses": {
            **{str(status): _answer(schema, op.media) for status, schema in op.answers.items()},
            **{str(status): _problem(status) for status in op.errors},
        },
    }
    if op.permission is not None:
        described["x-permission"] = op.permission.value
    if op.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": op.body}},
        }
    if op.multipart is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": op.multipart}},
        }
    return described


def _parameters(op: Operation, path: str) -> list[dict[str, Any]]:
    in_path = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in in_path
    ]
    parameters += [
        {"name": name, "in": "query", "schema": schema} for name, schema in op.query.items()
    ]
    if op.method != "GET" and op.permission is not None:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key and request change nothing twice",
                "schema": {"type": "string", "maxLength": 64},
            }
        )
    return parameters


def _answer(schema: Schema | None, media: str) -> dict[str, Any]:
    if schema is not None:
        return {"description": "Done", "content": {media: {"schema": schema}}}
    if media != JSON:
        return {"description": "Done", "content": {media: {}}}
    return {"description": "Done"}


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": str(TITLES[status]),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


named(
    "Problem",
    {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "message"],
                    "properties": {
                        "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)"},
                        "message": {"type": "string"},
                    },
                },
            },
        },
    },
)
