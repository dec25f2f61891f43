"""What the city does: it draws, visits, has the county answer, scores, and tells everybody."""

from collections import Counter

from tests.findings import DUST, GAS
from tests.stories.people import wait_for
from tests.stories.xingxian.action import CITY
from tests.stories.xingxian.county import inspect

INSPECTORS = ("lvliang.staff1", "lvliang.staff2", "lvliang.staff3")
OFFICERS = [
    {"name": "秦建国", "certificate": "14-000004"},
    {"name": "秦志强", "certificate": "14-000005"},
]
VALUE = {"issue": "2027103", "numbers": "03 07 12 19 25 31 09"}
VISITS = ("clean", "feedback", "clean", "clean", "returned", "clean", "danger", "clean")
"""What the inspectors come upon, in turn; `returned` is put right in a second attempt."""
SCORED = {"draft_circular": {"title": "关于冶金工贸行业专项行动督查检查情况的通报"}}

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
    visits = visited(action, city)
    answered(action, city, visits)
    inspected_by_city(action, city)
    ended = city.walk(case, None, **SCORED)
    story.told(f"汇总、评分、排名、签发通报：{ended}")
    action.until(action.days["city_spot_check_ends"], 1)
    action.pass_gate("gate_city")
    story.told("市级督查检查阶段小结")


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
    ends = [inspect(city, one["inspection"], "clean", OFFICERS) for one in own]
    action.tell("市局直管企业全面检查", ends)


def _awaited(city, case):
    """Return until when a case waits for a time."""
    waits = city.case(case)["waiting"]
    return next((wait["until"] for wait in waits if wait["kind"] == "time"), None)


def visited(action, city):
    """The inspectors drawn go; nobody in the county knows before both of them are there.

    Returned is what they came upon in each visit.
    """
    story = action.story
    wait_for(lambda: _all_started(action, city), "the visits are not started")
    targets = city.get(f"/draws/{action.draw}")["targets"]
    kinds = {target["visit"]: VISITS[n % len(VISITS)] for n, target in enumerate(targets)}

    def one(row):
        visit, kind = row
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
        return city.case(visit)["ended"] or "已反馈县局"

    ends = action.each(kinds.items(), one)
    measures = sum(action.went_by(kinds, "on_site_draft", city))
    action.tell("市级抽查到场检查", ends, f"其中当场采取措施 {measures} 家")
    return kinds


def _all_started(action, city):
    return all(target["visit"] for target in city.get(f"/draws/{action.draw}")["targets"])


def answered(action, city, visits):
    """The county issues its papers, has it put right and reports; the city accepts, or does not."""
    open_ = [visit for visit, kind in visits.items() if kind != "clean"]
    again = [visit for visit in open_ if visits[visit] == "returned"]
    _put_right(action, city, open_)
    for visit in again:
        returned = {"conclusion": "returned", "report_by": action.story.day(20)}
        city.walk(visit, "issue", accept=returned)
    _put_right(action, city, again)
    ends = action.each(
        open_, lambda visit: city.walk(visit, None, accept={"conclusion": "accepted"})
    )
    judged = Counter(action.went_by(open_, "accept", city))
    action.tell("县局整改、上报", ends, *(f"审核 {n} 次的 {of} 家" for n, of in judged.items()))


def _put_right(action, city, visits):
    action.each(visits, lambda visit: city.walk(visit, "report", issue={"way": "rectify"}))
    action.rectified()
    action.each(visits, lambda visit: city.walk(visit, "accept", report={"done": "all"}))
