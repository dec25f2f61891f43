"""The whole of a case through the JSON API, as another program would do it."""

import io

import pytest

from tests.answers import answers_for
from tests.casework import ANSWERS, Play, picture
from tests.people import token

API = "/api/v1"
STAFF, PLANT = "xingxian.staff1", "xingxian.plant"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


class Caller:
    def __init__(self, app, username):
        self.client = app.test_client()
        self.headers = token(app, username)

    def get(self, path, **query):
        return self.client.get(API + path, query_string=query, headers=self.headers)

    def post(self, path, body=None, key=None):
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(API + path, json=body or {}, headers=headers)

    def upload(self, data=None, name="x.png"):
        form = {"file": (io.BytesIO(data or picture()), name)}
        return self.client.post(f"{API}/files", data=form, headers=self.headers)


@pytest.fixture
def staff(app):
    return Caller(app, STAFF)


def started(caller, play, key=None):
    body = {
        "procedure": "rectification",
        "subject": {"kind": "enterprise", "id": str(play.subject())},
        "answers": {"source": "inspection"},
    }
    return caller.post("/cases", body, key)


def test_a_case_from_start_to_its_second_task(staff, play):
    procedures = staff.get("/procedures").json["items"]
    mine = next(p for p in procedures if p["id"] == "rectification")
    assert mine["startable_by_me"]
    assert mine["start_form"]["schema"]["required"] == ["source"]

    answer = started(staff, play)
    assert answer.status_code == 201
    case, (task,) = answer.json["id"], answer.json["tasks"]

    (line,) = staff.get("/tasks", box="todo").json["items"]
    assert (line["id"], line["case"], line["node"]) == (task, case, "draft_order")
    assert line["subject"]["name"] == "兴县蔚汾特种铸造有限公司（演示）"

    whole = staff.get(f"/tasks/{task}").json
    assert "complete" in whole["operations"]
    assert whole["form"]["schema"]["title"] == "责令限期整改指令书"
    form = play.task(STAFF, int(task)).form
    photo = staff.upload().json["id"]
    wanted = {**ANSWERS["draft_order"], "hazards": [{"photos": [photo]}]}
    answers = answers_for(form, wanted)
    moved = staff.post(f"/tasks/{task}/complete", {"answers": answers}).json
    assert moved["case"] == case
    assert moved["next_tasks"] == []
    assert [wait["kind"] for wait in moved["waiting"]] == ["effect"]  # the order is typeset
    play.deps.jobs.drain(play.deps)

    got = staff.get(f"/cases/{case}").json
    assert [t["node"] for t in got["tasks"]] == ["sign_order"]
    assert [d["number"] for d in got["documents"]] == ["（兴）应急责改〔2026〕1号"]
    history = staff.get(f"/cases/{case}/history").json["items"]
    assert [entry["action"] for entry in history] == [
        "case.start",
        "document.issue",
        "task.complete",
        "document.register",
        "effect.resume",
    ]
    assert history[2]["actor"]["name"] == "白建国（演示）"
    assert staff.get(f"/files/{photo}").data == picture()
    assert [t["id"] for t in staff.get("/tasks", box="done").json["items"]] == [task]


def test_operations(staff, play, app):
    task = started(staff, play).json["tasks"][0]
    other = Caller(app, "xingxian.staff2")
    assert staff.post(f"/tasks/{task}/claim").json["assignee"]["name"] == "白建国（演示）"
    assert other.post(f"/tasks/{task}/claim").status_code == 409
    assert other.post(f"/tasks/{task}/urge").status_code == 200
    assert staff.post(f"/tasks/{task}/draft", {"answers": {"check_place": "甲"}}).status_code == 200
    assert staff.get(f"/tasks/{task}").json["draft"] == {"check_place": "甲"}
    assert staff.post(f"/tasks/{task}/release").json["assignee"] is None
    body = {"username": "xingxian.staff2", "reason": "外出"}
    assert staff.post(f"/tasks/{task}/transfer", body).status_code == 200
    assert staff.post(f"/tasks/{task}/claim").status_code == 409
    play.do("xingxian.staff2", "draft_order")
    following = play.todo(STAFF)[0].id
    body = {"node": "draft_order", "reason": "补充依据"}
    assert staff.post(f"/tasks/{following}/return", body).status_code == 200
    assert other.get("/tasks").json["items"][0]["node"] == "draft_order"


