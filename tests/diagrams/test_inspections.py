"""企业自查自纠 and 县级全面检查: what is found starts what it should, and no refusal is an end."""

import pytest

from tests.diagrams.walker import Refused, load, walk

QUIET = {
    "worst": "none",
    "hazards": None,
    "steel_found": "no",
    "violation": "no",
    "equipment": "no",
    "catalogue": "none",
    "transfer": "no",
}
HAZARD = {
    "description": "除尘系统未设置泄爆口",
    "place": "打磨车间",
    "basis": "《粉尘防爆安全规程》第6.4条",
    "class": "general",
}
MAJOR = {**HAZARD, "class": "major", "criterion": "《工贸企业重大事故隐患判定标准》第十一条"}


def visited(expert="no", account="known", **answers):
    case = walk("county_inspection", results={"find_expert": (account,)})
    case.do("plan", expert_wanted=expert)
    case.do("approve", approval="approved").do("arrive", access="admitted")
    return case.do("visit", **{"danger": "no", "hazards": [HAZARD], "clean": None, **answers})


def recorded(case, plant_signs="online", **answers):
    case.do("site_record_sign", paper_state="made")
    case.do("site_record_cosign", paper_state="made", plant_signs=plant_signs)
    return case.do("site_record_plant", **answers) if answers else case


def found(**answers):
    case = recorded(visited(), signature="signed")
    return case.do("classify", **{**QUIET, **answers})


def started(case):
    return [told["procedure"] for _, name, told in case.effects if name == "start_case"]


@pytest.mark.parametrize(
    ("answers", "procedures"),
    [
        ({}, []),
        ({"worst": "corrected", "hazards": [{**HAZARD, "corrected": True}]}, []),
        ({"worst": "general", "hazards": [HAZARD]}, ["rectification"]),
        (
            {"worst": "major", "hazards": [MAJOR], "precaution": "yes", "stop_rule": "none"},
            ["rectification"],
        ),
        (
            {"worst": "major", "hazards": [MAJOR], "precaution": "no", "stop_rule": "none"},
            ["stop_production"],
        ),
        (
            {"worst": "major", "hazards": [MAJOR], "precaution": "yes", "stop_rule": "always"},
            ["stop_production"],
        ),
        (
            {
                "worst": "major",
                "hazards": [MAJOR],
                "steel_found": "yes",
                "precaution": "yes",
                "stop_rule": "none",
            },
            ["stop_production"],
        ),
        ({"violation": "yes"}, ["penalty"]),
        ({"catalogue": "decided"}, ["closure_execution"]),
        ({"catalogue": "undecided"}, ["closure_request"]),
    ],
)
def test_what_is_found_starts_what_it_should(answers, procedures):
    case = found(**answers)
    assert started(case) == procedures
    assert ("record_hazards", {"source": "classify"}) in [told[1:] for told in case.effects]
    assert case.do("conclude").ended == ["end_done"]


def test_what_is_classified_stands_in_the_signed_record():
    with pytest.raises(Refused):
        visited(hazards=None, clean=None)
    case = recorded(visited(hazards=None, clean=True), signature="signed")
    with pytest.raises(Refused):
        case.do("classify", **{**QUIET, "worst": "general", "hazards": [HAZARD]})
    case.do("classify", **QUIET)
    assert started(case) == []


def test_several_results_at_once():
    case = found(
        worst="general", hazards=[HAZARD], violation="yes", equipment="yes", transfer="yes"
    )
    assert sorted(started(case)) == ["penalty", "rectification"]
    assert case.open == ["stop_use_draft", "transfer"]
    case.do("transfer").do("stop_use_draft").make("returned").do("stop_use_draft").make()
    assert case.do("stop_use_serve").open == ["conclude"]


def test_a_major_hazard_needs_its_clause_and_its_class():
    case = recorded(visited(), signature="objected")
    for wrong in (
        {"worst": "general", "hazards": [MAJOR]},
        {"worst": "none", "hazards": [HAZARD]},
        {"worst": "general", "hazards": None},
        {"worst": "major", "hazards": [{**MAJOR, "criterion": None}]},
        {"worst": "general", "hazards": [HAZARD], "steel_found": "yes"},
    ):
        with pytest.raises(Refused):
            case.do("classify", **{**QUIET, **wrong})


