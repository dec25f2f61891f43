"""Every page there is, from the map of addresses: on both screens, in both languages.

No axe violation, nothing wider than the screen, no error on the console, and on English pages no
Chinese but data. What an address answers says whether it is a page: whole HTML that is no redirect.
"""

from dataclasses import dataclass

import pytest

from app.adapters.files import FolderStore
from app.web.forms import sample
from tests import chinese
from tests.browser.conftest import AXE, DESKTOP, PHONE
from tests.browser.pages import aside, fits, good, look, sign_in
from tests.browser.town import Town
from tests.people import signed_in
from tests.web.routes import everybody, routes

SCREENS = {"desktop": DESKTOP, "phone": PHONE}
OTHER = {"desktop": PHONE, "phone": DESKTOP}
ASKED = [("phone", "zh"), ("desktop", "en")]
"""Where axe is asked. The other two are asked in tests of single pages; here they have to fit."""
SHOWN = ("title", "placeholder", "aria-label", "aria-description", "alt", "label", "data-confirm")
# Every text of a page but scripts, styles and what is declared to be Chinese; and what is typed.
TEXTS = """names => {
  const left = node => node.closest('script, style, textarea, [lang^=zh]');
  const texts = [document.title], typed = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());)
    if (!left(node.parentElement)) texts.push(node.data);
  for (const node of document.querySelectorAll('*')) {
    if (node.matches('textarea, input')) typed.push(node.value);
    if (!left(node))
      for (const { name, value } of node.attributes)
        if (names.includes(name) || name.startsWith('data-say')) texts.push(value);
  }
  return [texts, typed];
}"""


@dataclass(frozen=True)
class Visit:
    """A page, and somebody who may see it; None is a stranger."""

    who: str | None
    url: str
    name: str


@pytest.fixture(scope="module")
def town(sqlite_stage, tmp_path_factory, passwords):
    sqlite_stage.put_back()
    files = FolderStore(tmp_path_factory.mktemp("files"))
    with sqlite_stage.deps(passwords=passwords, files=files) as deps:
        yield Town(deps)


@pytest.fixture(scope="module")
def town_app(site, town):
    made, _breaches = site
    made.extensions["deps"] = town.deps
    return made


@pytest.fixture
def live_app(town_app):
    return town_app


@pytest.fixture(scope="module")
def visits(town, town_app):
    """Every page of the map of addresses, with the first person to whom it is shown."""
    found = []
    aside(lambda: found.extend(_visits(town, town_app)))
    return sorted(found, key=lambda visit: (visit.who or "", visit.name))


def _visits(town, app):
    people = ["xingxian.staff1", "shanxi.admin", *everybody("xingxian")]
    clients = {who: signed_in(app, who) for who in (None, *people)}
    for route in routes(app):
        if route.method != "GET" or route.rule.endpoint.startswith("api."):
            continue
        url = route.url(app, town.real(route))
        public = app.view_functions[route.rule.endpoint].access.permission is None
        asked = ((who, clients[who].get(url)) for who in ([None] if public else people))
        who, answer = next((one for one in asked if one[1].status_code < 400), (None, None))
        assert answer is not None, f"{route}: nobody of these may see it"
        # A fragment that a page fetches is seen where the page is.
        if answer.status_code == 200 and answer.data.lstrip().startswith(b"<!doctype html>"):
            yield Visit(who, url, route.rule.endpoint)


@pytest.fixture(scope="module")
def data(town, visits):
    assert visits
    return chinese.data_of(town.deps, [*sample.INVENTED.values(), sample.ANSWERS])


@pytest.mark.parametrize(("screen", "language"), ASKED)
def test_every_page(open_page, axe, visits, data, screen, language):
    faults, pages = [], {}
    for visit in visits:
        if visit.who not in pages:
            pages[visit.who] = open_page(**SCREENS[screen])
            pages[visit.who].context.add_init_script(path=AXE)  # each page is asked
            if visit.who:
                sign_in(pages[visit.who], visit.who)
            pages[visit.who].goto(f"/language/{language}")
        page = pages[visit.who]
        page.goto(visit.url)
        try:
            good(page, axe, f"{visit.name}-{language}")
            for viewport in (OTHER[screen]["viewport"], SCREENS[screen]["viewport"]):
                page.set_viewport_size(viewport)
                look(page, f"{visit.name}-{language}")
                assert fits(page), f"wider than {viewport['width']}"
        except AssertionError as fault:
            faults.append(f"{visit.url}: {fault}")
        if language == "en":
            left = data.left(*page.evaluate(TEXTS, SHOWN))
            faults.extend(f"{visit.url}: {text}" for text in left)
    assert not faults, "\n".join(faults)


def test_what_counts_as_data():
    data = chinese.Data(["白建国", "兴县铸造厂\n第二车间", "企业", "厂"], ["白建国"])
    assert data.left(["From 兴县铸造厂 · 第二车间", "兴县铸…"]) == []
    assert data.left(["兴县铸造厂长", "企业", "Name：", "白建国"]) == [
        "Name：",
        "企业",
        "兴县铸造厂长",
        "白建国",
    ]
    assert data.left(["白建国 · Head", "负责人"], typed=["白建国"]) == ["负责人"]
