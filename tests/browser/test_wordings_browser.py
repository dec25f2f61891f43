"""The wording of papers and the clauses of law in a browser: kept by administrators, looked up."""

from playwright.sync_api import expect

from app.services.clauses import keeping
from tests.browser.pages import EACH, fits, good, sign_in
from tests.casework import Play

TOP, STAFF = "shanxi.admin", "xingxian.staff1"
ORDER = "/wordings/kinds/rectification_order"
BASIS = "依据《中华人民共和国安全生产法》第六十五条第一款第二项和示例省条例的规定，现责令你单位"
SIGNS = "《中华人民共和国安全生产法》第三十五条"
PATHS = (
    "/wordings/",
    ORDER,
    "/wordings/versions/1",
    "/wordings/versions/1/kinds/card_notice",
    "/clauses/?q=有限空间",
    "/clauses/?q=没有这样的",
    "/clauses/work_safety_law",
    "/clauses/new",
)


@EACH
def test_pages_are_accessible(page, axe, language):
    sign_in(page, TOP)
    page.goto(f"/language/{language}")
    for path in PATHS:
        page.goto(path)
        good(page, axe, f"wordings{path.replace('/', '-').replace('?', '-')}-{language}")


def test_a_wording_is_looked_at_mended_and_published(page, axe):
    sign_in(page, TOP)
    page.goto(ORDER)
    page.fill("[name='e.basis']", BASIS)
    page.fill("[name='e.found']", "经检查：")
    page.click("button[value=preview]")
    expect(page.locator(".field.is-bad")).to_contain_text("须保留填写处 {day} {place}")
    good(page, axe, "wording-refused")
    page.fill("[name='e.found']", "经{day}对{place}现场检查，你单位存在下列问题：")
    page.click("button[value=preview]")
    expect(page.locator(".sheets img")).to_have_count(2)
    good(page, axe, "wording-preview")
    expect(page.locator("[name='e.basis']")).to_have_value(BASIS)
    page.fill("[name=reason]", "示例省条例施行")
    page.click("button[value=publish]")
    page.wait_for_url("**/wordings/versions/2")
    expect(page.locator("main tbody")).to_contain_text("示例省条例")
    good(page, axe, "wording-published")
    page.goto("/wordings/versions/1")
    page.click("main .actions summary, .page-head .actions summary")
    page.fill("[name=reason]", "仍用原用语")
    page.click(".page-head form .btn-primary")
    page.wait_for_url("**/wordings/versions/3")


@EACH
def test_a_clause_that_is_looked_up_fills_the_hazard_in(page, axe, deps, actor, language):
    play = Play(deps, actor)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    sign_in(page, STAFF)
    page.goto(f"/language/{language}")
    page.goto(f"/tasks/{item}")
    row = page.locator("[data-rows='hazards'] [data-row]").first
    search = row.locator(".clause-search input")
    search.press_sequentially("警示")
    expect(row.locator(".clause-hit")).to_have_count(1)
    good(page, axe, f"clauses-found-{language}")
    search.press("ArrowDown")
    page.keyboard.press("Enter")
    basis = row.locator("[data-field=basis] input").first
    expect(basis).to_have_value(SIGNS)
    expect(basis).to_be_focused()
    said = row.locator("[data-field=description] textarea")
    expect(said).to_have_value("未在有限空间作业场所设置明显的安全警示标志")
    # What stands there already is kept, and everything can still be changed.
    said.fill("自己写的隐患描述")
    search.press_sequentially("双报告")
    row.locator(".clause-hit").first.click()
    expect(basis).to_have_value(f"{SIGNS}；《中华人民共和国安全生产法》第四十一条")
    expect(said).to_have_value("自己写的隐患描述")
    # Enter in the search hands nothing in.
    search.fill("没有这样的")
    search.press("Enter")
    expect(row.locator("[data-hits]")).not_to_be_empty()
    assert page.url.endswith(f"/tasks/{item}")
    assert fits(page)


def test_a_criterion_makes_the_hazard_major(desktop, deps, actor):
    play = Play(deps, actor)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    with deps.transaction(actor(TOP)) as work:
        keeping.publish(
            work,
            {
                "code": "criteria",
                "name": "示例行业重大隐患判定标准",
                "clauses": [
                    {"article": "第十一条", "usage": "criterion", "hazard": "除尘系统未泄爆"}
                ],
            },
            0,
        )
    sign_in(desktop, STAFF)
    desktop.goto(f"/tasks/{item}")
    row = desktop.locator("[data-rows='hazards'] [data-row]").first
    row.locator(".clause-search input").press_sequentially("泄爆")
    row.locator(".clause-hit").click()
    expect(row.locator("[data-field=class] [value=major]")).to_be_checked()
    criterion = row.locator("[data-field=criterion] input")
    expect(criterion).to_be_visible()
    expect(criterion).to_have_value("《示例行业重大隐患判定标准》第十一条")


def test_without_javascript_a_plain_page_opens(open_page, deps, actor):
    play = Play(deps, actor)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    page = open_page(viewport={"width": 1366, "height": 768}, java_script_enabled=False)
    sign_in(page, STAFF)
    page.goto(f"/tasks/{item}")
    link = page.locator(".clause-search a").first
    expect(link).to_be_visible()
    expect(page.locator(".clause-search input").first).to_be_hidden()
    page.goto(link.get_attribute("href"))
    page.fill("[name=q]", "警示")
    page.click(".filters .btn-primary")
    expect(page.locator("#results")).to_contain_text(SIGNS)
