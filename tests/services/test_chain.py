"""Inspection, stop and closure through the use cases: what they make of hazards and enterprise."""

import pytest
from sqlalchemy import select

from app.domain import Invalid
from app.domain.hazards import HazardState
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.services import dossier, ledger
from app.services.cases import ending, reading, starting
from app.services.cases.reading import CaseFilter
from app.services.documents import reading as documents
from app.services.ledger import Wanted
from app.services.tasks.held import TakenByOther
from tests.casework import Play
from tests.findings import CLERKS, CRANE, GAS, OFFICERS

STAFF, OTHER, DEPUTY, HEAD = (f"xingxian.{who}" for who in ("staff1", "staff2", "deputy", "head"))
PLANT = "xingxian.plant"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def rows(play, **wanted):
    return play.run(STAFF, ledger.find, Wanted(**wanted)).rows[::-1]


def standing(play):
    with play.deps.system_reading("test") as work:
        plant = work.session.get_one(Enterprise, play.subject())
        return plant.card.value, plant.life.value, plant.worrisome


def running(play, procedure):
    wanted = CaseFilter(procedure=procedure)
    return play.run(STAFF, reading.find, wanted)[0][0]


class TestSelfInspection:
    def reported(self, play, *hazards, remaining="yes", **more):
        play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
        play.do(PLANT, "self_check_inspect", found="yes", remaining=remaining)
        grade = "major" if any(row["class"] == "major" for row in hazards) else "general"
        play.do(
            PLANT,
            "self_check_ledger",
            hazards=list(hazards),
            hazard_class=grade,
            remaining=remaining,
            **more,
        )
        if grade == "major":
            play.report_majors()

    def test_what_was_found_enters_the_ledger_when_the_county_accepts_it(self, play):
        later = {**GAS, "fixed": "later", "owner": "张伟", "checker": "陈静"}
        now = {**GAS, "place": "除尘系统", "fixed": "now", "after": [play.upload(PLANT)]}
        self.reported(play, now, later)
        assert rows(play) == []
        play.do(STAFF, "acknowledge", accepted="yes")
        fixed, left = rows(play)
        assert (fixed.state, left.state) == (HazardState.CLOSED, HazardState.OPEN)
        assert str(left.procedure) == "企业自查自纠"
        assert left.case_id == running(play, "rectification").id
        item = next(row for row in play.todo(STAFF) if row.node == "draft_order")
        (begun,) = play.task(STAFF, item.id).prefill["hazards"]
        assert begun["description"] == GAS["description"]

    def test_what_was_put_right_at_once_is_filed_and_nothing_follows(self, play):
        now = {**GAS, "place": "除尘系统", "fixed": "now", "after": [play.upload(PLANT)]}
        self.reported(play, now, remaining="no")
        play.do(STAFF, "acknowledge", accepted="yes")
        (row,) = rows(play)
        assert row.state is HazardState.CLOSED
        assert running(play, "self_inspection").ended is not None

    def test_a_plant_without_hazards_signs_and_is_filed(self, play):
        case = play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
        play.do(PLANT, "self_check_inspect", found="no")
        play.do(PLANT, "self_check_declare")
        play.do(STAFF, "acknowledge", accepted="yes")
        assert str(play.case(STAFF, case).row.ended) == "零隐患，已备案"
        assert rows(play) == []

    def test_a_stage_is_closed_without_who_never_reports(self, play, clock):
        case = play.start(STAFF, "self_inspection", deadline="2026-11-25", scope=["all"])
        clock.now = clock.now.replace(day=26)
        play.sweep()
        play.do(STAFF, "settle_late", late_way="close")
        view = play.case(STAFF, case)
        assert str(view.row.ended) == "未自查，阶段结束"
        assert view.children == []
        assert standing(play)[2] is True  # and stays worrisome

    def test_what_it_reported_is_typed_once(self, play, clock):
        plan = {"owner": "张伟", "checker": "陈静", "deadline": "2026-12-10"}
        later = {**CRANE, "fixed": "later", **plan}
        self.reported(play, later, goal="更换固定式龙门钩", emergency="吊运区域不得站人")
        clock.now = clock.now.replace(day=clock.now.day + 2)
        shown = self.look_at(
            play, "acknowledge", emergency="吊运区域不得站人", hazard_class="major"
        )
        assert shown["majors"].startswith(f"1．{CRANE['description']}（{CRANE['place']}）")
        assert shown["majors"].endswith("2026年12月10日前完成")
        play.do(STAFF, "acknowledge", accepted="yes", precaution="yes", stop_rule="none")
        begun = self.look_at(play, "draft_order", reported_on="2026-11-20")
        assert "check_date" not in begun
        play.do(STAFF, "draft_order", hazard_class="major")
        play.do(STAFF, "serve_order")
        item = next(row for row in play.todo(PLANT) if row.node == "plan")
        plan = play.task(PLANT, item.id).prefill
        assert (plan["goal"], plan["emergency"]) == ("更换固定式龙门钩", "吊运区域不得站人")
        assert plan["report_papers"]
        play.do(PLANT, "plan", items=[{"checker": "陈静"}])

    def look_at(self, play, node, **wanted):
        item = next(row for row in play.todo(STAFF) if row.node == node)
        begun = play.task(STAFF, item.id).prefill
        assert wanted.items() <= begun.items()
        return begun

    def test_who_cannot_assure_safety_is_stopped(self, play):
        self.reported(play, {**CRANE, "fixed": "later", "owner": "张伟", "checker": "陈静"})
        play.do(STAFF, "acknowledge", accepted="yes", precaution="no", stop_rule="none")
        (hazard,) = rows(play)
        assert hazard.case_id == running(play, "stop_production").id

    def test_who_may_not_be_able_to_is_inspected_at_once(self, play):
        self.reported(play, {**CRANE, "fixed": "later", "owner": "张伟", "checker": "陈静"})
        play.do(STAFF, "acknowledge", accepted="yes", precaution="unclear", stop_rule="none")
        visit = running(play, "county_inspection")
        assert visit.parent_id == running(play, "self_inspection").id

    def test_the_order_of_an_inspection_tells_of_the_visit(self, play):
        case = play.start(STAFF, "county_inspection")
        visit = {**INSPECTED["visit"], "visited_on": "2026-11-19", "place": "熔炼车间"}
        play.walk(case, "classify", **{**INSPECTED, "visit": visit})
        play.walk(case, "conclude", classify={**FOUND, "worst": "general", "hazards": [GAS]})
        order = play.child(case, "rectification")
        (item,) = play.open_of(order)
        begun = play.task(STAFF, item.id).prefill
        assert "reported_on" not in begun
        assert (begun["check_date"], begun["check_place"]) == ("2026-11-19", "熔炼车间")

    def test_it_begins_on_no_day_after_its_deadline(self, play):
        with pytest.raises(Invalid) as refused:
            play.start(STAFF, "self_inspection", deadline="2026-11-19", scope=["all"])
        assert list(refused.value.errors) == ["/deadline"]
        play.start(STAFF, "self_inspection", deadline="2026-11-20", scope=["all"])

    def test_who_is_late_is_worrisome(self, play, clock):
        play.start(STAFF, "self_inspection", deadline="2026-11-25", scope=["all"])
        assert standing(play)[2] is False
        clock.now = clock.now.replace(day=26)
        play.sweep()
        assert standing(play)[2] is True
        keys = [message.key for message in play.messages(DEPUTY)]
        assert "self_inspection_overdue" in keys
        assert "settle_late" in [row.node for row in play.todo(STAFF)]
        assert "self_check_inspect" in [row.node for row in play.todo(PLANT)]


