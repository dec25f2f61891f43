"""隐患整改闭环: every way through it, with the answers its forms ask for."""

import pytest

from app.domain import Invalid
from tests.diagrams.course import Course

OFFICERS = [
    {"name": "张伟", "certificate": "14112300101"},
    {"name": "王芳", "certificate": "14112300102"},
]
PHOTO = "0" * 32
GENERAL = {
    "description": "除尘系统未设置泄爆口",
    "place": "打磨车间",
    "basis": "《粉尘防爆安全规程》第6.4条",
    "class": "general",
}
MAJOR = {
    **GENERAL,
    "description": "不同种类粉尘共用一套除尘系统",
    "class": "major",
    "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
}
ORDER = {
    "check_date": "2026-05-06",
    "check_place": "打磨车间、除尘间",
    "hazards": [GENERAL],
    "hazard_class": "general",
    "deadline": "2026-06-30",
    "plan_deadline": "2026-05-15",
    "precautions": "整改期间停用打磨工位",
    "officers": OFFICERS,
}
MAJOR_ORDER = {**ORDER, "hazards": [GENERAL, MAJOR], "hazard_class": "major"}
SERVED = {
    "manner": "direct",
    "served_on": "2026-05-06",
    "served_at": "厂区办公室",
    "receipt": "signed",
    "receiver": "李建国",
    "receiver_post": "主要负责人",
}
REFUSED = {
    "manner": "left",
    "served_on": "2026-05-06",
    "served_at": "厂区办公室",
    "receipt": "refused",
    "refusal_reason": "认为检查结论不属实，拒绝签字",
    "left_proof": "witness",
    "witness": "赵强",
    "witness_unit": "城关镇应急办",
    "refusal_photos": [PHOTO],
}
FIVE = {
    "owner": "李建国",
    "measure": "加装泄爆装置",
    "finish": "2026-06-20",
    "doer": "刘洋",
    "checker": "陈静",
}
PLAN = {"items": [FIVE]}
SIX = dict.fromkeys(
    ("goal", "method", "means", "people", "schedule", "emergency"), "按治理方案逐项落实"
)
MAJOR_PLAN = {
    "items": [FIVE, FIVE],
    "secured": ["responsibility", "measures", "funds", "time", "contingency"],
    "funds": 12.5,
    **SIX,
    "bureau_report": "2026-05-08",
    "congress_report": "2026-05-09",
    "report_papers": [PHOTO],
}
DRAFT, SIGN = "double_reporting_draft", "double_reporting_sign"
REPORT = {
    "found_on": "2026-05-06",
    "hazards": [
        {
            "description": "除尘系统未设置泄爆装置",
            "place": "打磨车间",
            "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
            "cause": "设计时未按规范选型",
        }
    ],
    "harm": "可能发生粉尘爆炸，整改需停产",
    "owner": "陈静",
    "comply_by": "2026-06-18",
    "bureau_report": "2026-05-06",
    "congress_report": "2026-05-06",
}
SECURED = {"plan_review": "secured", "opinion": "同意", "supervision": "proposed"}
NOT_SECURED = {
    "plan_review": "not_secured",
    "missing": ["funds"],
    "opinion": "资金未落实",
    "supervision": "listed",
    "supervision_leader": "张伟",
    "report_cycle": "monthly",
}
DONE = {"result": "已加装泄爆装置并验收", "finished": "2026-06-18", "after": [PHOTO]}
APPLY = {"results": [DONE], "self_check": "合格", "phone": "13800000000"}
EXTEND = {
    "request": "extension",
    "extension_to": "2026-07-31",
    "extension_reason": "泄爆装置厂家供货延迟至七月中旬",
    "progress": "已完成除尘管道改造",
    "precautions": "停用打磨工位并张贴警示",
    "phone": "13800000000",
}
SET_BY = {
    "order_title": "责令限期整改指令书",
    "order_number": "（兴）应急责改〔2026〕1号",
    "order_on": "2026-05-06",
}
PASS = {
    "reinspected_on": "2026-06-22",
    "items": [{"result": "pass", "note": "已整改"}],
    "conclusion": "pass",
    "opinion": "经复查，已整改完毕",
}
FAIL = {
    **PASS,
    "items": [{"result": "fail", "note": "泄爆装置未投用"}],
    "conclusion": "fail",
    "opinion": "经复查，未整改完毕",
}
AGAIN = {"failure": "failed", "decision": "order_again", "opinion": "同意"}
PENALTY = {**AGAIN, "decision": "penalty", "violation": "《安全生产法》第一百零二条"}
STOP = {
    **AGAIN,
    "decision": "stop_production",
    "ground": "refused",
    "article": "《安全生产法》第一百零二条",
    "evidence": "责令限期整改指令书、整改复查意见书",
    "evidence_files": [PHOTO],
}


