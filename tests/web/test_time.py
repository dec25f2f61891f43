"""The demo's clock, the calendar and failed steps, on pages and through the API."""

import pytest
from sqlalchemy import update

from app.models.records import Installation
from app.services import incidents, timers
from app.services.cases import moving
from tests import drawn
from tests.casework import Play
from tests.people import token

STAFF = "xingxian.staff1"
SPRING = "2027-02-05~2027-02-11 春节"


@pytest.fixture
def play(deps, actor):
    deps.jobs.worker = deps
    return Play(deps, actor)


class TestClock:
    def test_through_the_api(self, app, deps, play):
        drawn.deploy(deps, drawn.ticking(rule="P3D"))
        case = play.start(STAFF, "ticking", ok="")
        headers = token(app, STAFF) | {"Idempotency-Key": "once"}
        client = app.test_client()
        first = client.post("/api/v1/demo/clock", json={"advance": "P10D"}, headers=headers)
        assert first.status_code == 200
        assert first.json["now"] == "2026-11-30T09:00:00+08:00"
        assert first.json["fired"] == [
            {
                "at": "2026-11-24T00:00:00+08:00",
                "case": str(case),
                "kind": "timer",
                "procedure": "流程",
                "name": "pause",
                "done": True,
            }
        ]
        again = client.post("/api/v1/demo/clock", json={"advance": "P10D"}, headers=headers)
        assert again.json == first.json
        refused = client.post(
            "/api/v1/demo/clock", json={"advance": "P9Y"}, headers=token(app, STAFF)
        )
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/advance")
        assert client.post("/api/v1/demo/clock", json={"advance": "P1D"}).status_code == 401

    def test_not_outside_a_demo(self, app, deps, client):
        with deps.system("test") as work:
            work.session.execute(update(Installation).values(demo=False))
        answer = app.test_client().post(
            "/api/v1/demo/clock", json={"advance": "P1D"}, headers=token(app, STAFF)
        )
        assert answer.status_code == 404
        assert client(STAFF).get("/demo/clock/").status_code == 404

    def test_on_the_page(self, deps, play, client):
        drawn.deploy(deps, drawn.ticking(rule="P3D"))
        play.start(STAFF, "ticking", ok="")
        browser = client(STAFF)
        assert "2026年11月23日 24:00" in browser.get("/demo/clock/").text
        done = browser.post("/demo/clock/", data={"span": "next"})
        assert (done.status_code, "时限到期" in done.text) == (200, True)
        assert "2026年11月24日" in browser.get("/").text
        assert "途中没有到期的事项" in browser.post("/demo/clock/", data={"span": "P1D"}).text
        assert browser.post("/demo/clock/", data={"span": "next"}).status_code == 409
        assert browser.post("/demo/clock/", data={"span": "nonsense"}).status_code == 409


class TestCalendar:
    def test_anybody_looks(self, client):
        page = client(STAFF).get("/calendar/").text
        assert "已公布" in page
        assert "2026年10月1日" in page
        assert "暂定" in client(STAFF).get("/calendar/?year=2027").text
        assert client(STAFF).get("/calendar/?year=99999").status_code == 200
        assert 'name="source"' not in page

    def test_preview_then_publish(self, client):
        browser = client("shanxi.admin")
        wrong = browser.post("/calendar/2027", data={"days": "nonsense", "act": "preview"})
        assert (wrong.status_code, "无法识别" in wrong.text) == (422, True)
        shown = browser.post("/calendar/2027", data={"days": SPRING, "act": "preview"})
        assert "公布后没有期限变动" in shown.text
        form = {"days": SPRING, "source": "国办发明电〔2026〕9号", "act": "publish"}
        assert browser.post("/calendar/2027", data=form).status_code == 303
        assert "国办发明电" in browser.get("/calendar/?year=2027").text
        assert client(STAFF).post("/calendar/2027", data=form).status_code == 403
        assert client("xingxian.admin").post("/calendar/2027", data=form).status_code == 403


class TestIncidents:
    @pytest.fixture
    def failed(self, deps, play, monkeypatch):
        drawn.deploy(deps, drawn.ticking(rule="PT0M"))
        case = play.start(STAFF, "ticking", ok="")

        def fail(*_given):
            raise RuntimeError("boom")

        with monkeypatch.context() as broken, deps.system_reading("test") as work:
            broken.setattr(moving, "_settle", fail)
            (row,) = timers.due(work, 9)
            work.session.rollback()
            assert not timers.fire(deps, row.case_id, row.seq)
        return case

    def test_retried_on_the_page(self, deps, client, play, failed):
        browser = client("xingxian.admin")
        page = browser.get("/incidents/").text
        assert "立即重试" in page
        assert "没有后台进程在运行" in page
        (row,) = play.run("xingxian.admin", incidents.find)
        assert browser.post(f"/incidents/{row.id}/retry").status_code == 303
        deps.jobs.drain(deps)
        assert play.case(STAFF, failed).current == ["ask"]
        assert "没有故障" in browser.get("/incidents/").text
        assert browser.post(f"/incidents/{row.id}/retry").status_code == 409

    def test_retried_and_skipped_through_the_api(self, app, deps, play, failed):
        headers = token(app, "xingxian.admin")
        client = app.test_client()
        (row,) = client.get("/api/v1/incidents", headers=headers).json["items"]
        assert (row["case"], row["attempts"], row["retriable"]) == (str(failed), 1, True)
        answer = client.post(f"/api/v1/incidents/{row['id']}/retry", headers=headers)
        assert answer.status_code == 204
        skip = client.post(
            f"/api/v1/incidents/{row['id']}/skip", json={"reason": "人工处理"}, headers=headers
        )
        assert skip.status_code == 204
        deps.jobs.drain(deps)
        assert play.case(STAFF, failed).current == []


def test_auditors_see_that_a_case_is_whole(deps, client, play):
    drawn.deploy(deps, drawn.asking())
    case = play.start(STAFF, "asking", ok="")
    assert "办理记录完整" in client("xingxian.auditor").get(f"/cases/{case}").text
    assert "办理记录完整" not in client(STAFF).get(f"/cases/{case}").text
