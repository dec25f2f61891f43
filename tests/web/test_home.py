"""The home page: by urgency, by role, and in few statements."""

import pytest
from sqlalchemy import event, update

from app.models.casework import Case, WorkItem
from tests.casework import Play

STAFF, DEPUTY, HEAD, PLANT = (
    "xingxian.staff1",
    "xingxian.deputy",
    "xingxian.head",
    "xingxian.plant",
)


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def set_due(deps, case, **span):
    """Move the deadline of a case's open tasks."""
    with deps.system("test") as work:
        due = deps.clock().replace(**span)
        work.session.execute(update(WorkItem).where(WorkItem.case_id == case).values(due_at=due))


def between(page, first, last):
    assert first in page
    return page[page.index(first) :].partition(last)[0]


@pytest.fixture
def three(deps, play):
    """Three cases of staff1: overdue, due today, due next month."""
    late, soon, later = (play.start(STAFF) for _ in range(3))
    set_due(deps, late, day=17)
    set_due(deps, soon, hour=15)
    set_due(deps, later, month=12)
    return late, soon, later


@pytest.mark.usefixtures("three")
def test_tasks_stand_by_urgency_with_the_time_left_in_words(client):
    page = client(STAFF).get("/").text
    for first, last, words in (
        ("已逾期</span></th>", "三日内到期</span></th>", "已逾期 3 天"),
        ("三日内到期</span></th>", "以后到期或未定期限</span></th>", "还剩 14 小时"),
        ("以后到期或未定期限</span></th>", "</table>", "还剩 30 天"),
    ):
        part = between(page, first, last)
        assert words in part
        assert part.count("/tasks/") == 1


@pytest.mark.usefixtures("three")
def test_leaders_see_what_is_overdue_in_their_office_only(client):
    for leader in (HEAD, DEPUTY):
        part = between(client(leader).get("/").text, "本单位逾期事项", "</table>")
        assert "已逾期 3 天" in part
        assert "还剩" not in part
    assert "本单位逾期事项" not in client(STAFF).get("/").text
    assert "本单位没有逾期事项" in client("lvliang.head").get("/").text
    assert "本单位没有逾期事项" in client("fenyang.head").get("/").text


def test_my_cases_are_those_i_began_or_that_are_about_my_enterprise(deps, play, client):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    assert f'href="/cases/{case}"' in between(client(STAFF).get("/").text, "我的案件", "</table>")
    assert "我的案件" not in client("xingxian.staff2").get("/").text
    play.through("serve_order")
    assert f'href="/cases/{case}"' in between(client(PLANT).get("/").text, "我的案件", "</table>")
    with deps.system("test") as work:
        values = {"status": "finished", "closed_at": work.now}
        work.session.execute(update(Case).values(**values))
    assert "我的案件" not in client(STAFF).get("/").text


@pytest.mark.parametrize(
    ("username", "words"),
    [
        (STAFF, "可以启动新的流程"),
        (PLANT, "贵企业没有待办事项"),
        (HEAD, "没有待您审批的事项"),
        (DEPUTY, "没有待您审批的事项"),
        ("xingxian.seal", "没有待用印的文书"),
        ("xingxian.auditor", "查询操作记录"),
        ("xingxian.expert", "没有邀请您参加的检查"),
        ("xingxian.power", "没有待办事项"),
        ("xingxian.admin", "未处理故障"),
    ],
)
def test_who_has_nothing_to_do_reads_what_to_expect(client, username, words):
    assert words in client(username).get("/").text


def test_the_administrator_sees_no_case_content(client, play):
    play.start(STAFF)
    page = client("xingxian.admin").get("/").text
    assert 'href="/accounts/"' in page
    assert "待办" not in between(page, '<main id="main"', "</main>")


@pytest.mark.parametrize("username", [STAFF, HEAD, PLANT, "xingxian.auditor", "xingxian.admin"])
def test_it_takes_few_statements_however_much_there_is(deps, client, play, username):
    browser = client(username)
    browser.get("/")

    def counted():
        statements = []

        def note(_connection, _cursor, statement, *_rest):
            if statement.startswith("SELECT") and "pg_catalog" not in statement:
                statements.append(statement)

        event.listen(deps.database.engine, "before_cursor_execute", note)
        assert browser.get("/").status_code == 200
        event.remove(deps.database.engine, "before_cursor_execute", note)
        return statements

    empty = counted()
    for case in [play.start(STAFF) for _ in range(6)]:
        set_due(deps, case, day=17)
    counted()  # the deployment is loaded once
    full = counted()
    assert len(full) == len(empty)
    assert len(full) <= 14, full


@pytest.mark.parametrize(
    ("now", "due", "words", "soon"),
    [
        ((20, 15, 59), (23, 16, 0), "还剩 3 天", True),  # at night; due at the end of the 23rd
        ((19, 16, 0), (23, 16, 0), "还剩 3 天", True),  # at midnight
        ((19, 15, 59), (23, 16, 0), "还剩 4 天", False),
        ((20, 1, 0), (23, 16, 1), "还剩 4 天", False),
    ],
)
def test_list_filter_count_and_words_agree_at_midnight(
    client, deps, play, clock, now, due, words, soon
):
    case = play.start(STAFF)
    day, hour, minute = due
    set_due(deps, case, day=day, hour=hour, minute=minute)
    day, hour, minute = now
    clock.now = clock.now.replace(day=day, hour=hour, minute=minute)
    browser = client(STAFF)
    page = browser.get("/tasks/").text
    assert words in page
    assert ("1 件三日内到期" in page) == soon
    assert (words in browser.get("/tasks/?due=soon").text) == soon
    row = between(browser.get("/").text, "先办这些", "</table>")
    assert ("三日内到期" in row) == soon
    tone = "t-soon" if soon else "t-todo"
    assert f'<time class="badge-x {tone}"' in row
