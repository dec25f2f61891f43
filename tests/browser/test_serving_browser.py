"""Serving a paper in a browser: what belongs to the manner shows; a public notice is waited for."""

import pytest
from playwright.sync_api import expect

from tests.browser.clicking import fill
from tests.browser.pages import EACH, aside, good, look, sign_in
from tests.casework import Play
from tests.people import actor_of

STAFF = "xingxian.staff1"
NOTICE = {
    "manner": "notice",
    "receipt": "not_present",
    "notice_reason": "missing",
    "notice_on": "2026-11-20",
    "served_at": "兴县人民政府网站",
}


@pytest.fixture
def play(deps):
    return Play(deps, lambda username: actor_of(deps, username))


@EACH
def test_a_notice_is_registered_and_waited_for(page, axe, play, language):
    play.start(STAFF)
    play.do(STAFF, "draft_order", deadline="2027-01-31")  # later than the notice ends
    aside(play.finish_papers)
    (task,) = [row for row in play.todo(STAFF) if row.node == "serve_order"]
    sign_in(page, STAFF)
    page.goto(f"/language/{language}")
    page.goto(f"/tasks/{task.id}")
    consent, announce = (
        page.locator("dt", has_text=CONSENT[language]),
        page.locator("button[value=announce]"),
    )
    expect(consent).to_be_hidden()
    expect(announce).to_be_hidden()
    page.select_option("[name=manner]", "electronic")
    expect(consent).to_be_visible()
    expect(announce).to_be_hidden()
    good(page, axe, f"consent-{language}")
    page.select_option("[name=manner]", "notice")
    expect(consent).to_be_hidden()
    announce.click()
    page.wait_for_selector("[data-problems]")
    good(page, axe, f"notice-refused-{language}")
    fill(page, play, STAFF, task, **NOTICE)
    look(page, f"notice-filled-{language}")
    announce.click()
    page.wait_for_selector(".t-success")
    good(page, axe, f"notice-{language}")
    for name, at in (("tasks", "/tasks/"), ("unserved", "/documents/unserved/")):
        page.goto(at)
        expect(page.locator("time.badge-x").first).to_contain_text(UNTIL[language])
        good(page, axe, f"notice-{name}-{language}")


CONSENT = {"zh": "电子送达确认", "en": "Consent to electronic service"}
UNTIL = {"zh": "公告期至 2026年12月21日", "en": "Notice runs until 21 Dec 2026"}
