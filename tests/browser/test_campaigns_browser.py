"""The page of a campaign and the lists behind its figures, on an office screen and on a phone."""

import pytest
from sqlalchemy import update

from app.models.people import Division, Organisation
from tests import filled
from tests.browser.pages import EACH, good, settled, sign_in
from tests.campaigning import STAFF, Run
from tests.filled import Filling

LONG = "吕梁山区矿用重型机械铸造与特种合金冶炼加工联合制造股份有限责任公司兴县第一东厂区"
MANY = 200


@pytest.fixture
def run(deps, actor):
    made = Run(deps, actor)
    made.open(sectors=None)
    return made


def pages_of(run):
    """Return the pages of a campaign by name."""
    here = f"/campaigns/{run.campaign}"
    batch = f"{here}/batches/{run.view().stages[1].batches[0].id}"
    return {
        "campaign": here,
        "campaign-left": f"{here}/members?cover=left",
        "campaign-batch": f"{batch}?state=late",
        "campaign-people": f"{batch}?by=person",
        "campaign-tasks": f"/tasks/?box=supervised&campaign={run.campaign}&due=late",
        "campaign-hazards": f"/hazards/?campaign={run.campaign}&found_by=plant",
    }


@EACH
def test_a_campaign_in_progress(page, axe, run, language):
    Filling(run.deps, run.campaign, 3).fill()
    sign_in(page)
    page.goto(f"/language/{language}")
    for name, path in pages_of(run).items():
        page.goto(path)
        good(page, axe, f"{name}-{language}")


@EACH
def test_a_campaign_that_is_being_planned(page, axe, deps, actor, language):
    """Its tasks and, by name, those it would take in."""
    planned = Run(deps, actor)
    planned.begin(sectors=None)
    (task,) = [row.id for row in planned.todo(STAFF) if row.node == "fix_calendar"]
    sign_in(page)
    page.goto(f"/language/{language}")
    page.goto(f"/tasks/{task}")
    good(page, axe, f"campaign-calendar-{language}")
    page.locator(f'a[href="/campaigns/{planned.campaign}/scope"]').click()
    good(page, axe, f"campaign-scope-{language}")


def test_a_campaign_that_has_only_begun(page, axe, run):
    sign_in(page)
    page.goto(f"/campaigns/{run.campaign}")
    good(page, axe, "campaign-begun")


def test_many_divisions_with_long_names(page, axe, run, monkeypatch):
    places = tuple(f"141123K{number}" for number in range(10, 10 + MANY))
    monkeypatch.setattr(filled, "SECTORS", tuple(f"x{number}" for number in range(MANY)))
    with run.deps.system("test") as work:
        work.session.add_all(
            Division(
                place=place, name=f"{LONG[:28]}第{place[7:]}开发区", zone=True, parent="141123"
            )
            for place in places
        )
        work.session.execute(update(Organisation).filter_by(id=run.subject()).values(name=LONG))
    Filling(run.deps, run.campaign, 3, places).fill()
    sign_in(page)
    for name, path in pages_of(run).items():
        page.goto(path)
        good(page, axe, f"{name}-long")


def test_a_number_is_followed_to_its_list_without_scripts(open_page, run):
    Filling(run.deps, run.campaign, 3).fill()
    page = open_page(viewport={"width": 1366, "height": 768}, java_script_enabled=False)
    sign_in(page, STAFF)
    page.goto(f"/campaigns/{run.campaign}")
    number = page.locator("figure", has_text="企业自查发现").locator("td.total a").first
    told = number.inner_text()
    number.click()
    page.wait_for_load_state()
    assert page.get_by_text(f"共 {told} 项").is_visible()
    assert page.get_by_text("专项行动：").first.is_visible()


def test_the_bars_are_as_long_as_their_numbers(desktop, run):
    Filling(run.deps, run.campaign, 3).fill()
    sign_in(desktop)
    desktop.goto(f"/campaigns/{run.campaign}")
    settled(desktop)
    rows = desktop.locator("figure", has_text="本行动未办事项").locator("tbody tr")
    widest = []
    for at in range(rows.count()):
        row = rows.nth(at)
        numbers = [int(cell) for cell in row.locator("td.num").all_inner_texts()]
        widths = [rect.bounding_box()["width"] for rect in row.locator("rect").all()]
        shown = [number for number in numbers[:-1] if number]
        assert len(widths) == len(shown)
        widest += [width / number for width, number in zip(widths, shown, strict=True)]
    assert max(widest) - min(widest) < 0.1 * max(widest)  # one length for one task