INSPECTED = {
    "plan": {"officers": OFFICERS, "expert_wanted": "no"},
    "arrive": {"officers": OFFICERS},
    "visit": {"officers": OFFICERS, "danger": "no", "hazards": [GAS, CRANE]},
}
TOLD = ("resumption_consent", "supervision_removal")
"""Papers by which the plant learns that it may resume, and that its listing is over."""
STOP = {"measures": ["withdraw", "stop"]}
FOUND = {
    "worst": "major",
    "hazards": [GAS, CRANE],
    "precaution": "no",
    "stop_rule": "none",
    "steel_found": "no",
    "violation": "no",
    "equipment": "no",
    "catalogue": "none",
    "transfer": "no",
}


def inspected(play, **found):
    case = play.start(STAFF, "county_inspection")
    play.walk(case, "classify", **INSPECTED)
    play.walk(case, "conclude", classify=FOUND | found)
    return case


def test_what_an_inspection_finds_is_entered_and_followed(play):
    case = inspected(play, worst="general", hazards=[GAS, {**GAS, "corrected": True}])
    left, corrected = rows(play)
    assert (left.state, corrected.state) == (HazardState.OPEN, HazardState.CLOSED)
    assert left.case_id == running(play, "rectification").id
    assert corrected.case_id == case
    assert play.case(STAFF, case).children


