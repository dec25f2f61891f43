"""停产停业整顿与黄牌: two stops that are never mixed (R18), and a way on for every refusal."""

import pytest

from tests.diagrams.walker import Refused, load, walk

SUPER = "supervision_"
SUSPENDED = {"status": "suspended", "reason": "现场处理措施：暂时停产停业"}


def stopped(**choice):
    choice = {"finding": "unsafe", "yellow_rule": "no", **choice}
    case = walk("stop_production").do("choose", **choice)
    assert case.open == ["on_site_draft"]
    case.do("on_site_draft", comply_by="2026-06-30", measures=["stop"])
    assert case.effects[0][1:] == ("set_life_status", SUSPENDED)
    case.make()
    assert case.open == ["on_site_serve"]
    return case.do("on_site_serve")


def listed(case):
    assert case.open == [f"{SUPER}list"]
    case.do(f"{SUPER}list", comply_by="2026-06-30").make()
    assert case.open == [f"{SUPER}serve"]
    return case.do(f"{SUPER}serve")


def reported(case):
    case.do(f"{SUPER}plan")
    assert case.open == [f"{SUPER}sign_report"]
    return case.do(f"{SUPER}sign_report", report_state="signed")


def supervised(**choice):
    case = stopped(**choice)
    if "draft_card" in case.open:
        case.do("draft_card").make().do("publish_card")
    reported(listed(case)).do(f"{SUPER}congress")
    case.do(f"{SUPER}review_plan", result="secured")
    assert case.open == [f"{SUPER}rectify"]
    return case


def seen(case, **answers):
    case.do(f"{SUPER}supervise", **answers).do("site_record_sign", paper_state="made")
    return case.do("site_record_cosign", paper_state="made", plant_signs="online").do(
        "site_record_plant", signature="signed"
    )


def reviewed(case, result):
    case.do(f"{SUPER}rectify", request="review").do(f"{SUPER}review", result=result).make()
    return case.do(f"{SUPER}serve_review")


def consented(case):
    case.do("consent", consent="yes").do("draft_consent").make("made", "returned")
    case.do("draft_consent").make()
    return case.do("serve_consent")


def failed():
    case = reviewed(supervised(), "fail")
    assert case.open == ["decide_failure"]
    return case


def test_a_temporary_stop_needs_no_penalty_course():
    case = supervised()
    assert "set_card" not in {name for _, name, _ in case.effects}
    consented(reviewed(case, "pass"))
    assert [name for _, name, _ in case.effects[-3:]] == [
        "lift_supervision",
        "lift_card",
        "set_life_status",
    ]
    assert case.ended == ["end_lifted"]


def test_a_card_that_is_lifted_is_published_and_holds_nothing_up():
    case = supervised(yellow_rule="yes")
    case.results["lift_card"] = ("yellow",)
    consented(reviewed(case, "pass"))
    assert case.effects[-1][1] == "set_life_status"
    assert case.open == ["card_lifting_draft"]
    case.do("card_lifting_draft").make().do("card_lifting_publish")
    assert case.ended == ["end_lifted"]


@pytest.mark.parametrize("consent", ["yes", "government"])
def test_who_was_told_of_a_listing_is_told_of_its_end(consent):
    case = supervised()
    case.results["lift_supervision"] = ("yes",)
    if consent == "yes":
        consented(reviewed(case, "pass"))
    else:
        reviewed(case, "pass").do("consent", consent=consent)
    assert case.open == ["delisting_draft"]
    assert case.do("delisting_draft").make("returned").open == ["delisting_draft"]
    case.do("delisting_draft").make("made", "returned").do("delisting_draft").make()
    assert case.do("delisting_serve").ended == ["end_lifted" if consent == "yes" else "end_resume"]


@pytest.mark.parametrize("finding", ["unsafe", "not_secured", "steel"])
def test_a_campaign_may_ask_for_the_yellow_card(finding):
    case = stopped(finding=finding, yellow_rule="yes")
    assert case.effects[-1][1:] == (
        "set_card",
        {"colour": "yellow", "reason": "存在重大事故隐患，暂时停产停业"},
    )
    assert case.open == ["draft_card"]