def test_imminent_danger_is_met_at_once():
    case = visited(danger="yes")
    assert case.open == ["on_site_draft"]
    case.do("on_site_draft", measures=["stop"])
    noted = {"status": "suspended", "reason": "现场处理措施：暂时停产停业"}
    assert case.effects[-2][1:] == ("set_life_status", noted)
    assert case.make().do("on_site_serve").open == ["site_record_sign"]


def test_who_was_stopped_on_site_resumes_by_consent_alone():
    case = visited(danger="yes").do("on_site_draft", measures=["stop"]).make()
    case = recorded(case.do("on_site_serve"), signature="signed")
    case.do("classify", **{**QUIET, "worst": "general", "hazards": [HAZARD]})
    assert started(case) == ["stop_production"]


def test_refusal_to_be_inspected_is_recorded_and_punished():
    case = walk("county_inspection").do("plan").do("approve", approval="approved")
    with pytest.raises(Refused):
        case.do("arrive", access="refused", witness=None)
    case.do("arrive", access="refused")
    assert started(case) == ["penalty"]
    assert case.ended == ["end_refused"]


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_refusal_to_sign_is_recorded_by_two(how):
    case = recorded(visited())
    if how == "refused":
        case.do("site_record_plant", signature="refused")
    else:
        case.fire("site_record_over")
    refusal = "site_record_refusal"
    assert case.open == [refusal]
    with pytest.raises(Refused):
        case.do(refusal, officers=[{"name": "张伟", "certificate": "14112300101"}])
    assert case.do(refusal).open == ["classify"]
    assert case.effects[-1][1] == "issue_document"  # they signed it, so nothing is left to close


def test_a_record_that_is_wrong_is_written_anew():
    case = visited().do("site_record_sign", paper_state="returned")
    case.do("visit", danger="no").do("site_record_sign", paper_state="made")
    assert case.do("site_record_cosign", paper_state="returned").open == ["visit"]


def test_expert_gives_an_opinion():
    case = recorded(visited(expert="yes"), signature="signed")
    assert case.open == ["expert"]
    assert case.do("expert").open == ["sign_opinion"]
    assert [told[1] for told in case.effects[-2:]] == ["issue_document", "paper_expert"]
    assert case.do("sign_opinion").open == ["classify"]


def test_an_expert_writes_an_opinion_anew_that_is_wrong():
    case = recorded(visited(expert="yes"), signature="signed").do("expert")
    assert case.send_back("sign_opinion", "expert").open == ["expert"]
    assert case.do("expert").do("sign_opinion").open == ["classify"]


def test_an_expert_without_an_account_is_heard_on_paper_at_once():
    case = recorded(visited(expert="yes", account="none"), signature="signed")
    assert case.open == ["expert_paper"]
    assert case.timers == {}
    assert case.do("expert_paper", received="no").open == ["classify"]


def test_an_opinion_that_the_expert_leaves_unsigned_is_void():
    case = recorded(visited(expert="yes"), signature="signed").do("expert")
    assert case.timers == {"sign_opinion_late": "P1BD"}
    case.fire("sign_opinion_late")
    assert [told[1] for told in case.effects[-2:]] == ["void_unsigned", "notify"]
    assert case.effects[-2][2]["reason"] == "专家逾期未签署"
    assert case.effects[-1][2] == {"audience": "staff", "message": "expert_opinion_late"}
    assert case.open == ["expert_paper"]


def test_an_expert_who_is_silent_holds_nothing_up():
    case = recorded(visited(expert="yes"), signature="signed").fire("expert_late")
    assert case.effects[-1][2] == {"audience": "staff", "message": "expert_opinion_late"}
    assert case.open == ["expert_paper"]
    with pytest.raises(Refused):
        case.do("expert_paper", received="yes", papers=None)
    assert case.do("expert_paper", received="no").open == ["classify"]