def signed(case, order=ORDER):
    """Draft an order; two sign it, and the seal keeper approves."""
    case.do("draft_order", **order).do("sign_order", checked=True)
    return case.do("countersign_order", checked=True).do("approve_seal", approved=True)


def ordered(order=ORDER, results=None):
    results = {"start_case": "case-2", **(results or {})}
    case = Course("rectification", {"source": "inspection"}, results)
    return signed(case, order).do("serve_order", **SERVED)


def reinspected(case, how):
    case.do("rectify", request="reinspection", **APPLY).do("reinspect", **how)
    return served(case)


def served(case):
    """Two sign the opinion, the seal keeper approves, and it is served."""
    for node in ("paper_sign", "paper_countersign", "paper_approve"):
        case.do(node, paper_state="made")
    return case.do("serve_review", **SERVED)


def test_general_hazard_put_right():
    case = ordered()
    assert case.open == ["plan"]
    assert case.timers == {"plan_overdue": "2026-05-15"}
    case.do("plan", **PLAN)
    assert case.open == ["rectify"]
    assert case.timers == {
        "rectify_due_soon": "P3D/2026-06-30",
        "rectify_overdue": "2026-06-30",
    }
    reinspected(case, PASS)
    assert case.ended == ["end_closed"]
    assert case.outcome.finished
    assert case.effects == [
        ("issue_order", {"kind": "rectification_order", "source": "draft_order"}),
        ("seal_order", {"kind": "rectification_order"}),
        ("set_deadline", {"deadline": "2026-06-30", "plan": "2026-05-15"}),
        ("paper_issue", {"kind": "rectification_review", "source": "reinspect"}),
        ("paper_course", {"kind": "rectification_review"}),
        ("paper_seal", {"kind": "rectification_review", "paper": None}),
        ("take_off_list", {}),
        ("close_hazards", {}),
        ("lift_card", {"reason": "整改复查合格", "colour": "yellow"}),
    ]


def test_a_card_that_is_lifted_is_published_before_the_case_ends():
    case = ordered(results={"lift_card": "yellow"})
    reinspected(case.do("plan", **PLAN), PASS)
    told = {"lift_reason": "整改复查合格", "basis": "工作方案", "contact": "陈静 0358-6321000"}
    case.do("card_lifting_draft", **told)
    case.do("paper_approve", paper_state="returned", reason="理由不完整")
    case.do("card_lifting_draft", **told).do("paper_approve", paper_state="made")
    assert case.effects[-1][1] == {"kind": "card_lifting", "paper": None}
    where = {"published_on": "2026-05-06", "published_where": "县政府门户网站"}
    case.do("card_lifting_publish", **SERVED, **where, officers=OFFICERS)
    assert case.ended == ["end_closed"]


def test_major_hazard_needs_five_guarantees_and_a_review():
    case = ordered(MAJOR_ORDER)
    with pytest.raises(Invalid):
        case.do("plan", items=[FIVE, FIVE])
    reported(case)
    assert case.open == ["review_plan"]
    reported(case.send_back("review_plan", "plan")).do("review_plan", **SECURED)
    assert case.open == ["rectify"]


