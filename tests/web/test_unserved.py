"""Papers that are to be served: the list, its file, its API, its number on a leader's home page."""

import io
import re

import openpyxl
import pytest

from app.services.cases import ending
from app.services.documents import unserved
from app.services.documents.unserved import Wanted
from tests.casework import Play
from tests.people import signed_in, token
from tests.web.test_tasks import posted

STAFF, HEAD, CITY, OTHER = "xingxian.staff1", "xingxian.head", "lvliang.staff1", "fenyang.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def ready(play):
    """Two orders that are to be served: the first is overdue, the second is not."""
    cases = []
    for days in (20, 0):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order")
        play.finish_papers()
        play.deps.clock.advance(days=days)
        cases.append(case)
    return cases


def found(play, who=STAFF, **wanted):
    rows, following = play.run(who, unserved.find, Wanted(**wanted))
    assert following is None
    return rows


def test_what_is_complete_and_not_served_is_listed_overdue_first(play, ready):
    first, second = ready
    rows = found(play)
    assert [(row.case_id, row.late) for row in rows] == [(first, True), (second, False)]
    assert all(row.due_at and row.task_id and row.running for row in rows)
    assert [row.case_id for row in found(play, due="late")] == [first]
    assert [row.case_id for row in found(play, due="later")] == [second]
    assert found(play, due="soon") == found(play, due="none") == []
    assert found(play, kind="hearing_call") == found(play, q="没有这家") == []
    assert [row.case_id for row in found(play, q="蔚汾特种铸造")] == [first, second]
    assert len(found(play, CITY)) == 2
    assert found(play, OTHER) == []
    item = next(row for row in play.todo(STAFF) if row.case_id == first)
    play.complete(STAFF, item.id)
    assert [row.case_id for row in found(play)] == [second]
    play.run(HEAD, ending.cancel, second, "另案处理")
    assert found(play) == []  # with its case the paper is void


@pytest.mark.usefixtures("ready")
def test_the_list_its_file_and_the_leaders_number(client):
    browser = client(STAFF)
    page = browser.get("/documents/unserved/").text
    assert page.index("逾期") < page.index("责令限期整改指令书")
    assert "2 份待送达" in page
    assert 'href="/documents/unserved/"' in browser.get("/documents/").text
    file = browser.post("/documents/unserved/export", data={"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(file.data)).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    late = lines[0].index("是否逾期")
    assert [line[late] for line in lines[-2:]] == ["是", None]
    home = client(HEAD).get("/").text
    assert "待送达文书" in home
    assert "1 份逾期" in home
    assert "待送达文书" not in browser.get("/").text


@pytest.mark.usefixtures("ready")
def test_the_same_through_the_api(app):
    caller, staff = app.test_client(), token(app, STAFF)
    answer = caller.get("/api/v1/documents/unserved?due=late", headers=staff).json
    assert [item["late"] for item in answer["items"]] == [True]
    assert answer["items"][0]["kind"] == "rectification_order"
    other = caller.get("/api/v1/documents/unserved", headers=token(app, OTHER)).json
    assert other["items"] == []


def ready_to_serve(play):
    """Return a case whose order is to be served, and the task of serving it, which nobody took."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", deadline="2027-01-31")
    play.finish_papers()
    return case, next(row for row in play.todo(STAFF) if row.case_id == case).id


def notice(play, item):
    """Return the answers to a task of serving by a notice that was published today."""
    given = {"manner": "notice", "notice_reason": "missing", "served_at": "兴县人民政府网站"}
    answers = play.answered(STAFF, item, **given, notice_on="2026-11-20", receipt="not_present")
    return {key: value for key, value in answers.items() if key not in ("served_on", "receipt")}


def english(app):
    caller = signed_in(app, "xingxian.staff2")
    caller.get("/language/en")
    return caller


def test_a_paper_served_by_public_notice_says_until_when(app, client, play):
    case, item = ready_to_serve(play)
    browser, answers = client(STAFF), notice(play, item)
    assert "登记公告" in browser.get(f"/tasks/{item}").text
    unsaid = {**posted(answers), "notice_on": "", "_op": "announce"}
    refused = browser.post(f"/tasks/{item}", data=unsaid)
    assert refused.status_code == 422
    assert "请填写公告日期" in refused.text
    assert "兴县人民政府网站" in refused.text  # nothing typed is lost
    done = browser.post(f"/tasks/{item}", data={**posted(answers), "_op": "announce"})
    assert (done.status_code, done.location) == (303, f"/tasks/{item}")
    play.deps.clock.advance(days=20)
    browser = client(STAFF)  # signed in anew
    for at in (f"/tasks/{item}", "/tasks/", "/documents/unserved/", f"/cases/{case}", "/"):
        page = browser.get(at).text
        assert "公告期至 2026年12月21日" in page, at
        assert not re.search(r"已逾期 \d|刚刚逾期", page), at
    assert "Notice runs until 21 Dec 2026" in english(app).get("/documents/unserved/").text
    history = browser.get(f"/cases/{case}").text
    assert "登记公告送达" in history
    assert "公告日期 2026年11月20日" in history
    caller, staff = app.test_client(), token(app, STAFF)
    line = caller.get(f"/api/v1/tasks/{item}", headers=staff).json
    assert line["noticed_on"] == "2026-11-20"
    listed = caller.get("/api/v1/documents/unserved", headers=staff).json["items"]
    assert [(one["noticed_on"], one["late"]) for one in listed] == [("2026-11-20", False)]


def test_a_notice_is_registered_through_the_api(app, play):
    _case, item = ready_to_serve(play)
    caller, staff = app.test_client(), token(app, STAFF)
    address, answers = f"/api/v1/tasks/{item}/announce", notice(play, item)
    early = caller.post(address, json={"answers": {**answers, "manner": "mail"}}, headers=staff)
    assert early.status_code == 422
    assert [one["pointer"] for one in early.json["errors"]] == ["/manner"]
    done = caller.post(address, json={"answers": answers}, headers=staff)
    assert done.status_code == 200, done.text
    assert done.json["noticed_on"] == "2026-11-20"
    assert done.json["due_at"].startswith("2026-12-2")


def test_the_line_of_consent_belongs_to_electronic_service(client, play):
    _case, item = ready_to_serve(play)
    page = client(STAFF).get(f"/tasks/{item}").text
    told = page.index("没有登记送达地址确认书，不能电子送达")
    line = page[page.rindex("<div", 0, told) : page.index("</dd>", told)]
    assert 'data-when="[[[&#34;manner&#34;,&#34;is&#34;,[&#34;electronic&#34;],false]]]"' in line
    assert "“送达方式”为“电子送达”时填写" in line  # without JavaScript
    assert "在企业页面登记送达地址确认书" in line
