"""One run of the campaign: its days and its plants, and what is done in every stage alike."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.findings import OFFICERS
from tests.stories.closure import PLAN
from tests.stories.people import wait_for

STAFF, LEADER, CITY = "xingxian.staff1", "xingxian.deputy", "lvliang.staff1"
HANDED_IN, ADDED_UP = 20, 24
"""Days of the month: the 23rd is when a report is due."""
AT_ONCE = 4
"""Cases that are walked at the same time: people do not wait for each other either."""
REPORT = "已成立工作机构，制定实施方案，动员部署到车间、班组，按要求开展自查和整改。"


@dataclass
class Action:
    """One run of the campaign."""

    story: object
    case: str = ""
    days: dict = field(default_factory=dict)
    plants: list = field(default_factory=list)
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
                self.reported(f"{next_day.month}月工作进展")
            elif next_day.day == ADDED_UP:
                self.consolidated()

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
        return all(row["total"] == row["started"] + row["failed"] for row in self.batches())

    def batches(self):
        """Return what was asked of all members, in its stages and outside them."""
        view = self.view()
        return [batch for stage in view["stages"] for batch in stage["batches"]] + view["reports"]

    def all(self, path):
        """Return every row of a list."""
        rows, cursor = [], ""
        while cursor is not None:
            page = self.story.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
            rows += page["items"]
            cursor = page["next"]
        return rows

    def cases(self, procedure, status="running"):
        """Return the ids of the running cases of a procedure, by their enterprises."""
        rows = self.all(f"/cases?procedure={procedure}&status={status}")
        return {row["subject"]["id"]: row["id"] for row in rows}

    def each(self, rows, function):
        """Do something for each of many, a few at a time; return what came of it, in order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(function, rows))

    def went_by(self, cases, node, story=None):
        """Return how often each of some cases has seen a node's task done, by the history."""
        story = story or self.story

        def times(case):
            lines = story.get(f"/cases/{case}/history")["items"]
            return sum(
                1 for line in lines if (line["node"], line["action"]) == (node, "task.complete")
            )

        return self.each(cases, times)

    def pass_gate(self, node):
        """Close a stage: the campaign's task that names who is missing; return what it shows."""
        task = next(task for task in self.story.open(self.case) if task["node"] == node)
        shown = self.story.get(f"/tasks/{task['id']}", STAFF)["prefill"]
        self.story.by_somebody(task, {"followup": "已列入督办"})
        return shown

    def tell(self, what, ends, *more):
        """Tell how many cases ended each way."""
        told = [f"{end or '尚未办结'} {number} 家" for end, number in Counter(ends).items()]
        self.story.told(f"{what}：" + "，".join([*told, *more]))

    def reported(self, what):
        """Have every plant hand in what it is asked for now, and the county accept it."""
        cases = self.cases("periodic_report").values()
        ends = self.each(cases, lambda case: self.story.walk(case, None, fill={"content": REPORT}))
        self.tell(f"企业报送{what}", ends)

    def consolidated(self):
        """Have the county add up what its plants have reported, and the city receive it."""
        for case in self.cases("statistics_report").values():
            ended = self.story.walk(case, None)
            self.story.told(f"县局汇总统计报表，签署、用印、上报：{ended}")

    def rectified(self, postponed=()):
        """Walk every order to rectify to its end; some plants ask for more time first."""
        story, cases = self.story, self.cases("rectification")

        def one(row):
            plant, case = row
            return story.walk(case, None, **self._rectify(case, more_time=plant in postponed))

        ends = self.each(cases.items(), one)
        extended = sum(1 for times in self.went_by(cases.values(), "decide_extension") if times)
        assert extended == len(set(postponed) & set(cases)), "who asked for more time has it"
        self.tell("隐患整改", ends, *([f"其中延期 {extended} 家"] if extended else []))

    def _rectify(self, case, *, more_time):
        """Return what everybody answers in a case of an order to rectify."""
        story = self.story
        task = story.walk(case, "draft_order")
        listed = story.get(f"/tasks/{task['id']}", STAFF)["prefill"]["hazards"]
        rows, classes = len(listed), {row["class"] for row in listed}
        later = {"extension": "granted", "extended_to": story.day(20)}
        asked = {"request": "extension", "extension_to": later["extended_to"]}
        return {
            "draft_order": {
                "deadline": story.day(12),
                "plan_deadline": story.day(3),
                "officers": OFFICERS,
                "hazard_class": "major" if "major" in classes else "general",
            },
            "plan": {"items": [PLAN] * rows},
            "rectify": asked if more_time else {"request": "reinspection"},
            "decide_extension": later,
            "reinspect": {
                "items": [{"result": "pass"}] * rows,
                "conclusion": "pass",
                "officers": OFFICERS,
            },
        }
