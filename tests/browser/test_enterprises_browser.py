"""The registry on an office screen and on a phone, in both languages."""

import pytest
from playwright.sync_api import expect

from app.models.enterprises import Enterprise
from tests import lists
from tests.browser.pages import EACH, good, sign_in
from tests.casework import PLANT, Play


@pytest.fixture
def plant(deps, actor):
    return Play(deps, actor).subject(PLANT)


@EACH
def test_no_axe_violation_and_nothing_wider_than_the_screen(page, axe, deps, plant, language):
    sign_in(page)
    page.goto(f"/language/{language}")
    page.goto("/imports/")
    rows = [lists.row(1), lists.row(2, sector="魔法"), lists.row(3, name=PLANT, address="别处")]
    long = lists.row(4, name="特别长的名称" * 18, address="特别长的地址" * 25)
    data = lists.annex([*rows, long])
    page.select_option("#f-place", "141123")
    page.set_input_files(
        "#f-file", {"name": "名单.xlsx", "mimeType": "application/x", "buffer": data}
    )
    page.click("main form[enctype] button.btn-primary")
    page.wait_for_url("**/imports/*")
    waiting = page.url
    good(page, axe, f"import-reading-{language}")
    deps.jobs.drain(deps)
    expect(page.locator("table tbody tr")).to_have_count(4)
    expect(page.locator("#import-state")).not_to_contain_text("正在读取")
    good(page, axe, f"import-{language}")
    for path in (
        "/enterprises/",
        "/enterprises/?q=nothing",
        f"/enterprises/{plant}",
        f"/enterprises/{plant}/edit",
        "/enterprises/new",
        "/imports/",
        f"/procedures/rectification/start?subject={plant}",
        waiting,
    ):
        page.goto(path)
        good(page, axe, f"registry{path.replace('/', '-')}-{language}")


def test_a_list_is_narrowed_in_place(desktop):
    sign_in(desktop)
    desktop.goto("/enterprises/")
    desktop.select_option("#q-flag", "worrisome")
    expect(desktop.locator("#results tbody tr")).to_have_count(4)
    assert "flag=worrisome" in desktop.url
    desktop.click("#results thead a")
    expect(desktop.locator("#results th[aria-sort=descending]")).to_have_count(1)
    expect(desktop.locator("#results tbody tr")).to_have_count(4)


def test_an_enterprise_is_entered_on_a_phone(phone):
    sign_in(phone)
    phone.goto("/enterprises/new")
    phone.fill("[name=name]", "手机录入的企业（演示）")
    phone.select_option("[name=sector]", "steel")
    phone.click("[data-add][value='add:equipment']")
    phone.fill("[name='equipment.0.name']", "中频炉")
    phone.click(".action-bar button[value=submit]")
    expect(phone.locator("[data-problems]")).to_be_visible()
    expect(phone.locator("[name='equipment.0.name']")).to_have_value("中频炉")
    phone.fill("[name=address]", "蔚汾镇")
    phone.click(".action-bar button[value=submit]")
    phone.wait_for_url("**/enterprises/*")
    expect(phone.locator("h1")).to_contain_text("手机录入的企业")
    expect(phone.locator("main")).to_contain_text("E1")


def test_progress_renews_itself(desktop, deps):
    sign_in(desktop)
    desktop.goto("/imports/")
    data = lists.annex([lists.row(number) for number in range(1, 6)])
    desktop.select_option("#f-place", "141123")
    desktop.set_input_files(
        "#f-file", {"name": "名单.xlsx", "mimeType": "application/x", "buffer": data}
    )
    desktop.click("main form[enctype] button.btn-primary")
    desktop.wait_for_url("**/imports/*")
    deps.jobs.drain(deps)
    desktop.click("main form[action$=confirm] button.btn-primary")
    expect(desktop.locator("[role=meter]")).to_be_visible()
    deps.jobs.drain(deps)
    expect(desktop.locator(".notice")).to_contain_text("新增 5 家")
    expect(desktop.locator("#import-acts button")).to_have_count(0)


def test_who_comes_second_is_told(desktop, deps, plant):
    sign_in(desktop)
    desktop.goto(f"/enterprises/{plant}/edit")
    desktop.fill("[name=address]", "蔚汾镇新建路 2 号")
    desktop.fill("[name=reason]", "搬迁")
    with deps.system("test") as work:
        work.session.get(Enterprise, plant).revision += 1
    desktop.click(".action-bar button[value=submit]")
    expect(desktop.locator("[data-problems]")).to_contain_text("他人在此期间修改了企业信息")
    expect(desktop.locator("[data-problems]")).to_be_focused()
    expect(desktop.locator("[name=address]")).to_have_value("蔚汾镇新建路 2 号")


def test_looking_for_a_plant_keeps_what_was_typed(desktop, plant):
    sign_in(desktop)
    desktop.goto("/procedures/self_inspection/start")
    desktop.fill("#f-campaign", "逐条排查，如实上报")
    desktop.fill("#q-q", "没有这样的企业")
    desktop.click("[role=search] button")
    expect(desktop.locator("#subjects")).to_contain_text("没有找到企业")
    expect(desktop.locator("#f-campaign")).to_have_value("逐条排查，如实上报")
    desktop.fill("#q-q", "蔚汾")
    desktop.press("#q-q", "Enter")
    desktop.check(f"#s-{plant}")
    desktop.fill("#q-q", "没有这样的企业")
    desktop.click("[role=search] button")
    expect(desktop.locator("#subjects .form-check")).to_have_count(1)
    expect(desktop.locator(f"#s-{plant}")).to_be_checked()
    expect(desktop.locator("#f-campaign")).to_have_value("逐条排查，如实上报")
