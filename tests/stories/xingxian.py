"""兴县's notice of 2022 for next year, carried out for all its plants: five stages, by the demo's clock."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.findings import CRANE, DUST, GAS, OFFICERS, RAIL
from tests.stories import closure
from tests.stories.people import wait_for

STAFF, CITY = "xingxian.staff1", "lvliang.staff1"
INSPECTORS = ("lvliang.staff1", "lvliang.staff2", "lvliang.staff3")
CAMPAIGN = "campaign_xingxian_2022"
NAME = "兴县冶金工贸行业安全生产大检查大整治大提升专项行动（演示）"
AT_ONCE = 4
"""Cases that are walked at the same time: people do not wait for each other either."""
GROUP = [
    {"post": "head", "name": "白守正（演示）", "position": "县应急管理局局长"},
    {"post": "deputy", "name": "白永刚（演示）", "position": "县应急管理局副局长"},
    {"post": "member", "name": "白建国（演示）", "position": "冶金工贸股股长"},
    {"post": "office", "name": "白建国（演示）", "position": "冶金工贸股股长"},
]
PLAN = {"owner": "张伟", "measure": "更换并重新标定", "doer": "王芳", "checker": "陈静"}
VALUE = {"issue": "2027103", "numbers": "03 07 12 19 25 31 09"}

SELF = {
    "clean": "零隐患",
    "fixed": "立即整改",
    "later": "限期整改",
    "major": "重大隐患",
    "late": "逾期未报",
}
"""How a self-inspection goes."""
COUNTY = {
    "clean": "未发现问题",
    "general": "限期整改合格",
    "extended": "延期后整改合格",
    "stopped": "暂时停产，审查同意恢复",
    "unsigned": "拒绝签字，两人记录",
    "refused": "拒绝检查，移送处罚",
    "banned": "禁用淘汰设备",
    "closed": "逾期不改、拒不停产，政府决定关闭",
}
"""How the county's inspection goes."""
CITYS = {
    "clean": "未发现问题",
    "feedback": "反馈县局，整改认可",
    "returned": "整改退回一次后认可",
    "danger": "当场采取现场处理措施",
}
BACK = {"clear": "全部整改到位", "caught_up": "补课达标", "escalated": "已移送停产"}


@dataclass
class Action:
    """One run of the campaign: its days, its plants, and what became of each in each stage."""

    story: object
    case: str = ""
    days: dict = field(default_factory=dict)
    plants: list = field(default_factory=list)
    fates: dict = field(default_factory=lambda: defaultdict(dict))
    draw: str = ""

    def view(self):
        return self.story.get(f"/campaigns/{self.case}")

    def until(self, day, ahead=0):
        """Let the clock go on to the morning of a day, or of one so many days from it."""
        wanted = date.fromisoformat(str(day)) + timedelta(days=ahead)
        left = (wanted - self.story.town.today).days
        if left > 0:
            self.story.advance(f"P{left}D")
        self.at_rest()

    def at_rest(self):
        """Wait until every case that was asked for has been started."""
        wait_for(self._started, "the campaign's cases are not started")

    def _started(self):
        view = self.view()
        rows = [batch for stage in view["stages"] for batch in stage["batches"]] + view["reports"]
        return all(row["total"] == row["started"] + row["failed"] for row in rows)

    def cases(self, procedure, status="running"):
        """Return the ids of the running cases of a procedure, by their enterprises."""
        found, cursor = {}, ""
        while cursor is not None:
            path = f"/cases?procedure={procedure}&status={status}&cursor={cursor}"
            page = self.story.get(path)
            found |= {row["subject"]["id"]: row["id"] for row in page["items"]}
            cursor = page["next"]
        return found

    def each(self, rows, function):
        """Do something for each of many, a few at a time; return what came of it, in order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(function, rows))

    def pass_gate(self, node, **answers):
        """Close a stage: the campaign's task that names who is missing."""
        task = next(task for task in self.story.open(self.case) if task["node"] == node)
        shown = self.story.get(f"/tasks/{task['id']}", STAFF)["prefill"]
        self.story.by_somebody(task, {"followup": "已列入督办", **answers})
        return shown

    def tell(self, what, names, stage):
        """Tell how many plants a stage ended with each way."""
        told = [
            f"{name} {sum(1 for fate in self.fates[stage].values() if fate == key)} 家"
            for key, name in names.items()
        ]
        self.story.told(f"{what}：" + "，".join(told))


def play(story):
    """Play it all."""
    action = Action(story)
    deployed(action)
    self_inspected(action)
    inspected(action)
    return action.case


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
    story.told(f"部署：纳入企业 {len(action.plants)} 家，领导组 {len(GROUP)} 人")
    reported(action, "方案和部署情况")
    action.until(action.days["deployment_ends"], 1)
    action.pass_gate("gate_deployment")
    story.told("部署发动阶段小结")


