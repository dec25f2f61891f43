"""Duties held apart (职责分离), and one voice for each member of a panel (会签)."""

import pytest
from sqlalchemy import text

from app.domain import Forbidden, Invalid
from app.domain.access import Role
from app.models.casework import WorkItem
from app.models.people import RoleGrant
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play
from tests.migrating import migrate_to

STAFF = "xingxian.staff1"
FIRST, SECOND = "xingxian.panel1", "xingxian.panel2"


@pytest.fixture
def play(deps, actor):
    drawn.deploy(deps, drawn.discussing())
    return Play(deps, actor)


def say(play, username):
    item = next(row for row in play.todo(username) if row.node == "say")
    return play.run(username, commands.complete, item.id, {"ok": username})


def test_a_member_has_one_voice(play):
    case = play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    other = next(row for row in play.todo(SECOND) if row.node == "say").id
    for act, given in (
        (commands.claim, ()),
        (commands.save_draft, ({},)),
        (commands.complete, ({"ok": "又"},)),
    ):
        with pytest.raises(Forbidden, match="每人只能办理一份"):
            play.run(FIRST, act, other, *given)
    say(play, SECOND)
    assert play.case(STAFF, case).current == ["write"]


def test_who_has_spoken_is_handed_no_other_voice(play):
    """Nor does a leader who hands it over find them among those who could take it."""
    case = play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    other = next(row for row in play.todo(SECOND) if row.node == "say").id
    offered = [one.username for one in play.task(FIRST, other).colleagues]
    assert SECOND in offered
    assert FIRST not in offered
    with pytest.raises(Invalid) as refused:
        play.run(SECOND, commands.transfer, other, FIRST, "出差")
    assert "职责分离" in str(refused.value.errors["/username"])
    say(play, SECOND)
    assert play.case(STAFF, case).current == ["write"]


def test_who_took_two_and_speaks_leaves_the_other_to_others(play):
    case = play.start(STAFF, "discussing", panel=["甲", "乙"])
    one, other = [row.id for row in play.todo(FIRST) if row.node == "say"]
    play.run(FIRST, commands.claim, one)
    play.run(FIRST, commands.save_draft, other, {"ok": "想好了"})
    play.run(FIRST, commands.complete, one, {"ok": "同意"})
    lines = play.case(FIRST, case).history
    assert [line.detail["task"] for line in lines if line.action == "task.release"] == [other]
    view = play.task(SECOND, other)
    assert view.draft is None
    assert view.row.assignee_id is None
    play.run(SECOND, commands.complete, other, {"ok": "同意"})
    assert play.case(STAFF, case).current == ["write"]


def test_every_round_asks_every_member_again_though_it_is_the_same_moment(play):
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    say(play, SECOND)
    (write,) = play.todo(STAFF)
    play.run(STAFF, commands.return_to, write.id, "say", "理由不充分")
    say(play, FIRST)
    with pytest.raises(Forbidden):
        say(play, FIRST)
    say(play, SECOND)
    assert [row.node for row in play.todo(STAFF)] == ["write"]


def test_who_may_not_do_it_is_told_before_they_fill_it_in(play):
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    left = next(row for row in play.todo(SECOND) if row.node == "say").id
    view = play.task(FIRST, left)
    assert "每人只能办理一份" in str(view.barred)
    assert not {"complete", "draft", "claim", "return"} & set(view.operations)
    assert "transfer" in view.operations
    free = play.task(SECOND, left)
    assert free.barred is None
    assert {"complete", "draft", "claim"} <= set(free.operations)


def test_who_spoke_does_not_write_it_down(deps, play, actor):
    with deps.system("test") as work:
        account, office = actor(FIRST).id, actor(FIRST).grants[0].organisation
        work.session.add(RoleGrant(account_id=account, role=Role.STAFF, organisation_id=office))
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    say(play, SECOND)
    (write,) = play.todo(STAFF)
    view = play.task(FIRST, write.id)
    assert "按职责分离要求不能办理本环节" in str(view.barred)
    assert not {"complete", "return"} & set(view.operations)
    assert play.task("xingxian.head", write.id).barred is None  # it is not of their role at all


def test_what_somebody_barred_has_can_be_put_back(play):
    """As it may have been handed to them before that was refused."""
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    left = next(row for row in play.todo(SECOND) if row.node == "say").id
    with play.deps.system("test") as work:
        work.session.get(WorkItem, left).assignee_id = play.actor(FIRST).id
    assert play.task(FIRST, left).operations == ["release", "transfer"]
    play.run(FIRST, commands.release, left)
    assert "complete" in play.task(SECOND, left).operations


def test_the_page_says_why_instead_of_showing_the_form(play, client):
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    left = next(row for row in play.todo(SECOND) if row.node == "say").id
    page = client(FIRST).get(f"/tasks/{left}").text
    assert "每人只能办理一份" in page
    assert 'name="_op" value="submit"' not in page
    assert 'name="_op" value="submit"' in client(SECOND).get(f"/tasks/{left}").text
    assert (
        client(FIRST).post(f"/tasks/{left}", data={"ok": "又", "_op": "submit"}).status_code == 403
    )


def test_who_has_spoken_in_a_round_of_an_older_edition_has_spoken(play):
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    database = play.deps.database
    with database.engine.connect().execution_options(unscoped="test") as connection:
        connection.execute(text("ALTER TABLE work_item DROP COLUMN round"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0018'"))
        connection.commit()
    migrate_to(database, "0019")
    left = next(row for row in play.todo(SECOND) if row.node == "say").id
    assert "每人只能办理一份" in str(play.task(FIRST, left).barred)
    assert play.task(SECOND, left).barred is None
