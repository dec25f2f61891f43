"""The pages of papers in a browser: signing on a phone, accessible, in both languages."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from app.services.demo.people import PASSWORD, PIN
from app.services.tasks import commands
from tests import documents_made as made
from tests import fakes
from tests.answers import answers_for
from tests.casework import ANSWERS, Play
from tests.people import actor_of

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
STAFF, SECOND, KEEPER = "xingxian.staff1", "xingxian.staff2", "xingxian.seal"
LOOK = os.environ.get("LOOK")
"""A folder to put pictures into."""


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """One database does: what differs between the two, no browser sees."""
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path / 'bihuan.db'}"


@pytest.fixture
def play(deps):
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, lambda username: actor_of(deps, username))


def sign_in(page, username):
    page.goto("/sign-in")
    page.fill("#f-username", username)
    page.fill("#f-password", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url("**/")


def good(page, axe, name):
    page.wait_for_load_state("networkidle")
    if LOOK:
        width = page.viewport_size["width"]
        page.screenshot(path=Path(LOOK) / f"{name}-{width}.png", full_page=True)
    assert axe(page) == [], name
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    ), name


def aside(act):
    """Sign in a thread of its own: the browser's library has this one's event loop."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def first_order(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    return case, play.papers(STAFF, case)[-1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_papers_from_the_form_to_the_public_page(page, axe, play, language):
    case, paper = first_order(play)
    sign_in(page, STAFF)
    page.goto(f"/language/{language}")
    item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
    page.goto(f"/tasks/{item}")
    good(page, axe, f"sign-{language}")

    page.fill("#sign-pin", "000001")
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_selector("#sign .field-error")
    assert page.input_value("#sign-pin") == ""
    good(page, axe, f"refused-{language}")
    page.fill("#sign-pin", PIN)
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    good(page, axe, f"case-{language}")

    aside(play.finish_papers)
    page.goto("/documents/")
    good(page, axe, f"register-{language}")
    page.goto(f"/documents/{paper.id}")
    good(page, axe, f"document-{language}")
    aside(lambda: play.do(STAFF, "serve_order", officers=ANSWERS["draft_order"]["officers"]))
    play.deps.jobs.drain(play.deps)
    page.goto(f"/documents/{paper.id}")
    code = page.get_attribute("a[href^='/v/']", "href").rsplit("/", 1)[1]
    page.goto("/verify")
    good(page, axe, f"verify-{language}")
    page.fill("#f-code", code)
    page.click("text=查询" if language == "zh" else "text=Search")
    page.wait_for_selector("#result .t-success")
    good(page, axe, f"registered-{language}")
    file = play.deps.files.get(play.papers(STAFF, case)[0].sha256)
    upload = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": file + b"\n% more"}
    page.set_input_files("#verify-file", upload)
    page.locator("form[enctype] .btn-primary").click()
    page.wait_for_selector("#result .t-danger")
    good(page, axe, f"altered-{language}")


def test_a_draft_is_previewed_and_lost_nothing(page, axe, play):
    play.start(STAFF)
    sign_in(page, STAFF)
    item = play.todo(STAFF)[0].id
    page.goto(f"/tasks/{item}")
    page.click("button[value=preview]")
    page.wait_for_selector(".error-box")
    assert page.locator(".sheets").count() == 0
    good(page, axe, "preview-refused")
    view = play.task(STAFF, item)
    answers = answers_for(view.form, ANSWERS["draft_order"])
    play.run(STAFF, commands.save_draft, item, answers)
    page.goto(f"/tasks/{item}")
    page.click("button[value=preview]")
    page.wait_for_selector(".sheets img")
    good(page, axe, "preview")
