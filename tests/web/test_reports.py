"""The pages and the API of reports, as those who use them meet them; the workbook read back."""

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.statistics import By
from app.models.campaigns import Campaign
from app.models.people import Organisation
from app.models.reports import Report
from app.services.cases import starting
from app.services.reports import tables
from tests.campaigning import CAMPAIGN, LEADER, STAFF, START
from tests.people import token
from tests.reporting import CITY, KEEPER, PERIOD, PLANT_USER, TYPED, Reports

ADMIN = "shanxi.admin"
NAMED = START["name"]


@pytest.fixture
def run(deps, actor):
    made = Reports(deps, actor)
    made.open()
    return made


@pytest.fixture
def reported(run):
    """One enterprise reported with a correction, and was accepted; its name is a formula."""
    plant = run.plant = run.subject()
    run.hazard(plant)
    run.hazard(plant, major=True)
    run.hazard(plant, major=True)
    run.accept(run.report(plant, figures={**TYPED, "general_found": (4, "班组自查另有三项")}))
    with run.deps.system("test") as work:
        work.session.get_one(Organisation, plant).name = "=HYPERLINK(1)"
    return run


@pytest.fixture
def accepted(reported, clock):
    """The county has added up, signed, sealed and sent; the city has accepted."""
    run = reported
    run.until(clock, "2026-11-24")
    run.do(STAFF, "draft")
    run.sign_task(LEADER, "sign")
    run.do(KEEPER, "approve_seal")
    run.deps.jobs.drain(run.deps)
    run.judge(run.of(run.office()).case_id, CITY, accepted="yes")
    return run


def test_an_enterprise_reads_what_it_owes_and_by_when(run, client):
    browser = client(PLANT_USER)
    page = browser.get("/reports/").text
    assert "工作进展" in page
    assert "待报送" in page
    assert "11月23日" in page or "3 天" in page
    report = run.of(run.subject())
    case = browser.get(f"/reports/{report.id}").text
    assert f'href="/cases/{report.case_id}"' in case
    browser.set_cookie("language", "en")
    english = browser.get("/reports/").text
    assert "What is to be reported, and by when" in english


def test_figures_stand_beside_what_was_counted_and_why(reported, client):
    report = reported.of(reported.plant)
    page = client(STAFF).get(f"/reports/{report.id}").text
    assert "班组自查另有三项" in page
    assert re.search(r'data-label="系统统计" class="num"><div>1</div>', page)
    assert "<b>4</b>" in page
    for hazard in report.figures["major_found"]["behind"]:
        assert f'href="/hazards/{hazard}"' in page


def test_who_of_a_period_is_how_far(reported, client):
    browser = client(STAFF)
    page = browser.get(f"/reports/campaigns/{reported.campaign}").text
    assert "=HYPERLINK(1)" in page
    assert "更正 1 项" in page
    rest = browser.get(
        f"/reports/campaigns/{reported.campaign}?kind=progress&period={PERIOD}&state=missing"
    )
    assert "=HYPERLINK(1)" not in rest.text
    assert (
        "报送情况" in browser.get("/reports/").text or "工作进展" in browser.get("/reports/").text
    )


def test_the_table_is_merged_and_the_workbook_has_its_layout(reported, client):
    browser = client(STAFF)
    page = browser.get(f"/reports/campaigns/{reported.campaign}/table").text
    assert 'colspan="9">企业隐患排查整治进展情况' in page
    assert "未汇总，按已认可报表试算" in page
    sent = {"kind": "progress", "period": PERIOD}
    answer = browser.post(f"/reports/campaigns/{reported.campaign}/export", data=sent)
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    heads = [cell.value for cell in sheet[4] if cell.value]
    assert heads == [
        "统计项",
        "成立检查组",
        "督查监管部门情况",
        "企业隐患排查整治进展情况",
        "专项行动检查发现重大隐患明细",
    ]
    spans = {str(span) for span in sheet.merged_cells.ranges}
    assert {"A4:B4", "C4:F4", "G4:M4", "N4:V4", "W4:AA4"} <= spans
    assert sheet["A5"].value == "序号"
    assert sheet["O5"].value == "排查一般隐患（项）"
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=6) if row[1].value}
    plant = rows["=HYPERLINK(1)"]
    assert plant[1].data_type == "s"  # a text, whatever it begins with
    assert plant[14].value == 4
    assert rows["合计"][14].value == 4
    assert rows["合计"][15].value == 0
    assert rows["合计"][16].value == "0.0%"
    top = plant[0].row
    assert f"B{top}:B{top + 1}" in spans  # two major hazards, two rows
    assert [sheet.cell(top + index, 23).value for index in (0, 1)] == [
        "煤气柜区未设置固定式一氧化碳报警装置"
    ] * 2
    assert sheet.freeze_panes == "C6"
    history = client("xingxian.auditor").get("/audit/").text
    assert "导出了统计报表" in history


