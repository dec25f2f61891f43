"""What tests of pages in a browser share: signing in, and looking at a page."""

import os
import threading
from pathlib import Path

import pytest

from app.services.demo.people import PASSWORD

LOOK = os.environ.get("LOOK")
"""A folder for pictures of the pages, for whoever wants to see them."""
EACH = pytest.mark.parametrize(
    ("page", "language"), [("desktop", "zh"), ("phone", "en")], indirect=["page"]
)
"""Both screens and both languages; the other two pairs are `test_every_page`'s to ask axe about."""
SETTLED = """() => !document.querySelector('[data-diagram]:not([data-ready]), .htmx-request')
  && [...document.images].every(image => image.complete || image.loading === 'lazy')"""


def sign_in(page, username="xingxian.staff1"):
    page.goto("/sign-in")
    page.fill("#f-username", username)
    page.fill("#f-password", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url("**/")


def fits(page):
    """Test whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def good(page, axe, name):
    """Ask a page for no violation and no overflow, and keep a picture of it if wanted.

    Without `axe`, for no overflow only.
    """
    settled(page)
    look(page, name)
    broken = axe(page) if axe else []
    assert not broken, f"{name}: {broken}"
    assert fits(page), f"{name} is wider than the screen"


def settled(page):
    """Wait until a page and what it fetches by itself are there."""
    page.wait_for_load_state()
    page.wait_for_function(SETTLED)


def look(page, name):
    """Keep a picture of a page if wanted."""
    if LOOK:
        width = page.viewport_size["width"]
        page.screenshot(path=Path(LOOK) / f"{name.strip('-')}-{width}.png", full_page=True)


def aside(act):
    """Do something that signs papers, in a thread: the browser's library has this one's loop."""
    failed = []

    def run():
        try:
            act()
        except BaseException as error:  # noqa: BLE001  (raised again where the test sees it)
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
