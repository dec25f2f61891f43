"""回头看: every way through it; "all put right" is said by two ends alone, and never beside a hazard."""

import pytest

from app.domain.hazards import HazardState
from app.domain.look_back import FOUND, Left
from tests.diagrams.walker import Refused, load, walk

DAY = "2026-12-10"
CLEAR = {"take_stock": ("clear",)}


def begun(*told, **more):
    """Begin a look-back in which the stock is taken with these answers, one after the other."""
    case = walk("look_back", CLEAR, deadline=DAY, **more)
    case.left = list(told)
    return case


def step(case, node, **answers):
    """Do a task with the next answer of the ledger."""
    if case.left:
        case.results["take_stock"] = (case.left.pop(0),)
    return case.do(node, **answers)


def verified(*told, **answers):
    case = begun(*told).do("look")
    return step(case, "verify", **{"accepted": "yes", **answers})


def started(case):
    return [told["procedure"] for _, name, told in case.effects if name == "start_case"]


def test_all_is_put_right():
    case = verified("clear", "clear")
    assert case.open == ["conclude"]
    assert step(case, "conclude").ended == ["end_clear"]


def test_after_catching_up():
    case = verified("own", "elsewhere", "caught_up", "caught_up")
    assert case.open == ["decide"]
    step(case, "decide", course="rectify")
    assert (case.open, started(case)) == (["watch"], ["rectification"])
    step(case, "watch", watch_way="look")
    assert step(case, "conclude").ended == ["end_caught_up"]


@pytest.mark.parametrize(
    ("left", "then"),
    [("own", "decide"), ("elsewhere", "watch"), ("late", "watch"), ("escalated", "decide")],
)
def test_what_is_open_when_it_is_concluded_sends_it_back(left, then):
    case = verified("clear", left)
    step(case, "conclude")
    assert (case.open, case.ended) == ([then], [])


def test_what_is_overdue_elsewhere_is_told_to_the_leader():
    case = verified("late")
    told = ("notify", {"audience": "deputy_head", "message": "look_back_waiting"})
    assert case.effects[-1][1:] == told
    case.do("watch", watch_way="urge")
    assert (case.open, case.timers) == ([], {"again": "P7D"})
    assert case.fire("again").open == ["watch"]
    assert case.do("watch", watch_way="escalate").open == ["decide"]


def test_a_stop_that_has_taken_all_over_ends_it_without_a_conclusion():
    case = verified("own", "escalated")
    assert step(case, "decide", course="stop").ended == ["end_escalated"]
    assert started(case) == ["stop_production"]


def test_nothing_ends_as_handed_over_before_it_is():
    case = verified("escalated", "elsewhere")
    step(case, "decide", course="escalated")
    assert (case.open, case.ended) == (["watch"], [])


@pytest.mark.parametrize(
    ("left", "wrong"),
    [
        ("own", ["wait", "escalated"]),
        ("elsewhere", ["rectify", "stop", "escalated"]),
        ("escalated", ["rectify", "stop"]),
    ],
)
def test_a_decision_fits_where_the_hazards_stand(left, wrong):
    case = verified(left)
    if case.open == ["watch"]:
        case.do("watch", watch_way="escalate")
    for course in wrong:
        with pytest.raises(Refused):
            case.do("decide", course=course)


def test_the_rest_of_a_long_list_is_waited_for():
    case = verified("rest", "clear")
    told = [parameters for _, name, parameters in case.effects if name == "start_case"]
    assert [(one["procedure"], one["wait"]) for one in told] == [("look_back", "yes")]
    assert case.open == ["conclude"]


def test_silence_holds_nothing_up():
    case = begun("clear").fire("due_soon").fire("overdue")
    told = [one["audience"] for _, name, one in case.effects if name == "notify"]
    assert told == ["enterprise", "enterprise", "staff", "deputy_head"]
    assert case.open == ["verify"]


def test_the_county_returns_it_with_a_new_day():
    case = begun("clear").do("look")
    case.do("verify", accepted="no", deadline="2026-12-20")
    assert case.open == ["look"]
    assert case.timers["overdue"] == "2026-12-20"


def test_a_plant_that_is_gone_ends_it():
    assert verified("gone").ended == ["end_gone"]
    case = walk("look_back", {"take_stock": ("gone",)}, deadline=DAY)
    assert case.ended == ["end_gone"]


def test_a_campaign_starts_it_by_its_day_and_others_without_one():
    assert walk("look_back", CLEAR, deadline="2026-11-30").open == ["look"]
    case = walk("look_back", CLEAR, child=True)
    assert case.open == ["assign"]
    assert case.do("assign", deadline="2026-11-30").open == ["look"]


def test_each_row_says_what_was_seen_with_its_evidence():
    case = begun("clear").do("look")
    base = {"accepted": "yes", "visited_on": "2026-05-06", "record": ["0" * 32]}
    row = {"manner": "spot", "result": "confirmed", "note": "已核实"}
    for wrong in (
        {"closed": [{**row, "result": "recurred", "photos": None}]},
        {"own": [{**row, "result": "fixed", "manner": "papers", "photos": ["0" * 32]}]},
        {"closed": [row], "visited_on": None},
        {"closed": [row], "record": None},
        {"officers": [{"name": "张伟", "certificate": "14112300101"}]},
    ):
        with pytest.raises(Refused):
            case.do("verify", **{**base, **wrong})


@pytest.mark.parametrize("task", ["look", "verify", "watch", "decide"])
def test_the_forms_have_words_for_wherever_a_hazard_stands(task):
    told = {
        name: {choice.value for choice in field.choices}
        for table in load("look_back")[1][task].fields
        for field in table.fields
        for name in [field.key]
    }
    if "state" in told:
        assert told["state"] == {state.value for state in HazardState}
    assert told["found_in"] == {*FOUND, "other"}


@pytest.mark.parametrize("task", ["watch", "decide", "conclude"])
def test_the_forms_have_words_for_whatever_is_left(task):
    (left,) = [field for field in load("look_back")[1][task].fields if field.key == "left"]
    assert {choice.value for choice in left.choices} == {left.value for left in Left}