def test_the_next_inspection_sees_what_is_open(play):
    inspected(play, worst="general", hazards=[GAS])
    case = play.start(STAFF, "county_inspection")
    (visit,) = play.walk(case, "visit", **INSPECTED)
    (row,) = play.task(STAFF, visit.id).prefill["earlier"]
    assert row == {"description": GAS["description"], "place": GAS["place"], "class": "general"}


def test_a_temporary_stop_with_yellow_card_until_the_head_consents(play):
    inspected(play)
    case = running(play, "stop_production").id
    assert {row.case_id for row in rows(play)} == {case}
    (choose,) = play.open_of(case)
    officers = play.task(STAFF, choose.id).prefill["officers"]
    assert [row["certificate"] for row in officers] == ["14-000001", "14-000002"]

    play.walk(case, "supervision_plan", choose={"comply_by": "2027-03-31"}, on_site_draft=STOP)
    assert standing(play) == ("yellow", "suspended", False)
    gas, crane = rows(play)
    assert (gas.listed, crane.listed) == (False, True)
    assert {gas.state, crane.state} == {HazardState.WORKING}
    assert str(crane.deadline) == "2027-03-31"

    (review,) = play.walk(case, "supervision_review", supervision_rectify={"request": "review"})
    assert {row.state for row in rows(play)} == {HazardState.WAITING}
    begun = play.task(STAFF, review.id).prefill["points"]
    points = [{**row, "result": "pass", "note": "现场核查已整改"} for row in begun]
    passed = {"supervision_review": {"points": points, "result": "pass"}}
    (head,) = play.walk(case, "paper_head", **passed)
    assert standing(play) == ("yellow", "suspended", False)
    play.complete(HEAD, head.id, paper_state="returned", reason="范围不明确")
    (draft,) = play.open_of(case)
    begun = play.task(STAFF, draft.id).prefill
    by_number = {paper.kind: paper.number for paper in play.papers(STAFF, case)}
    assert begun["stopped_by"] == f"现场处理措施决定书{by_number['on_site_measure']}"
    assert begun["points"][0] == {"name": GAS["description"], "result": "现场核查已整改"}
    (deputy,) = play.walk(case, "paper_deputy")
    assert standing(play) == ("none", "resumed", False)
    assert {row.state for row in rows(play)} == {HazardState.CLOSED}
    assert not any(row.listed for row in rows(play))
    play.complete(DEPUTY, deputy.id, paper_state="returned", reason="审查日期有误")
    play.walk(case, "nothing")
    made = {(paper.kind, str(paper.state)) for paper in play.papers(STAFF, case)}
    assert {(kind, end) for kind in TOLD for end in ("void", "served")} <= made
    removal = next(one for one in play.papers(PLANT, case) if one.kind == "supervision_removal")
    said = play.run(PLANT, documents.get, removal.id).data
    assert said["notice_number"] == by_number["supervision_notice"]


