"""四不两直: nothing that a county or a plant can read tells of a visit before both are there."""

import io
import re
import zipfile

import pytest
from sqlalchemy import update

from app.models.casework import Case
from tests.campaigning import Run
from tests.casework import PLANT
from tests.spotchecks import City
from tests.web.callers import Caller
from tests.web.routes import Things, body_for, everybody, example, routes

VARYING = re.compile(
    r'nonce="[^"]*"|name="(csrf_token|_key)" value="[^"]*"|data-key="[^"]*"'
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}"
)


SEARCHES = (
    "/cases/?procedure=spot_check_visit",
    "/cases/?q={name}",
    "/api/v1/cases?procedure=spot_check_visit",
    "/api/v1/cases?enterprise={enterprise}",
    "/api/v1/cases?enterprise={enterprise}&status=running",
    "/api/v1/tasks?box=supervised",
    "/api/v1/tasks?box=copied",
    "/api/v1/hazards?enterprise={enterprise}",
    "/hazards/?procedure=spot_check_visit",
    "/documents/?q={name}",
    "/audit/?about={name}",
    "/audit/?stream=draw",
    "/audit/?reason=抽查",
    "/audit/?person=lvliang",
    "/enterprises/?q={name}",
    "/enterprises/export?q={name}",
)
"""What somebody would ask who wants to know whether {name} is about to be visited."""


def words(data):
    """Return what an answer says; of an exported sheet, what its cells say."""
    if not data.startswith(b"PK"):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as sheet:
        return "".join(sheet.read(name).decode() for name in sheet.namelist() if "xl/" in name)


def news(before, after):
    """Return the lines of answers that were not there before, each with its address."""
    assert before.keys() == after.keys()
    return [
        (url, line)
        for url, (status, text) in after.items()
        for line in {status, *text.splitlines()} ^ {before[url][0], *before[url][1].splitlines()}
    ]


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


@pytest.fixture
def seen(app, deps):
    """`seen(username, enterprise)`: all that one person can read, by address."""

    callers = {}

    def read(username, enterprise, campaign=None):
        person, found = callers.setdefault(username, Caller(app, deps, username)), {}
        ids = {"enterprise_id": enterprise} | ({"campaign_id": campaign} if campaign else {})

        def ask(url):
            answer = person.call("GET", url)
            assert answer.status_code < 500, (username, url)
            found[url] = (answer.status_code, VARYING.sub("", words(answer.get_data())))

        for route in routes(app):
            arguments = route.rule.arguments
            wanted = {name: ids[name] for name in arguments if name in ids}
            # How far a draw is, everybody may see; whom it took, tests/web/test_draws.py asks.
            # One's own page tells when one was last seen; a demo's clock, when anything is due.
            known = str(route).startswith(
                ("GET /static", "GET /public/draws", "GET /me/", "GET /demo")
            )
            if route.method != "GET" or arguments - set(wanted) or known:
                continue
            ask(route.url(app, wanted))
        for search in SEARCHES:
            ask(search.format(enterprise=enterprise, name=PLANT))
        return found

    return read


def people(deps):
    """Return everybody in 兴县, on PostgreSQL, where only the statements differ, every third."""
    everyone = everybody("xingxian")
    return everyone if deps.database.sqlite else everyone[::3]


def test_nothing_a_county_reads_changes_until_both_are_there(play, seen, deps, clock, app):
    case = play.drawn(clock)
    line = play.target(case)
    county = people(deps)
    before = {username: seen(username, line.enterprise_id) for username in county}
    play.record(case)
    visit = play.target(case).visit_id
    assert visit is not None
    first, second = play.going(visit)
    play.at(visit, first, "arrive", access="admitted")
    for username in county:
        assert news(before[username], seen(username, line.enterprise_id)) == [], username
        person = Caller(app, deps, username)
        for url in (f"/cases/{visit}", f"/api/v1/cases/{visit}"):
            assert person.call("GET", url).status_code in (403, 404), (username, url)
    play.at(visit, second, "join")
    staff = seen("xingxian.staff1", line.enterprise_id)
    assert "/cases/" in {url for url, _line in news(before["xingxian.staff1"], staff)}
    assert Caller(app, deps, "xingxian.staff1").call("GET", f"/cases/{visit}").status_code == 200


def test_a_campaign_of_the_county_tells_no_more(play, seen, deps, clock, actor):
    """Be it the very one that the draw belongs to: its figures count what the reader may see."""
    case = play.drawn(clock)
    campaign = Run(deps, actor).open()
    with deps.system("test") as work:
        work.session.execute(update(Case).where(Case.id == case).values(campaign_id=campaign))
    deps.jobs.drain(deps)
    line = play.target(case)
    readers = ("xingxian.staff1", "xingxian.auditor")
    before = {name: seen(name, line.enterprise_id, campaign) for name in readers}
    assert before[readers[0]][f"/campaigns/{campaign}"][0] == 200
    play.record(case)
    visit = play.target(case).visit_id
    first, second = play.going(visit)
    play.at(visit, first, "arrive", access="admitted")
    for name in readers:
        assert news(before[name], seen(name, line.enterprise_id, campaign)) == [], name
    play.at(visit, second, "join")
    staff = seen(readers[0], line.enterprise_id, campaign)
    assert news(before[readers[0]], staff)
    with deps.system_reading("test") as work:
        assert work.session.get_one(Case, visit).campaign_id == campaign


def test_every_route_about_the_visit_is_closed_to_the_county_and_to_the_plant(
    play, app, deps, clock
):
    case = play.confirmed(clock)
    visit = play.target(case).visit_id
    first, second = play.going(visit)
    play.at(visit, first, "arrive", access="admitted")
    item = next(row.id for row in play.todo(second) if row.case_id == visit)
    upload = play.upload(first)
    hidden = {"case_id": visit, "item_id": item, "upload_id": upload, "draw_id": play.draw(case)}
    things = Things(deps)
    asked = [route for route in routes(app) if route.rule.arguments & set(hidden)]
    assert len(asked) > 20
    for username in [*people(deps), "xingxian.plant"]:
        person = Caller(app, deps, username)
        for route in asked:
            values = {
                name: hidden.get(name) or example(route.rule.endpoint, name)(things)
                for name in route.rule.arguments
            }
            answer = person.call(route.method, route.url(app, values), **body_for(route))
            assert answer.status_code in (400, 403, 404, 409, 422), (username, str(route))
            assert "抽查检查" not in answer.text, (username, str(route))