def test_who_refuses_to_sign_on_the_spot_is_recorded_at_once():
    case = recorded(visited(), plant_signs="refused")
    assert case.open == ["site_record_refusal"]


def test_a_measure_drafted_anew_without_a_stop_takes_the_stop_back():
    case = visited(danger="yes").do("on_site_draft", measures=["stop"]).make("returned")
    case.do("on_site_draft", measures=["withdraw"])
    assert case.effects[-2][2]["status"] == "resumed"
    case = recorded(case.make().do("on_site_serve"), signature="signed")
    case.do("classify", **{**QUIET, "worst": "general", "hazards": [HAZARD]})
    assert started(case) == ["rectification"]


def test_the_plan_is_approved_by_another_person():
    nodes = load("county_inspection")[0].nodes
    assert nodes["approve"].words("notBy") == ("plan",)


def test_plan_may_be_returned_or_refused():
    case = walk("county_inspection").do("plan").send_back("approve", "plan").do("plan")
    assert case.do("approve", approval="cancelled").ended == ["end_cancelled"]


def checked(**more):
    case = walk("self_inspection", deadline="2026-05-31", **more)
    assert case.open == ["self_check_inspect"]
    assert case.timers == {"due_soon": "P3D/2026-05-31", "overdue": "2026-05-31"}
    return case


CLEAN = [{"state": "no"}, {"state": "na"}]


def test_no_hazard_is_a_statement_of_the_principal():
    case = checked().do("self_check_inspect", checklist=CLEAN, found="no")
    assert case.open == ["self_check_declare"]
    case.do("self_check_declare").do("acknowledge", accepted="yes")
    assert case.ended == ["end_clean"]
    assert started(case) == []


def test_every_item_is_answered_and_keeps_its_own_words():
    case = checked()
    with pytest.raises(Refused):
        case.do("self_check_inspect", checklist=CLEAN[:1], found="no")
    forged = [{**CLEAN[0], "text": "改写", "basis": "无"}, CLEAN[1]]
    case.do("self_check_inspect", checklist=forged, found="no")
    kept = case.sources["self_check_inspect"]["checklist"]
    assert [row["text"] for row in kept] == ["未经审查擅自建设", "未履行职责"]
    assert kept[0]["basis"] == "通知三（六）"


def test_what_the_checklist_of_an_inspection_found_is_listed():
    found = [{"state": "yes"}, {"state": "no"}]
    with pytest.raises(Refused):
        visited(checklist=found, hazards=[])
    for answers in ({"checklist": found, "hazards": [HAZARD]}, {"checklist": CLEAN}):
        assert "visit" not in visited(**answers).open


def test_the_checklist_decides_whether_something_was_found():
    case = checked()
    with pytest.raises(Refused):
        case.do("self_check_inspect", checklist=[{"state": "yes"}, {"state": "na"}], found="no")


@pytest.mark.parametrize(
    ("remaining", "end", "procedures"),
    [("yes", "end_rectifying", ["rectification"]), ("no", "end_fixed", [])],
)
def test_what_is_left_becomes_one_rectification(remaining, end, procedures):
    case = checked().do("self_check_inspect", found="yes")
    case.do("self_check_ledger", remaining=remaining, hazard_class="general")
    case.do("acknowledge", accepted="yes")
    assert ("record", "record_hazards", {"source": "self_check_ledger"}) in case.effects
    assert (case.ended, started(case)) == ([end], procedures)


PLANNED = {
    **MAJOR,
    "fixed": "later",
    "owner": "李建国",
    "measure": "加装泄爆装置",
    "deadline": "2026-06-20",
    "doer": "刘洋",
    "checker": "陈静",
}
DRAFT, SIGN = "double_reporting_draft", "double_reporting_sign"
REPORT = {"hazards": [PLANNED], "hazard_class": "major", "remaining": "yes"}


def reported():
    case = checked().do("self_check_inspect", found="yes").do("self_check_ledger", **REPORT)
    return case.do(DRAFT).do(SIGN, checked=True)


