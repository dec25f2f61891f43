"""Papers that are to be served: the list, its file, its API, its number on a leader's home page."""

import io

import openpyxl
import pytest

from app.services.cases import ending
from app.services.documents import unserved
from app.services.documents.unserved import Wanted
from tests.casework import Play
from tests.people import token

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
    assert [(row.due_at, row.running) for row in found(play)] in ([], [(None, False)])


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
    late = lines[0].index("是否逾期") if "是否逾期" in lines[0] else 6
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
