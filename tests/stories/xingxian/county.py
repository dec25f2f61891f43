"""What the county does: it deploys, has its plants look for themselves, inspects them, looks back."""

from tests.findings import CRANE, DUST, GAS, OFFICERS, RAIL
from tests.stories import closure
from tests.stories.closure import PLAN
from tests.stories.people import wait_for
from tests.stories.xingxian.action import LEADER, STAFF

CAMPAIGN = "campaign_xingxian_2022"
NAME = "兴县冶金工贸行业安全生产大检查大整治大提升专项行动（演示）"
GROUP = [
    {"post": "head", "name": "白守正（演示）", "position": "县应急管理局局长"},
    {"post": "deputy", "name": "白永刚（演示）", "position": "县应急管理局副局长"},
    {"post": "member", "name": "白建国（演示）", "position": "冶金工贸股股长"},
    {"post": "office", "name": "白建国（演示）", "position": "冶金工贸股股长"},
]
SELF = ("clean", "clean", "fixed", "clean", "later", "clean", "clean", "major", "clean", "clean")
"""What plants find for themselves, in turn."""
LATE = 17
"""The plant that hands in nothing."""
COUNTY = (
    *("clean", "general", "clean", "clean", "extended"),
    *("clean", "clean", "stopped", "clean", "clean"),
)
"""What the county finds, in turn."""
ELSEWHERE = {3: "refused", 12: "banned", 30: "unsigned"}
FOUND = {
    "general": [GAS],
    "extended": [GAS, RAIL],
    "unsigned": [RAIL],
    "banned": [RAIL],
    "stopped": [CRANE],
}

# 四（一） 全面部署发动


def deployed(action):
    story = action.story
    story.advance("P163D")  # the morning of 2 May, on which the notice was given
    year = str(story.town.today.year)
    office = story.office(STAFF)
    action.case = story.start(STAFF, CAMPAIGN, office, kind="organisation", name=NAME, year=year)
    scope = {"group": GROUP, "stop_rule": "no_precaution", "yellow_rule": "yes"}
    story.by_somebody(story.walk(action.case, "approve", fix_scope=scope), {})
    action.at_rest()
    action.days = {row["key"]: row["day"] for row in action.view()["days"]}
    action.plants = sorted(action.cases("self_inspection"), key=int)
    story.told(f"部署：启动自查 {len(action.plants)} 家")
    action.reported("方案和部署情况")
    action.until(action.days["deployment_ends"], 1)
    action.pass_gate("gate_deployment")
    story.told("部署发动阶段小结")


# 四（二） 企业自查自纠


def self_inspected(action):
    cases, story = action.cases("self_inspection"), action.story
    late = action.plants[LATE]

    def one(row):
        number, plant = row
        if plant == late:
            return None
        kind = SELF[number % len(SELF)]
        return story.walk(cases[plant], None, **_self(story, plant, kind))

    action.tell("自查自纠", action.each(enumerate(action.plants), one))
    action.rectified()
    action.until(action.days["self_inspection_ends"], 1)
    task = next(task for task in story.open(cases[late]) if task["node"] == "settle_late")
    story.by_somebody(task, {"late_way": "close"})
    assert story.get(f"/enterprises/{late}")["worrisome"]
    shown = action.pass_gate("gate_self")
    story.told(f"自查阶段小结：完成 {shown['done']} 家，未完成 {shown['open']} 家")


def _self(story, plant, kind):
    """Return what a plant answers in its self-inspection, and the county to it."""
    if kind == "clean":
        return {"self_check_inspect": {"found": "no"}, "acknowledge": {"accepted": "yes"}}
    later = {"fixed": "later", "deadline": story.day(12), **PLAN}
    rows = {
        "fixed": [
            {**RAIL, "fixed": "now", "fixed_on": story.day(0), "after": [_photo(story, plant)]}
        ],
        "later": [{**GAS, **later}],
        "major": [{**DUST, **later}, {**GAS, **later}],
    }[kind]
    left = "no" if kind == "fixed" else "yes"
    grade = "major" if kind == "major" else "general"
    return {
        "self_check_inspect": {"found": "yes", "remaining": left},
        "self_check_ledger": {"hazards": rows, "hazard_class": grade, "remaining": left},
        "acknowledge": {"accepted": "yes", "precaution": "yes", "stop_rule": "no_precaution"},
    }


def _photo(story, plant):
    return story.town.upload(story.town.holders("principal", plant)[0])


# 四（三） 县级全面检查