def test_an_enterprise_sees_no_other_and_no_table(reported, client):
    browser = client(PLANT_USER)
    other = next(one for one in reported.members() if one != reported.plant)
    assert browser.get(f"/reports/{reported.of(other).id}").status_code == 404
    for address in (
        f"/reports/campaigns/{reported.campaign}",
        "/report-tables/campaign_statistics/edit",
    ):
        assert browser.get(address).status_code == 403
    assert (
        client("fenyang.staff1").get(f"/reports/campaigns/{reported.campaign}").status_code == 404
    )


def test_an_administrator_makes_a_new_version_on_the_page(run, client):
    browser = client(ADMIN)
    page = browser.get("/report-tables/campaign_statistics/edit").text
    assert 'value="plant_groups"' in page
    fields = posted(run)
    answer = browser.post("/report-tables/campaign_statistics/edit", data={**fields, "seen": "1"})
    assert answer.status_code == 303, re.findall(
        r'class="[^"]*invalid[^"]*"[^>]*>([^<]*)', answer.text
    )
    shown = browser.get("/report-tables/campaign_statistics").text
    assert "第 2 版" in shown
    assert "专家服务" in shown
    assert "专家服务" not in browser.get("/report-tables/campaign_statistics/versions/1").text
    late = browser.post("/report-tables/campaign_statistics/edit", data={**fields, "seen": "1"})
    assert late.status_code == 409
    wrong = {**fields, "seen": "2", "columns.0.source": "members"}
    refused = browser.post("/report-tables/campaign_statistics/edit", data=wrong)
    assert refused.status_code == 422
    assert "此数据来源不能由该方填报" in refused.text
    assert (
        client(STAFF).post("/report-tables/campaign_statistics/edit", data=fields).status_code
        == 403
    )


def posted(run):
    """Return the form as the page posts it, the title of one column changed."""
    given = run.run(ADMIN, tables.answers, "campaign_statistics")
    given["columns"][9]["title"] = "专家服务"
    fields = {key: given[key] for key in ("name", "name_en", "source")}
    for rows in ("columns", "checks"):
        for index, row in enumerate(given[rows]):
            fields[f"{rows}.{index}._row"] = "1"
            fields |= {f"{rows}.{index}.{key}": value for key, value in row.items()}
    return fields


def test_the_api_tells_the_same(reported, app):
    api = app.test_client()
    plant, staff = token(app, PLANT_USER), token(app, STAFF)
    mine = api.get("/api/v1/reports", headers=plant).json["items"]
    progress = next(row for row in mine if row["kind"] == "progress")
    assert (progress["state"], progress["corrected"]) == ("accepted", 1)
    whole = api.get(f"/api/v1/reports/{progress['id']}", headers=plant).json
    figure = next(one for one in whole["figures"] if one["key"] == "general_found")
    assert (figure["computed"], figure["value"], figure["reason"]) == (1, 4, "班组自查另有三项")
    base = f"/api/v1/campaigns/{reported.campaign}/reports"
    periods = api.get(base, headers=staff).json["items"]
    assert {row["kind"] for row in periods} == {"plan", "progress"}
    accepted = api.get(f"{base}/members?state=accepted", headers=staff).json["items"]
    assert [row["organisation"]["name"] for row in accepted] == ["=HYPERLINK(1)"]
    sheet = api.get(f"{base}/sheet", headers=staff).json
    assert sheet["lines"][-1]["cells"]["general_found"] == 4
    assert len(sheet["missing"]) == len(reported.members()) - 1
    assert api.get(base, headers=plant).status_code == 403
    asked = f"/api/v1/reports/offices?kind=progress&period={PERIOD}"
    assert api.get(asked, headers=staff).json["lines"] == []
    table = api.get("/api/v1/report-tables/campaign_statistics", headers=plant).json
    assert next(group["title"] for group in table["groups"]) == "成立检查组"
    assert api.get("/api/v1/report-tables/nothing", headers=plant).status_code == 404


@pytest.mark.usefixtures("accepted")
def test_what_the_offices_report_is_taken_away_as_a_file(client):
    browser = client("lvliang.staff1")
    page = browser.get(f"/reports/offices?kind=progress&period={PERIOD}").text
    assert "兴县应急管理局" in page
    assert 'action="/reports/offices/export"' in page
    sent = {"kind": "progress", "period": PERIOD}
    answer = browser.post("/reports/offices/export", data=sent)
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet["A2"].value == f"报送内容：工作进展 {PERIOD}"
    assert sheet["A3"].value == f"专项行动：{NAMED}"
    assert [cell.value for cell in sheet[4] if cell.value][:2] == ["统计项", "成立检查组"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=6) if row[1].value}
    assert list(rows) == ["兴县应急管理局", "合计"]
    assert rows["合计"][14].value == 4
    assert sheet.freeze_panes == "C6"
    browser.set_cookie("language", "en")
    told = browser.post("/reports/offices/export", data=sent).data
    assert [row[1].value for row in load_workbook(io.BytesIO(told)).active.iter_rows()][-1] == (
        "Total"
    )
    assert client(PLANT_USER).post("/reports/offices/export", data=sent).status_code == 403


