"""The ledger of hazards on an office screen and on a phone, in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import EACH, aside, good, sign_in
from tests.casework import PLANT, Play
from tests.findings import GAS

STAFF = "xingxian.staff1"
LONG = {
    "description": "铸造起重机未使用固定式龙门钩，吊运高温熔融金属时" * 8,
    "place": "炼钢车间一号转炉跨及其附属的钢水接受跨" * 2,
    "basis": "违反《工贸企业重大事故隐患判定标准》第三条的规定" * 4,
    "class": "major",
    "criterion": "《工贸企业重大事故隐患判定标准》第三条第二项" * 4,
}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def case(play):
    def order():
        play.start(STAFF)
        play.do(STAFF, "draft_order", hazards=[GAS, LONG], hazard_class="major")
        play.do(STAFF, "serve_order")
        play.do("xingxian.plant", "plan", items=[{"checker": "陈静"}] * 2)
        play.report_majors()

    aside(order)
    return play.find(STAFF)[0].id


@EACH
def test_the_ledger(page, axe, case, play, language):
    sign_in(page)
    page.goto(f"/language/{language}")
    page.goto("/hazards/")
    good(page, axe, f"hazards-{language}")
    page.goto("/hazards/?state=closed")
    good(page, axe, f"hazards-none-{language}")
    for number in (1, 2):
        page.goto(f"/hazards/{number}")
        good(page, axe, f"hazard-{number}-{language}")
    page.goto(f"/cases/{case}")
    good(page, axe, f"hazards-case-{language}")
    page.goto(f"/enterprises/{play.subject(PLANT)}")
    good(page, axe, f"hazards-enterprise-{language}")


def test_the_plant_finds_its_own(phone, case):
    sign_in(phone, "xingxian.plant")
    phone.goto("/hazards/?grade=major")
    phone.click("tbody a")
    expect(phone.locator("h1")).to_contain_text("龙门钩")
    expect(phone.locator(".timeline li")).to_have_count(4)  # listed for supervision too
    phone.click(f"a[href='/cases/{case}'] >> nth=0")
    expect(phone.locator("h1")).to_contain_text("隐患整改闭环")