@pytest.mark.parametrize("finding", ["not_corrected", "refused"])
def test_a_penalty_stop_takes_the_course_of_a_major_decision(finding):
    case = walk("stop_production").do("choose", finding=finding, article="第九十九条")
    assert case.open == ["major_decision_file_case"]


def test_a_penalty_never_stands_on_article_65():
    case = walk("stop_production")
    with pytest.raises(Refused):
        case.do("choose", finding="refused", article="《安全生产法》第六十五条第一款第三项")


def test_every_month_the_plant_reports_and_is_visited():
    case = supervised()
    assert case.timers == {
        f"{SUPER}due_soon": "P10D/2026-06-30",
        f"{SUPER}monthly": "P1M",
        f"{SUPER}overdue": "2026-06-30",
    }
    case.fire(f"{SUPER}monthly")
    assert case.open == [f"{SUPER}report"]
    seen(case.do(f"{SUPER}report"), obeyed="yes")
    assert case.open == [f"{SUPER}rectify"]
    case.fire(f"{SUPER}monthly").fire(f"{SUPER}report_over")
    assert case.open == [f"{SUPER}supervise"]
    assert seen(case, obeyed="no").open == ["decide_failure"]


def test_extension_once():
    case = supervised().do(f"{SUPER}rectify", request="extension")
    granted = {"extension": "granted", "extended_to": "2026-07-31"}
    case.do(f"{SUPER}decide_extension", **granted).make("returned")
    case.do(f"{SUPER}decide_extension", **granted).make().do(f"{SUPER}serve_reply")
    assert case.timers[f"{SUPER}overdue"] == "2026-07-31"
    assert case.effects[-1][2] == {"deadline": "2026-07-31"}
    with pytest.raises(Refused):
        case.do(f"{SUPER}rectify", request="extension")


def test_overdue_is_told_and_reviewed_within_ten_days():
    case = supervised().fire(f"{SUPER}overdue")
    assert case.effects[-1][2]["message"] == "rectification_overdue"
    (task,) = case.outcome.tasks
    assert (task.node, task.due) == (f"{SUPER}review", "P10D")
    point = {"hazard": "泄爆装置", "result": "fail", "note": "未安装"}
    with pytest.raises(Refused):
        case.do(f"{SUPER}review", result="pass", points=[point])


def test_without_five_guarantees_the_head_decides():
    case = listed(stopped()).fire(f"{SUPER}plan_over")
    assert case.do(f"{SUPER}review_plan", result="not_secured").open == ["decide_failure"]


def test_a_silent_congress_holds_nothing_up():
    case = reported(listed(stopped())).fire(f"{SUPER}congress_over")
    assert case.open == [f"{SUPER}review_plan"]


def test_the_bureau_may_refuse_to_let_it_resume():
    case = reviewed(supervised(), "pass").do("consent", consent="no")
    assert case.open == [f"{SUPER}list"]


def test_a_long_idle_plant_needs_the_government():
    case = reviewed(supervised(), "pass").do("consent", consent="government")
    assert case.effects[-2][1] == "lift_supervision"  # its hazards are gone, its stop is not
    assert case.effects[-1][2]["procedure"] == "resume_production"
    assert case.ended == ["end_resume"]


def test_a_temporary_stop_is_no_way_to_closure():
    with pytest.raises(Refused):
        failed().do("decide_failure", measure="closure")
    case = failed().do("decide_failure", measure="penalty")
    assert case.open == ["major_decision_file_case"]


def test_temporary_stop_goes_on_where_the_penalty_fails():
    case = failed().do("decide_failure", measure="penalty").do("major_decision_file_case")
    case.make().do("major_decision_approve_filing", filing="refused")
    assert case.open == [f"{SUPER}list"]


def test_a_measure_that_stops_nothing_gives_no_status_and_no_card():
    case = walk("stop_production").do("choose", finding="unsafe", yellow_rule="yes")
    case.do("on_site_draft", measures=["withdraw"]).make().do("on_site_serve")
    assert "set_card" not in {name for _, name, _ in case.effects}
    assert case.effects[0][2]["status"] == "resumed"
    assert case.open == [f"{SUPER}list"]