def test_what_is_added_up_is_named_and_one_campaign_can_be_chosen(accepted, client, app):
    other = another(accepted)
    browser, where = client("lvliang.staff1"), f"/reports/offices?kind=progress&period={PERIOD}"
    both, one = browser.get(where).text, browser.get(f"{where}&campaign={other}").text
    for name, id_ in ((NAMED, accepted.campaign), ("兴县粉尘涉爆专项整治（演示）", other)):
        assert f'href="/campaigns/{id_}">{name}</a>' in both
        assert f'<option value="{id_}"' in one
    assert f'href="/campaigns/{accepted.campaign}"' not in one
    headers = token(app, "lvliang.staff1")
    asked = "/api/v1" + where
    told = app.test_client().get(asked, headers=headers).json
    assert {row["id"] for row in told["campaigns"]} == {str(accepted.campaign), str(other)}
    assert len(told["summed"]) == 2
    assert told["lines"][-1]["cells"]["general_found"] == 8
    chosen = app.test_client().get(f"{asked}&campaign={other}", headers=headers).json
    assert [row["campaign"]["id"] for row in chosen["summed"]] == [str(other)]
    assert chosen["lines"][-1]["cells"]["general_found"] == 4
    sent = {"kind": "progress", "period": PERIOD, "campaign": str(other)}
    sheet = load_workbook(io.BytesIO(browser.post("/reports/offices/export", data=sent).data))
    assert sheet.active["A3"].value == "专项行动：兴县粉尘涉爆专项整治（演示）"


def another(run):
    """Return a campaign of the same office, whose report for the period says the same."""
    start = {**START, "name": "兴县粉尘涉爆专项整治（演示）"}
    case = run.run(STAFF, starting.start, CAMPAIGN, run.office(), start).case_id
    with run.deps.system("test") as work:
        first = work.session.get_one(Campaign, run.campaign)
        told = {column.key: getattr(first, column.key) for column in Campaign.__table__.columns}
        work.session.add(Campaign(**{**told, "id": case, "name": start["name"]}))
        work.session.flush()
        report = work.session.scalars(
            select(Report).where(Report.by == By.OFFICE, Report.period == PERIOD)
        ).one()
        told = {column.key: getattr(report, column.key) for column in Report.__table__.columns}
        del told["id"]
        work.session.add(Report(**{**told, "case_id": case, "campaign_id": case}))
    return case


@pytest.mark.parametrize("period", ["abc", "2026-02-30", "长" * 500])
def test_a_period_that_is_none_is_empty(run, client, period):
    browser = client(STAFF)
    here = {"kind": "nothing", "period": period}
    assert browser.get("/reports/offices", query_string=here).status_code == 200
    assert browser.post("/reports/offices/export", data=here).status_code == 303
    for way in ("", "/table"):
        page = browser.get(f"/reports/campaigns/{run.campaign}{way}", query_string=here)
        assert page.status_code == (404 if way else 200)


def test_the_figures_of_a_summary_are_numbered_in_order(deps, actor, client, clock):
    """Each row has its number and what it counts, as they come in the table; also once refused."""
    run = Reports(deps, actor)
    days = {
        "summary_due": "2026-12-08",
        "deployment_ends": "2026-11-24",
        "look_back_starts": "2026-12-09",
        "look_back_ends": "2026-12-10",
    }
    run.open(days=days)
    run.until(clock, "2026-12-09")
    (task,) = [row for row in run.todo(STAFF) if row.node == "campaign_summary_draft"]
    wanted = [row["title"] for row in run.task(STAFF, task.id).prefill["figures"]]
    browser, address = client(STAFF), f"/tasks/{task.id}"
    first = browser.get(address)
    rows = re.findall(r'type="hidden" name="(figures[^"]*)" value="([^"]*)"', first.text)
    refused = browser.post(address, data={"title": "", **dict(rows)})
    assert (first.status_code, refused.status_code) == (200, 422)
    for page in (first, refused):
        listed = page.text.partition('data-rows="figures"')[2].partition("未报总结的企业")[0]
        numbers = re.findall(r'class="row-no" data-number>(\d+)<', listed)
        assert [int(one) for one in numbers] == list(range(1, len(wanted) + 1))
        places = [listed.index(f">{title}<") for title in wanted]
        assert places == sorted(places)
