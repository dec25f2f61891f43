"""One plant, from the list it is imported with to the government's decision to close it."""

from tests import lists
from tests.findings import CLERKS, CRANE, DUST, GAS, OFFICERS, RAIL
from tests.stories.people import wait_for

STAFF, PLANT = "xingxian.staff1", "xingxian.plant"
GOVERNMENT = "兴县人民政府"
NAME, ADDRESS = "兴县蔚汾特种铸造有限公司（演示）", "蔚汾镇工业路 1 号"
PLAN = {"owner": "张伟", "measure": "更换并重新标定", "doer": "王芳", "checker": "陈静"}
VISIT = {
    "plan": {"officers": OFFICERS, "expert_wanted": "no"},
    "visit": {"officers": OFFICERS, "danger": "no", "hazards": [CRANE, GAS]},
}
FOUND = {
    "precaution": "no",
    "stop_rule": "none",
    "steel_found": "no",
    "violation": "no",
    "equipment": "no",
    "catalogue": "none",
    "transfer": "no",
}
CONTENT = "责令停产停业整顿，期限六个月；期满前申请验收，合格后方可恢复生产"
LAWFUL = ["body", "ground", "evidence", "course", "draft"]


def play(story):
    """Play it all; return the case that asked for the closure."""
    story.advance("PT1M")
    plant = imported(story)
    story.told(f"导入名单，企业为“{NAME}”")
    self_inspected(story, plant)
    stopped_for_a_time(story, plant)
    failed = not_rectified(story, plant)
    refused = stopped_as_a_penalty(story, failed, plant)
    return closed(story, refused, plant)


def imported(story):
    data = lists.annex([lists.row(1, name=NAME, address=ADDRESS)])
    batch = story.town.hand_in(STAFF, "/imports", "重点企业名单.xlsx", data, division="141123")
    path = f"/imports/{batch['id']}"
    wait_for(lambda: story.get(path)["state"] == "ready", lambda: story.get(path))
    whole = {"whole": False, "on_same": "update"}
    story.town.call(STAFF, "POST", f"{path}/confirm", whole)
    wait_for(lambda: story.get(path)["state"] == "done", lambda: story.get(path))
    return story.get(path)["items"][0]["enterprise"]


def self_inspected(story, plant):
    case = story.start(STAFF, "self_inspection", plant, deadline=story.day(20))
    until = story.day(30)
    fixed = {**RAIL, "fixed": "now", "after": [story.town.upload(PLANT)], "fixed_on": story.day(0)}
    later = [{**row, "fixed": "later", "deadline": until, **PLAN} for row in (GAS, DUST)]
    ledger = {"hazards": [fixed, *later], "hazard_class": "major", "remaining": "yes"}
    story.walk(
        case,
        None,
        self_check_inspect={"found": "yes", "remaining": "yes"},
        self_check_ledger=ledger,
        acknowledge={"accepted": "yes", "precaution": "yes", "stop_rule": "none"},
    )
    story.told("企业自查：一般隐患 2 项（1 项立即整改），重大隐患 1 项")
    order = story.child(case, "rectification")
    story.walk(
        order,
        None,
        draft_order=ordered(story, "major"),
        plan={"items": [PLAN, PLAN]},
        reinspect={"items": [{"result": "pass"}] * 2, "conclusion": "pass", "officers": OFFICERS},
    )
    story.told("责令限期整改：复查合格，隐患销号")


def ordered(story, grade):
    until = story.day(30)
    return {
        "hazard_class": grade,
        "deadline": until,
        "plan_deadline": story.day(5),
        "officers": OFFICERS,
    }


def inspected(story, plant, **found):
    case = story.start(STAFF, "county_inspection", plant)
    story.walk(case, None, **VISIT, classify={**FOUND, **found})
    return case


def stopped_for_a_time(story, plant):
    inspection = inspected(story, plant, worst="major", hazards=[CRANE])
    story.told("县级检查：发现重大隐患")
    case = story.child(inspection, "stop_production")
    review = suspended(story, case, story.day(90))
    stands(story, plant, "yellow", "suspended")
    story.told("现场处理措施：暂时停产，挂黄牌，挂牌督办")
    reviewed(story, case, review)
    stands(story, plant, "none", "resumed")
    told_lifted(story, case)
    story.told("审查同意恢复生产，解除督办，摘除黄牌并公布，原公示的核验页写明")


def suspended(story, case, until):
    """Stop a plant for a time; return the task to review what it has put right since."""
    return story.walk(
        case,
        "supervision_review",
        choose={
            "finding": "unsafe",
            "yellow_rule": "yes",
            "article": "《中华人民共和国安全生产法》第六十五条第一款第三项",
            "comply_by": until,
        },
        on_site_draft={"measures": ["withdraw", "stop"]},
        supervision_review_plan={"result": "secured"},
        supervision_rectify={"request": "review"},
    )