def inspected(action):
    action.until(action.days["county_inspection_starts"], 1)
    cases, story = action.cases("county_inspection"), action.story
    kinds = {
        plant: ELSEWHERE.get(number, COUNTY[number % len(COUNTY)])
        for number, plant in enumerate(action.plants)
    }
    worst = next(plant for plant in action.plants if _name(story, plant) == closure.NAME)
    kinds[worst] = "clean"  # what is wrong there is found when it is inspected again
    ends = action.each(
        action.plants, lambda plant: inspect(story, cases[plant], kinds[plant], OFFICERS)
    )
    unsigned = sum(action.went_by(cases.values(), "site_record_refusal"))
    banned = sum(action.went_by(cases.values(), "stop_use_draft"))
    action.tell("县级全面检查", ends, f"其中拒绝签字 {unsigned} 家", f"禁用淘汰设备 {banned} 家")
    action.rectified(postponed=[plant for plant, kind in kinds.items() if kind == "extended"])
    stopped(action)
    closed(action, worst)
    action.until(action.days["county_inspection_ends"], 1)
    shown = action.pass_gate("gate_county")
    story.told(
        f"县级检查阶段小结：完成 {shown['done']} 家，未完成 {shown['open']} 家（{shown['missing']}）"
    )


def _name(story, plant):
    return story.get(f"/enterprises/{plant}")["name"]


def inspect(story, case, kind, officers):
    """Inspect a plant as a bureau does; return how the case ended."""
    found = FOUND.get(kind, [])
    worst = "none" if not found else "major" if kind == "stopped" else "general"
    return story.walk(
        case,
        None,
        plan={"officers": officers, "expert_wanted": "no", "manner": "planned"},
        approve={"approval": "approved"},
        arrive={"access": "refused" if kind == "refused" else "admitted", "officers": officers},
        visit={"officers": officers, "danger": "no", "hazards": found, "clean": not found},
        site_record_cosign={
            "paper_state": "made",
            "plant_signs": "refused" if kind == "unsigned" else "online",
        },
        site_record_refusal={"unsigned": "refused", "officers": officers},
        classify={
            **closure.FOUND,
            "stop_rule": "no_precaution",
            "precaution": "no" if kind == "stopped" else "yes",
            "equipment": "yes" if kind == "banned" else "no",
            "worst": worst,
        },
    )


def stopped(action):
    """Who was stopped puts it right, is reviewed, and resumes with the bureau's consent."""
    story, cases = action.story, action.cases("stop_production")

    def one(case):
        review = closure.suspended(story, case, story.day(60))
        return closure.reviewed(story, case, review)

    action.tell("暂时停产、挂黄牌、挂牌督办", action.each(cases.values(), one))


def closed(action, plant):
    """Who neither puts right nor stops: from an order to the government's decision."""
    failed = closure.not_rectified(action.story, plant)
    refused = closure.stopped_as_a_penalty(action.story, failed, plant)
    closure.closed(action.story, refused, plant)
    action.reported("工作进展")  # three weeks have passed for the hearing


# 四（五） 巩固提升“回头看”


def looked_back(action):
    story = action.story
    action.until(action.days["look_back_starts"], 1)
    cases = action.cases("look_back")
    watched = action.each(
        enumerate(cases.values()), lambda row: _look_back(story, row[1], worse=row[0] % 9 == 1)
    )
    action.rectified()
    action.each([case for case in watched if case], lambda case: _look_again(story, case))
    action.tell("“回头看”逐项核实", [story.case(case)["ended"] for case in cases.values()])


def _look_back(story, case, *, worse):
    """Look back at a plant; return the case if something that came back is put right elsewhere."""
    task = story.walk(case, "verify")
    begun = story.get(f"/tasks/{task['id']}", STAFF)["prefill"]
    photo = [story.town.upload(STAFF)]
    rows = [{"manner": "spot", "result": "confirmed"} for _ in begun.get("closed", [])]
    if worse and rows:
        rows[0] = {**rows[0], "result": "recurred", "note": "再次失灵", "photos": photo}
    verified = {"accepted": "yes", "closed": rows, "officers": OFFICERS}
    if rows or begun.get("own"):
        verified |= {"visited_on": story.day(0), "record": photo}
    story.by_somebody(task, verified)
    return _go_on(story, case)


def _go_on(story, case):
    """Do what is open until a look-back has ended, or watches another case: that one is returned."""
    while True:
        view = wait_for(lambda: story.at_rest(case), f"case {case} does not come to rest")
        if view["status"] != "running":
            return None
        (task,) = view["tasks"]
        if task["node"] == "watch":
            return case
        wanted = {}
        if task["node"] == "decide":
            left = story.get(f"/tasks/{task['id']}", LEADER)["prefill"]["left"]
            wanted = {"course": "escalated" if left == "escalated" else "rectify"}
        story.by_somebody(task, wanted)


def _look_again(story, case):
    (task,) = story.open(case)
    story.by_somebody(task, {"watch_way": "look"})
    assert _go_on(story, case) is None


# 五（四） 总结


def ended(action):
    story = action.story
    action.until(action.days["summary_due"], -3)
    action.reported("专项行动总结")
    action.until(action.days["summary_due"], 1)
    action.consolidated()
    action.until(action.days["look_back_ends"], 1)
    shown = action.pass_gate("gate_look_back")
    story.told(f"回头看阶段小结：完成 {shown['done']} 家，未销号隐患 {shown['hazards']} 项")
    story.walk(action.case, None)
    (summary,) = [row for row in story.case(action.case)["documents"] if row["kind"] == "summary"]
    story.told(f"印发专项行动工作总结（{summary['number']}），结束专项行动")
