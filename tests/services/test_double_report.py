"""重大事故隐患双报告: drafted with the plan, signed by the principal, heard, reviewed, or void."""

from datetime import timedelta

import pytest

from app.domain import Forbidden, Invalid, NotFound
from app.services import offering
from app.services.documents import reading
from app.services.tasks import commands
from tests.casework import Play
from tests.findings import CRANE, GAS, OFFICERS

STAFF, PLANT, CONGRESS = "xingxian.staff1", "xingxian.plant", "xingxian.congress"
PLAN, SIGN, HEAR, REVIEW = (
    f"supervision_{step}" for step in ("plan", "sign_report", "congress", "review_plan")
)
GUARANTEE = "supervision_guarantee"
KIND = "double_report"
SIGNED = {"report_state": "signed"}
CAUSE = "设计安装时未按规范选型"


@pytest.fixture
def play(deps, actor, on):
    made = Play(deps, actor)
    made.on = on
    return made


def stopped(play, *hazards):
    """Find hazards at a visit, stop the plant, and wait for its plan; return the case."""
    case = play.start(STAFF, "county_inspection")
    found = {
        "worst": hazards[-1]["class"],
        "hazards": list(hazards),
        "precaution": "no",
        "stop_rule": "always",
        "steel_found": "no",
        "violation": "no",
        "equipment": "no",
        "catalogue": "none",
        "transfer": "no",
    }
    play.walk(
        case,
        "nothing",
        plan={"officers": OFFICERS, "expert_wanted": "no"},
        visit={"officers": OFFICERS, "danger": "no", "hazards": list(hazards)},
        classify=found,
    )
    return play.child(case, "stop_production")


def planned(play, *hazards):
    case = stopped(play, *(hazards or (GAS, CRANE)))
    asked = {"comply_by": "2027-03-31", "yellow_rule": "no"}
    ordered = {"measures": ["stop"], "officers": OFFICERS, "comply_by": "2027-03-31"}
    play.walk(case, PLAN, choose=asked, on_site_draft=ordered)
    return case


def drafted(play):
    def walk():
        case = planned(play)
        play.do(PLANT, PLAN, hazards=rows(play, case))
        play.deps.jobs.drain(play.deps)
        return case

    return play.on.begin("drafted", play.deps, walk)


def rows(play, case):
    """Return the major hazards that the plan begins with, each with its cause."""
    (task,) = play.open_of(case)
    return [{**row, "cause": CAUSE} for row in play.task(PLANT, task.id).prefill["hazards"]]


def reports(play, case, who=STAFF):
    return [paper for paper in play.papers(who, case) if paper.kind == KIND]


def view(play, paper, who=STAFF):
    return play.run(who, reading.get, paper.id)


def nodes(play, case):
    return [task.node for task in play.open_of(case)]


def test_it_states_the_plan_and_the_major_hazards_and_the_principal_signs_it(play):
    case = drafted(play)
    assert nodes(play, case) == [SIGN]
    (paper,) = reports(play, case)
    assert "双报" in paper.number
    told = view(play, paper).data
    assert [row["description"] for row in told["hazards"]] == [CRANE["description"]]
    assert told["hazards"][0]["cause"] == CAUSE
    assert told["comply_by"] == "2027-03-31"
    assert told["found_on"] == "2026-11-20"
    play.sign_task(PLANT, SIGN, **SIGNED)
    (paper,) = reports(play, case)
    assert paper.state == "sealed"
    assert [one.slot for one in view(play, paper).signatures] == ["principal"]


def test_the_congress_hears_it_and_the_bureau_reviews_it(play):
    case = drafted(play)
    play.sign_task(PLANT, SIGN, **SIGNED)
    (paper,) = reports(play, case)
    for who, node in ((CONGRESS, HEAR), (STAFF, REVIEW)):
        (task,) = play.open_of(case)
        assert (task.node, play.task(who, task.id).paper) == (node, paper.id)
        assert view(play, paper, who).row.ready
        play.do(who, node, result="secured") if node == REVIEW else play.do(who, node)
    assert nodes(play, case) == ["supervision_rectify"]
    assert reports(play, case, PLANT) == reports(play, case, CONGRESS) == [paper]


