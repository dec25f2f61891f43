"""The API's contract: a true description, problems as RFC 9457 has them, nothing that breaks it."""

import json
import re

import orjson
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.services.demo.people import PASSWORD
from app.web.api.contract import OPERATIONS, document
from app.web.titles import TITLES
from tests.people import token
from tests.web.callers import Caller
from tests.web.routes import Things, body_for, routes

USER = "xingxian.staff1"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def calls():
    for path, item in document()["paths"].items():
        for method, call in item.items():
            yield path, method, call


def schemas(node):
    """Yield every schema in the document."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "schema":
                yield inner
            yield from schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from schemas(inner)


# --- The description is OpenAPI 3.1 -------------------------------------------------------------


def test_the_description_is_served_and_is_json(app):
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.json == orjson.loads(orjson.dumps(document()))
    assert answer.json["openapi"].startswith("3.1.")
    assert set(answer.json["info"]) >= {"title", "version"}


def test_every_call_is_described_as_openapi_asks():
    names = set()
    for path, method, call in calls():
        assert path.startswith("/"), path
        assert method in METHODS
        assert call["operationId"] not in names, "an operation's name is unique"
        names.add(call["operationId"])
        assert call["summary"]
        assert call["responses"], path
        for status, answer in call["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status)
            assert answer["description"]
        declared = {p["name"] for p in call["parameters"] if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path)), path
        for parameter in call["parameters"]:
            assert parameter["in"] in ("path", "query", "header")
            assert parameter["in"] != "path" or parameter["required"] is True
            assert "schema" in parameter
        assert method != "get" or "requestBody" not in call


def test_every_schema_is_one_and_every_reference_leads_somewhere():
    whole = document()
    registry = Registry().with_resource(
        "urn:api", Resource(contents=whole, specification=DRAFT202012)
    )
    resolver = registry.resolver("urn:api")
    found = [*schemas(whole["paths"]), *whole["components"]["schemas"].values()]
    assert found
    for schema in found:
        Draft202012Validator.check_schema(schema)
        for reference in re.findall(r'"\$ref":"([^"]+)"', orjson.dumps(schema).decode()):
            assert resolver.lookup(reference).contents


def test_every_address_of_the_api_is_described(app):
    described = {(method.upper(), f"/api/v1{path}") for path, method, _call in calls()}
    served = {
        (route.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule.rule))
        for route in routes(app)
        if route.rule.rule.startswith("/api/")
    }
    assert served == described


def test_nothing_can_be_deleted_and_writes_take_a_key():
    for operation in OPERATIONS:
        assert operation.method in ("GET", "POST", "PATCH"), operation.path
    for _path, method, call in calls():
        takes = {p["name"] for p in call["parameters"]}
        assert ("Idempotency-Key" in takes) == (method != "get" and bool(call["security"]))


def test_every_declared_status_has_a_title():
    assert {status for operation in OPERATIONS for status in operation.errors} <= set(TITLES)


# --- Answers ------------------------------------------------------------------------------------


def test_a_token_opens_the_door(app, clock):
    body = {"username": USER, "password": PASSWORD}
    answer = app.test_client().post("/api/v1/tokens", json=body)
    assert answer.status_code == 201
    assert set(answer.json) == {"token", "expires_at"}
    assert re.search(r"[+-]\d\d:\d\d$|Z$", answer.json["expires_at"])
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    me = app.test_client().get("/api/v1/me", headers=headers)
    assert me.json["username"] == USER
    (role,) = me.json["roles"]
    assert role["role"] == "staff"
    assert role["organisation"]["name"] == "兴县应急管理局"
    assert role["organisation"]["division"] == "141123"
    clock.advance(hours=9)
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic eHg6eXk=", "bearer\tx", "Bearer " + "x" * 9000],
)
def test_a_wrong_token_opens_nothing(app, header):
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json["status"] == 401


def test_the_demo_accounts_can_sign_in(app):
    items = app.test_client().get("/api/v1/demo/accounts").json["items"]
    assert len(items) == 108 + 2 * 59  # the list holds the plant of 兴县, too
    one = items[0]
    body = {"username": one["username"], "password": one["password"]}
    assert app.test_client().post("/api/v1/tokens", json=body).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/me", 404),
        ("DELETE", "/api/v1/me", 405),
        ("PUT", "/api/v1/tokens", 405),
        ("GET", "/api/v1/tokens", 405),
        ("BREW", "/api/v1/me", 405),
        ("POST", "/api/v1/tokens", 415),
    ],
)
def test_what_fails_is_told_as_a_problem(app, method, path, status):
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"] == "about:blank"
    assert answer.json["title"]
    if status == 405:
        assert "POST" in answer.headers["Allow"] or "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b"nul", b'{"username": "\\ud800"}', b"[" * 2000, b'{"a": NaN}'],
)
def test_what_is_no_json_is_a_bad_request(app, raw):
    answer = app.test_client().post("/api/v1/tokens", data=raw, content_type="application/json")
    assert answer.status_code == 400


def test_a_nul_in_json_is_a_bad_request(app):
    body = {"username": "a\0b", "password": "x"}
    assert app.test_client().post("/api/v1/tokens", json=body).status_code == 400


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/username", "/password"}),
        ({"username": USER}, {"/password"}),
        ({"username": 1, "password": None}, {"/username", "/password"}),
        ({"username": "", "password": "x" * 257}, {"/username", "/password"}),
        ([], {""}),
        ("x", {""}),
        (None, {""}),
        ({"username": USER, "password": "wrong"}, {"/password"}),
    ],
)
def test_a_bad_body_says_what_is_wrong_where(app, body, pointers):
    answer = app.test_client().post(
        "/api/v1/tokens", data=orjson.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == pointers
    assert all(error["message"] for error in answer.json["errors"])


HOSTILE = [
    *(None, True, 0, -1, 10**18, 2**64, 1.5, 1e300, "", "x" * 10_000, "😀", "\x00", [], [[]], {}),
    *({"a": {"b": []}}, {"": ""}, "' OR 1=1", "2026-13-45", "../../etc/passwd", [None] * 500),
]


ODD = ("", "x", "-1", "9" * 40, "%00", "%F0%9F%92%A3", "a" * 5000, "%25", "null")


def bodies(sample):
    """Yield what a client might send instead of a right body."""
    yield from HOSTILE
    if isinstance(sample, dict):
        for name in sample:
            for value in HOSTILE:
                yield {**sample, name: value}
        yield {**sample, "unknown": HOSTILE}


def test_no_body_breaks_anything(app, deps):
    """Whatever is sent to whatever call, the answer is one that the description declares."""
    things, people = Things(deps), [Caller(app, deps, name) for name in (USER, "xingxian.admin")]
    for route in routes(app):
        sample = body_for(route).get("json")
        if not route.rule.rule.startswith("/api/") or sample is None:
            continue
        if route.rule.endpoint == "api.sign_in":
            continue  # it would only count guesses
        url = route.url(app, route.real(things))
        for person in people:
            for body in bodies(sample):
                answer = person.call(
                    route.method,
                    url,
                    data=json.dumps(body),
                    headers={**person.headers, "Content-Type": "application/json"},
                )
                assert answer.status_code < 500, (str(route), str(body)[:80], answer.text)


def test_any_query_is_answered(app, deps):
    person, things = Caller(app, deps, USER), Things(deps)
    by_name = {route.rule.endpoint: route for route in routes(app)}
    for operation in OPERATIONS:
        if operation.method != "GET":
            continue
        route = by_name[f"api.{operation.name}"]
        asked = [(name, value) for name in operation.query for value in ODD]
        for name, value in [*asked, ("unknown", "x")]:
            url = f"{route.url(app, route.real(things))}?{name}={value}"
            assert person.call("GET", url).status_code < 500, url


def test_the_caller_is_who_the_token_says(app):
    for username in (USER, "fenyang.plant"):
        me = app.test_client().get("/api/v1/me", headers=token(app, username)).json
        assert me["username"] == username
