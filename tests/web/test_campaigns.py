"""The pages and the API of campaigns, as those who use them meet them."""

import re
from datetime import date

import pytest
from sqlalchemy import select, update

from app.domain.text import T
from app.models.campaigns import CampaignMember, CampaignStart
from app.models.people import Organisation
from app.services.campaigns import previewing
from app.services.campaigns.reading import StageView
from app.services.cases import starting
from app.services.enlisting import scope
from app.web import figures
from tests.campaigning import CAMPAIGN, LEADER, STAFF, START, Run
from tests.people import token

MOVED = {"key": "self_inspection_ends", "day": "2027-06-20", "reason": "汛期施工，延长自查"}


@pytest.fixture
def run(deps, actor):
    made = Run(deps, actor)
    made.open()
    return made


class TestPreview:
    """Before it starts, a campaign names who would be in it, to who fixes and who approves it."""

    @pytest.fixture
    def planned(self, deps, actor):
        made = Run(deps, actor)
        made.begin(sectors=None)
        return made

    def task(self, planned, who, node):
        return next(row.id for row in planned.todo(who) if row.node == node)

    def every(self, app, planned, **narrowed):
        """Return all names that the API lists, page by page."""
        headers, names, cursor = token(app, STAFF), [], ""
        while cursor is not None:
            page = app.test_client().get(
                f"/api/v1/campaigns/{planned.campaign}/scope",
                query_string={**narrowed, "cursor": cursor},
                headers=headers,
            )
            assert page.status_code == 200, page.json
            names += [row["name"] for row in page.json["items"]]
            cursor = page.json["next"]
        return names

    def test_everybody_counted_is_named(self, app, client, planned, monkeypatch):
        shown = planned.shown("fix_calendar")
        where = f"/campaigns/{planned.campaign}/scope"
        task = self.task(planned, STAFF, "fix_calendar")
        assert f'href="{where}"' in client(STAFF).get(f"/tasks/{task}").text
        monkeypatch.setattr(previewing, "LISTED", 7)
        for part in ("total", "key", "left"):
            page = client(STAFF).get(f"{where}?part={part}").text
            assert f"共 {shown.get(part, 0)} 家" in page or shown.get(part, 0) == 0
        names = self.every(app, planned)
        assert len(set(names)) == len(names) == shown["total"] > 7
        first = client(STAFF).get(where).text
        assert [name for name in names if name in first] == names[:7]

    def test_it_is_narrowed_searched_and_taken_away(self, app, client, planned):
        where = f"/campaigns/{planned.campaign}/scope"
        names = self.every(app, planned)
        some = self.every(app, planned, sector="steel")
        assert 0 < len(some) < len(names)
        assert self.every(app, planned, q=names[0]) == [names[0]]
        found = client(STAFF).get(where, query_string={"q": names[0]}).text
        assert (names[0] in found, names[1] in found) == (True, False)
        answer = client(STAFF).post(f"{where}/export?sector=steel", data={"format": "csv"})
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert [line.split(",")[0] for line in lines[1:]] == some
        assert "导出了" in client("xingxian.auditor").get("/audit/").text

    def test_parts_are_counted_for_the_page_alone(self, app, client, planned, monkeypatch):
        counted = []
        monkeypatch.setattr(scope, "count", lambda _work, condition: counted.append(condition) or 7)
        where = f"/campaigns/{planned.campaign}/scope"
        assert self.every(app, planned)
        browser = client(STAFF)
        assert browser.post(f"{where}/export", data={"format": "csv"}).status_code == 200
        assert counted == []
        page = browser.get(where).text
        assert len(counted) == 3
        office = f'<a href="/cases/{planned.campaign}">兴县应急管理局</a>'
        assert office in page

    def test_who_approves_it_reads_the_same_until_it_starts(self, app, client, planned):
        rows = [{"day": row["day"]} for row in planned.shown("fix_calendar")["days"]]
        planned.do(STAFF, "fix_calendar", days=rows)
        where = f"/campaigns/{planned.campaign}/scope"
        task = self.task(planned, LEADER, "approve")
        leader = client(LEADER)
        assert f'href="{where}"' in leader.get(f"/tasks/{task}").text
        leader.get("/language/en")
        assert "Enterprises to be taken in" in leader.get(where).text
        names = self.every(app, planned)
        assert client("fenyang.staff1").get(where).status_code == 404
        assert client("xingxian.plant").get(where).status_code == 403
        planned.do(LEADER, "approve")
        members = select(Organisation.name).join(
            CampaignMember, CampaignMember.enterprise_id == Organisation.id
        )
        assert sorted(names) == sorted(row.name for row in planned.rows(members))
        started = leader.get(where)
        assert started.headers["Location"] == f"/campaigns/{planned.campaign}/members"


def test_scope_and_days_are_read_in_english(deps, actor, client):
    begun = Run(deps, actor)
    office = begun.office()
    begun.campaign = begun.run(STAFF, starting.start, CAMPAIGN, office, START).case_id
    browser = client(STAFF)
    browser.get("/language/en")

    def page(node):
        task = next(row.id for row in begun.todo(STAFF) if row.node == node)
        return browser.get(f"/tasks/{task}").text

    shown = page("fix_scope")
    assert "Iron and steel" in shown
    assert "钢铁" not in shown
    assert re.search(r'<span lang="zh-CN">兴县 · \d+</span>', shown)  # a name is data
    begun.do(STAFF, "fix_scope", **begun.ticked())
    shown = page("fix_calendar")
    assert "Self-inspection ends" in shown
    assert "企业自查自纠阶段结束" not in shown
    browser.get("/language/zh")
    assert "企业自查自纠阶段结束" in page("fix_calendar")


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
