"""重大执法决定 (R17), as 停产停业整顿 calls it: its order, its terms, and who may not do what."""

import pytest

from tests.diagrams.walker import load, walk

PART = "major_decision_"
HANDLERS = {f"{PART}{step}" for step in ("file_case", "investigate", "review_statement")}
TEMPORARY, REFUSED = "unsafe", "refused"


def filed(**more):
    case = walk("stop_production", **more).do("choose", finding=REFUSED, article="第一百零二条")
    assert case.open == [f"{PART}file_case"]
    return case.do(f"{PART}file_case")


def noticed():
    case = filed().do(f"{PART}approve_filing", filing="approved").do(f"{PART}investigate")
    case.do(f"{PART}approve_notice", notice="proceed").do(f"{PART}draft_notice").make()
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
    assert kinds == ["hearing_notice", "legal_review", "panel_minutes", *["stop_decision"] * 2]
    case.do("draft_card").make()
    assert case.open == ["publish_card"]
    case.do("publish_card").do("supervision_list", comply_by="2026-11-06").make()
    case.do("supervision_serve")
    assert case.effects[-1] == (
        "supervision_set_deadline",
        "set_case_deadline",
        {"deadline": "2026-11-06"},
    )


def test_hearing_and_statement_come_before_the_legal_review():
    case = noticed().do(f"{PART}respond", reply="hearing")
    case.do(f"{PART}call_hearing", hearing_on="2026-06-01").make().do(f"{PART}serve_hearing")
    (task,) = case.outcome.tasks
    assert (task.node, task.due) == (f"{PART}hold_hearing", "2026-06-01")
    case.do(f"{PART}hold_hearing", attended="absent")
    assert case.open == [f"{PART}legal_review"]
    case = noticed().do(f"{PART}respond", reply="statement")
    assert case.do(f"{PART}review_statement").open == [f"{PART}legal_review"]


def test_five_working_days_without_an_answer():
    case = noticed()
    assert case.timers[f"{PART}respond_over"] == "P5BD"
    assert case.fire(f"{PART}respond_over").open == [f"{PART}legal_review"]


def test_legal_review_may_send_it_back_and_the_notice_is_served_anew():
    case = noticed().do(f"{PART}respond", reply="none")
    case.send_back(f"{PART}legal_review", f"{PART}investigate").do(f"{PART}investigate")
    assert case.do(f"{PART}approve_notice", notice="proceed").open == [f"{PART}draft_notice"]


@pytest.mark.parametrize(
    "give_up",
    [
        lambda: filed().do(f"{PART}approve_filing", filing="refused"),
        lambda: (
            filed()
            .do(f"{PART}approve_filing", filing="approved")
            .do(f"{PART}investigate")
            .do(f"{PART}approve_notice", notice="drop")
        ),
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
    assert case.effects == [
        ("tell_major", "notify", {"audience": "head", "message": "major_decision_late"})
    ]
    assert case.open == [f"{PART}approve_filing"]


def test_duties_are_held_apart():
    nodes = load("stop_production")[0].nodes
    lawyers = ("legal_review", "sign_review")
    for step in ("call_hearing", "hold_hearing", *lawyers, "discuss", "decide"):
        apart = set(nodes[f"{PART}{step}"].words("notBy"))
        assert apart >= (HANDLERS - {f"{PART}review_statement"}), step
    for step in lawyers:  # whoever writes the review, and whoever signs it
        assert f"{PART}hold_hearing" in nodes[f"{PART}{step}"].words("notBy")
        assert f"{PART}{step}" in nodes[f"{PART}decide"].words("notBy")
    assert f"{PART}file_case" in nodes[f"{PART}approve_filing"].words("notBy")