def test_bad_answers_point_at_their_place(staff, play):
    task = started(staff, play).json["tasks"][0]
    answer = staff.post(f"/tasks/{task}/complete", {"answers": {"hazards": [{"class": "x"}]}})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    pointers = {error["pointer"]: error["message"] for error in answer.json["errors"]}
    assert "/deadline" in pointers
    assert "/hazards/0/description" in pointers
    assert "整改期限" in pointers["/deadline"]
    assert staff.post(f"/tasks/{task}/complete", {}).status_code == 422
    assert staff.post(f"/tasks/{task}/complete", {"answers": []}).status_code == 422


def test_messages_come_in_the_callers_language(staff, play):
    task = started(staff, play).json["tasks"][0]
    staff.headers["Accept-Language"] = "en"
    answer = staff.post(f"/tasks/{task}/complete", {"answers": {}})
    message = next(e["message"] for e in answer.json["errors"] if e["pointer"] == "/deadline")
    assert "Deadline" in message
    assert staff.get(f"/tasks/{task}").json["name"] == "Draft the order to rectify"


def test_the_same_key_starts_one_case(staff, play):
    first, second = started(staff, play, "one"), started(staff, play, "one")
    assert first.json == second.json
    assert len(staff.get("/cases").json["items"]) == 1
    other = {"procedure": "rectification", "subject": {"kind": "enterprise", "id": "1"}}
    assert staff.post("/cases", other, "one").status_code == 409


def test_a_foreign_county_gets_404(app, staff, play):
    answer = started(staff, play).json
    case, task = answer["id"], answer["tasks"][0]
    photo = staff.upload().json["id"]
    stranger = Caller(app, "fenyang.staff1")
    for path in (f"/cases/{case}", f"/cases/{case}/history", f"/tasks/{task}", f"/files/{photo}"):
        assert stranger.get(path).status_code == 404
    for operation in ("claim", "release", "urge"):
        assert stranger.post(f"/tasks/{task}/{operation}").status_code == 404
    assert started(stranger, play).status_code == 404
    assert stranger.get("/cases").json == {"items": [], "next": None}


def test_files(staff):
    assert staff.upload(b"MZ").status_code == 422
    answer = staff.client.post(f"{API}/files", headers=staff.headers)
    assert answer.status_code == 422
    got = staff.get(f"/files/{staff.upload().json['id']}")
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_diagrams(staff):
    chinese = staff.get("/procedures/rectification/diagram", version="1")
    assert chinese.content_type == "application/xml"
    assert "送达指令书" in chinese.text
    assert staff.get("/procedures/rectification/diagram", version="99").status_code == 404
    assert staff.get("/procedures/nothing/diagram").status_code == 404


def test_cancelling(app, staff, play):
    case = started(staff, play).json["id"]
    assert staff.post(f"/cases/{case}/cancel", {"reason": "重复"}).status_code == 403
    leader = Caller(app, "xingxian.deputy")
    assert leader.post(f"/cases/{case}/cancel", {"reason": ""}).status_code == 422
    assert leader.post(f"/cases/{case}/cancel", {"reason": "重复"}).status_code == 204
    assert staff.get("/cases", status="cancelled").json["items"][0]["id"] == case
    assert leader.post(f"/cases/{case}/cancel", {"reason": "重复"}).status_code == 409


def test_nonsense_is_no_server_error(staff, play):
    task = started(staff, play).json["tasks"][0]
    for path in ("/tasks/999999999999999999999", "/tasks/x", "/cases/0", "/files/..%2f"):
        assert staff.get(path).status_code == 404
    assert staff.get("/tasks", box="x", cursor="x").status_code in (200, 422)
    assert staff.get("/cases", enterprise="x").status_code in (404, 422)
    deep = "[" * 2000 + "]" * 2000
    answer = staff.client.post(
        f"{API}/tasks/{task}/complete",
        data='{"answers": {"hazards": ' + deep + "}}",
        headers={**staff.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    answer = staff.post("/cases", {"procedure": "rectification", "subject": "x"})
    assert answer.status_code == 422
    big = {"kind": "enterprise", "id": "9" * 40}
    assert staff.post("/cases", {"procedure": "rectification", "subject": big}).status_code == 404
