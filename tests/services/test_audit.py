"""The search of all histories: what an auditor finds, in which area, and how fast."""

import json
from datetime import date

import pytest
from sqlalchemy import event, select, text

from app.domain import Forbidden, Invalid
from app.domain.history import Stream
from app.models.people import Account, Organisation
from app.services import accounts, audit, exports
from app.services.accounts import AccountForm
from app.services.audit import Wanted
from app.services.cases import ending
from app.services.exports import Export
from tests.casework import PLANT, Play

AUDITOR, CITY, ABROAD = "xingxian.auditor", "lvliang.auditor", "fenyang.auditor"
STAFF, HEAD = "xingxian.staff1", "xingxian.head"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def search(deps, actor):
    def find(username=AUDITOR, cursor="", size=audit.PAGE, **wanted):
        with deps.reading(actor(username)) as work:
            return audit.find(work, Wanted(**wanted), cursor, size)

    return find


def acts(listed):
    return [line.row.action for line in listed.lines]


@pytest.fixture
def case(play, clock):
    """A case that was begun, and cancelled for a reason."""
    started = play.start(STAFF)
    clock.advance(hours=1)
    play.run(STAFF, _refused, started)
    play.run(HEAD, ending.cancel, started, "企业已停产，原因“待核”100%_\\")
    return started


def _refused(work, case_id):
    """Only a leader ends a case: a refusal leaves no line."""
    with pytest.raises(Forbidden):
        ending.cancel(work, case_id, "不行")


def test_the_newest_is_first_and_says_what_it_is_about(case, search):
    cancelled, started = search(stream="case").lines
    assert [cancelled.row.action, started.row.action] == ["case.cancel", "case.start"]
    assert (cancelled.subject, cancelled.under) == (case, PLANT)
    assert str(cancelled.about) == "隐患整改闭环"
    assert cancelled.username == HEAD
    assert started.username == STAFF


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"action": "case.cancel"}, ["case.cancel"]),
        ({"person": HEAD, "stream": "case"}, ["case.cancel"]),
        ({"person": "白建国", "stream": "case"}, ["case.start"]),
        ({"person": "没有这个人"}, []),
        ({"reason": "已停产"}, ["case.cancel"]),
        ({"reason": "“待核”100%_\\"}, ["case.cancel"]),
        ({"reason": "100_"}, []),
        ({"reason": "rectification"}, []),
        ({"about": "蔚汾特种", "stream": "case"}, ["case.cancel", "case.start"]),
        ({"about": "没有这家"}, []),
        ({"stream": "case", "since": date(2026, 11, 20)}, ["case.cancel", "case.start"]),
        ({"stream": "case", "until": date(2026, 11, 19)}, []),
        ({"stream": "case", "since": date(2026, 11, 21)}, []),
        ({"stream": "draw"}, []),
    ],
)
@pytest.mark.usefixtures("case")
def test_it_is_narrowed(search, wanted, found):
    assert acts(search(**wanted)) == found


def test_a_case_is_found_by_its_number(case, search, play):
    other = play.start(STAFF)
    assert acts(search(stream="case", number=case)) == ["case.cancel", "case.start"]
    assert acts(search(stream="case", number=other)) == ["case.start"]


def test_each_auditor_finds_their_own_area(case, search):
    assert acts(search(CITY, stream="case")) == ["case.cancel", "case.start"]
    assert acts(search(ABROAD, stream="case")) == []
    assert acts(search(ABROAD, stream="case", number=case)) == []
    assert acts(search(ABROAD, about="蔚汾特种")) == []
    places = {line.about for line in search(ABROAD, stream="account").lines}
    assert places & {"白建国（演示）"} == set()


def test_the_system_itself_is_the_topmost_auditors(search):
    assert "procedure.deploy" in acts(search("shanxi.auditor", stream="installation"))
    assert acts(search(AUDITOR, stream="installation")) == []


@pytest.mark.parametrize("username", [STAFF, HEAD, "xingxian.admin", "xingxian.plant"])
def test_only_auditors_search(search, username):
    with pytest.raises(Forbidden):
        search(username)


