"""Hold every answer of the API against the OpenAPI document.

`watch(app)` notes each answer that the document does not declare, by status, by content type or by
schema; the fixture `app` fails the test that met one.
"""

import re
from typing import Any

from flask import Flask, Response, request
from jsonschema import Draft202012Validator

from app.domain.forms.formats import FORMATS
from app.web.api.contract import JSON, PROBLEM, document

BASE = "/api/v1"


def watch(app: Flask) -> list[str]:
    """Return a list that fills with what breaks the contract."""
    breaches: list[str] = []
    described = document()

    def check(response: Response) -> Response:
        if request.path.startswith("/api/") and request.method != "OPTIONS":
            breaches.extend(
                f"{request.method} {request.path} -> {response.status_code}: {fault}"
                for fault in faults(described, response)
            )
        return response

    # before the headers are hardened and bodies compressed: the last registered is called first
    app.after_request(check)
    return breaches


def faults(described: dict[str, Any], response: Response) -> list[str]:
    path = path_of()
    call = described["paths"].get(path, {}).get(request.method.lower())
    if call is None:
        declared: Any = problem() if response.status_code in (400, 404, 405) else None
    else:
        declared = call["responses"].get(str(response.status_code))
    if declared is None:
        return ["the status is not declared"]
    content = declared.get("content", {})
    if request.method == "HEAD" or "*/*" in content or (not content and not response.get_data()):
        return []
    if response.mimetype not in content:
        return [f"{response.mimetype} is not declared"]
    if response.mimetype not in (JSON, PROBLEM):
        return []
    schema = {**content[response.mimetype]["schema"], "components": described["components"]}
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [f"{e.json_path}: {e.message[:120]}" for e in validator.iter_errors(response.json)]


def path_of() -> str:
    rule = request.url_rule.rule if request.url_rule else request.path
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.removeprefix(BASE))


def problem() -> dict[str, Any]:
    return {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
