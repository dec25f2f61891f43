"""The decisive steps of `manage.py story closure`, done by clicking, on the screens they are done on.

What lies between them is done by `Play.walk`; what signs there has a thread of its own.
"""

import pytest
from playwright.sync_api import expect

from app.services.demo.people import PIN
from tests.browser import town
from tests.browser.clicking import doer, fill, opened, sign, submit
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.pages import aside, good, sign_in
from tests.casework import Play
from tests.findings import CLERKS, CRANE, GAS, OFFICERS
from tests.stories.closure import FOUND, LAWFUL, PLAN, STAFF, VISIT

PANEL = [f"{name}（演示）" for name in ("白立新", "白秀兰", "白海涛")]
REQUEST = {
    "gather": {"ground": "unlicensed", "officers": OFFICERS},
    "name_panel": {"members": PANEL},
    "decide": {"verdict": "request"},
    "closure_government_receive": {"answer": "accepted", "officers": CLERKS},
    "closure_government_legality": {"legality": "lawful", "passed": LAWFUL},
    "closure_government_respond": {"reply": "none"},
    "closure_government_propose": {"members": ["白执中（演示）", "白善政（演示）"]},
}
WRONG = {"ground": "refused", "stop_number": "（兴）应急停〔2000〕1号", "officers": OFFICERS}


@pytest.fixture
def motion():
    return "no-preference"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor, town.write)


@pytest.fixture
def walk(play):
    """`walk(case, until, **answers)`: what lies before a decisive step; the task it is done in."""

    def walked(case, until, **answers):
        found = []
        aside(lambda: found.extend(play.walk(case, until, **answers)))
        return next(task for task in found if task.node == until)

    return walked


@pytest.fixture
def as_doer(play, open_page):
    """`as_doer(task, screen)`: a page of somebody who may do a task, and who that is."""

    def signed_in(task, screen):
        page, username = open_page(**screen), doer(play, task)
        sign_in(page, username)
        return page, username

    return signed_in


def test_an_inspector_classifies_a_major_hazard_on_a_phone(play, walk, as_doer, axe):
    case = play.start(STAFF, "county_inspection")
    task = walk(case, "classify", **VISIT)
    page, username = as_doer(task, PHONE)
    opened(page, axe, task, "classify")
    hazards = [{**CRANE, "photos": ["one"]}, GAS]
    fill(page, play, username, task, **FOUND, worst="major", hazards=hazards)
    expect(page.locator("[data-rows=hazards] .thumb img")).to_have_count(1)
    submit(page, axe, "classify")
    aside(lambda: play.deps.jobs.drain(play.deps))
    page.goto("/hazards/?grade=major")
    page.click("tbody a >> text=龙门钩")
    good(page, axe, "classified")
    expect(page.locator("main .thumb img")).to_have_count(1)


def test_the_plant_answers_each_hazard_on_a_phone(play, walk, as_doer, axe):
    case = play.start(STAFF)
    ordered = {"hazards": [GAS, CRANE], "hazard_class": "major"}
    task = walk(case, "plan", draft_order={**town.ORDERED, **ordered})
    page, username = as_doer(task, PHONE)
    opened(page, axe, task, "plan")
    rows = page.locator("[data-rows=items] [data-row]")
    expect(rows).to_have_count(2)
    expect(page.locator("[name*=hazard_id]")).to_have_count(0)  # which hazard, no browser says
    owners = ["张伟", "李娜"]
    items = [{**PLAN, "owner": owner, "measure": f"由{owner}整改"} for owner in owners]
    fill(page, play, username, task, items=items)
    submit(page, axe, "plan")
    for number, (hazard, owner) in enumerate(zip((GAS, CRANE), owners, strict=True), 1):
        page.goto(f"/hazards/{number}")
        expect(page.locator("h1")).to_contain_text(hazard["description"])
        expect(page.locator("main")).to_contain_text(f"由{owner}整改")


def test_two_officers_sign_on_their_phones_and_the_keeper_seals(play, walk, as_doer, axe):
    case = play.start(STAFF)
    task = walk(case, "sign_order", draft_order=town.ORDERED)
    for node in ("sign_order", "countersign_order"):
        task = walk(case, node)
        page, _username = as_doer(task, PHONE)
        opened(page, axe, task, node)
        sign(page, axe, node)
    task = walk(case, "approve_seal")
    page, username = as_doer(task, DESKTOP)
    opened(page, axe, task, "seal")
    fill(page, play, username, task)
    submit(page, axe, "seal")
    aside(lambda: play.deps.jobs.drain(play.deps))
    page.reload()
    expect(page.locator(".papers")).to_contain_text("已制发")


def test_the_head_consents_to_production(play, walk, as_doer, axe):
    inspection = play.start(STAFF, "county_inspection")
    found = {**FOUND, "worst": "major", "hazards": [CRANE]}
    walk(inspection, "conclude", **VISIT, classify=found)
    case = play.child(inspection, "stop_production")
    review = walk(case, "supervision_review", **town.STOP, **town.REVIEWED)
    begun = play.task(STAFF, review.id).prefill["points"]
    points = [{**row, "result": "pass", "note": "现场核查，已经整改到位"} for row in begun]
    passed = {"points": points, "result": "pass", "officers": OFFICERS}
    task = walk(case, "consent", supervision_review=passed)
    page, username = as_doer(task, DESKTOP)
    opened(page, axe, task, "consent")
    expect(page.locator("[data-diagram] .node-now")).not_to_have_count(0)
    fill(page, play, username, task, consent="yes")
    submit(page, axe, "consent")
    aside(lambda: play.walk(case, "nothing"))
    page.goto(f"/enterprises/{play.subject()}")
    good(page, axe, "consented")
    expect(page.locator(".page-head")).to_contain_text("已复产")


def test_a_request_to_close_from_its_block_to_the_governments_decision(
    play, walk, as_doer, axe, open_page
):
    case = play.start(STAFF, "closure_request")
    task = walk(case, "blocked", gather=WRONG)
    page, username = as_doer(task, DESKTOP)
    opened(page, axe, task, "blocked")
    expect(page.locator("main")).to_contain_text(f"文号为“{WRONG['stop_number']}”的")
    fill(page, play, username, task, way="supplement")
    submit(page, axe, "blocked")

    task = walk(case, "sign_request", **REQUEST)
    page, username = as_doer(task, DESKTOP)
    assert username == "xingxian.head"
    opened(page, axe, task, "request")
    fill(page, play, username, task)
    page.fill("#sign-pin", "000000")
    expect(page.locator("[data-draft-state]")).not_to_be_empty()  # a draft is kept meanwhile
    page.click(".action-bar .btn-primary")
    page.wait_for_selector("#sign-pin[aria-invalid]")
    good(page, axe, "request-refused")
    expect(page.locator("[data-draft-offer]")).to_be_hidden()  # all that was typed is still there
    sign(page, axe, "request")
    assert PIN not in page.content()

    task = walk(case, "closure_government_decide", **REQUEST)
    page, username = as_doer(task, PHONE)
    opened(page, axe, task, "government")
    fill(page, play, username, task, answer="closed")
    submit(page, axe, "government")
    aside(lambda: play.walk(case, "nothing", **REQUEST))
    office = open_page(**PHONE)
    sign_in(office, STAFF)
    office.goto(f"/cases/{case}")
    good(office, axe, "closed-case")
    expect(office.locator("main")).to_contain_text("政府决定关闭")
    office.goto(f"/enterprises/{play.subject()}")
    good(office, axe, "closed")
    expect(office.locator(".page-head")).to_contain_text("红牌")