def test_a_measure_on_site_begins_with_the_hazards_that_the_visit_lists(play):
    case = play.start(STAFF, "county_inspection")
    visit = {"officers": OFFICERS, "danger": "yes", "hazards": [GAS, CRANE]}
    (draft,) = play.walk(case, "on_site_draft", **{**INSPECTED, "visit": visit})
    begun = play.task(STAFF, draft.id).prefill["problems"].splitlines()
    assert begun == [
        f"{number}．{row['description']}（{row['place']}），{row['basis']}"
        for number, row in enumerate((GAS, CRANE), 1)
    ]


def test_who_was_stopped_on_site_resumes_by_consent_alone(play):
    """A temporary stop that an inspection ordered is not ordered twice, and no re-inspection ends it."""
    case = play.start(STAFF, "county_inspection")
    danger = {**INSPECTED, "visit": {**INSPECTED["visit"], "danger": "yes"}}
    ordered = {"measures": ["stop"], "officers": OFFICERS, "comply_by": "2027-03-31"}
    (classify,) = play.walk(case, "classify", **danger, on_site_draft=ordered)
    assert standing(play) == ("none", "suspended", False)
    assert play.task(STAFF, classify.id).prefill["in_force"] == "suspended"
    play.walk(case, "conclude", classify=FOUND | {"worst": "general", "hazards": [GAS]})
    stop = running(play, "stop_production").id
    (choose,) = play.open_of(stop)
    assert play.task(STAFF, choose.id).prefill["in_force"] == "suspended"
    term = {"comply_by": "2027-03-31", "yellow_rule": "no"}
    assert play.walk(stop, "supervision_guarantee", choose=term)
    assert "on_site_draft" not in play.case(STAFF, stop).passed
    review = {"supervision_rectify": {"request": "review"}}
    (review,) = play.walk(stop, "supervision_review", **review)
    begun = play.task(STAFF, review.id).prefill["points"]
    points = [{**row, "result": "pass", "note": "现场核查已整改"} for row in begun]
    play.walk(stop, "nothing", supervision_review={"points": points, "result": "pass"})
    assert standing(play) == ("none", "resumed", False)


WORK_SAFETY_63 = "《中华人民共和国安全生产法》第六十三条"
PANEL = ["白立新（演示）", "白秀兰（演示）", "白海涛（演示）"]
ASKED = {
    "gather": {"ground": "unlicensed", "permit_statute": WORK_SAFETY_63, "officers": OFFICERS},
    "decide": {"verdict": "request"},
    "closure_government_receive": {"answer": "accepted", "officers": CLERKS},
    "closure_government_legality": {
        "legality": "lawful",
        "passed": ["body", "ground", "evidence", "course", "draft"],
    },
    "closure_government_respond": {"reply": "none"},
    "closure_government_propose": {"members": ["白执中（演示）", "白善政（演示）"]},
}


def test_banned_equipment_is_ordered_out_of_use_on_paper(play):
    case = play.start(STAFF, "county_inspection")
    play.walk(case, "classify", **INSPECTED)
    banned = {"worst": "general", "hazards": [GAS], "equipment": "yes", "violation": "no"}
    (approve,) = play.walk(case, "paper_approve", classify=FOUND | banned)
    play.complete("xingxian.seal", approve.id, paper_state="returned", reason="设备型号有误")
    assert [one.node for one in play.open_of(case)] == ["stop_use_draft"]
    (serve,) = play.walk(case, "stop_use_serve")
    (_void, order) = [one for one in play.papers(STAFF, case) if one.kind == "on_site_measure"]
    assert play.task(STAFF, serve.id).paper == order.id
    (conclude,) = play.walk(case, "conclude")
    assert play.papers(PLANT, case)[0].kind in {"on_site_measure", "inspection_record"}
    play.complete(STAFF, conclude.id)
    assert str(play.case(STAFF, case).row.ended) == "检查完毕"


