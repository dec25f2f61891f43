"""双报告 of a major hazard beside 挂牌督办: in a self-check, and in a rectification that stops nothing."""

from datetime import timedelta

import pytest

from app.domain import Invalid
from app.services.documents import reading
from app.services.tasks import commands
from tests.casework import Play
from tests.findings import CRANE, GAS

STAFF, PLANT = "xingxian.staff1", "xingxian.plant"
DRAFT, SIGN = "double_reporting_draft", "double_reporting_sign"
KIND = "double_report"
LATER = {"fixed": "later", "owner": "张伟", "checker": "陈静", "deadline": "2026-12-10"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def ledger(play):
    """Let the plant find a general and a major hazard itself."""
    play.do(PLANT, "self_check_inspect", found="yes", remaining="yes")
    found = [{**GAS, **LATER}, {**CRANE, **LATER}]
    play.do(PLANT, "self_check_ledger", hazards=found, hazard_class="major", remaining="yes")


def checking(play):
    case = play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
    ledger(play)
    return case


def planning(play):
    """Order the same two to be put right, and have the plan handed in."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", hazards=[GAS, CRANE], hazard_class="major")
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan", items=[{"checker": "陈静"}, {"checker": "陈静"}], goal="彻底消除隐患")
    return case


BOTH = pytest.mark.parametrize(
    ("begin", "review"), [(checking, "acknowledge"), (planning, "review_plan")]
)


def reports(play, case):
    return [paper for paper in play.papers(STAFF, case) if paper.kind == KIND]


def view(play, paper):
    return play.run(STAFF, reading.get, paper.id)


def only(play, case, node):
    (task,) = play.open_of(case)
    assert task.node == node
    return task


@BOTH
def test_it_states_the_major_hazard_alone_and_who_reviews_is_shown_it(play, begin, review, client):
    case = begin(play)
    play.do(PLANT, DRAFT)
    play.deps.jobs.drain(play.deps)
    (paper,) = reports(play, case)
    told = view(play, paper).data
    assert [row["description"] for row in told["hazards"]] == [CRANE["description"]]
    assert play.task(PLANT, only(play, case, SIGN).id).paper == paper.id
    play.sign_task(PLANT, SIGN, checked=True)
    (paper,) = reports(play, case)
    assert paper.state == "sealed"
    assert [one.slot for one in view(play, paper).signatures] == ["principal"]
    task = only(play, case, review)
    assert play.task(STAFF, task.id).paper == paper.id
    assert f"/documents/{paper.id}" in client(STAFF).get(f"/tasks/{task.id}").text


def test_what_the_plan_said_is_typed_once(play):
    case = planning(play)
    begun = play.task(PLANT, only(play, case, DRAFT).id).prefill
    assert (begun["goal"], begun["comply_by"]) == ("彻底消除隐患", "2026-12-20")


@BOTH
def test_one_that_is_wrong_is_written_anew(play, begin, review):
    case = begin(play)
    play.do(PLANT, DRAFT, harm="危害程度一般，整改难度不大")
    play.deps.jobs.drain(play.deps)
    play.run(PLANT, commands.return_to, only(play, case, SIGN).id, DRAFT, "资金有误")
    begun = play.task(PLANT, only(play, case, DRAFT).id).prefill
    assert begun["harm"] == "危害程度一般，整改难度不大"
    play.report_majors()
    assert [paper.state for paper in reports(play, case)] == ["void", "sealed"]
    only(play, case, review)


@BOTH
def test_one_that_nobody_signs_is_void_and_the_bureau_goes_on(play, clock, begin, review):
    case = begin(play)
    play.do(PLANT, DRAFT)
    play.deps.jobs.drain(play.deps)
    clock.now += timedelta(days=5)
    play.sweep()
    (paper,) = reports(play, case)
    assert (paper.state, view(play, paper).void_reason) == ("void", "逾期未签署")
    assert "report_unsigned" in {message.key for message in play.messages(STAFF)}
    assert play.task(STAFF, only(play, case, review).id).paper is None


@BOTH
def test_one_that_nobody_writes_holds_nobody_up(play, clock, begin, review):
    case = begin(play)
    clock.now += timedelta(days=6)
    play.sweep()
    assert reports(play, case) == []
    assert "report_missing" in {message.key for message in play.messages(STAFF)}
    only(play, case, review)


def test_one_is_written_though_the_deadline_of_the_order_has_passed(play, clock):
    """It says the day that was ordered: no later one is for the plant to choose."""
    case = play.start(STAFF)
    late = {"hazard_class": "major", "deadline": "2026-11-23"}
    hazards = [{**CRANE, "deadline": "2026-11-23"}]
    play.do(STAFF, "draft_order", hazards=hazards, **late)
    play.do(STAFF, "serve_order")
    play.do(PLANT, "plan", items=[{"checker": "陈静"}])
    task = only(play, case, DRAFT)
    clock.now += timedelta(days=4)
    with pytest.raises(Invalid) as refused:
        play.complete(PLANT, task.id, comply_by="2026-11-25")
    assert list(refused.value.errors) == ["/comply_by"]
    play.complete(PLANT, task.id, comply_by="2026-11-23")
    play.deps.jobs.drain(play.deps)
    only(play, case, SIGN)


def test_a_plan_that_is_returned_makes_another_report_and_the_first_is_void(play):
    case = planning(play)
    play.report_majors()
    play.run(STAFF, commands.return_to, only(play, case, "review_plan").id, "plan", "预案不具体")
    play.do(PLANT, "plan", items=[{"checker": "陈静"}, {"checker": "陈静"}])
    play.report_majors()
    first, second = reports(play, case)
    assert (first.state, second.state) == ("void", "sealed")
    assert play.task(STAFF, only(play, case, "review_plan").id).paper == second.id


def test_a_self_check_that_is_returned_shows_no_report_of_the_time_before(play, clock):
    case = checking(play)
    play.report_majors()
    (first,) = reports(play, case)
    play.do(STAFF, "acknowledge", accepted="no", precaution="yes", deadline="2026-12-20")
    ledger(play)
    clock.now += timedelta(days=6)  # this time nobody writes one
    play.sweep()
    assert play.task(STAFF, only(play, case, "acknowledge").id).paper is None
    assert [paper.state for paper in reports(play, case)] == [first.state]


def test_general_hazards_alone_need_none(play):
    case = play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
    play.do(PLANT, "self_check_inspect", found="yes", remaining="yes")
    found = [{**GAS, **LATER}]
    play.do(PLANT, "self_check_ledger", hazards=found, hazard_class="general", remaining="yes")
    only(play, case, "acknowledge")
    assert reports(play, case) == []
