"""Pages of reports, on an office screen and on a phone: nothing runs over, nothing breaks WCAG."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import good, sign_in
from tests.campaigning import STAFF
from tests.reporting import PERIOD, PLANT_USER, TYPED, Reports

ADMIN = "shanxi.admin"


@pytest.fixture
def run(deps, actor):
    made = Reports(deps, actor)
    made.open()
    return made


@pytest.fixture
def added(run, clock):
    """Some reported, one with a correction, one nothing new; the county is to consolidate."""
    plants = sorted(run.members())[:4]
    for plant in plants[:2]:
        run.hazard(plant)
        run.hazard(plant, major=True)
        run.hazard(plant, major=True)
        figures = {**TYPED, "general_found": (4, "班组自查另有三项，正在录入台账")}
        run.accept(run.report(plant, figures=figures))
    item, case = run.asked(plants[2])
    who = run.principal(plants[2])
    run.complete(who, item, figures=run.task(who, item).prefill["figures"])
    run.accept(case)
    run.report(plants[3], figures=TYPED)
    run.until(clock, "2026-11-24")
    return run


def test_pages_of_an_office(page, axe, added):
    report = added.of(min(added.members()))
    (draft,) = [row for row in added.todo(STAFF) if row.node == "draft"]
    (review,) = [row for row in added.todo(STAFF) if row.node == "review"]
    sign_in(page)
    for language in ("zh", "en"):
        page.goto(f"/language/{language}")
        for name, path in (
            ("reports", "/reports/"),
            ("reports-period", f"/reports/campaigns/{added.campaign}"),
            ("reports-table", f"/reports/campaigns/{added.campaign}/table"),
            ("reports-offices", f"/reports/offices?kind=progress&period={PERIOD}"),
            ("report", f"/reports/{report.id}"),
            ("report-draft", f"/tasks/{draft.id}"),
            ("report-review", f"/tasks/{review.id}"),
            ("report-tables", "/report-tables/"),
            ("report-columns", "/report-tables/campaign_statistics"),
        ):
            page.goto(path)
            good(page, axe, f"{name}-{language}")


def test_whose_line_it_is_stays_in_sight(page, added):
    sign_in(page)
    page.goto(f"/reports/campaigns/{added.campaign}/table")
    wrap = page.locator(".table-wrap").first
    who = page.locator("tbody .who").nth(1)
    before = who.bounding_box()["x"]
    wrap.evaluate("box => { box.scrollLeft = box.scrollWidth }")
    assert wrap.evaluate("box => box.scrollLeft") > 0
    after = who.bounding_box()["x"]
    edge = wrap.bounding_box()["x"]
    assert edge - 1 <= after <= before


def test_pages_of_an_enterprise(page, axe, run):
    plant = run.subject()
    run.hazard(plant, major=True)
    item, _case = run.asked(plant)
    sign_in(page, PLANT_USER)
    for language in ("zh", "en"):
        page.goto(f"/language/{language}")
        for name, path in (
            ("reports-plant", "/reports/"),
            ("report-plant", f"/reports/{run.of(plant).id}"),
            ("report-fill", f"/tasks/{item}"),
        ):
            page.goto(path)
            good(page, axe, f"{name}-{language}")


def test_a_zero_report_is_confirmed_with_one_tick(page, run):
    plant = run.subject()
    item, _case = run.asked(plant)
    sign_in(page, PLANT_USER)
    page.goto(f"/tasks/{item}")
    page.get_by_label("本人确认：所报情况和数字真实、完整").check()
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(lambda url: f"/tasks/{item}" not in url)
    assert run.of(plant).zero


def test_an_administrator_changes_a_column(page, axe):
    sign_in(page, ADMIN)
    page.goto("/report-tables/campaign_statistics/edit")
    good(page, axe, "report-columns-edit")
    page.get_by_label("报表名称").fill("专项行动统计报表（试行）")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("统计报表已发布，此后开始的报送期使用新版本")).to_be_visible()
    expect(page.get_by_text("第 2 版").first).to_be_visible()