class TestGovernment:
    """What a government owes whom it is to close: time to answer, and a decision."""

    def before(self, play, until, **answers):
        case = play.start(STAFF, "closure_request")
        return case, play.walk(case, until, **{**ASKED, **answers})

    def test_silence_is_no_obstacle_and_a_late_decision_is_told(self, play, clock):
        case, (_receive,) = self.before(play, "closure_government_receive")
        clock.advance(days=9)
        play.sweep()
        (_legality,) = play.walk(case, "closure_government_legality", **ASKED)
        clock.advance(days=16)
        play.sweep()
        late = {"closure_not_accepted", "closure_legality_late"}
        assert late <= {told.key for told in play.messages(HEAD)}
        (_respond,) = play.walk(case, "closure_government_respond", **ASKED)
        clock.advance(days=9)
        play.sweep()
        assert [task.node for task in play.open_of(case)] == ["closure_government_propose"]
        (_decide,) = play.walk(case, "closure_government_decide", **ASKED)
        clock.advance(days=16)
        play.sweep()
        assert "closure_decision_late" in {told.key for told in play.messages(HEAD)}
        clock.advance(days=45)
        play.sweep()
        assert "closure_unanswered" in {told.key for told in play.messages(HEAD)}
        assert [task.node for task in play.open_of(case)] == ["closure_government_decide"]


class TestClosure:
    def test_without_a_ground_it_is_blocked_and_told_why(self, play):
        case = play.start(STAFF, "closure_request")
        ground = {"ground": "refused", "stop_number": "（兴）应急停〔2026〕9号"}
        (blocked,) = play.walk(case, "blocked", gather={**ground, "officers": OFFICERS})
        told = play.task(STAFF, blocked.id).prefill["lacking"]
        assert told.startswith("1．没有查到向该企业送达的、文号为“（兴）应急停〔2026〕9号”的")
        (approve,) = play.walk(case, "end_attempt", blocked={"way": "end"})
        assert play.task(HEAD, approve.id).prefill["lacking"] == told
        play.walk(case, "nothing", end_attempt={"ended": "yes"})
        assert standing(play) == ("none", "registered", False)

    def test_the_card_follows_the_decision_and_the_life_status_the_government(self, play):
        case = play.start(STAFF, "closure_request")
        voices = play.walk(case, "discuss", **ASKED)
        assert sorted(task.assignee for task in voices) == sorted(PANEL)
        with pytest.raises(TakenByOther):
            play.complete("xingxian.panel1", voices[1].id)
        (decide,) = play.walk(case, "decide", **ASKED)
        said = play.task(HEAD, decide.id).prefill["opinions"]
        assert len(said.splitlines()) == 3
        assert "白立新（演示）：同意拟作决定；" in said
        assert standing(play) == ("none", "registered", False)
        play.walk(case, "closure_government_receive", **ASKED)
        assert standing(play) == ("red", "registered", False)
        play.walk(case, "nothing", **ASKED, closure_government_decide={"answer": "closed"})
        assert standing(play) == ("red", "closing", False)
        view = play.case(STAFF, case)
        assert str(view.row.ended) == "政府决定关闭"
        assert view.children

    @pytest.mark.parametrize(
        ("step", "answers"),
        [
            ("receive", {"answer": "refused"}),
            ("settle", {"answer": "refused"}),
            ("decide", {"answer": "not_closed"}),
        ],
    )
    def test_what_follows_a_refusal_begins_with_its_reasons(self, play, step, answers):
        case = play.start(STAFF, "closure_request")
        node, why = f"closure_government_{step}", "关闭的条件尚不具备"
        asked = {**ASKED, node: {**ASKED.get(node, {}), **answers, "reason": why}}
        if step == "settle":
            asked["closure_government_legality"] = {"legality": "unlawful"}
        (task,) = play.walk(case, "settle", **asked)
        assert play.task(HEAD, task.id).prefill["answer_text"] == why

    def test_what_the_government_refuses_loses_the_red_card(self, play):
        case = play.start(STAFF, "closure_request")
        refused = {
            **ASKED,
            "closure_government_receive": {"answer": "refused", "officers": CLERKS},
        }
        play.walk(case, "nothing", **refused, settle={"card_after": "yellow"})
        assert standing(play) == ("yellow", "registered", False)
        after = running(play, "rectification")
        assert after.parent_id == case
        # It is the case that goes on with the card, and lifts it in the end.
        held = play.run(STAFF, dossier.get, play.subject()).measures[0]
        assert (held.measure, held.goes_on_in.id, held.lifted_at) == ("yellow", after.id, None)
        assert held.given_in.id == case
        passed = {"result": "pass", "note": "已整改"}
        (review,) = play.walk(after.id, "reinspect", rectify={"request": "reinspection"})
        rows = [row | passed for row in play.task(STAFF, review.id).prefill["items"]]
        play.walk(after.id, "nothing", reinspect={"items": rows, "conclusion": "pass"})
        assert standing(play) == ("none", "registered", False)

    def test_without_a_card_nothing_is_left_of_a_refused_request(self, play):
        case = play.start(STAFF, "closure_request")
        clerks = {"answer": "refused", "officers": CLERKS}
        refused = {**ASKED, "closure_government_receive": clerks}
        play.walk(case, "nothing", **refused, settle={"card_after": "none"})
        assert standing(play)[0] == "none"


