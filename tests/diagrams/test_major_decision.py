"""重大执法决定 (R17), as 停产停业整顿 calls it: its order, its terms, and who may not do what."""

import pytest

from tests.diagrams.walker import load, walk

PART = "major_decision_"
HANDLERS = {
    *(f"{PART}{step}" for step in ("file_case", "investigate", "review_statement")),
    "paper_sign",
    "paper_countersign",
}
TEMPORARY, REFUSED = "unsafe", "refused"


def filed(**more):
    case = walk("stop_production", **more).do("choose", finding=REFUSED, article="第一百零二条")
    assert case.open == [f"{PART}file_case"]
    return case.do(f"{PART}file_case").make()


def investigated():
    return filed().do(f"{PART}approve_filing", filing="approved").do(f"{PART}investigate").make()


def noticed():
    case = investigated().do(f"{PART}approve_notice", notice="proceed")
    case.do(f"{PART}draft_notice").make()
    assert case.do(f"{PART}serve_notice").open == [f"{PART}respond"]
    return case


def reviewed(case):
    case.do(f"{PART}legal_review").do(f"{PART}sign_review")
    return case.do(f"{PART}name_panel", members=["张伟", "王芳", "陈静"])


def test_the_whole_course_to_a_served_and_published_decision():
    case = reviewed(noticed().do(f"{PART}respond", reply="none"))
    assert case.open == [f"{PART}discuss"] * 3
    case.all(f"{PART}discuss", opinion="agree").do(f"{PART}minute")
    case.do(f"{PART}decide", verdict="pass", until="2026-11-06")
    case.do(f"{PART}draft_decision").make("returned").do(f"{PART}draft_decision").make()
    assert case.do(f"{PART}serve_stop").open == [f"{PART}publish"]
    case.do(f"{PART}publish")
    done = [told for told in case.effects if not told[1].endswith("_document")]
    assert [name for _, name, _ in done] == ["set_life_status", "set_card"]
    assert done[0][2] == {
        "status": "stopped",
        "reason": "拒不执行或者逾期未改正，责令停产停业整顿",
    }
    kinds = [told["kind"] for _, name, told in case.effects if name == "issue_document"]
    assert kinds == [
        "case_filing",
        "investigation_report",
        "hearing_notice",
        "legal_review",
        "panel_minutes",
        *["stop_decision"] * 2,
    ]
    case.do("draft_card").make()
    assert case.open == ["publish_card"]
    case.do("publish_card").do("supervision_list", comply_by="2026-11-06").make()
    case.do("supervision_serve")
    assert case.effects[-1] == (
        "supervision_set_deadline",
        "set_case_deadline",
        {"deadline": "2026-11-06"},
    )


@pytest.mark.parametrize("step", ["file_case", "investigate"])
def test_what_an_officer_does_not_sign_is_drafted_anew(step):
    case = walk("stop_production").do("choose", finding=REFUSED, article="第一百零二条")
    if step == "investigate":
        case.do(f"{PART}file_case").make().do(f"{PART}approve_filing", filing="approved")
    for states in (("returned",), ("made", "returned")):
        assert case.do(f"{PART}{step}").make(*states).open == [f"{PART}{step}"]
    case.do(f"{PART}{step}").make()
    assert case.open == [PART + {"file_case": "approve_filing"}.get(step, "approve_notice")]


def heard(**signing):
    """A hearing whose record the host has signed, saying how the party signs it."""
    case = noticed().do(f"{PART}respond", reply="hearing")
    case.do("hearing_call", hearing_on="2026-06-01").make("returned")
    case.do("hearing_call", hearing_on="2026-06-01").make().do("hearing_serve")
    (task,) = case.outcome.tasks
    assert (task.node, task.due) == ("hearing_hold", "2026-06-01")
    return case.do("hearing_hold").do("hearing_sign_record", **signing)


