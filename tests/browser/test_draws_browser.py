"""Pages of a draw, on an office screen and on a phone: nothing runs over, nothing breaks WCAG."""

import pytest

from tests.browser.pages import aside, good, sign_in
from tests.spotchecks import FINDING, STAFF, City


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


def test_pages_of_a_draw(page, axe, play, clock):
    frozen = play.draw(play.begin())  # it waits for declarations
    found = []
    aside(lambda: found.append(play.confirmed(clock)))  # it signs papers
    row = play.row(found[0])
    sign_in(page, STAFF[0])
    for language in ("zh", "en"):
        page.goto(f"/language/{language}")
        for name, path in (
            ("draws", "/draws/"),
            ("draw-frozen", f"/draws/{frozen}"),
            ("draw", f"/draws/{row.id}"),
            ("draw-roster", f"/draws/{row.id}/roster"),
            ("draws-public", "/public/draws"),
            ("draw-public", f"/public/draws/{row.number}"),
        ):
            page.goto(path)
            good(page, axe, f"{name}-{language}")


def test_pages_of_a_ranking(page, axe, play, clock):
    found = []
    aside(lambda: found.append(play.scored(clock, FINDING)))  # it signs papers
    number = play.ranking(found[0]).row.id
    sign_in(page, STAFF[0])
    for language in ("zh", "en"):
        page.goto(f"/language/{language}")
        for name, path in (
            ("rankings", "/rankings/"),
            ("ranking-rule", "/rankings/rule"),
            ("ranking", f"/rankings/{number}"),
            ("ranking-sum", f"/rankings/{number}/141123/known"),
            ("draw-scored", f"/draws/{play.draw(found[0])}"),
        ):
            page.goto(path)
            good(page, axe, f"{name}-{language}")


def test_forms_of_a_visit(page, axe, play, clock):
    found = []
    aside(lambda: found.append(play.confirmed(clock)))
    visit = play.target(found[0]).visit_id
    first, _second = play.going(visit)
    sign_in(page, first)
    item = next(row for row in play.todo(first) if row.case_id == visit)
    page.goto(f"/tasks/{item.id}")
    good(page, axe, "visit-arrive")
    refusal = page.get_by_role("heading", name="拒绝检查")
    assert not refusal.is_visible()
    page.get_by_label("拒绝、阻碍检查").check()
    assert refusal.is_visible()
    play.arrive(visit)
    item = next(row for row in play.todo(first) if row.case_id == visit)
    page.goto(f"/tasks/{item.id}")
    good(page, axe, "visit-record")
    page.goto(f"/cases/{visit}")
    good(page, axe, "visit-case")


def test_an_inspector_declares_by_hand(desktop, play):
    case = play.begin()
    plant = play.entries(case)[0]
    sign_in(desktop, STAFF[0])
    desktop.goto(f"/draws/{play.draw(case)}")
    desktop.get_by_label("应当回避的企业").select_option(plant.name)
    desktop.get_by_label("回避原因").fill("配偶在该企业任职")
    desktop.get_by_role("button", name="申报回避").click()
    desktop.get_by_text("已登记您的申报").wait_for()
    assert desktop.get_by_text("配偶在该企业任职").first.is_visible()