def test_general_hazards_are_not_listed_for_supervision():
    case = walk("stop_production", results={"weigh_hazards": ("general",)}, stop="suspended")
    case.do("choose", finding="unsafe", yellow_rule="no")
    assert case.open == [f"{SUPER}term"]
    assert case.do(f"{SUPER}term", comply_by="2026-06-30").open == [f"{SUPER}guarantee"]
    assert case.timers == {f"{SUPER}guarantee_over": "P7BD"}
    assert case.do(f"{SUPER}guarantee").open == [f"{SUPER}review_plan"]
    case.send_back(f"{SUPER}review_plan", f"{SUPER}guarantee").fire(f"{SUPER}guarantee_over")
    assert case.effects[-1][2]["message"] == "plan_overdue"
    assert case.open == [f"{SUPER}review_plan"]
    effects = {name for _, name, _ in case.effects}
    assert not effects & {"list_supervision", "issue_document"}


def test_the_principal_signs_the_two_reports_before_anybody_hears_them():
    case = listed(stopped()).do(f"{SUPER}plan")
    assert case.effects[-1][1:] == (
        "issue_document",
        {"kind": "double_report", "source": f"{SUPER}plan"},
    )
    assert case.timers == {f"{SUPER}sign_report_over": "P2BD"}
    assert case.do(f"{SUPER}sign_report", report_state="signed").open == [f"{SUPER}congress"]


def test_a_report_that_is_wrong_goes_to_the_bureau_that_returns_the_plan():
    case = listed(stopped()).do(f"{SUPER}plan").do(f"{SUPER}sign_report", report_state="returned")
    assert case.open == [f"{SUPER}review_plan"]
    assert case.send_back(f"{SUPER}review_plan", f"{SUPER}plan").open == [f"{SUPER}plan"]
    assert reported(case).open == [f"{SUPER}congress"]


def test_a_report_that_is_not_signed_in_time_is_void_and_the_bureau_goes_on():
    case = listed(stopped()).do(f"{SUPER}plan").fire(f"{SUPER}sign_report_over")
    assert [told[1] for told in case.effects[-2:]] == ["void_unsigned", "notify"]
    assert case.effects[-2][2]["reason"] == "逾期未签署"
    assert case.effects[-1][2]["message"] == "report_unsigned"
    assert case.open == [f"{SUPER}review_plan"]


def test_who_handled_the_case_decides_nothing_in_it():
    nodes = load("stop_production")[0].nodes
    for node in ("decide_failure", "consent"):
        assert {"choose", f"{SUPER}review"} <= set(nodes[node].words("notBy"))
    assert f"{SUPER}plan" in nodes[f"{SUPER}congress"].words("notBy")
    for node in ("congress", "review_plan"):
        own = f"double_report:view@{SUPER}list+{SUPER}term"  # of its own round of supervision
        assert own in nodes[f"{SUPER}{node}"].words("papers")


def test_who_was_stopped_already_is_not_stopped_again():
    case = walk("stop_production", stop="suspended").do("choose", finding="unsafe")
    assert case.effects[0][1:] == ("set_life_status", {**case.effects[0][2], "status": "suspended"})
    assert "on_site_draft" not in case.passed
    case = walk("stop_production", stop="stopped").do(
        "choose", finding="refused", article="第一百零二条"
    )
    assert case.effects[0][2]["status"] == "stopped"
    assert case.open == ["draft_card"]
    case = walk("stop_production", stop="suspended")
    case.do("choose", finding="refused", article="第一百零二条")
    assert case.open == ["major_decision_file_case"]


def test_a_served_decision_holds_though_a_second_one_is_refused():
    case = walk("stop_production", stop="stopped").do(
        "choose", finding="refused", article="第一百零二条"
    )
    case = reported(listed(case.do("draft_card").make().do("publish_card")))
    case.do(f"{SUPER}congress").do(f"{SUPER}review_plan", result="secured")
    reviewed(case, "fail").do("decide_failure", measure="penalty").do("major_decision_file_case")
    case.make().do("major_decision_approve_filing", filing="refused")
    case = reported(listed(case)).do(f"{SUPER}congress")
    reviewed(case.do(f"{SUPER}review_plan", result="secured"), "fail")
    case.do("decide_failure", measure="closure")
    assert case.effects[-1][2]["procedure"] == "closure_request"


