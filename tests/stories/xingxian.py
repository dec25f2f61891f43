"""兴县's notice of 2022 for next year, carried out for all its plants: five stages, by the demo's clock."""

from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.findings import CRANE, DUST, GAS, OFFICERS, RAIL
from tests.stories import closure
from tests.stories.people import wait_for

STAFF, LEADER, CITY = "xingxian.staff1", "xingxian.deputy", "lvliang.staff1"
INSPECTORS = ("lvliang.staff1", "lvliang.staff2", "lvliang.staff3")
CAMPAIGN = "campaign_xingxian_2022"
NAME = "兴县冶金工贸行业安全生产大检查大整治大提升专项行动（演示）"
HANDED_IN, ADDED_UP = 20, 24
"""Days of the month: the 23rd is when a report is due."""
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
        """Let the clock go on to the morning of a day, or of one so many days from it.

        On the way the months' reports are handed in, and consolidated once their day is over.
        """
        wanted = date.fromisoformat(str(day)) + timedelta(days=ahead)
        while (next_day := min(self._reporting_day(), wanted)) > self.story.town.today:
            self.story.advance(f"P{(next_day - self.story.town.today).days}D")
            self.at_rest()
            if next_day.day == HANDED_IN:
                reported(self, f"{next_day.month}月工作进展")
            elif next_day.day == ADDED_UP:
                consolidated(self)

    def _reporting_day(self):
        """Return the next day on which reports are handed in, or added up."""
        day = self.story.town.today + timedelta(days=1)
        while day.day not in (HANDED_IN, ADDED_UP):
            day += timedelta(days=1)
        return day

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
    """Play it all; return the campaign's case."""
    action = Action(story)
    deployed(action)
    self_inspected(action)
    inspected(action)
    spot_checked(action)
    looked_back(action)
    ended(action)
    for obligation in OBLIGATIONS:
        story.tell(obligation(action))
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


def consolidated(action):
    """Have the county add up what its plants have reported, and the city receive it."""
    cases = action.cases("statistics_report")
    for case in cases.values():
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
    cases, story = action.cases("county_inspection"), action.story
    worst = next(plant for plant in action.plants if _name(story, plant) == closure.NAME)
    for number, plant in enumerate(action.plants):
        kind = {3: "refused", 12: "banned", 30: "unsigned"}.get(number, ROUND[number % len(ROUND)])
        action.fates["county"][plant] = "closed" if plant == worst else kind
    action.each(action.plants, lambda plant: _inspect(action, plant, cases[plant]))
    action.tell("县级全面检查", COUNTY, "county")
    rectified(action)
    stopped(action)
    closed(action, worst)
    action.until(action.days["county_inspection_ends"], 1)
    shown = action.pass_gate("gate_county")
    story.told(
        f"县级检查阶段小结：完成 {shown['done']} 家，未完成 {shown['open']} 家（{shown['missing']}）"
    )


ROUND = (
    "clean",
    "general",
    "clean",
    "clean",
    "extended",
    "clean",
    "clean",
    "stopped",
    "clean",
    "clean",
)


def _name(story, plant):
    return story.get(f"/enterprises/{plant}")["name"]


FOUND = {
    "general": [GAS],
    "extended": [GAS, RAIL],
    "unsigned": [RAIL],
    "banned": [RAIL],
    "stopped": [CRANE],
}