def test_nobody_hands_it_in_unsigned(play):
    case = drafted(play)
    (task,) = play.open_of(case)
    with pytest.raises(Invalid) as wrong:
        play.complete(PLANT, task.id, **SIGNED)
    assert list(wrong.value.errors) == ["/pin"]
    assert nodes(play, case) == [SIGN]


def test_one_that_nobody_signs_is_void_and_the_bureau_goes_on(play, clock):
    case = drafted(play)
    clock.now += timedelta(days=7)
    play.sweep()
    assert nodes(play, case) == [REVIEW]
    (paper,) = reports(play, case)
    assert (paper.state, view(play, paper).void_reason) == ("void", "逾期未签署")
    assert "report_unsigned" in {message.key for message in play.messages(STAFF)}
    (task,) = play.open_of(case)
    assert play.task(STAFF, task.id).paper is None
    assert [node for node, _title in play.task(STAFF, task.id).return_to] == [PLAN]
    play.run(STAFF, commands.return_to, task.id, PLAN, "双报告未签署，请补报")
    (task,) = play.open_of(case)
    begun = play.task(PLANT, task.id).prefill
    assert begun["hazards"][0]["cause"] == CAUSE
    play.do(PLANT, PLAN)
    play.sign_task(PLANT, SIGN, **SIGNED)
    assert [paper.state for paper in reports(play, case)] == ["void", "sealed"]


def test_one_that_is_signed_in_time_is_not_void_when_the_time_is_over(play, clock):
    case = drafted(play)
    play.sign_task(PLANT, SIGN, **SIGNED)
    clock.now += timedelta(days=30)
    play.sweep()
    assert nodes(play, case) == [REVIEW]
    assert [paper.state for paper in reports(play, case)] == ["sealed"]


def test_a_plan_that_never_came_leaves_no_paper(play, clock):
    case = planned(play)
    clock.now += timedelta(days=14)
    play.sweep()
    assert nodes(play, case) == [REVIEW]
    assert reports(play, case) == []
    (task,) = play.open_of(case)
    assert [node for node, _title in play.task(STAFF, task.id).return_to] == [PLAN]


def test_who_finds_it_wrong_does_not_sign_and_the_bureau_returns_the_plan(play):
    case = drafted(play)
    play.do(PLANT, SIGN, report_state="returned", reason="整改资金有误")
    (paper,) = reports(play, case)
    assert (paper.state, view(play, paper).void_reason) == ("void", "整改资金有误")
    assert nodes(play, case) == [REVIEW]


def test_a_signed_report_is_void_once_its_plan_is_returned(play):
    case = drafted(play)
    play.sign_task(PLANT, SIGN, **SIGNED)
    play.do(CONGRESS, HEAR)
    (task,) = play.open_of(case)
    play.run(STAFF, commands.return_to, task.id, PLAN, "预案不具体")
    (paper,) = reports(play, case)
    assert (paper.state, view(play, paper).void_reason) == ("void", "预案不具体")
    play.do(PLANT, PLAN, emergency="吊运区域设置警戒，严禁站人")
    play.sign_task(PLANT, SIGN, **SIGNED)
    (_void, paper) = reports(play, case)
    assert view(play, paper).data["emergency"] == "吊运区域设置警戒，严禁站人"


def again(play, clock):
    """Have the head supervise on after a signed report, and the second round's plan not come."""
    case = drafted(play)
    play.sign_task(PLANT, SIGN, **SIGNED)
    play.walk(
        case,
        "decide_failure",
        supervision_review_plan={"result": "not_secured"},
    )
    play.do("xingxian.head", "decide_failure", measure="go_on", comply_by="2027-04-30")
    play.walk(case, PLAN, supervision_list={"comply_by": "2027-04-30"})
    clock.now += timedelta(days=14)
    play.sweep()
    assert nodes(play, case) == [REVIEW]
    return case


def test_a_second_round_shows_no_report_of_the_first(play, clock, client):
    case = again(play, clock)
    (first,) = reports(play, case)
    assert first.state == "sealed"  # it stays what it was
    (task,) = play.open_of(case)
    assert play.task(STAFF, task.id).paper is None
    page = client(STAFF).get(f"/tasks/{task.id}").text
    assert f"/documents/{first.id}" not in page
    play.run(STAFF, commands.return_to, task.id, PLAN, "请补报双报告")
    play.do(PLANT, PLAN, hazards=rows(play, case))
    play.sign_task(PLANT, SIGN, **SIGNED)
    (_first, second) = reports(play, case)
    for who, node in ((CONGRESS, HEAR), (STAFF, REVIEW)):
        (task,) = play.open_of(case)
        assert (task.node, play.task(who, task.id).paper) == (node, second.id)
        page = client(who).get(f"/tasks/{task.id}").text
        assert f"/documents/{second.id}" in page
        assert f"/documents/{first.id}" not in page
        if node == HEAR:
            play.do(who, node)