def test_the_history_of_an_account_is_open_to_them(deps, actor, search):
    with deps.system_reading("test") as work:
        staff = work.session.scalars(select(Account.id).filter_by(username=STAFF)).one()
    with deps.transaction(actor("xingxian.admin")) as work:
        accounts.update(work, staff, 1, AccountForm("", "白建国"))
        accounts.set_active(work, staff, active=False, reason="调离")
    lines = search(stream="account", number=staff).lines
    assert [line.row.action for line in lines] == ["account.close", "account.update"]
    assert (lines[0].about, lines[0].under) == ("白建国", STAFF)
    assert acts(search(ABROAD, stream="account", number=staff)) == []


def test_a_deputys_act_in_the_leaders_place(deps, search, actor):
    deputy, head = actor("xingxian.staff2"), actor(HEAD)
    with deps.system("test") as work:
        office = work.session.scalars(
            select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        ).one()
        body = {"action": "case.cancel", "at": work.now.isoformat(), "by": deputy.id}
        work._entries.append((Stream.ORGANISATION, office, body | {"for": head.id}))
    (line,) = search(action="case.cancel", person=HEAD).lines
    assert (line.row.actor, line.row.on_behalf_of) == (deputy.name, head.name)
    assert len(search(action="case.cancel", person="xingxian.staff2").lines) == 1


def test_pages_follow_one_another_without_gap_or_repetition(deps, search):
    with deps.system("test") as work:
        office = work.session.scalars(
            select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        ).one()
        for number in range(25):  # all in one second, as an import writes them
            work.record(Stream.ORGANISATION, office, "organisation.update", before={}, n=number)
    whole = search(stream="organisation")
    found, cursor = [], ""
    while cursor is not None:
        page = search(stream="organisation", cursor=cursor, size=7)
        found += page.lines
        cursor = page.following
    assert [line.row.seq for line in found] == [line.row.seq for line in whole.lines]
    assert len(found) >= 25


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("cursor", ["x", "2026", "2026-11-20T00:00:00~case~1", "'~'~'~'"])
def test_a_cursor_that_is_none_begins_at_the_top(search, cursor):
    assert acts(search(cursor=cursor, stream="case")) == ["case.cancel", "case.start"]


def test_an_export_is_itself_recorded(deps, actor, search):
    with deps.transaction(actor(AUDITOR)) as work:
        wanted = Wanted(stream="case", since=date(2026, 1, 1))
        exports.record(work, Export("history.export", wanted, "csv", 2, b"file"))
    (line,) = search(action="history.export").lines
    assert line.row.detail["asked"] == {"stream": "case", "since": "2026-01-01"}
    assert (line.row.detail["rows"], line.row.detail["format"]) == (2, "csv")
    assert len(line.row.detail["sha256"]) == 64


@pytest.mark.usefixtures("case")
def test_more_than_a_file_holds_is_refused(deps, actor, monkeypatch):
    monkeypatch.setattr(audit, "MOST", 1)
    with deps.reading(actor(AUDITOR)) as work, pytest.raises(Invalid, match="缩小"):
        audit.everything(work, Wanted(stream="case"))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "ix__history__at"),
        ({"stream": "case"}, "ix__history__at"),
        ({"since": date(2026, 1, 1), "until": date(2026, 1, 2)}, "ix__history__at"),
        ({"action": "case.cancel"}, "ix__history__action"),
        ({"person": STAFF}, "ix__history__by"),
        ({"person": STAFF}, "ix__history__for"),
    ],
)
def test_each_search_is_served_by_an_index(deps, search, wanted, index):
    """The expression of a statement and that of an index are the same, to the letter."""
    ran = []
    engine = deps.database.engine

    def note(_connection, _cursor, statement, parameters, *_rest):
        if "history" in statement:
            ran.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    search(**wanted)
    event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if deps.database.sqlite else "EXPLAIN "
    plans = []
    with engine.connect().execution_options(unscoped="test") as connection:
        if not deps.database.sqlite:  # a handful of rows is read faster without
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_sort = off"))
            connection.execute(text("SET enable_bitmapscan = off"))
        for statement, parameters in ran:
            plans += [
                str(row) for row in connection.exec_driver_sql(explain + statement, parameters)
            ]
    assert any(index in line for line in plans), json.dumps(plans, indent=1, ensure_ascii=False)