def _inspect(action, plant, case, story=None, officers=OFFICERS):
    kind, story = action.fates["county"].get(plant, "clean"), story or action.story
    found = FOUND.get(kind, [])
    worst = "none" if not found else "major" if kind == "stopped" else "general"
    arrive = {"access": "refused" if kind == "refused" else "admitted", "officers": officers}
    signs = "refused" if kind == "unsigned" else "online"
    story.walk(
        case,
        None,
        plan={"officers": officers, "expert_wanted": "no", "manner": "planned"},
        approve={"approval": "approved"},
        arrive=arrive,
        visit={"officers": officers, "danger": "no", "hazards": found, "clean": not found},
        site_record_cosign={"paper_state": "made", "plant_signs": signs},
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
        review = story.walk(
            case,
            "supervision_review",
            choose={
                "finding": "unsafe",
                "yellow_rule": "yes",
                "article": "《中华人民共和国安全生产法》第六十五条第一款第三项",
                "comply_by": story.day(60),
            },
            on_site_draft={"measures": ["withdraw", "stop"]},
            supervision_review_plan={"result": "secured"},
            supervision_rectify={"request": "review"},
        )
        rows = story.get(f"/tasks/{review['id']}", STAFF)["prefill"]["points"]
        points = [{**row, "result": "pass", "note": "现场核查，已经整改到位"} for row in rows]
        story.walk(
            case,
            None,
            supervision_review={"points": points, "result": "pass", "officers": OFFICERS},
            consent={"consent": "yes"},
        )

    action.each(cases.values(), one)
    story.told(f"暂时停产、挂黄牌、挂牌督办：{len(cases)} 家，审查合格，同意恢复生产并摘牌")


def closed(action, plant):
    """Who neither puts right nor stops: from an order to the government's decision."""
    failed = closure.not_rectified(action.story, plant)
    refused = closure.stopped_as_a_penalty(action.story, failed, plant)
    closure.closed(action.story, refused, plant)
    reported(action, "工作进展")  # three weeks have passed for the hearing


# 四（四） 市级督查检查


def spot_checked(action):
    story = action.story
    action.until(action.days["city_spot_check_starts"], 1)
    arranged = next(task for task in story.open(action.case) if task["node"] == "city_arrange")
    city = story.beside(CITY)
    case = city.start(
        CITY,
        "city_spot_check",
        city.office(CITY),
        kind="organisation",
        title=f"{story.town.today.year}年冶金工贸行业市级督查抽查",
        basis="《吕梁市安全生产大检查大整治大提升行动实施方案》",
    )
    draw = drawn(action, city, case)
    city.by_somebody(arranged, {"arrangement": "双随机抽查，重点和不放心企业全覆盖", "draw": draw})
    visited(action, city)
    answered(action, city)
    inspected_by_city(action, city)
    ended = city.walk(case, None, **SCORED)
    story.told(f"汇总、评分、排名、签发通报：{ended}")
    action.until(action.days["city_spot_check_ends"], 1)
    action.pass_gate("gate_city")
    story.told("市级督查检查阶段小结")


SCORED = {"draft_circular": {"title": "关于冶金工贸行业专项行动督查检查情况的通报"}}


def drawn(action, city, case):
    """Freeze, declare, commit, draw, confirm and sign; return the draw's number."""
    town, story = city.town, action.story
    city.walk(case, "commit", scope={"kind": "main", "percent": 10})
    draw = city.get("/draws")["items"][0]
    for username in INSPECTORS:
        body = {"enterprise": None, "reason": ""}
        town.call(username, "POST", f"/draws/{draw['id']}/interests", body)
    commit = next(task for task in city.open(case) if task["node"] == "commit")
    city.by_somebody(commit, {"commit_way": "commit", "load": 100, "source": "ssq"})
    wait_for(lambda: _awaited(city, case), "the drawing is not waited for")
    while held := _awaited(city, case):
        action.until(max(held[:10], str(story.town.today)), 1)
    typed = {"enter_first": VALUE, "enter_second": VALUE}
    city.walk(case, "gather", **typed, confirm={"confirm_way": "confirm"})
    view = city.get(f"/draws/{draw['id']}")
    action.draw = draw["id"]
    story.told(f"双随机抽取 {draw['number']}：抽中和全覆盖 {len(view['targets'])} 家")
    return draw["number"]


def inspected_by_city(action, city):
    """The city inspects in full what it supervises itself, outside the draw."""
    own = city.get(f"/draws/{action.draw}")["own"]
    for one in own:
        _inspect(action, one["enterprise"]["id"], one["inspection"], city, OF_CITY)
    action.story.told(f"市局直管企业全面检查：{len(own)} 家")


OF_CITY = [
    {"name": "秦建国", "certificate": "14-000004"},
    {"name": "秦志强", "certificate": "14-000005"},
]


def _awaited(city, case):
    """Return until when a case waits for a time."""
    waits = city.case(case)["waiting"]
    return next((wait["until"] for wait in waits if wait["kind"] == "time"), None)


def visited(action, city):
    """The inspectors drawn go; nobody in the county knows before both of them are there."""
    story = action.story
    wait_for(lambda: _all_started(action, city), "the visits are not started")
    targets = city.get(f"/draws/{action.draw}")["targets"]
    kinds = ("clean", "feedback", "clean", "clean", "returned", "clean", "danger", "clean")
    for number, target in enumerate(targets):
        action.fates["city"][target["visit"]] = kinds[number % len(kinds)]

    def one(visit):
        kind = action.fates["city"][visit]
        found = [] if kind == "clean" else [DUST] if kind == "danger" else [GAS]
        city.walk(
            visit,
            None if kind == "clean" else "issue",
            arrive={"access": "admitted"},
            join={"access": "admitted"},
            visit={
                "danger": "yes" if kind == "danger" else "no",
                "hazards": found,
                "clean": not found,
            },
            site_record_cosign={"paper_state": "made", "plant_signs": "online"},
            on_site_draft={"measures": ["withdraw"]},
            feedback={"report_by": story.day(40)},
        )

    action.each(list(action.fates["city"]), one)
    action.tell("市级抽查到场检查", CITYS, "city")


def _all_started(action, city):
    return all(target["visit"] for target in city.get(f"/draws/{action.draw}")["targets"])


def answered(action, city):
    """The county issues its papers, has it put right and reports; the city accepts, or does not."""
    open_ = [visit for visit, kind in action.fates["city"].items() if kind != "clean"]
    again = [visit for visit in open_ if action.fates["city"][visit] == "returned"]
    _put_right(action, city, open_)
    for visit in again:
        returned = {"conclusion": "returned", "report_by": action.story.day(20)}
        city.walk(visit, "issue", accept=returned)
    _put_right(action, city, again)
    action.each(open_, lambda visit: city.walk(visit, None, accept={"conclusion": "accepted"}))
    action.story.told(
        f"县局下达文书、整改、上报 {len(open_)} 件，市局认可，其中退回一次 {len(again)} 件"
    )


def _put_right(action, city, visits):
    action.each(visits, lambda visit: city.walk(visit, "report", issue={"way": "rectify"}))
    rectified(action)
    action.each(visits, lambda visit: city.walk(visit, "accept", report={"done": "all"}))


# 四（五） 巩固提升“回头看”


def looked_back(action):
    story = action.story
    action.until(action.days["look_back_starts"], 1)
    cases = action.cases("look_back")
    watched = action.each(
        enumerate(cases.items()), lambda row: _look_back(action, row[1], worse=row[0] % 9 == 1)
    )
    rectified(action)
    action.each([case for case in watched if case], lambda case: _look_again(action, case))
    ends = Counter(story.case(case)["ended"] for case in cases.values())
    told = "，".join(f"{end} {number} 家" for end, number in ends.items())
    story.told(f"“回头看”：{len(cases)} 家逐项核实，{told}")


def _look_back(action, row, *, worse):
    """Look back at a plant; return the case if something that came back is put right elsewhere."""
    (_plant, case), story = row, action.story
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


def _look_again(action, case):
    story = action.story
    (task,) = story.open(case)
    story.by_somebody(task, {"watch_way": "look"})
    assert _go_on(story, case) is None


# 五（四） 总结


def ended(action):
    story = action.story
    action.until(action.days["summary_due"], -3)
    reported(action, "专项行动总结")
    action.until(action.days["summary_due"], 1)
    consolidated(action)
    action.until(action.days["look_back_ends"], 1)
    shown = action.pass_gate("gate_look_back")
    story.told(f"回头看阶段小结：完成 {shown['done']} 家，未销号隐患 {shown['hazards']} 项")
    story.walk(action.case, None)
    story.told("汇总行动总结，结束专项行动")


@dataclass(frozen=True)
class Obligation:
    """What the notice orders, and what tells that it was done."""

    clause: str
    text: str
    told: Callable

    def __call__(self, action):
        return f"{self.clause} {self.text}：{self.told(action)}"


def _many(action, stage, *kinds):
    return sum(1 for fate in action.fates[stage].values() if fate in kinds)


def _batch(action, name):
    view = action.view()
    rows = [batch for stage in view["stages"] for batch in stage["batches"]] + view["reports"]
    found = [row for row in rows if row["name"] == name]
    return f"{sum(row['done'] for row in found)}/{sum(row['total'] for row in found)} 家"


def _coverage(action):
    found = action.view()["coverage"]
    return (
        f"应检 {found['total']} 家，到场检查 {found['visited']} 家，拒绝检查 {found['refused']} 家"
    )


def _hazards(action):
    found = action.view()["hazards"]
    return (
        f"一般隐患 {found['general']['total']} 项，已销号 {found['general']['closed']} 项；"
        f"重大隐患 {found['major']['total']} 项，已销号 {found['major']['closed']} 项；"
        f"企业自查发现 {found['plant']['total']} 项，检查发现 {found['inspectors']['total']} 项"
    )


OBLIGATIONS = (
    Obligation("二", "成立领导组", lambda _action: f"{len(GROUP)} 人"),
    Obligation("三（一）", "每一家企业纳入监管", lambda action: f"{len(action.plants)} 家"),
    Obligation(
        "三（三）",
        "重大隐患挂牌督办、双报告",
        lambda action: (
            f"自查报告 {_many(action, 'self', 'major')} 家，"
            f"停产督办 {_many(action, 'county', 'stopped', 'closed')} 家"
        ),
    ),
    Obligation(
        "四（一）", "5月6日前报送方案和部署", lambda action: _batch(action, "布置报送行动方案")
    ),
    Obligation(
        "四（二）",
        "企业自查自纠，一般隐患“五定”",
        lambda action: (
            f"完成 {len(action.plants) - _many(action, 'self', 'late')} 家，"
            f"逾期 {_many(action, 'self', 'late')} 家列为不放心企业"
        ),
    ),
    Obligation("四（三）", "县级检查逐一全覆盖", _coverage),
    Obligation(
        "四（四）",
        "市级抽查不少于10%，重点和不放心企业全覆盖",
        lambda action: (
            f"{len(action.fates['city'])} 家，反馈整改 {_many(action, 'city', 'feedback', 'returned', 'danger')} 家"
        ),
    ),
    Obligation("四（五）", "“回头看”，补课达标", lambda action: _batch(action, "启动“回头看”")),
    Obligation("五（二）", "隐患整改闭环管理", _hazards),
    Obligation(
        "五（三）",
        "不具备安全生产条件的，提请关闭",
        lambda action: f"政府决定关闭 {_many(action, 'county', 'closed')} 家",
    ),
    Obligation("五（四）", "每月23日报送进展", lambda action: _batch(action, "布置报送工作进展")),
    Obligation("五（四）", "11月15日前报送总结", lambda action: _batch(action, "布置报送行动总结")),
)