def test_hazards_wander_with_the_cases(play):
    """The stop that comes of an inspection takes its hazards, and keeps them through the penalty."""
    inspected(play)
    stop = running(play, "stop_production").id
    play.walk(stop, "choose")
    (hazard, _) = rows(play)
    play.walk(
        stop,
        "decide_failure",
        choose={"comply_by": "2027-03-31"},
        supervision_review_plan={"result": "not_secured"},
    )
    play.walk(stop, "major_decision_file_case", decide_failure={"measure": "penalty"})
    assert play.run(STAFF, ledger.get, hazard.id).row.case_id == stop
    told = [change.what.value for change in play.run(STAFF, ledger.get, hazard.id).changes]
    assert told[:2] == ["recorded", "taken"]


@pytest.mark.parametrize("procedure", ["stop_production", "rectification", "closure_request"])
def test_no_office_is_stopped_or_closed(play, procedure):
    with play.deps.system_reading("test") as work:
        bureau = select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        office = work.session.scalars(bureau).first()
    with pytest.raises(Invalid):
        play.run(STAFF, starting.start, procedure, office, {"reason": "误选"})


class TestNothingIsLeftBehind:
    """A case that ends with open hazards or measures in force leaves the task of going on."""

    def left(self, play):
        return [row for row in play.todo(STAFF) if row.node == "handle"]

    def test_a_case_that_is_ended_early(self, play):
        inspected(play, worst="general", hazards=[GAS])
        case = running(play, "rectification").id
        play.run("xingxian.head", ending.cancel, case, "重复立案")
        (task,) = self.left(play)
        told = play.case(STAFF, task.case_id)
        assert told.row.parent_id == case
        reason = told.opinions[0].answers["reason"]
        assert (
            reason == "“隐患整改闭环”已经结束，仍有1项未销号隐患、0项执行中的监管措施没有案件跟进"
        )
        play.start(STAFF, "rectification")
        assert rows(play)[0].case_id == running(play, "rectification").id

    def test_a_request_that_the_bureau_does_not_make(self, play):
        inspected(play)
        stop = running(play, "stop_production").id
        asked = {"choose": {"comply_by": "2027-03-31"}, "on_site_draft": STOP}
        play.walk(stop, "supervision_plan", **asked)
        play.run("xingxian.head", ending.cancel, stop, "转提请关闭")
        assert len(self.left(play)) == 1
        request = play.start(STAFF, "closure_request")
        play.walk(request, "nothing", **ASKED | {"decide": {"verdict": "no"}})
        assert len(self.left(play)) == 2
        assert standing(play)[:2] == ("yellow", "suspended")

    def test_who_is_closed_and_who_is_done_leaves_nothing(self, play):
        case = play.start(STAFF, "closure_request")
        play.walk(case, "nothing", **ASKED, closure_government_decide={"answer": "closed"})
        assert [play.case(STAFF, row.case_id).row.parent_id for row in self.left(play)] == [case]
        handed = play.case(STAFF, self.left(play)[0].case_id).opinions[0].answers
        assert handed["procedure"] == "关闭执行"
        inspected(play, worst="corrected", hazards=[{**GAS, "corrected": True}])
        assert len(self.left(play)) == 1
