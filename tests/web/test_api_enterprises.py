"""The registry through the JSON API."""

import io
import json

import pytest

from tests import lists
from tests.casework import PLANT, Play
from tests.people import token

FACTS = {
    "name": "兴县接口试验有限公司（演示）",
    "place": "141123",
    "address": "试验路",
    "sector": "steel",
}


class Caller:
    def __init__(self, app, username):
        self.client = app.test_client()
        self.headers = token(app, username)

    def __call__(self, method, path, **values):
        headers = {**self.headers, **values.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **values)


@pytest.fixture
def call(app):
    return Caller(app, "xingxian.staff1")


@pytest.fixture
def plant(deps, actor):
    return Play(deps, actor).subject(PLANT)


def test_the_list_is_narrowed_and_paged(call):
    first = call("GET", "/enterprises").json
    assert len(first["items"]) == 20
    second = call("GET", f"/enterprises?cursor={first['next']}").json
    assert not {row["id"] for row in first["items"]} & {row["id"] for row in second["items"]}
    for query, count in {
        "division=141123&flag=key": 6,
        "division=141182": 0,
        "division=141123K01": 8,
        "q=蔚汾特种": 1,
        "sector=pickles": 2,
        "tag=metal": 1,
        "card=red": 0,
        "status=closed": 0,
    }.items():
        assert len(call("GET", f"/enterprises?{query}").json["items"]) == count, query


def test_one_enterprise_with_all_facts(call, plant):
    found = call("GET", f"/enterprises/{plant}").json
    assert found["division"] == {"code": "141123", "place": "141123", "name": "兴县"}
    assert found["facts"]["equipment"][0]["no"] == "E1"
    assert (found["card"], found["status"], found["key"]) == ("none", "registered", True)


def test_entered_once_for_one_key_and_refused_at_its_fields(call):
    key = {"Idempotency-Key": "one"}
    made = call("POST", "/enterprises", json=FACTS, headers=key)
    assert made.status_code == 201
    assert made.json["credit_code"] is None
    assert call("POST", "/enterprises", json=FACTS, headers=key).json == made.json
    other = call("POST", "/enterprises", json={**FACTS, "name": "别家"}, headers=key)
    assert other.status_code == 409
    wrong = call(
        "POST", "/enterprises", json={"name": FACTS["name"], "place": "141182", "phone": "1"}
    )
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json["errors"]} == {
        *("/place", "/address", "/sector", "/phone")
    }
    assert call("POST", "/enterprises", json=FACTS).status_code == 422


@pytest.mark.parametrize(
    "hostile",
    [
        [],
        "x",
        {**FACTS, "equipment": "x"},
        {**FACTS, "equipment": [None, 3, {"name": {}}]},
        {**FACTS, "tags": {"a": 1}},
        {**FACTS, "credit_code": 5, "longitude": "x", "latitude": []},
        {**FACTS, "longitude": 1e400, "latitude": -1e300},
        {**FACTS, "points": 2**70},
        {**FACTS, "name": "\ud800"},
        {**FACTS, "key": "yes", "pledged_on": "0000-00-00"},
    ],
)
def test_hostile_facts_are_refused(call, hostile):
    body = json.dumps(hostile)
    answer = call("POST", "/enterprises", data=body, content_type="application/json")
    assert answer.status_code in (400, 422), answer.text


def test_a_change_says_why_and_what_it_was_based_on(call, plant):
    revision = call("GET", f"/enterprises/{plant}").json["revision"]
    body = {"reason": "核实", "revision": revision, "grade": "second", "principal": None}
    changed = call("PATCH", f"/enterprises/{plant}", json=body)
    assert changed.status_code == 200, changed.text
    assert changed.json["facts"]["grade"] == "second"
    assert "principal" not in changed.json["facts"]
    assert changed.json["facts"]["equipment"][1]["no"] == "E2"
    assert call("PATCH", f"/enterprises/{plant}", json=body).status_code == 409
    assert call("PATCH", f"/enterprises/{plant}", json={"grade": "third"}).status_code == 422
    # What follows from procedures is nobody's to type.
    answer = call("PATCH", f"/enterprises/{plant}", json={"reason": "核实", "card": "red"})
    assert answer.json["card"] == "none"


def test_others_read_or_are_kept_out(app, plant):
    body = {"reason": "核实", "grade": "third"}
    for username, read, write in (
        ("xingxian.head", 200, 403),
        ("xingxian.plant", 200, 403),
        ("xingxian.admin", 403, 403),
        ("fenyang.staff1", 404, 404),
        ("fenyang.head", 404, 403),
    ):
        caller = Caller(app, username)
        assert caller("GET", f"/enterprises/{plant}").status_code == read, username
        assert caller("PATCH", f"/enterprises/{plant}", json=body).status_code == write, username


def test_a_list_is_handed_in_followed_and_carried_out(app, call, deps):
    data = lists.annex([lists.row(1), lists.row(2, sector="魔法")])
    given = {"division": "141123", "file": (io.BytesIO(data), "名单.xlsx")}
    answer = call("POST", "/imports", data=given)
    assert answer.status_code == 202, answer.text
    assert answer.json["state"] == "reading"
    deps.jobs.drain(deps)
    address = f"/imports/{answer.json['id']}"
    found = call("GET", address).json
    assert (found["state"], found["good"], found["bad"], found["total"]) == ("ready", 1, 1, 2)
    (bad,) = call("GET", f"{address}?rows=bad").json["items"]
    assert bad["errors"] == [{"pointer": "/sector", "message": "行业“魔法”不在行业目录中"}]
    english = call("GET", f"{address}?rows=bad", headers={"Accept-Language": "en"}).json["items"]
    assert english[0]["errors"][0]["message"] == "The sector “魔法” is not in the list of sectors"
    assert call("POST", f"{address}/confirm", json={"whole": True}).status_code == 422
    assert call("POST", f"{address}/confirm", json={"whole": False, "x": 1}).status_code == 202
    deps.jobs.drain(deps)
    done = call("GET", address).json
    assert (done["state"], done["created"], done["skipped"], done["done"]) == ("done", 1, 1, 2)
    assert done["items"][0]["enterprise"]
    assert call("POST", f"{address}/confirm", json={"whole": False}).status_code == 409
    assert Caller(app, "fenyang.staff1")("GET", address).status_code == 404


def test_no_list_is_refused_at_its_field(call):
    assert call("POST", "/imports", data={"division": "141123"}).status_code == 422
    for data in (b"%PDF", lists.dense_bomb()):
        given = {"division": "141123", "file": (io.BytesIO(data), "x.xlsx")}
        answer = call("POST", "/imports", data=given)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/file")
