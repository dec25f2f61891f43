"""A paper from the page of new papers to its last signature, on desktop and phone."""

import re

import pytest

from app.services.demo.people import PIN
from tests import documents_made as made
from tests import fakes
from tests.browser.clicking import fill, sign
from tests.browser.pages import aside, good, settled, sign_in
from tests.casework import PLANT, Play
from tests.paper_samples import SHORT
from tests.people import actor_of

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
STAFF, SECOND, PRINCIPAL = "xingxian.staff1", "xingxian.staff2", "xingxian.plant"
SIGNED = {"signature": "signed", "person": "陈静", "post": "主要负责人"}


@pytest.fixture
def play(deps):
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, lambda username: actor_of(deps, username))


def task_of(play, username, node):
    return next(row for row in play.todo(username) if row.node == node)


def signed(play, username, node, **answers):
    """Have somebody sign beside the browser."""
    item = task_of(play, username, node)
    play.sign(username, play.paper(username, item.id), PIN, answers or None)
    play.deps.jobs.drain(play.deps)


def test_a_talk_is_chosen_drafted_seen_and_signed(page, axe, play):
    case = play.start(STAFF)  # what it is about
    sign_in(page, STAFF)
    page.goto("/documents/")
    page.click("main a[href='/documents/new/']")
    page.wait_for_url("**/documents/new/")
    good(page, axe, "new-papers")
    page.click("a[href='/documents/new/talk_record']")
    page.wait_for_selector("#q-q")
    good(page, axe, "new-paper-plants")
    page.fill("#q-q", PLANT[:8])
    page.click("main button.btn-plain:has(svg)")
    page.wait_for_url("**/documents/new/talk_record?q=*")
    page.click(f"main .papers a:has-text('{PLANT}')")
    page.wait_for_selector(f"#c-{case}")
    page.check(f"#c-{case}")
    good(page, axe, "new-paper-case")
    page.click("main .btn-primary")
    page.wait_for_url(re.compile("/tasks/[0-9]+$"))
    draft = task_of(play, STAFF, "draft")
    good(page, axe, "new-paper-draft")

    fill(page, play, STAFF, draft, **SHORT["talk_record"])
    page.click("button[value=preview]")
    page.wait_for_selector(".sheets img")
    good(page, axe, "new-paper-preview")
    page.goto(f"/tasks/{draft.id}")
    settled(page)
    page.click(".action-bar .btn-primary")
    page.wait_for_url(re.compile("/cases/[0-9]+$"))
    aside(lambda: play.deps.jobs.drain(play.deps))

    page.goto(f"/tasks/{task_of(play, STAFF, 'sign').id}")
    good(page, axe, "new-paper-sign")
    sign(page, axe, "new-paper-signed")
    aside(lambda: signed(play, SECOND, "cosign"))
    page.context.clear_cookies()
    sign_in(page, PRINCIPAL)
    party = task_of(play, PRINCIPAL, "party")
    page.goto(f"/tasks/{party.id}")
    good(page, axe, "new-paper-party")
    fill(page, play, PRINCIPAL, party, **SIGNED)
    page.fill("#sign-pin", PIN)
    page.click(".action-bar .btn-primary")
    page.wait_for_url(re.compile("/cases/[0-9]+$"))
    aside(lambda: play.deps.jobs.drain(play.deps))
    whole = play.case(STAFF, party.case_id)
    assert (whole.row.parent_id, whole.row.ended.wording) == (case, "存档")
    assert play.papers(STAFF, party.case_id)[-1].state == "sealed"


def test_what_a_case_still_lacks_stands_at_the_paper(page, axe, play, monkeypatch):
    kinds = play.deps.papers.templates.kinds
    fields = {name: getattr(kinds["talk_record"], name) for name in kinds["talk_record"].__slots__}
    changed = type(kinds["talk_record"])(**fields | {"after": (("rectification_order",),)})
    monkeypatch.setitem(kinds, "talk_record", changed)
    case = play.start(STAFF)
    sign_in(page, STAFF)
    page.goto(f"/cases/{case}")
    page.click(
        f"main a[href='/documents/new/?case={case}'], .actions a[href='/documents/new/?case={case}']"
    )
    page.wait_for_selector("text=责令限期整改指令书（已送达）")
    assert page.locator(f"a[href='/documents/new/talk_record?case={case}']").count() == 0
    good(page, axe, "new-papers-lacking")
    page.goto(f"/documents/new/talk_record?case={case}")
    page.click("main .btn-primary")
    page.wait_for_selector(".notice.t-danger")
    good(page, axe, "new-paper-refused")
