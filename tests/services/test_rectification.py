"""One procedure from start to end, through the use cases."""

from datetime import date
from typing import ClassVar

import pytest

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Role
from app.domain.deadlines import last_day
from app.services.cases import ending, reading, starting
from app.services.tasks import commands, lists
from tests.casework import Play

STAFF, OTHER, LEADER = "xingxian.staff1", "xingxian.staff2", "xingxian.deputy"
PLANT = "xingxian.plant"
FAILED = {"conclusion": "fail", "items": [{"result": "fail"}]}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def test_a_hazard_is_rectified_and_closed(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan")
    play.do(PLANT, "rectify")
    play.do(STAFF, "reinspect")
    play.do(STAFF, "serve_review")

    view = play.case(STAFF, case)
    assert view.row.status == "finished"
    assert str(view.row.ended) == "整改闭环"
    assert [t.node for t in view.tasks if t.status == 0] == []
    assert view.history[-1].action == "case.finish"
    assert {"draft_order", "gw_conclusion", "end_closed"} <= set(view.passed)


def test_tasks_go_to_the_lane(play):
    play.start(STAFF)
    assert [row.node for row in play.todo(OTHER)] == ["draft_order"]
    assert play.todo(PLANT) == []
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    (row,) = play.todo(PLANT)
    assert (row.node, row.role, row.organisation) == (
        "plan",
        Role.PRINCIPAL,
        "兴县蔚汾特种铸造有限公司（演示）",
    )


class TestOthers:
    def test_a_foreign_county_knows_of_nothing(self, play):
        case = play.start(STAFF)
        item = play.todo(STAFF)[0].id
        for stranger in ("fenyang.staff1", "fenyang.head", "fenyang.auditor", "fenyang.plant"):
            with pytest.raises(NotFound):
                play.case(stranger, case)
            with pytest.raises(NotFound):
                play.run(stranger, commands.claim, item)
            assert play.find(stranger) == []

    def test_the_city_and_the_auditor_look_on(self, play):
        case = play.start(STAFF)
        for onlooker in ("lvliang.staff1", "shanxi.auditor", "xingxian.auditor"):
            assert play.case(onlooker, case).inside
            with pytest.raises(Forbidden):
                play.run(onlooker, commands.complete, play.todo(STAFF)[0].id, {})
            rows = play.run(onlooker, lists.find, "supervised").rows
            assert [row.node for row in rows] == ["draft_order"]

    def test_the_plant_sees_the_case_from_its_first_task_on(self, play):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order")
        with pytest.raises(NotFound):
            play.case(PLANT, case)
        play.do(STAFF, "serve_order")
        view = play.case(PLANT, case)
        assert not view.inside
        assert "plan" in view.current
        assert all(line.organisation_id is not None for line in view.history)

    def test_the_plant_does_not_read_what_the_leader_decided(self, play):
        case = play.start(STAFF)
        play.through("draft_order", "serve_order", "plan", "rectify")
        play.do(STAFF, "reinspect", **FAILED)
        play.do(STAFF, "serve_review")
        play.do(LEADER, "decide")
        nodes = {opinion.node for opinion in play.case(PLANT, case).opinions}
        assert "decide" not in nodes
        assert "plan" in nodes


class TestOperations:
    def test_claiming_keeps_others_out(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.run(STAFF, commands.claim, item)
        assert play.todo(OTHER) == []
        with pytest.raises(Conflict):
            play.run(OTHER, commands.complete, item, {})
        play.run(STAFF, commands.release, item)
        assert [row.id for row in play.todo(OTHER)] == [item]

    def test_a_draft_is_kept_and_shown_again(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.run(STAFF, commands.save_draft, item, {"check_place": "一号"})
        view = play.task(STAFF, item)
        assert view.draft == {"check_place": "一号"}
        assert view.row.assignee_id is not None

    def test_wrong_answers_change_nothing(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        with pytest.raises(Invalid) as refused:
            play.run(STAFF, commands.complete, item, {"check_place": "一"})
        assert "/deadline" in refused.value.errors
        assert play.todo(STAFF)[0].id == item

    def test_twice_is_a_conflict(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.do(STAFF, "draft_order")
        with pytest.raises(Conflict):
            play.run(STAFF, commands.complete, item, {})

    def test_returning_goes_back_to_whoever_did_it(self, play):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order")
        item = play.todo(OTHER)[0].id
        play.run(OTHER, commands.return_to, item, "draft_order", "隐患描述不具体")
        (row,) = play.todo(STAFF)
        assert (row.node, row.reason) == ("draft_order", "隐患描述不具体")
        assert play.todo(OTHER) == []
        assert play.task(STAFF, row.id).case.history[-1].detail["reason"] == "隐患描述不具体"
        play.do(STAFF, "draft_order")
        assert play.case(STAFF, case).current == ["sign_order"]

    def test_returning_elsewhere_is_refused(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        with pytest.raises(Invalid):
            play.run(STAFF, commands.return_to, item, "decide", "不行")
        play.do(STAFF, "draft_order")
        with pytest.raises(Invalid):
            play.run(STAFF, commands.return_to, play.todo(STAFF)[0].id, "draft_order", "  ")

    def test_handing_over(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.run(STAFF, commands.transfer, item, "xingxian.staff3", "本人外出")
        assert play.todo(STAFF) == []
        assert [row.id for row in play.todo("xingxian.staff3")] == [item]
        with pytest.raises(Invalid):
            play.run("xingxian.staff3", commands.transfer, item, "fenyang.staff1", "不行")
        with pytest.raises(Invalid):
            play.run("xingxian.staff3", commands.transfer, item, "xingxian.head", "不行")

    def test_a_leader_hands_over_what_an_absent_colleague_claimed(self, play):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.run(STAFF, commands.claim, item)
        play.run(LEADER, commands.transfer, item, OTHER, "原承办人休假")
        assert [row.id for row in play.todo(OTHER)] == [item]

    def test_urging_at_most_once_an_hour(self, play, clock):
        play.start(STAFF)
        item = play.todo(STAFF)[0].id
        play.run(LEADER, commands.urge, item)
        with pytest.raises(Conflict):
            play.run("xingxian.head", commands.urge, item)
        clock.advance(hours=1)
        play.run("xingxian.head", commands.urge, item)
        assert [m.key for m in play.messages(STAFF)] == ["task_urged", "task_urged"]

    def test_cancelling_withdraws_everything(self, play):
        case = play.start(STAFF)
        with pytest.raises(Forbidden):
            play.run(STAFF, ending.cancel, case, "重复立案")
        with pytest.raises(Invalid):
            play.run(LEADER, ending.cancel, case, " ")
        play.run(LEADER, ending.cancel, case, "重复立案")
        view = play.case(STAFF, case)
        assert (view.row.status, list(view.waits), play.todo(STAFF)) == ("cancelled", [], [])
        with pytest.raises(Conflict):
            play.run(LEADER, ending.cancel, case, "再次")


def test_a_procedure_that_is_not_built_is_handed_to_a_person(play):
    case = play.start(STAFF)
    play.through("draft_order", "serve_order", "plan", "rectify")
    play.do(STAFF, "reinspect", **FAILED)
    play.do(STAFF, "serve_review")
    play.do(LEADER, "decide", decision="penalty")
    (child,) = play.case(STAFF, case).children
    assert child.procedure == "handover"
    play.do(STAFF, "handle")
    assert play.case(STAFF, child.id).row.status == "finished"


def test_who_may_start(play):
    def ids(username):
        return [row.id for row in play.run(username, starting.startable)]

    assert "rectification" in ids(STAFF)
    assert ids(PLANT) == []
    assert ids("xingxian.admin") == []
    with pytest.raises(NotFound):
        play.start("fenyang.staff1")  # of another county's plant
    with pytest.raises(Forbidden):
        play.start("lvliang.head")


def test_lists_go_on_by_cursor(play):
    for _ in range(23):
        play.start(STAFF)
    first = play.run(STAFF, lists.find, "todo")
    second = play.run(STAFF, lists.find, "todo", None, first.next)
    assert (len(first.rows), len(second.rows), second.next) == (20, 3, None)
    assert min(row.id for row in first.rows) > max(row.id for row in second.rows)
    cases, cursor = play.run(STAFF, reading.find)
    assert len(cases) == 20
    assert len(play.run(STAFF, reading.find, None, cursor)[0]) == 3


def test_after_an_extension_it_is_reminded_again_and_reviewed_whatever_it_says(play, clock):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan")
    play.do(PLANT, "rectify", request="extension", extension_to="2027-01-20")
    granted = {"extension": "granted", "extended_to": "2027-01-20"}
    play.walk(case, "rectify_final", decide_extension=granted)
    assert [row.node for row in play.todo(PLANT)] == ["rectify_final"]
    before = len(play.messages(PLANT))
    clock.now = clock.now.replace(year=2027, month=1, day=18)
    play.sweep()
    assert [told.key for told in play.messages(PLANT)][: -before or None].count("rectification_due")
    clock.advance(days=4)
    play.sweep()
    assert "rectification_overdue" in {told.key for told in play.messages(LEADER)}
    assert [row.node for row in play.open_of(case)] == ["reinspect"]


def test_who_says_nothing_by_the_deadline_is_reviewed_and_the_leader_hears_of_it(play, clock):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan")
    assert [row.node for row in play.open_of(case)] == ["rectify"]
    clock.advance(days=40)
    play.sweep()
    assert "rectification_overdue" in {told.key for told in play.messages(LEADER)}
    assert [row.node for row in play.open_of(case)] == ["reinspect"]


def test_who_gets_no_more_time_is_told_so_by_a_paper_and_keeps_its_day(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan")
    play.do(PLANT, "rectify", request="extension", extension_to="2027-01-20")
    before = play.case(STAFF, case).row.deadline
    refused = {"extension": "refused", "reason": "整改条件具备，无须延期"}
    play.walk(case, "rectify_final", decide_extension=refused)
    assert play.case(STAFF, case).row.deadline == before
    (reply,) = (one for one in play.papers(STAFF, case) if one.kind == "extension_reply")
    assert reply.state == "served"


def test_who_has_put_it_right_within_the_extension_is_reviewed_at_once(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan")
    play.do(PLANT, "rectify", request="extension", extension_to="2027-01-20")
    granted = {"extension": "granted", "extended_to": "2027-01-20"}
    (seal,) = play.walk(case, "paper_approve", decide_extension=granted)
    play.complete("xingxian.seal", seal.id, paper_state="returned", reason="理由不完整")
    (again,) = play.open_of(case)
    begun = play.task(LEADER, again.id).prefill
    assert (begun["order_title"], begun["applied_on"]) == ("责令限期整改指令书", "2026-11-20")
    play.walk(case, "rectify_final", decide_extension=granted)
    play.do(PLANT, "rectify_final")
    assert [row.node for row in play.open_of(case)] == ["reinspect"]


class TestAnOrderThatComesLate:
    """The office may be slow; the plant is not late for what it had not been told."""

    ORDER: ClassVar = {"deadline": "2026-12-04", "plan_deadline": "2026-11-25"}

    def test_nobody_signs_seals_or_serves_it_once_its_deadline_is_over(self, play, clock):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order", **self.ORDER)
        clock.advance(days=15)  # 5 December
        with pytest.raises(Invalid) as late:
            play.sign_task(STAFF, "sign_order", checked=True)
        assert list(late.value.errors) == ["/pin"]
        clock.advance(days=-1)
        play.sign_task(STAFF, "sign_order", checked=True)
        play.sign_task(OTHER, "countersign_order", checked=True)
        (seal,) = play.todo("xingxian.seal")
        clock.advance(days=1)
        with pytest.raises(Invalid) as late:
            play.complete("xingxian.seal", seal.id)
        assert list(late.value.errors) == ["/approved"]
        clock.advance(days=-1)
        play.complete("xingxian.seal", seal.id)
        play.deps.jobs.drain(play.deps)
        clock.advance(days=1)
        (serving,) = [row for row in play.todo(STAFF) if row.node == "serve_order"]
        with pytest.raises(Invalid) as late:
            play.complete(STAFF, serving.id, served_on="2026-12-05")
        assert list(late.value.errors) == ["/served_on"]
        assert "2026年12月4日" in str(late.value.errors["/served_on"])
        play.run(STAFF, commands.return_to, serving.id, "draft_order", "期限在送达前已过")
        play.do(STAFF, "draft_order", deadline="2026-12-25", plan_deadline="2026-12-10")
        play.walk(case, "plan")

    def test_what_was_served_in_time_is_recorded_later(self, play, clock):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order", **self.ORDER)
        play.walk(case, "serve_order")
        clock.advance(days=15)
        play.do(STAFF, "serve_order", served_on="2026-12-04")
        assert "serve_order" not in play.case(STAFF, case).current

    def test_a_public_notice_that_ends_after_the_deadline_is_not_begun(self, play):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order", **self.ORDER)
        (serving,) = play.walk(case, "serve_order")
        given = {
            "manner": "notice",
            "receipt": "not_present",
            "notice_reason": "missing",
            "notice_on": "2026-11-20",
            "served_at": "兴县人民政府网站",
        }
        answers = play.answered(STAFF, serving.id, **given)
        with pytest.raises(Invalid) as late:
            play.run(STAFF, commands.announce, serving.id, answers)
        assert list(late.value.errors) == ["/notice_on"]

    def test_a_plan_whose_day_was_over_before_is_due_with_the_rest(self, play, clock):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order", **self.ORDER)
        play.walk(case, "serve_order")
        clock.advance(days=6)  # 26 November, the day after
        (plan,) = play.walk(case, "plan")
        assert last_day(plan.due_at) == date(2026, 12, 4)
        play.sweep()
        assert play.case(STAFF, case).current == ["plan"]

    def test_a_plan_that_can_still_come_is_due_as_drafted(self, play, clock):
        case = play.start(STAFF)
        play.do(STAFF, "draft_order", **self.ORDER)
        play.walk(case, "serve_order")
        clock.advance(days=5)
        (plan,) = play.walk(case, "plan")
        assert last_day(plan.due_at) == date(2026, 11, 25)