def test_before_a_stop_is_over_only_a_refusal_leads_to_closure():
    case = walk("stop_production", stop="stopped")
    case.do("choose", finding="refused", article="第一百零二条").do("draft_card").make()
    reported(listed(case.do("publish_card"))).do(f"{SUPER}congress")
    reviewed(case.do(f"{SUPER}review_plan", result="secured"), "fail")
    case.sources["@after_stop"] = "refused"
    with pytest.raises(Refused):
        case.do("decide_failure", failure="failed", measure="closure")
    case.do("decide_failure", failure="refused", measure="closure")
    assert case.ended == ["end_closure"]


def cut(urgent):
    """Have the power cut: the head signs the notice, it is sealed, and served."""
    case = failed().do("decide_failure", measure="power").do("power_cut_propose", urgent=urgent)
    case.do("power_cut_approve", power_state="approved")
    return case.do("power_cut_approve_seal", paper_state="made").do("power_cut_serve")


def test_power_is_cut_by_the_head_after_a_day():
    case = cut("no")
    assert (case.open, case.timers) == ([], {"power_cut_notice_time": "PT24H"})
    case.fire("power_cut_notice_time").do("power_cut_cut")
    case.do("power_cut_verify", power_state="complied").do("power_cut_restore")
    assert case.open == [f"{SUPER}list"]


def test_urgent_cut_and_a_plant_that_still_refuses():
    case = cut("yes").fire("power_cut_cut_late").do("power_cut_cut")
    assert case.do("power_cut_verify", power_state="defied").open == ["decide_failure"]


def test_a_notice_to_cut_the_power_that_is_sent_back_is_signed_anew():
    case = failed().do("decide_failure", measure="power").do("power_cut_propose")
    case.do("power_cut_approve", power_state="approved")
    assert case.do("power_cut_approve_seal", paper_state="returned").open == ["power_cut_propose"]
    assert case.do("power_cut_propose").open == ["power_cut_approve"]


def test_after_a_served_decision_closure_is_requested():
    part = "major_decision_"
    case = walk("stop_production").do("choose", finding="refused", article="第一百零二条")
    case.do(f"{part}file_case").make().do(f"{part}approve_filing", filing="approved")
    case.do(f"{part}investigate").make().do(f"{part}approve_notice", notice="proceed")
    case.do(f"{part}draft_notice").make().do(f"{part}serve_notice").fire(f"{part}respond_over")
    case.do(f"{part}legal_review").do(f"{part}sign_review").do(f"{part}name_panel").all(
        f"{part}discuss"
    ).do(f"{part}minute")
    case.do(f"{part}decide", verdict="pass").do(f"{part}draft_decision").make()
    case.do(f"{part}serve_stop").do(f"{part}publish").do("draft_card").make()
    reported(listed(case.do("publish_card"))).do(f"{SUPER}congress")
    case.do(f"{SUPER}review_plan", result="secured")
    reviewed(case, "fail").do("decide_failure", measure="closure")
    assert case.effects[-1][2]["procedure"] == "closure_request"
    assert case.ended == ["end_closure"]


def test_what_is_sent_back_is_drafted_anew():
    case = walk("stop_production").do("choose", finding="unsafe")
    for states in (["returned"], ["made", "returned"], ["made", "made", "returned"]):
        case.do("on_site_draft").make(*states)
        assert case.open == ["on_site_draft"]
    case.do("on_site_draft").make().do("on_site_serve")
    if "draft_card" in case.open:
        case.do("draft_card").make("returned").do("draft_card").make().do("publish_card")
    assert case.do(f"{SUPER}list").make("returned").open == [f"{SUPER}list"]


def test_a_measure_on_site_never_stands_on_a_provision_for_penalties():
    case = walk("stop_production").do("choose", finding="unsafe")
    with pytest.raises(Refused):
        case.do("on_site_draft", basis="《安全生产法》第一百零二条")
