"""Papers that their procedure's step makes, on the pages of those steps: by a plant, by an expert."""

import pytest

from app.services.demo.people import PIN
from tests import documents_made as made
from tests import fakes
from tests.browser.pages import EACH, aside, good, sign_in
from tests.casework import Play
from tests.findings import CRANE, GAS, OFFICERS
from tests.people import actor_of

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
STAFF, PLANT, CONGRESS, EXPERT = (
    f"xingxian.{who}" for who in ("staff1", "plant", "congress", "expert")
)
VISIT = {"officers": OFFICERS, "danger": "no", "hazards": [GAS, CRANE]}
FOUND = {
    "worst": "major",
    "hazards": [GAS, CRANE],
    "precaution": "no",
    "stop_rule": "always",
    "steel_found": "no",
    "violation": "no",
    "equipment": "no",
    "catalogue": "none",
    "transfer": "no",
}


@pytest.fixture
def play(deps):
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, lambda username: actor_of(deps, username))


def planned(play):
    """A plant that is listed for a major hazard, and is to hand in its plan; return the case."""
    case = play.start(STAFF, "county_inspection")
    plan = {"officers": OFFICERS, "expert_wanted": "no"}
    play.walk(case, "nothing", plan=plan, visit=VISIT, classify=FOUND)
    case = play.child(case, "stop_production")
    asked = {"comply_by": "2027-03-31", "yellow_rule": "no"}
    ordered = {"measures": ["stop"], "officers": OFFICERS, "comply_by": "2027-03-31"}
    play.walk(case, "supervision_plan", choose=asked, on_site_draft=ordered)
    return case


def invited(play):
    """An inspection with an expert, whose opinion is due; return the case."""
    case = play.start(STAFF, "county_inspection")
    plan = {
        "officers": OFFICERS,
        "expert_wanted": "yes",
        "expert_name": "白博学（演示）",
        "expert_field": "冶金",
        "expert_free": True,
    }
    play.walk(case, "expert", plan=plan, visit=VISIT)
    return case


def begun(make, play):
    """Do something beside the page; return the case and its open task."""
    told = []
    aside(lambda: told.append(make(play)))
    return told[0], play.open_of(told[0])[0].id


def signed(page, case):
    """Sign on the page of a task: a wrong PIN is told there, the right one leads to the case."""
    page.fill("#sign-pin", "000000")
    page.click(".action-bar .btn-primary")
    page.wait_for_selector("#sign-pin[aria-invalid]")
    page.fill("#sign-pin", PIN)
    page.click(".action-bar .btn-primary")
    page.wait_for_url(f"**/cases/{case}")


@EACH
def test_a_plant_reports_a_major_hazard_and_signs(page, axe, play, language):
    case, item = begun(planned, play)
    sign_in(page, PLANT)
    page.goto(f"/language/{language}")
    page.goto(f"/tasks/{item}")
    good(page, axe, f"double-report-{language}")
    page.fill("[name='harm']", "钢水倾覆可致群死群伤，更换须停产")
    page.click(".action-bar .btn-primary")
    page.wait_for_selector("[data-problems]:focus")
    assert page.input_value("[name='harm']") == "钢水倾覆可致群死群伤，更换须停产"
    good(page, axe, f"double-report-wrong-{language}")
    row = {**play.task(PLANT, item).prefill["hazards"][0], "cause": "选型不当"}
    aside(lambda: play.complete(PLANT, item, hazards=[row]))
    aside(lambda: play.deps.jobs.drain(play.deps))
    (task,) = play.open_of(case)
    page.goto(f"/tasks/{task.id}")
    good(page, axe, f"double-report-sign-{language}")
    page.locator("input[name=report_state][value=signed]").check()
    signed(page, case)
    for who in (CONGRESS, STAFF):
        (task,) = play.open_of(case)
        page.context.clear_cookies()
        sign_in(page, who)
        page.goto(f"/language/{language}")
        page.goto(f"/tasks/{task.id}")
        good(page, axe, f"double-report-{task.node}-{language}")
        aside(lambda who=who, task=task: play.complete(who, task.id))
    (paper,) = [one for one in play.papers(STAFF, case) if one.kind == "double_report"]
    assert paper.state == "sealed"


@EACH
def test_an_expert_writes_an_opinion_and_signs(page, axe, play, language):
    case, item = begun(invited, play)
    sign_in(page, EXPERT)
    page.goto(f"/language/{language}")
    page.goto(f"/tasks/{item}")
    good(page, axe, f"opinion-{language}")
    page.fill("[name='opinion']", "煤气设施总体完好，起重机应当停用")
    page.check("[name='independent']")
    page.click(".action-bar .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    aside(lambda: play.deps.jobs.drain(play.deps))
    (task,) = play.open_of(case)
    assert task.node == "sign_opinion"
    page.goto(f"/tasks/{task.id}")
    good(page, axe, f"opinion-sign-{language}")
    page.check("#sign-checked")
    page.fill("#sign-pin", PIN)
    page.click("#sign .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    good(page, axe, f"opinion-case-{language}")
    (paper,) = [one for one in play.papers(STAFF, case) if one.kind == "expert_opinion"]
    assert paper.state == "sealed"
