"""Whose cases and tasks are whose: people with several posts, and those who only take part."""

import pytest
from sqlalchemy import select

from app.domain import Forbidden, NotFound
from app.domain.access import Role
from app.models.casework import Case, Incident, WorkItem
from app.models.people import Account, Organisation, RoleGrant
from app.services import incidents
from app.services.cases import files, starting
from app.services.imports import taking
from app.services.tasks import commands
from app.services.tasks.held import TakenByOther
from tests import lists
from tests.answers import answers_for
from tests.casework import Play

STAFF, COLLEAGUE, PLANT = "xingxian.staff1", "xingxian.staff2", "xingxian.plant"
ELSEWHERE = "汾阳杏花食品有限公司（演示）"
DRAFT = {"deadline": "2026-12-20", "hazard_class": "general"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def give(deps):
    """`give(username, role, bureau)`: one more post for somebody."""

    def add(username, role, bureau):
        with deps.system("test") as work:
            account = work.session.scalars(select(Account.id).filter_by(username=username)).one()
            office = work.session.scalars(select(Organisation.id).filter_by(name=bureau)).one()
            work.session.add(RoleGrant(account_id=account, role=role, organisation_id=office))

    return add


@pytest.fixture
def item(play):
    play.start(STAFF)
    return play.todo(STAFF)[0].id


def start_elsewhere(play):
    return play.run(
        STAFF, starting.start, "rectification", play.subject(ELSEWHERE), {"source": "inspection"}
    ).case_id


def test_who_sees_a_wide_area_starts_cases_in_their_own(play, give):
    give(STAFF, Role.PANEL_MEMBER, "吕梁市应急管理局")
    with pytest.raises(Forbidden):
        start_elsewhere(play)


def test_the_case_of_one_with_two_posts_belongs_to_the_office_of_the_place(deps, play, give):
    give(STAFF, Role.STAFF, "汾阳市应急管理局")
    case = start_elsewhere(play)
    with deps.system_reading("test") as work:
        assert work.session.get_one(Case, case).place == "141182"
    assert [row.id for row in play.find("fenyang.head")] == [case]
    assert play.find("xingxian.head") == []


@pytest.fixture
def failed_elsewhere(deps, play):
    """An incident in 汾阳市."""
    case = play.run(
        "fenyang.staff1",
        starting.start,
        "rectification",
        play.subject(ELSEWHERE),
        {"source": "inspection"},
    ).case_id
    with deps.system("test") as work:
        where = {"case_id": case, "place": "141182", "node": "draft_order", "seq": 0}
        row = Incident(**where, command="task.complete", cause="Boom\nin full", at=work.now)
        work.session.add(row)


@pytest.mark.usefixtures("failed_elsewhere")
@pytest.mark.parametrize("username", ["xingxian.deputy", "xingxian.admin"])
def test_who_sees_a_wide_area_is_told_of_the_incidents_of_their_own(play, give, username):
    give(username, Role.PANEL_MEMBER, "吕梁市应急管理局")
    assert play.run(username, incidents.find) == []
    for entitled in ("fenyang.admin", "fenyang.deputy", "lvliang.head"):
        assert [row.fault for row in play.run(entitled, incidents.find)] == ["Boom"]
    give(username, Role.HEAD, "汾阳市应急管理局")
    assert len(play.run(username, incidents.find)) == 1


def test_who_sees_a_wide_area_is_told_of_the_imports_into_their_own(play, give):
    data = lists.annex([lists.row(1)])
    play.run("fenyang.staff1", taking.take, "141182", "名单.xlsx", data)
    give(STAFF, Role.PANEL_MEMBER, "吕梁市应急管理局")
    # The demo brings one list of the county's own.
    assert {row.place for row in play.run(STAFF, taking.find)[0]} == {"141123"}
    assert "141182" in {row.place for row in play.run("lvliang.staff1", taking.find)[0]}


def test_who_takes_part_is_not_told_of_other_steps(deps, play):
    case = play.start(STAFF)
    play.through("draft_order", "serve_order")
    with deps.system_reading("test") as work:
        items = select(WorkItem.id, WorkItem.node).where(WorkItem.case_id == case)
        hidden = [row.id for row in work.session.execute(items) if row.node != "plan"]
    assert hidden
    for one in hidden:
        for act in (commands.urge, commands.claim, commands.release):
            with pytest.raises(NotFound):
                play.run(PLANT, act, one)


def test_a_colleague_does_not_take_a_task_from_its_performer(play, item):
    play.run(STAFF, commands.claim, item)
    with pytest.raises(TakenByOther):
        play.run(COLLEAGUE, commands.transfer, item, COLLEAGUE, "我来办")
    assert "transfer" not in play.task(COLLEAGUE, item).operations
    assert "transfer" in play.task("xingxian.deputy", item).operations
    play.run("xingxian.deputy", commands.transfer, item, COLLEAGUE, "白建国休假")
    assert play.task(COLLEAGUE, item).row.assignee == play.task(STAFF, item).row.assignee


def test_a_draft_is_handed_over_with_its_photos(play, item):
    photo = play.upload(STAFF)
    answers = answers_for(play.task(STAFF, item).form, DRAFT, lambda: photo)
    answers["hazards"][0]["photos"] = [photo]
    play.run(STAFF, commands.save_draft, item, answers)
    play.run(STAFF, commands.transfer, item, COLLEAGUE, "休假")
    assert play.run(COLLEAGUE, files.described, [photo])[photo].name == "现场.png"