def test_what_the_report_cannot_say_is_told_at_its_field(play):
    case = planned(play)
    row = rows(play, case)[0]
    for wrong, at in (
        ({"comply_by": "2027-04-01"}, "/comply_by"),
        ({"hazards": [{**row, "cause": "设计\u202e有误"}]}, "/hazards/0/cause"),
        ({"found_on": "2026-11-21"}, "/found_on"),
    ):
        with pytest.raises(Invalid) as refused:
            play.do(PLANT, PLAN, **{"hazards": [row], **wrong})
        assert list(refused.value.errors) == [at]
    assert nodes(play, case) == [PLAN]


def test_general_hazards_need_a_plan_and_no_report(play, clock):
    case = play.start(STAFF, "county_inspection")
    stop = {"measures": ["stop"], "officers": OFFICERS, "comply_by": "2027-03-31"}
    found = {
        "worst": "general",
        "hazards": [GAS],
        "violation": "no",
        "equipment": "no",
        "catalogue": "none",
        "transfer": "no",
        "steel_found": "no",
    }
    play.walk(
        case,
        "nothing",
        plan={"officers": OFFICERS, "expert_wanted": "no"},
        visit={"officers": OFFICERS, "danger": "yes", "hazards": [GAS]},
        on_site_draft=stop,
        classify=found,
    )
    case = play.child(case, "stop_production")
    play.walk(case, GUARANTEE, choose={"comply_by": "2027-03-31", "yellow_rule": "no"})
    play.do(PLANT, GUARANTEE)
    (task,) = play.open_of(case)
    assert task.node == REVIEW
    assert [node for node, _title in play.task(STAFF, task.id).return_to] == [GUARANTEE]
    with pytest.raises(Invalid):
        play.run(STAFF, commands.return_to, task.id, PLAN, "请补报双报告")
    play.run(STAFF, commands.return_to, task.id, GUARANTEE, "请补充预案")
    assert nodes(play, case) == [GUARANTEE]
    clock.now += timedelta(days=14)
    play.sweep()
    assert nodes(play, case) == [REVIEW]
    assert "plan_overdue" in {message.key for message in play.messages(STAFF)}
    assert reports(play, case) == []


def test_a_case_whose_own_step_makes_it_is_offered_none_beside_it(play):
    case = planned(play)
    alone = {offer.kind for offer in play.run(STAFF, offering.offers)}
    beside = {offer.kind for offer in play.run(STAFF, offering.offers, case)}
    assert KIND in alone - beside


def test_nobody_but_the_principal_signs_it(play):
    case = drafted(play)
    (paper,) = reports(play, case)
    for other in (STAFF, CONGRESS):
        with pytest.raises((Forbidden, NotFound)):
            play.sign(other, paper, answers=SIGNED)
    assert view(play, paper).signatures == []


def test_a_measure_by_a_day_that_is_over_is_drafted_anew(play, clock):
    """A plant is told of no deadline that had gone by when the office signed."""
    case = stopped(play, CRANE)
    ordered = {"measures": ["stop"], "officers": OFFICERS, "comply_by": "2027-03-31"}
    asked = {"comply_by": "2027-03-31", "yellow_rule": "no"}
    play.walk(case, "on_site_draft", choose=asked)
    play.do(STAFF, "on_site_draft", **{**ordered, "comply_by": "2026-12-04"})
    play.walk(case, "paper_sign")
    clock.advance(days=15)  # 5 December
    with pytest.raises(Invalid) as refused:
        play.sign_task(STAFF, "paper_sign", paper_state="made")
    assert list(refused.value.errors) == ["/pin"]
    play.do(STAFF, "paper_sign", paper_state="returned", reason="期限在签署前已过")
    assert [task.node for task in play.open_of(case)] == ["on_site_draft"]
    play.walk(case, PLAN, on_site_draft=ordered)
