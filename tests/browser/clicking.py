"""Do tasks as people do: open the page, answer the form control by control, submit or sign."""

import re

from playwright.sync_api import TimeoutError as LateError

from app.domain.forms import Kind
from app.services.demo.people import PIN
from tests.browser.pages import good, look, settled
from tests.casework import picture

PHOTO = {"name": "现场.png", "mimeType": "image/png", "buffer": picture((640, 480))}


def doer(play, task):
    """Return the first of a task's role who may do it."""
    return next(
        username
        for username in play.holders(task)
        if "complete" in play.task(username, task.id).operations
    )


def opened(page, axe, task, name):
    """Open a task's page, and look at it."""
    page.goto(f"/tasks/{task.id}")
    good(page, axe, name)


def fill(page, play, username, task, **changes):
    """Answer the form of the task whose page is open."""
    form = play.task(username, task.id).form
    answer(page.locator("[data-sheet]"), form.fields, play.answered(username, task.id, **changes))


def submit(page, axe, name):
    """Hand the form in, and look at the case."""
    look(page, f"{name}-filled")
    page.click(".action-bar .btn-primary")
    arrived(page)
    good(page, axe, f"{name}-case")


def arrived(page):
    """Wait for the case's page; if it does not come, tell what the page says instead."""
    try:
        page.wait_for_url(re.compile("/cases/[0-9]+$"))
    except LateError as late:
        said = page.locator("main").inner_text()
        raise AssertionError(f"{page.url} says: {said[:2000]}") from late


def sign(page, axe, name):
    """Sign the paper that the page shows with the PIN of the demo."""
    page.fill("#sign-pin", PIN)
    alone = page.locator("#sign-checked")
    if alone.count():
        alone.check()
        look(page, f"{name}-filled")
        page.click("#sign .btn-primary")
        arrived(page)
        good(page, axe, f"{name}-case")
    else:
        submit(page, axe, name)


def answer(sheet, fields, answers, scope=""):
    """Put answers into the controls of a form."""
    for field in fields:
        if field.key not in answers or field.read_only:
            continue
        value, name = answers[field.key], scope + field.key
        if field.kind is Kind.GROUP:
            answer(sheet, field.fields, value, f"{name}.")
        elif field.kind is Kind.ROWS:
            _rows(sheet, field, value, name)
        else:
            _one(sheet, name, value)


def _rows(sheet, field, rows, name):
    shown = sheet.locator(f"[data-rows='{name}'] > [data-list] > [data-row]")
    for index, row in enumerate(rows):
        if index == shown.count():
            sheet.locator(f"[data-rows='{name}'] > [data-add]").click()
        here = shown.nth(index)
        if here.evaluate("row => row.matches('details:not([open])')"):
            here.locator("summary").first.click()
        answer(sheet, field.fields, row, f"{name}.{index}.")


def _one(sheet, name, value):
    control = sheet.locator(f"[name='{name}']")
    kind = control.last.evaluate("control => control.type")
    if kind in ("radio", "checkbox"):
        for one in value if isinstance(value, list) else [value]:
            chosen = "" if one is True else f"[value='{one}']"
            sheet.locator(f"[name='{name}']{chosen}").check()
    elif kind == "select-one":
        control.select_option(str(value))
    elif kind == "file":
        control.last.set_input_files(PHOTO)
        settled(sheet.page)
    else:
        control.fill("\n".join(value) if isinstance(value, list) else str(value))
