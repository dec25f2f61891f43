"""The pages and the API of campaigns, as those who use them meet them."""

import re
from datetime import date

import pytest
from sqlalchemy import update

from app.domain.text import T
from app.models.campaigns import CampaignStart
from app.services.campaigns.reading import StageView
from app.web import figures
from tests.campaigning import LEADER, STAFF, Run
from tests.people import token

MOVED = {"key": "self_inspection_ends", "day": "2027-06-20", "reason": "汛期施工，延长自查"}


@pytest.fixture
def run(deps, actor):
    made = Run(deps, actor)
    made.open()
    return made


def test_a_leader_moves_a_day_and_everybody_reads_it(run, client):
    page = f"/campaigns/{run.campaign}"
    leader = client(LEADER)
    assert leader.post(f"{page}/days", data=MOVED).headers["Location"] == page
    shown = client(STAFF).get(page).text
    assert "2027年6月20日" in shown
    assert "2027年5月31日" in shown  # as it was planned
    assert "汛期施工，延长自查" in client(STAFF).get(f"/cases/{run.campaign}").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"day": ""}, "请填写新的日期"),
        ({"day": "2026-01-01"}, "新的日期不得早于今天"),
        ({"key": "county_inspection_ends", "day": "2027-05-01"}, "结束日期不得早于开始日期"),
        ({"key": "no_such_day"}, "请选择要调整的日期"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(run, client, wrong, told):
    answer = client(LEADER).post(f"/campaigns/{run.campaign}/days", data={**MOVED, **wrong})
    assert answer.status_code == 422
    assert told in answer.text
    assert MOVED["reason"] in answer.text


def test_staff_move_no_day_and_have_no_form_for_it(run, client):
    browser = client(STAFF)
    assert "调整日期" not in browser.get(f"/campaigns/{run.campaign}").text
    assert browser.post(f"/campaigns/{run.campaign}/days", data=MOVED).status_code == 403


def test_every_figure_leads_to_who_stands_behind_it(run, client):
    browser = client(STAFF)
    stage = next(stage for stage in run.view().stages if stage.key == "self_inspection")
    (batch,) = stage.batches
    page = browser.get(f"/campaigns/{run.campaign}/batches/{batch.id}?state=open").text
    assert len(re.findall(r'href="/cases/\d+"', page)) == batch.total
    assert (
        "没有这样的企业"
        in browser.get(f"/campaigns/{run.campaign}/batches/{batch.id}?state=done").text
    )
    assert browser.get(f"/campaigns/{run.campaign}/batches/{batch.id + 900}").status_code == 404
    assert (
        browser.get(f"/campaigns/{run.campaign}/batches/{batch.id + 900}?by=person").status_code
        == 404
    )
    page = browser.get(f"/campaigns/{run.campaign}/batches/{batch.id}?by=division").text
    assert f"/batches/{batch.id}?division=141123" in page
    assert "没有这样的企业" not in page


def test_why_somebody_could_not_be_started_is_one_step_away(run, deps, client):
    (batch,) = run.view().stages[1].batches
    failed = {"case_id": None, "problem": "没有负责人账号"}
    with deps.system("test") as work:
        start = update(CampaignStart).where(CampaignStart.batch_id == batch.id)
        work.session.execute(
            start.where(CampaignStart.enterprise_id == run.subject()).values(**failed)
        )
    page = f"/campaigns/{run.campaign}/batches/{batch.id}"
    for narrowed in ("", "?state=done", "?by=sector"):
        assert f'href="{page}?state=failed"' in client(STAFF).get(page + narrowed).text
    assert client(STAFF).get(f"{page}?state=failed").text.count("没有负责人账号") == 1


def test_the_api_tells_the_same(run, app):
    headers = token(app, STAFF)
    listed = app.test_client().get("/api/v1/campaigns", headers=headers).json
    assert [row["id"] for row in listed["items"]] == [str(run.campaign)]
    whole = app.test_client().get(f"/api/v1/campaigns/{run.campaign}", headers=headers).json
    stages = {stage["key"]: stage for stage in whole["stages"]}
    assert stages["self_inspection"]["total"] == whole["members"]
    assert {"key": "plan_due", "name": "企业报送行动方案"}.items() <= whole["days"][0].items()
    assert (
        app.test_client()
        .get(f"/api/v1/campaigns/{run.campaign}", headers=token(app, "fenyang.staff1"))
        .status_code
        == 404
    )


def test_a_stage_that_starts_nothing_for_anybody_is_over_and_not_late():
    stage = StageView("city", T("市级督查检查阶段"), date(2027, 9, 1), date(2027, 10, 31), [])
    days = (date(2027, 8, 31), date(2027, 10, 31), date(2027, 11, 1))
    assert [str(figures.standing(stage, day)[0]) for day in days] == ["未开始", "进行中", "已结束"]
