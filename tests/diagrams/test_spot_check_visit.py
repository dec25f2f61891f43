"""抽查检查: two arrive before anybody knows, the county acts, the city accepts; silence is no end."""

import pytest

from tests.diagrams.walker import Refused, walk

FINDING = {
    "description": "除尘系统未设置泄爆口",
    "place": "打磨车间",
    "basis": "《粉尘防爆安全规程》第6.4条",
    "class": "general",
    "known": "none",
}
QUIET = {"danger": "no", "hazards": None, "clean": True}


def arrived(access="admitted", **results):
    return walk("spot_check_visit", results, child=True).do("arrive", access=access)


def visited(**answers):
    case = arrived().do("join", access="admitted")
    return case.do("visit", **{"danger": "no", "hazards": [FINDING], "clean": None, **answers})


def recorded(case):
    case.do("site_record_sign", paper_state="made")
    case.do("site_record_cosign", paper_state="made", plant_signs="online")
    return case.do("site_record_plant", signature="signed")


def fed_back(**results):
    case = recorded(visited())
    case.results.update(results)
    return case.do("feedback", report_by="2026-07-01").do("approve_feedback")


def asked(case, effect):
    return [told for _, name, told in case.effects if name == effect]


def told(case):
    return [(note["audience"], note["message"]) for note in asked(case, "notify")]


def test_nobody_is_told_before_both_are_there():
    case = arrived()
    assert [name for _, name, _ in case.effects] == ["drawn_visitors"]
    case.do("join", access="admitted")
    assert [name for _, name, _ in case.effects] == ["drawn_visitors", "record_arrival"]
    assert case.open == ["visit"]


def test_the_other_one_may_return_what_is_wrong():
    assert arrived().send_back("join", "arrive").open == ["arrive"]


def test_a_refusal_needs_a_witness_and_becomes_a_penalty():
    with pytest.raises(Refused):
        walk("spot_check_visit", child=True).do("arrive", access="refused", witness=None)
    case = arrived("refused").do("join", access="refused")
    assert case.ended == ["end_refused"]
    assert [start["procedure"] for start in asked(case, "start_case")] == ["penalty"]
    assert told(case) == [("county_staff", "spot_check_refused")]


def test_nothing_found_ends_the_visit():
    case = recorded(visited(**QUIET))
    assert case.ended == ["end_clean"]
    assert told(case) == [("county_staff", "spot_check_clean")]


def test_what_is_found_says_whether_it_was_known():
    with pytest.raises(Refused):
        visited(hazards=[{**FINDING, "known": None}])
    with pytest.raises(Refused):
        visited(**{**QUIET, "danger": "yes"})


def test_imminent_danger_is_met_on_the_spot_and_the_county_called():
    case = visited(danger="yes")
    assert case.open == ["on_site_draft"]
    assert told(case) == [
        ("county_staff", "spot_check_danger"),
        ("county_deputy_head", "spot_check_danger"),
    ]


def test_what_was_put_right_at_once_is_no_matter_of_the_county():
    case = fed_back(weigh_hazards=("none",))
    assert case.ended == ["end_corrected"]


@pytest.mark.parametrize(
    ("way", "procedures"),
    [("rectify", ["rectification"]), ("stop", ["stop_production"]), ("running", [])],
)
def test_the_county_issues_the_papers_and_the_city_accepts(way, procedures):
    case = fed_back()
    assert told(case)[-2:] == [
        ("county_head", "spot_check_feedback"),
        ("county_government", "spot_check_feedback"),
    ]
    case.do("issue", way=way)
    started = asked(case, "start_case")
    assert [start["procedure"] for start in started] == procedures
    assert all(start["owner"] == "county" for start in started)
    case.do("report")
    assert asked(case, "accept_hazards") == []
    case.do("accept", conclusion="accepted")
    assert case.ended == ["end_accepted"]
    assert len(asked(case, "accept_hazards")) == 1


def test_the_city_returns_with_a_new_day():
    case = fed_back().do("issue", way="rectify").do("report")
    with pytest.raises(Refused):
        case.do("accept", conclusion="returned", report_by=None)
    case.do("accept", conclusion="returned", report_by="2026-08-01")
    assert case.open == ["issue"]
    case.do("issue", way="running")
    assert case.timers["report_late"] == "2026-08-01"


def test_what_the_county_has_not_passed_cannot_be_accepted():
    case = fed_back().do("issue", way="rectify").do("report")
    case.sources["@visit"] = {**case.sources["@visit"], "left": 2}
    with pytest.raises(Refused):
        case.do("accept", conclusion="accepted")
    assert case.do("accept", conclusion="returned", report_by="2026-08-01").open == ["issue"]


@pytest.mark.parametrize("late", ["issue_late", "report_late"])
def test_a_silent_county_is_pressed_or_the_city_takes_over(late):
    case = fed_back()
    if late == "report_late":
        case.do("issue", way="rectify")
    case.fire(late)
    assert case.open == ["press"]
    assert told(case)[-2:] == [
        ("county_head", "spot_check_silent"),
        ("county_deputy_head", "spot_check_silent"),
    ]
    case.do("press", press_way="again", report_by="2026-08-15")
    assert case.open == ["issue"]
    case.fire("issue_late").do("press", press_way="takeover", report_by=None)
    assert case.ended == ["end_taken"]
    assert "owner" not in asked(case, "start_case")[-1]