def reported(action, what, but=()):
    """Have every plant hand in what it is asked for now, and the county accept it."""
    cases = action.cases("periodic_report")
    rows = [case for plant, case in cases.items() if plant not in but]
    action.each(rows, lambda case: action.story.walk(case, None, fill={"content": REPORT}))
    action.story.told(f"企业报送{what}：{len(rows)} 家，未报 {len(cases) - len(rows)} 家")


REPORT = "已成立工作机构，制定实施方案，动员部署到车间、班组，按要求开展自查和整改。"


def of_the_month(action):
    """The reporting day of a month: the plants, and what the county makes of it."""
    reported(action, "工作进展")
    for case in action.cases("statistics_report").values():
        action.story.walk(case, None)
    action.story.told("县局汇总统计报表，签署、用印、上报，市局接收")


# 四（二） 企业自查自纠


def self_inspected(action):
    cases, story = action.cases("self_inspection"), action.story
    kinds = (
        "clean",
        "clean",
        "fixed",
        "clean",
        "later",
        "clean",
        "clean",
        "major",
        "clean",
        "clean",
    )
    for number, plant in enumerate(action.plants):
        action.fates["self"][plant] = "late" if number == 17 else kinds[number % len(kinds)]

    def one(plant):
        kind = action.fates["self"][plant]
        if kind != "late":
            story.walk(cases[plant], None, **_self(story, plant, kind))

    action.each(action.plants, one)
    action.tell("自查自纠", SELF, "self")
    rectified(action)
    action.until(action.days["plan_due"][:8] + "24")
    of_the_month(action)
    action.until(action.days["self_inspection_ends"], 1)
    late = next(plant for plant, kind in action.fates["self"].items() if kind == "late")
    task = next(task for task in story.open(cases[late]) if task["node"] == "settle_late")
    story.by_somebody(task, {"late_way": "close"})
    assert story.get(f"/enterprises/{late}")["worrisome"]
    shown = action.pass_gate("gate_self")
    story.told(f"自查阶段小结：完成 {shown['done']} 家，未完成 {shown['open']} 家，列为不放心企业")


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


def rectified(action, **answers):
    """Walk every order to rectify to its end."""
    cases, story = action.cases("rectification"), action.story

    def one(case):
        task = story.walk(case, "draft_order")
        listed = story.get(f"/tasks/{task['id']}", STAFF)["prefill"]["hazards"]
        rows, classes = len(listed), {row["class"] for row in listed}
        order = {"deadline": story.day(12), "plan_deadline": story.day(3), "officers": OFFICERS}
        again = {"items": [{"result": "pass"}] * rows, "conclusion": "pass", "officers": OFFICERS}
        return story.walk(
            case,
            None,
            **{
                "draft_order": {
                    **order,
                    "hazard_class": "major" if "major" in classes else "general",
                },
                "plan": {"items": [PLAN] * rows},
                "reinspect": again,
                **answers,
            },
        )

    action.each(cases.values(), one)
    story.told(f"隐患整改闭环：{len(cases)} 件，复查合格、销号")


# 四（三） 县级全面检查


def inspected(action):
    action.until(action.days["county_inspection_starts"], 1)
    cases = action.cases("county_inspection")
    kinds = (
        "clean",
        "general",
        "clean",
        "clean",
        "extended",
        "clean",
        "stopped",
        "clean",
        "unsigned",
    )
    special = {3: "refused", 12: "banned", 21: "closed"}
    for number, plant in enumerate(action.plants):
        action.fates["county"][plant] = special.get(number, kinds[number % len(kinds)])
    action.each(action.plants, lambda plant: _inspect(action, plant, cases[plant]))
    action.tell("县级全面检查", COUNTY, "county")


def _inspect(action, plant, case):
    kind, story = action.fates["county"][plant], action.story
    found = {
        "clean": [],
        "refused": [],
        "general": [GAS],
        "extended": [GAS, RAIL],
        "unsigned": [RAIL],
        "banned": [RAIL],
        "stopped": [CRANE],
        "closed": [GAS],
    }[kind]
    worst = "none" if not found else "major" if kind == "stopped" else "general"
    seen = {"hazards": found} if found else {"clean": True, "hazards": []}
    arrive = {"access": "refused"} if kind == "refused" else {"access": "admitted"}
    plant_signs = "refused" if kind == "unsigned" else "online"
    story.walk(
        case,
        None,
        plan={"officers": OFFICERS, "expert_wanted": "no", "manner": "planned"},
        approve={"approval": "approved"},
        arrive={**arrive, "officers": OFFICERS},
        visit={"officers": OFFICERS, "danger": "no", **seen},
        site_record_cosign={"paper_state": "made", "plant_signs": plant_signs},
        site_record_refusal={"unsigned": "refused", "officers": OFFICERS},
        classify={
            **closure.FOUND,
            "precaution": "no" if kind == "stopped" else "yes",
            "equipment": "yes" if kind == "banned" else "no",
            "worst": worst,
        },
    )