def reviewed(story, case, review):
    """Find all put right and consent to production; return how the case ended."""
    rows = story.get(f"/tasks/{review['id']}")["prefill"]["points"]
    points = [{**row, "result": "pass", "note": "现场核查，已经整改到位"} for row in rows]
    return story.walk(
        case,
        None,
        supervision_review={"points": points, "result": "pass", "officers": OFFICERS},
        consent={"consent": "yes"},
    )


def told_lifted(story, case):
    """Hold the public page of a card's notice to the notice that it is lifted."""
    papers = {row["kind"]: row for row in story.case(case)["documents"]}
    code = story.get(f"/documents/{papers['card_notice']['id']}")["code"]
    told = story.get(f"/verify/{code}")["document"]
    assert (told["unit"], told["lifted"]["number"]) == (NAME, papers["card_lifting"]["number"])


def stands(story, plant, card, status):
    """Hold the registry to what is told of the plant."""
    found = story.get(f"/enterprises/{plant}")
    assert (found["card"], found["status"]) == (card, status), found


def not_rectified(story, plant):
    inspection = inspected(story, plant, worst="general", hazards=[GAS])
    case = story.child(inspection, "rectification")
    story.walk(
        case,
        None,
        draft_order=ordered(story, "general"),
        plan={"items": [PLAN]},
        reinspect={"items": [{"result": "fail"}], "conclusion": "fail", "officers": OFFICERS},
        decide={
            "failure": "failed",
            "decision": "stop_production",
            "ground": "not_corrected",
            "article": "《安全生产法》第一百零二条",
        },
    )
    story.told("再次检查：隐患反复出现，责令整改后复查不合格，转停产停业整顿")
    return case


def stopped_as_a_penalty(story, failed, plant):
    case = story.child(failed, "stop_production")
    story.walk(
        case,
        "hearing_hold",
        choose={
            "finding": "not_corrected",
            "article": "《安全生产法》第一百零二条",
            "comply_by": story.day(180),
            "officers": OFFICERS,
        },
        major_decision_file_case={"officers": OFFICERS},
        major_decision_investigate={"content": CONTENT, "officers": OFFICERS},
        major_decision_respond={"reply": "hearing", "public": "public"},
        hearing_call={"hearing_on": story.day(21)},
    )
    story.advance("P21D")
    story.told("立案、告知，企业要求听证；到了听证的日子")
    story.walk(
        case,
        "decide_failure",
        hearing_sign_record={"party_signs": "online"},
        hearing_party={"signature": "signed"},
        major_decision_decide={"verdict": "pass"},
        supervision_review_plan={"result": "not_secured"},
    )
    stands(story, plant, "yellow", "stopped")
    story.told("责令停产停业整顿：听证、法制审核、集体讨论、决定并送达，挂黄牌")
    story.walk(case, None, decide_failure={"failure": "refused", "measure": "closure"})
    story.told("企业拒不执行停产停业整顿决定")
    return case


def closed(story, stopped, plant):
    case = story.child(stopped, "closure_request")
    wrong = {"ground": "refused", "stop_number": "（兴）应急停〔2000〕1号"}
    blocked = story.walk(case, "blocked", gather={**wrong, "officers": OFFICERS})
    told = story.get(f"/tasks/{blocked['id']}")["prefill"]["lacking"]
    story.told(f"提请关闭被阻止：{told.splitlines()[0]}")
    number, served = stop_decision(story, stopped)
    right = {"ground": "refused", "stop_number": number, "stop_served_on": served}
    answers = {
        "blocked": {"way": "supplement"},
        "gather": {**right, "officers": OFFICERS},
        "decide": {"verdict": "request"},
    }
    story.walk(case, "closure_government_receive", **answers)
    assert story.get(f"/enterprises/{plant}")["card"] == "red"
    story.told("补充依据，法制审核、集体讨论，挂红牌，请示签发用印报送")
    evidence = {"answer": "evidence", "officers": CLERKS}
    story.walk(case, "draft_request", closure_government_receive=evidence)
    story.told("人民政府要求补充证据")
    ended = story.walk(
        case,
        None,
        closure_government_receive={"answer": "accepted", "officers": CLERKS},
        closure_government_legality={"legality": "lawful", "passed": LAWFUL},
        closure_government_respond={"reply": "none"},
        closure_government_decide={"answer": "closed"},
    )
    assert story.get(f"/enterprises/{plant}")["status"] == "closing"
    story.told(f"人民政府受理、合法性审查、集体讨论：{ended}，{governments(story, case)}")
    return case


def governments(story, case):
    """Return the number of the decision to close; the government gave it, its notice and proofs."""
    papers = [row for row in story.case(case)["documents"] if row["organisation"] == GOVERNMENT]
    kinds = [row["kind"] for row in papers]
    receipt = "service_receipt"
    assert kinds == ["closure_notice", receipt, "closure_decision", receipt], kinds
    assert papers[2]["number"].startswith("兴政关决"), papers[2]
    return papers[2]["number"]


def stop_decision(story, case):
    """Return number and day of service of the decision to stop production."""
    rows = story.case(case)["documents"]
    paper = next(row for row in rows if row["kind"] == "stop_decision")
    service = story.get(f"/documents/{paper['id']}")["service"]
    return paper["number"], service["served_on"]