def test_without_five_guarantees_the_deputy_head_decides():
    case = reported(ordered(MAJOR_ORDER)).do("review_plan", **NOT_SECURED)
    assert case.open == ["decide"]


def reported(case):
    """Hand in the plan for a major hazard, then its report (双报告), and sign that."""
    return case.do("plan", **MAJOR_PLAN).do(DRAFT, **REPORT).do(SIGN, checked=True)


def test_of_a_major_hazard_a_report_is_written_signed_and_shown_to_who_reviews():
    case = ordered(MAJOR_ORDER).do("plan", **MAJOR_PLAN)
    assert (case.open, case.timers) == ([DRAFT], {f"{DRAFT}_over": "P3BD"})
    case.do(DRAFT, **REPORT)
    source = {"kind": "double_report", "source": DRAFT, "replaces": "yes"}
    assert case.effects[-1] == ("double_reporting_issue", source)
    assert (case.open, case.timers) == ([SIGN], {f"{SIGN}_over": "P2BD"})
    assert case.send_back(SIGN, DRAFT).open == [DRAFT]
    assert case.do(DRAFT, **REPORT).do(SIGN, checked=True).open == ["review_plan"]
    review = case.definition.nodes["review_plan"]
    assert review.words("papers") == ("double_report:view@plan",)


def test_general_hazards_need_no_report():
    plan = {"items": [FIVE], "principal": "陈静"}
    assert ordered().do("plan", **plan).open == ["rectify"]


@pytest.mark.parametrize(
    ("steps", "late", "message", "voided"),
    [
        ((), f"{DRAFT}_over", "report_missing", []),
        (((DRAFT, REPORT),), f"{SIGN}_over", "report_unsigned", ["逾期未签署"]),
    ],
)
def test_a_report_that_is_late_holds_nobody_up(steps, late, message, voided):
    case = ordered(MAJOR_ORDER).do("plan", **MAJOR_PLAN)
    for node, answers in steps:
        case.do(node, **answers)
    case.fire(late)
    assert case.effects[-2][1] == {"audience": "staff", "message": message}
    assert [told["reason"] for node, told in case.effects if node.endswith("_void")] == voided
    assert case.open == ["review_plan"]


def test_refusal_to_receive_is_no_dead_end():
    case = signed(Course("rectification", {"source": "tip"}))
    with pytest.raises(Invalid):
        case.do("serve_order", **{key: REFUSED[key] for key in REFUSED if key != "witness"})
    assert case.do("serve_order", **REFUSED).open == ["plan"]


def test_order_needs_two_inspectors_and_a_class_that_fits():
    case = Course("rectification", {"source": "look_back"})
    for wrong in (
        {**ORDER, "officers": OFFICERS[:1]},
        {**ORDER, "hazard_class": "major"},
        {**MAJOR_ORDER, "hazard_class": "general"},
    ):
        with pytest.raises(Invalid):
            case.do("draft_order", **wrong)
    assert case.do("draft_order", **ORDER).open == ["sign_order"]


def test_late_plan_does_not_hold_up_the_case():
    case = ordered().fire("plan_overdue")
    assert case.effects[-1][1] == {"audience": "staff", "message": "plan_overdue"}
    assert case.open == ["rectify"]
    assert ordered(MAJOR_ORDER).fire("plan_overdue").open == ["review_plan"]


def test_reminder_leaves_the_task_open():
    case = ordered().do("plan", **PLAN).fire("rectify_due_soon")
    assert case.effects[-1][1] == {"audience": "enterprise", "message": "rectification_due"}
    assert case.open == ["rectify"]
    assert case.ended == ["end_reminded"]