@pytest.mark.parametrize(
    ("how", "signed", "noted"),
    [
        ("absent", None, True),
        ("refused", None, True),
        ("by_hand", ("hearing_hand", {"by_hand": "pad"}), False),
        ("by_hand", ("hearing_hand", {"by_hand": "refused"}), True),
        ("online", ("hearing_party", {"signature": "objected"}), False),
        ("online", ("hearing_party", {"signature": "refused"}), True),
        ("online", "hearing_party_over", True),
    ],
)
def test_the_record_is_signed_or_says_why_not_before_the_report(how, signed, noted):
    case = heard(party_signs=how)
    if isinstance(signed, str):
        assert case.timers[signed] == "P1BD"
        case.fire(signed)
    elif signed:
        case.do(signed[0], **signed[1])
    if noted:
        assert case.open == ["hearing_note"]
        case.do("hearing_note")
    assert case.open == ["hearing_report"]
    assert case.do("hearing_report").open == ["hearing_sign_report"]
    assert case.do("hearing_sign_report").open == [f"{PART}legal_review"]
    kinds = [told["kind"] for _, name, told in case.effects if name == "issue_document"]
    assert kinds[-4:] == ["hearing_call", "hearing_call", "hearing_record", "hearing_report"]


def test_a_statement_comes_before_the_legal_review():
    case = noticed().do(f"{PART}respond", reply="statement")
    assert case.do(f"{PART}review_statement").open == [f"{PART}legal_review"]


def test_five_working_days_without_an_answer():
    case = noticed()
    assert case.timers[f"{PART}respond_over"] == "P5BD"
    assert case.fire(f"{PART}respond_over").open == [f"{PART}legal_review"]


def test_legal_review_may_send_it_back_and_the_notice_is_served_anew():
    case = noticed().do(f"{PART}respond", reply="none")
    case.send_back(f"{PART}legal_review", f"{PART}investigate").do(f"{PART}investigate").make()
    assert case.do(f"{PART}approve_notice", notice="proceed").open == [f"{PART}draft_notice"]


@pytest.mark.parametrize(
    "give_up",
    [
        lambda: filed().do(f"{PART}approve_filing", filing="refused"),
        lambda: investigated().do(f"{PART}approve_notice", notice="drop"),
        lambda: (
            reviewed(noticed().do(f"{PART}respond", reply="none"))
            .all(f"{PART}discuss")
            .do(f"{PART}minute")
            .do(f"{PART}decide", verdict="reject")
        ),
    ],
)
def test_no_decision_stops_nothing(give_up):
    case = give_up()
    assert case.ended == ["end_not_stopped"]
    assert {name for _, name, _ in case.effects} <= {"issue_document", "seal_document"}


def test_another_kind_of_decision_is_no_stop():
    case = reviewed(noticed().do(f"{PART}respond", reply="none")).all(f"{PART}discuss")
    case.do(f"{PART}minute").do(f"{PART}decide", verdict="change", changed_kind="fine")
    case.do(f"{PART}serve_decision").do(f"{PART}publish")
    assert case.ended == ["end_not_stopped"]


def test_ninety_days_go_to_the_head():
    case = filed()
    assert case.timers["major_late"] == "P90D"
    case.fire("major_late")
    assert case.effects[1:] == [
        ("tell_major", "notify", {"audience": "head", "message": "major_decision_late"})
    ]
    assert case.open == [f"{PART}approve_filing"]


def test_duties_are_held_apart():
    nodes = load("stop_production")[0].nodes
    lawyers = ("legal_review", "sign_review")
    judging = [f"{PART}{step}" for step in (*lawyers, "approve_notice", "discuss", "decide")]
    for step in ("hearing_call", "hearing_hold", *judging):
        apart = set(nodes[step].words("notBy"))
        assert apart >= (HANDLERS - {f"{PART}review_statement"}), step
    for step in lawyers:  # whoever writes the review, and whoever signs it
        assert "hearing_hold" in nodes[f"{PART}{step}"].words("notBy")
        assert f"{PART}{step}" in nodes[f"{PART}decide"].words("notBy")
    assert f"{PART}file_case" in nodes[f"{PART}approve_filing"].words("notBy")
