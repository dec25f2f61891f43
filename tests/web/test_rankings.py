"""Pages and API of rankings: every sum with its numbers and the way to what it comes from."""

import pytest

from tests.people import token
from tests.spotchecks import FINDING, STAFF, City

COUNTY = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


@pytest.fixture
def ranking(play, clock):
    play.spot = play.scored(clock, FINDING)
    return play.ranking(play.spot).row.id


def test_every_point_leads_to_what_it_comes_from(client, play, ranking):
    browser = client(STAFF[0])
    assert f'href="/rankings/{ranking}"' in browser.get("/rankings/").text
    assert f'href="/rankings/{ranking}"' in browser.get(f"/draws/{play.draw(play.spot)}").text
    page = browser.get(f"/rankings/{ranking}").text
    for county in ("141123", "141182"):
        for measure in ("coverage", "known", "closed", "answered", "reported", "supervised"):
            assert f'href="/rankings/{ranking}/{county}/{measure}"' in page
    assert page.count("未发现任何隐患") == 2
    told = browser.get(f"/rankings/{ranking}/141123/known").text
    assert FINDING["description"] in told
    assert 'href="/hazards/' in told
    assert browser.get(f"/rankings/{ranking}/141123/nothing").status_code == 404


def test_the_rule_is_published(client):
    page = client(COUNTY).get("/rankings/rule").text
    assert "评分办法第 1 版" in page
    assert "市级抽查发现的隐患" in page


def test_a_county_sees_nothing_before_the_circular_and_its_own_after(client, app, play, ranking):
    browser, headers = client(COUNTY), token(app, COUNTY)
    assert browser.get(f"/rankings/{ranking}").status_code == 404
    assert app.test_client().get(f"/api/v1/rankings/{ranking}", headers=headers).status_code == 404
    play.circulated(play.spot)
    page = browser.get(f"/rankings/{ranking}").text
    assert f'href="/rankings/{ranking}/141123/coverage"' in page
    assert f"/rankings/{ranking}/141182" not in page
    assert "/documents/" in page
    told = app.test_client().get(f"/api/v1/rankings/{ranking}", headers=headers).json
    assert {row["county"]: bool(row["sums"]) for row in told["counties"]} == {
        "141123": True,
        "141182": False,
    }


def test_the_api_tells_exact_fractions(app, play, ranking):
    headers, caller = token(app, STAFF[0]), app.test_client()
    (row,) = caller.get("/api/v1/rankings", headers=headers).json["items"]
    assert row["id"] == str(ranking)
    told = caller.get(f"/api/v1/rankings/{ranking}", headers=headers).json
    view = play.ranking(play.spot)
    assert [one["exact"] for one in told["counties"]] == [str(one.total) for one in view.counties]