def test_overdue_is_told_and_re_inspected():
    case = ordered().do("plan", **PLAN).fire("rectify_overdue")
    assert case.effects[-1][1] == {"audience": "deputy_head", "message": "rectification_overdue"}
    (task,) = case.outcome.tasks
    assert (task.node, task.due) == ("reinspect", "P10D")
    assert served(case.do("reinspect", **FAIL)).open == ["decide"]


def replied(case, answer):
    """Decide on an extension: the deputy head signs the reply, it is sealed and served."""
    case.do("decide_extension", **SET_BY, **answer)
    for node in ("paper_deputy", "paper_approve"):
        case.do(node, paper_state="made")
    return case.do("serve_reply", **SERVED)


@pytest.mark.parametrize(
    ("answer", "deadline"),
    [
        (
            {"extension": "granted", "extended_to": "2026-07-31", "opinion": "理由成立"},
            "2026-07-31",
        ),
        ({"extension": "refused", "opinion": "理由不成立"}, "2026-06-30"),
    ],
)
def test_extension_is_decided_and_asked_for_once(answer, deadline):
    case = ordered().do("plan", **PLAN).do("rectify", **EXTEND)
    assert case.open == ["decide_extension"]
    replied(case, answer)
    assert case.open == ["rectify_final"]
    assert case.timers["final_overdue"] == deadline
    moved = [parameters for node, parameters in case.effects if node == "set_extension"]
    assert moved == ([{"deadline": deadline}] if answer["extension"] == "granted" else [])
    with pytest.raises(Invalid):
        case.do("rectify_final", **EXTEND)
    assert case.do("rectify_final", **APPLY).open == ["reinspect"]


def test_overdue_after_an_extension():
    answer = {"extension": "granted", "extended_to": "2026-07-31", "opinion": "理由成立"}
    case = replied(ordered().do("plan", **PLAN).do("rectify", **EXTEND), answer)
    case.fire("final_due_soon").fire("final_overdue")
    assert [parameters["message"] for _, parameters in case.effects[-2:]] == [
        "rectification_due",
        "rectification_overdue",
    ]
    assert case.open == ["reinspect"]


def test_failure_is_ordered_again():
    case = reinspected(ordered().do("plan", **PLAN), FAIL).do("decide", **AGAIN)
    assert case.open == ["draft_order"]
    signed(case).do("serve_order", **SERVED).do("plan", **PLAN)
    assert reinspected(case, PASS).ended == ["end_closed"]


def test_penalty_does_not_end_the_duty_to_rectify():
    case = reinspected(ordered().do("plan", **PLAN), FAIL).do("decide", **PENALTY)
    assert case.effects[-1] == ("start_penalty", {"procedure": "penalty", "reason": "failed"})
    assert case.open == ["draft_order"]


def test_stop_of_production_needs_a_ground():
    case = reinspected(ordered().do("plan", **PLAN), FAIL)
    with pytest.raises(Invalid):
        case.do("decide", **{key: STOP[key] for key in STOP if key != "ground"})
    case.do("decide", **STOP)
    assert case.effects[-1][1] == {"procedure": "stop_production", "reason": "refused"}
    assert case.ended == ["end_stop"]
    assert case.outcome.finished


def test_leader_may_return_the_re_inspection():
    case = reinspected(ordered().do("plan", **PLAN), FAIL).send_back("decide", "reinspect")
    assert case.open == ["reinspect"]


def test_conclusion_follows_the_items():
    case = ordered().do("plan", **PLAN).do("rectify", request="reinspection", **APPLY)
    for wrong in ({**FAIL, "conclusion": "pass"}, {**PASS, "conclusion": "fail"}):
        with pytest.raises(Invalid):
            case.do("reinspect", **wrong)


def test_an_opinion_that_is_sent_back_is_written_anew():
    case = ordered().do("plan", **PLAN).do("rectify", request="reinspection", **APPLY)
    case.do("reinspect", **PASS).do("paper_sign", paper_state="returned", reason="遗漏一项")
    assert case.open == ["reinspect"]
    assert served(case.do("reinspect", **PASS)).ended == ["end_closed"]
