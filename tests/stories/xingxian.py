"""兴县's notice of 2022 for next year, carried out for all 60 plants: five stages, by the demo's clock."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

from tests.findings import DUST, GAS, RAIL
from tests.stories.people import wait_for

STAFF, LEADER, CITY = "xingxian.staff1", "xingxian.deputy", "lvliang.staff1"
NAME = "兴县冶金工贸行业安全生产大检查大整治大提升专项行动（演示）"
AT_ONCE = 4
"""Cases that are walked at the same time: people do not wait for each other either."""
PLAN = {"owner": "张伟", "measure": "更换并重新标定", "doer": "王芳", "checker": "陈静"}
GROUP = [
    {"name": "白守正（演示）", "post": "局长", "duty": "head"},
    {"name": "白永刚（演示）", "post": "副局长", "duty": "deputy"},
    {"name": "白建国（演示）", "post": "股长", "duty": "member"},
]


@dataclass
class Action:
    """One run of the campaign: `plants` by their place in the list, `fates` what became of each."""

    story: object
    case: str = ""
    days: dict = field(default_factory=dict)
    plants: list = field(default_factory=list)
    fates: dict = field(default_factory=lambda: defaultdict(list))
    figures: Counter = field(default_factory=Counter)

    def view(self):
        return self.story.get(f"/campaigns/{self.case}")

    def until(self, day):
        """Let the clock go on to the morning of a day."""
        ahead = (date.fromisoformat(str(day)) - self.story.town.today).days
        if ahead > 0:
            self.story.advance(f"P{ahead}D")

    def at_rest(self):
        """Wait until every case asked for has been started."""
        wait_for(self._started, "the campaign's cases are not started")

    def _started(self):
        view = self.view()
        rows = [batch for stage in view["stages"] for batch in stage["batches"]] + view["others"]
        return all(row["total"] == row["started"] + row["failed"] for row in rows)

    def cases(self, procedure, status="running"):
        """Return the ids of the campaign's cases of a procedure, by their enterprises."""
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


def play(story):
    """Play it all."""
    action = Action(story)
    deployed(action)
    reported(action, zero=False)
    action.until(action.days["deployment_ends"])
    self_inspected(action)
    return action.case


def deployed(action):
    """四（一）: whom the notice is for, its days, and the leader's approval."""
    story = action.story
    story.advance("P163D")  # the morning of 2 May, on which the notice was given
    office = story.office(STAFF)
    year = str(story.town.today.year)
    action.case = story.start(
        STAFF, "campaign_xingxian_2022", office, kind="organisation", name=NAME, year=year
    )
    story.walk(action.case, "approve", fix_scope={"group": GROUP})
    for task in story.open(action.case):
        story.by_somebody(task, {"opinion": "同意"})
    action.at_rest()
    action.days = {row["key"]: row["day"] for row in action.view()["days"]}
    action.plants = sorted(action.cases("self_inspection"), key=int)
    story.told(f"部署：纳入企业 {len(action.plants)} 家")


def reported(action, *, zero):
    """Have every plant hand in what it is asked for now, and the county accept it."""
    cases = action.cases("periodic_report")
    fill = {"zero": True, "content": "本期无新情况"} if zero else {"zero": False, "content": REPORT}
    action.each(cases.values(), lambda case: action.story.walk(case, None, fill=fill))
    action.story.told(f"报送：{len(cases)} 家")


def self_inspected(action):
    """四（二）: every plant looks for itself; what it cannot put right at once gets its five points."""
    cases, story = action.cases("self_inspection"), action.story
    late = action.plants[LATE]

    def one(row):
        number, (plant, case) = row
        if plant == late:
            return
        kind = KINDS[number % len(KINDS)]
        action.fates[kind].append(plant)
        story.walk(case, None, **_self(story, kind))

    action.each(enumerate(sorted(cases.items(), key=lambda pair: int(pair[0]))), one)
    story.told(
        "自查自纠："
        + "，".join(f"{name} {len(action.fates[kind])} 家" for kind, name in NAMES.items())
    )


LATE = 17
"""The plant that never hands in its self-inspection."""
KINDS = ("clean", "clean", "clean", "clean", "fixed", "later", "clean", "clean", "fixed", "major")
NAMES = {"clean": "零隐患", "fixed": "立即整改", "later": "限期整改", "major": "重大隐患"}
REPORT = "已成立专项行动工作机构，制定实施方案，动员部署到车间、班组。"


def _self(story, kind):
    """Return what a plant answers in its self-inspection, and the county to it."""
    if kind == "clean":
        return {"self_check_inspect": {"found": "no"}, "acknowledge": {"accepted": "yes"}}
    until = story.day(20)
    later = {"fixed": "later", "deadline": until, **PLAN}
    now = {"fixed": "now", "fixed_on": story.day(0)}
    rows = {
        "fixed": [{**RAIL, **now, "after": [story.town.upload(STAFF)]}],
        "later": [{**GAS, **later}],
        "major": [{**DUST, **later}, {**GAS, **later}],
    }[kind]
    left = "no" if kind == "fixed" else "yes"
    grade = "major" if kind == "major" else "general"
    return {
        "self_check_inspect": {"found": "yes", "remaining": left},
        "self_check_ledger": {"hazards": rows, "hazard_class": grade, "remaining": left},
        "acknowledge": {"accepted": "yes", "precaution": "yes", "stop_rule": "none"},
    }