def test_a_major_hazard_needs_five_guarantees_and_two_reports():
    case = checked().do("self_check_inspect", found="yes")
    for wrong in ({"secured": ["funds"]}, {"report_papers": None}, {"hazard_class": "general"}):
        with pytest.raises(Refused):
            case.do("self_check_ledger", **{**REPORT, **wrong})
    assert case.do("self_check_ledger", **REPORT).open == [DRAFT]
    assert case.do(DRAFT).open == [SIGN]
    assert case.do(SIGN, checked=True).open == ["acknowledge"]


@pytest.mark.parametrize("late", ["draft", "sign"])
def test_a_self_check_is_over_without_a_report_that_is_late(late):
    case = checked().do("self_check_inspect", found="yes").do("self_check_ledger", **REPORT)
    case = case.do(DRAFT) if late == "sign" else case
    assert case.fire(f"double_reporting_{late}_over").open == ["acknowledge"]


@pytest.mark.parametrize(
    ("precaution", "stop_rule", "end", "procedures"),
    [
        ("yes", "none", "end_rectifying", ["rectification"]),
        ("yes", "no_precaution", "end_rectifying", ["rectification"]),
        ("yes", "always", "end_stopping", ["stop_production"]),
        ("no", "none", "end_stopping", ["stop_production"]),
        ("unclear", "none", "end_rectifying", ["county_inspection", "rectification"]),
        ("unclear", "always", "end_stopping", ["county_inspection", "stop_production"]),
    ],
)
def test_what_is_done_meanwhile_about_a_major_hazard_decides(
    precaution, stop_rule, end, procedures
):
    case = reported()
    case.do("acknowledge", accepted="yes", precaution=precaution, stop_rule=stop_rule)
    assert (case.ended, started(case)) == ([end], procedures)


def test_a_major_hazard_is_not_acknowledged_without_a_word_on_precautions():
    with pytest.raises(Refused):
        reported().do("acknowledge", accepted="yes", precaution=None)


@pytest.mark.parametrize(("precaution", "procedures"), [("yes", []), ("no", ["county_inspection"])])
def test_who_is_not_safe_is_inspected_though_the_report_is_returned(precaution, procedures):
    case = reported()
    case.do("acknowledge", accepted="no", precaution=precaution, deadline="2026-06-10")
    assert (case.open, started(case)) == (["self_check_inspect"], procedures)


def test_a_ledger_that_was_withdrawn_counts_no_more():
    case = reported().do("acknowledge", accepted="no", precaution="yes", deadline="2026-06-10")
    case.do("self_check_inspect", checklist=CLEAN, found="no").do("self_check_declare")
    assert "precaution" not in case.do("acknowledge", accepted="yes").sources["acknowledge"]
    assert case.ended == ["end_clean"]


def test_the_bureau_returns_it_with_a_new_deadline():
    case = checked().do("self_check_inspect", found="no").do("self_check_declare")
    case.do("acknowledge", accepted="no", deadline="2026-06-10")
    assert case.open == ["self_check_inspect"]
    assert case.timers["overdue"] == "2026-06-10"


def test_late_is_told_and_flagged_and_may_still_be_reported():
    case = checked().fire("due_soon").fire("overdue")
    assert [(name, *told.values()) for _, name, told in case.effects[1:]] == [
        ("notify", "enterprise", "self_inspection_due"),
        ("notify", "staff", "self_inspection_overdue"),
        ("notify", "deputy_head", "self_inspection_overdue"),
        ("flag_enterprise", "worrisome"),
    ]
    assert case.open == ["self_check_inspect", "settle_late"]
    case.do("settle_late", late_way="urge")
    assert case.timers == {"look_again": "P7D"}
    case.fire("look_again").do("self_check_inspect", found="no").do("self_check_declare")
    case.do("acknowledge", accepted="yes")
    assert case.outcome.finished
    assert case.ended == ["end_reminded", "end_clean"]


def test_the_bureau_closes_what_never_came():
    case = checked().fire("overdue").do("settle_late", late_way="close")
    assert case.outcome.finished
    assert case.ended == ["end_stage_closed"]
