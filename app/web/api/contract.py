"""Declare an operation once: its route, permission, schemas and every status that can come.

The declaration checks what comes in, and the OpenAPI 3.1 document is made of the declarations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import orjson
from flask import Blueprint, Response, request
from jsonschema import Draft202012Validator
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.text import T
from app.web.request import needs, public
from app.web.titles import TITLES

Schema = Mapping[str, Any]
api = Blueprint("api", __name__, url_prefix="/api/v1")

# Every operation can meet these, whatever it does.
ALWAYS = (500,)
PROBLEM = "application/problem+json"
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
    query: Mapping[str, Schema] | None = None,
    errors: Sequence[int] = (),
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Register a view as an operation of the API.

    The view gets the path's variables; a `body` schema is checked before it is called, and the
    checked body is in `sent()`.
    """

    def register(view: Callable[..., Response]) -> Callable[..., Response]:
        possible = set(errors) | set(ALWAYS)
        if permission is not None:
            possible |= {401, 403}
        if "<" in path:
            possible |= {404}
        if body is not None:
            possible |= {400, 413, 415, 422}
        if query:
            possible |= {422}
        if method != "GET" and permission is not None:
            possible |= {409}
        OPERATIONS.append(
            Operation(
                method,
                path,
                view.__name__,
                summary,
                permission,
                answers,
                sorted(possible),
                body,
                query or {},
            )
        )

        @wraps(view)
        def checked(**values: Any) -> Response:
            if body is not None:
                _check(body, sent())
            return view(**values)

        mark = needs(permission) if permission is not None else public(why_public)
        api.add_url_rule(path, view.__name__, mark(checked), methods=[method])
        return checked

    return register


def sent() -> Any:
    """Return the JSON that the caller sent.

    :raises BadRequest: if it is not JSON
    """
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as broken:
        raise BadRequest from broken


def _check(schema: Schema, value: Any) -> None:
    whole = Draft202012Validator({**schema, "components": {"schemas": NAMED}})
    found = {}
    for error in whole.iter_errors(value):
        path = [str(part) for part in error.absolute_path]
        if error.validator == "required":
            path.append(next(name for name in error.validator_value if name not in error.instance))
        found["/" + "/".join(path) if path else ""] = T("此项缺失或不符合要求")
    if found:
        raise Invalid(found)


def reply(value: Any, status: int = 200) -> Response:
    """Return `value` as JSON; times are RFC 3339 with their offset."""
    return Response(orjson.dumps(value), status, content_type="application/json")


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        path = op.path.replace("<", "{").replace(">", "}")
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
            **{str(status): _answer(schema) for status, schema in op.answers.items()},
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


def _answer(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


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
