"""A look-back on an office screen and on a phone, in both languages, from the plant to the leader."""

import pytest
from playwright.sync_api import expect

from app.domain.hazards import HazardState
from tests.browser.pages import EACH, aside, good, sign_in
from tests.looking import LEADER, PLANT, STAFF, Look

MAJOR = "吊运熔融金属的铸造起重机未使用固定式龙门钩"


@pytest.fixture
def look(deps, actor):
    look = Look(deps, actor)

    def before():
        old, running = look.ended_case(), look.start(STAFF)
        look.hazard(old, photos=["0" * 32], after=["0" * 32] * 2)
        look.hazard(old, MAJOR, major=True, state=HazardState.OPEN)
        look.hazard(running, "配电柜未接地", state=HazardState.OPEN)
        look.begin()

    aside(before)
    return look


def task(look, who, node):
    return next(row.id for row in look.todo(who) if row.node == node)


@EACH
def test_every_step(page, axe, look, language):
    steps = [
        (PLANT, "look", look.reported),
        (STAFF, "verify", lambda: look.verified(own=[{"result": "open"}])),
        (LEADER, "decide", lambda: look.do(LEADER, "decide", course="rectify")),
        (STAFF, "watch", lambda: None),
    ]
    for who, node, act in steps:
        sign_in(page, who)
        page.goto(f"/language/{language}")
        page.goto(f"/tasks/{task(look, who, node)}")
        good(page, axe, f"look-back-{node}-{language}")
        page.context.clear_cookies()
        aside(act)


def test_the_county_verifies_on_the_phone(phone, axe, look):
    aside(look.reported)
    sign_in(phone, STAFF)
    phone.goto(f"/tasks/{task(look, STAFF, 'verify')}")
    good(phone, axe, "look-back-phone")
    phone.locator("label", has_text="认可，或者由执法人员自行核实").click()
    expect(phone.get_by_text("煤气柜报警装置失灵").first).to_be_visible()
    expect(phone.get_by_text("由其他案件跟进的隐患").first).to_be_visible()
    good(phone, axe, "look-back-phone-asked")


def test_the_plant_on_the_phone(phone, axe, look):
    sign_in(phone, PLANT)
    phone.goto(f"/tasks/{task(look, PLANT, 'look')}")
    good(phone, axe, "look-back-plant-phone")
