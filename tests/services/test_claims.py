"""How long a claim binds: no longer than whoever claimed the task can do it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.domain import Forbidden
from app.domain.access import Role
from app.models.people import Account, RoleGrant
from app.services import accounts, profile
from app.services.reminders import remind
from app.services.tasks import commands
from app.services.tasks.held import TakenByOther
from tests.casework import Play

STAFF, COLLEAGUE, THIRD = "xingxian.staff1", "xingxian.staff2", "xingxian.staff3"
LEGAL, PLANT, WORKERS = "xingxian.legal", "xingxian.plant", "xingxian.congress"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def seat(deps, actor):
    """`seat(username, role, like)`: give somebody a role where another one works, and no other."""

    def change(username, role, like):
        account, office = actor(username).id, actor(like).grants[0].organisation
        with deps.system("test") as work:
            work.session.execute(delete(RoleGrant).where(RoleGrant.account_id == account))
            work.session.add(RoleGrant(account_id=account, role=role, organisation_id=office))

    return change


def close(play, username):
    account = play.actor(username).id
    play.run("xingxian.admin", accounts.set_active, account, active=False, reason="离职")


def stand_in(play, leader, deputy, days=3):
    now = play.deps.clock()
    play.run(leader, profile.name_deputy, deputy, now, now + timedelta(days=days), "出差")


def todo(play, username):
    return [row.id for row in play.todo(username)]


def test_what_a_principal_began_goes_on_with_the_one_who_follows(play, seat):
    """Nobody leads an enterprise, so nobody could hand the task over."""
    case = play.start(STAFF)
    (task,) = play.walk(case, "plan")
    play.run(PLANT, commands.save_draft, task.id, {"items": [{"checker": "张三"}]})
    close(play, PLANT)
    seat(WORKERS, Role.PRINCIPAL, PLANT)
    assert todo(play, WORKERS) == [task.id]
    view = play.task(WORKERS, task.id)
    assert view.draft == {"items": [{"checker": "张三"}]}
    assert {"complete", "draft", "claim", "transfer"} <= set(view.operations)
    play.complete(WORKERS, task.id)
    assert "rectify" in play.case(STAFF, case).current


@pytest.mark.parametrize("gone", ["closed", "moved"])
def test_whoever_has_left_keeps_no_task_from_the_others(play, seat, gone):
    play.start(STAFF)
    (task,) = todo(play, STAFF)
    play.run(STAFF, commands.claim, task)
    assert todo(play, COLLEAGUE) == []
    if gone == "closed":
        close(play, STAFF)
    else:
        seat(STAFF, Role.AUDITOR, STAFF)
    assert todo(play, COLLEAGUE) == [task]
    play.run(COLLEAGUE, commands.claim, task)
    assert todo(play, COLLEAGUE) == [task]
    assert todo(play, THIRD) == []


def test_who_stood_in_keeps_no_task_when_the_period_is_over(play, clock):
    play.start(STAFF)
    (task,) = todo(play, STAFF)
    stand_in(play, STAFF, LEGAL)
    play.run(LEGAL, commands.claim, task)
    assert todo(play, STAFF) == []
    with pytest.raises(TakenByOther):
        play.run(STAFF, commands.claim, task)
    clock.advance(days=3)
    assert todo(play, STAFF) == [task]
    with pytest.raises(Forbidden):
        play.run(LEGAL, commands.release, task)
    play.run(STAFF, commands.claim, task)


def test_who_stands_in_for_a_colleague_of_the_same_role_does_what_they_claimed(play):
    case = play.start(STAFF)
    (task,) = todo(play, STAFF)
    play.run(STAFF, commands.claim, task)
    assert "complete" not in play.task(COLLEAGUE, task).operations
    stand_in(play, STAFF, COLLEAGUE)
    assert todo(play, COLLEAGUE) == [task]
    assert {"complete", "draft"} <= set(play.task(COLLEAGUE, task).operations)
    play.complete(COLLEAGUE, task)
    (line,) = [line for line in play.case(STAFF, case).history if line.action == "task.complete"]
    assert (line.actor, line.on_behalf_of) == ("白志强（演示）", "白建国（演示）")


def test_an_officer_who_stands_in_for_another_signs_in_their_own_name(play):
    """Their licence stands on the paper; the other one is not held apart from signing second."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    (task,) = todo(play, STAFF)
    play.run(STAFF, commands.claim, task)
    stand_in(play, STAFF, COLLEAGUE)
    play.sign_task(COLLEAGUE, "sign_order", checked=True)
    lines = [line for line in play.case(STAFF, case).history if line.node == "sign_order"]
    assert {line.on_behalf_of for line in lines} == {None}
    play.sign_task(STAFF, "countersign_order", checked=True)
    assert play.case(STAFF, case).current == ["approve_seal"]


def test_it_is_returned_to_the_office_of_who_has_left(play):
    case = play.start(STAFF)
    play.walk(case, "sign_order")
    (task,) = [row for row in play.todo(COLLEAGUE) if row.node == "sign_order"]
    close(play, STAFF)
    play.run(COLLEAGUE, commands.return_to, task.id, "draft_order", "期限有误")
    assert [row.node for row in play.todo(COLLEAGUE)] == ["draft_order"]
    assert [row.node for row in play.todo(THIRD)] == ["draft_order"]


def test_what_nobody_can_do_any_more_is_told_to_the_others(play, clock):
    case = play.start(STAFF)
    (task,) = play.walk(case, "plan")
    play.run(PLANT, commands.claim, task.id)
    account = play.actor(PLANT).id
    close(play, PLANT)
    with play.deps.system("test") as work:
        office = work.session.scalars(select(Account.home_id).filter_by(id=account)).one()
        other = work.session.scalars(select(Account.id).filter_by(username=WORKERS)).one()
        work.session.execute(delete(RoleGrant).where(RoleGrant.account_id == other))
        work.session.add(RoleGrant(account_id=other, role=Role.PRINCIPAL, organisation_id=office))
    play.run(STAFF, commands.urge, task.id)
    clock.advance(seconds=(task.due_at - clock.now).total_seconds())
    remind(play.deps, case, task.id)
    assert {"task_urged", "task_overdue"} <= {m.key for m in play.messages(WORKERS)}
