"""Until when it lasts what a paper orders: on the page of its case, and in the case file."""

import json
import re
from dataclasses import replace

import pytest

from app.models.casefiles import CaseFile
from tests.casework import Play, made_ready
from tests.lasting import STAFF, listed, prolonged, released, seized
from tests.paper_samples import OFFICERS


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def told(browser, case):
    return " ".join(browser.get(f"/cases/{case}").text.split())


def test_the_last_day_of_what_is_sealed_stands_on_its_case_and_on_the_one_it_was_made_for(
    play, client
):
    origin = play.start(STAFF)
    browser = client(STAFF)
    assert "措施和列入名单的期限" not in told(browser, origin)
    case = seized(play, case=str(origin))
    for page in (told(browser, case), told(browser, origin)):
        assert '<b class="span">自2026年11月20日<wbr>至2026年12月19日</b>' in page
        assert "已延长" not in page
    browser.get("/language/en")
    page = told(browser, case)
    assert '<b class="span">20 Nov 2026<wbr> to 19 Dec 2026</b>' in page


def test_a_prolonged_term_says_until_when_it_was_before(play, client):
    case = prolonged(play)
    browser = client(STAFF)
    assert "至2026年12月19日</b>" in told(browser, case)  # made, and not served yet
    play.do(STAFF, "prolong_serve", officers=OFFICERS)
    page = told(browser, case)
    assert "自2026年11月20日<wbr>至2027年1月18日" in page
    assert "已延长" in page
    assert "原至2026年12月19日" in page
    browser.get("/language/en")
    page = told(browser, case)
    assert "20 Nov 2026<wbr> to 18 Jan 2027" in page
    assert "until 19 Dec 2026 before" in page
    released(play, case)
    browser.get("/language/zh")
    page = told(browser, case)
    assert "自2026年11月20日<wbr>至2027年1月18日" in page
    assert "已延长" not in page.split("至2027年1月18日</b>")[1].split("</ul>")[0]
    assert "已办结" in page.split("至2027年1月18日</b>")[1].split("</ul>")[0]


def test_the_last_day_of_a_listing_stands_on_its_case(play, client, monkeypatch):
    kinds = play.deps.papers.templates.kinds
    alone = replace(kinds["blacklist_decision"], after=())  # without a penalty before
    monkeypatch.setitem(kinds, "blacklist_decision", alone)
    case = listed(play)
    browser = client(STAFF)
    text = told(browser, case).split("措施和列入名单的期限")[1]
    assert re.search('<b class="span">自2026年[0-9]+月[0-9]+日<wbr>至', text)  # no 日 stands alone


def test_the_case_file_names_the_last_day(deps, play, client):
    case = prolonged(play)
    play.do(STAFF, "prolong_serve", officers=OFFICERS)
    browser = client(STAFF)
    browser.post(f"/cases/{case}/file")
    with deps.system_reading("test") as work:
        file = work.session.query(CaseFile).order_by(CaseFile.id.desc()).first()
        record = json.loads(deps.files.get(file.record_sha256))
    (term,) = record["cases"][0]["terms"]
    assert (term["since"], term["until"], term["before"]) == (
        "2026-11-20",
        "2027-01-18",
        "2026-12-19",
    )
    made_ready(deps, 1)


def test_who_ends_a_case_that_lasts_is_told_and_keeps_the_reason_typed(play, client):
    case = seized(play)
    browser = client("xingxian.head")
    answer = browser.post(f"/cases/{case}/cancel", data={"reason": "企业已经停产"})
    assert answer.status_code == 409
    page = " ".join(answer.text.split())
    assert "的期限尚未办结，请先办结期限，再终止案件" in page
    assert "企业已经停产" in page
    assert "措施和列入名单的期限" in page  # the page of the case, not one of an error


def test_what_lasts_stands_in_the_dossier_for_the_bureau_and_for_the_plant(play, client):
    """The plant takes no part in the case that made the paper; the paper was served on it."""
    origin = play.start(STAFF)
    play.through("draft_order", "serve_order")
    play.finish_papers()
    where = f"/enterprises/{play.subject()}"
    assert 'id="terms"' not in client(STAFF).get(where).text
    case = seized(play, case=str(origin))
    for name in (STAFF, "xingxian.plant"):
        page = client(name).get(where).text
        assert '<b class="span">自2026年11月20日<wbr>至2026年12月19日</b>' in page, name
        assert '<b class="span">自2026年11月20日<wbr>至2026年12月19日</b>' in told(
            client(name), origin
        ), name
    assert client("xingxian.plant").get(f"/cases/{case}").status_code == 404
    released(play, case)
    assert 'id="terms"' not in client(STAFF).get(where).text


def test_a_panel_that_was_refused_is_open_when_its_page_comes_back(play, client):
    case = play.start(STAFF)
    browser = client("xingxian.head")
    assert "data-menu open" not in browser.get(f"/cases/{case}").text
    answer = browser.post(f"/cases/{case}/cancel", data={"reason": ""})
    assert answer.status_code == 422
    assert answer.text.count("data-menu open") == 1
