"""The days that forms accept: what has happened is not ahead, what is due is not past."""

import json

import pytest

from app.domain.forms import Form
from app.domain.limits import beyond
from config import ROOT

TODAY, YESTERDAY, TOMORROW = "2026-11-20", "2026-11-19", "2026-11-21"
REVIEWED = {"reviewed_on": "2026-11-18"}
CASES = [
    # form, answers, what is known beside today, and where it is wrong
    ("hearing/hold", {"held_on": TOMORROW}, {}, "/held_on"),
    ("major_decision/file_case", {"found_on": TOMORROW}, {}, "/found_on"),
    ("major_decision/investigate", {"to_day": TOMORROW}, {}, "/to_day"),
    (
        "major_decision/investigate",
        {"from_day": TODAY, "to_day": YESTERDAY},
        {},
        "/to_day",
    ),
    ("government_hearing/hold", {"held_on": TOMORROW}, {}, "/held_on"),
    (
        "rectification/draft_order",
        {
            "deadline": "2026-12-20",
            "hazards": [{"deadline": "2026-12-20"}, {"deadline": "2026-12-21"}],
        },
        {},
        "/hazards/1/deadline",
    ),
    (
        "rectification/plan",
        {"items": [{"finish": "2026-12-20"}, {"deadline": "2026-12-01", "finish": "2026-12-02"}]},
        {"draft_order": {"deadline": "2026-12-20"}},
        "/items/1/finish",
    ),
    ("major_decision/legal_review", {"reviewed_on": TOMORROW}, {}, "/reviewed_on"),
    ("closure_request/legal_review", {"reviewed_on": TOMORROW}, {}, "/reviewed_on"),
    *(
        (name, {"meeting_on": day}, {review: REVIEWED}, "/meeting_on")
        for name, review, days in (
            ("major_decision/name_panel", "major_decision_legal_review", ["2026-11-17"]),
            ("major_decision/minute", "major_decision_legal_review", ["2026-11-17", TOMORROW]),
            ("closure_request/name_panel", "legal_review", ["2026-11-17"]),
            ("closure_request/decide", "legal_review", ["2026-11-17", TOMORROW]),
        )
        for day in days
    ),
    *(
        (f"issue_paper/{step}", {name: day}, {"@paper": {"date": TODAY}}, f"/{name}")
        for step, name in (("send", "sent_on"), ("receive", "received_on"))
        for day in (YESTERDAY, TOMORROW)
    ),
    *(
        (name, {day: TOMORROW}, {}, f"/{day}")
        for name, day in (
            ("closure_government/decide", "meeting_on"),
            ("closure_government/receive", "received_on"),
            ("closure_request/gather", "accident_on"),
            ("closure_request/gather", "stop_served_on"),
            ("closure_request/send_request", "sent_on"),
            ("closure_request/sign_request", "signed_on"),
            ("county_inspection/arrive", "arrived_on"),
            ("county_inspection/conclude", "told_on"),
            ("county_inspection/transfer", "sent_on"),
            ("county_inspection/visit", "visited_on"),
            ("government_hearing/call", "notified_on"),
            ("handover/handle", "handled_on"),
            ("hearing/call", "notified_on"),
            ("major_decision/publish", "published_on"),
            ("paper/publish", "published_on"),
            ("power_cut/cut", "cut_on"),
            ("power_cut/restore", "restored_on"),
            ("power_cut/verify", "checked_on"),
            ("self_check/declare", "signed_on"),
            ("self_check/inspect", "checked_on"),
            ("spot_check_visit/visit", "visited_on"),
            ("supervision/congress", "heard_on"),
            ("supervision/supervise", "visited_on"),
        )
    ),
    *(
        ("closure_request/gather", {"penalties": [{day: TOMORROW}]}, {}, f"/penalties/0/{day}")
        for day in ("decided_on", "served_on")
    ),
    (
        "major_decision/investigate",
        {"interviews": [{"on": TOMORROW}]},
        {},
        "/interviews/0/on",
    ),
    ("paper/publish", {"published_on": YESTERDAY}, {"@paper": {"date": TODAY}}, "/published_on"),
    ("power_cut/cut", {"cut_on": YESTERDAY}, {"@paper": {"date": TODAY}}, "/cut_on"),
    *(
        (f"power_cut/{step}", {day: YESTERDAY}, {"power_cut_cut": {"cut_on": TODAY}}, f"/{day}")
        for step, day in (("verify", "checked_on"), ("restore", "restored_on"))
    ),
    ("stop_production/choose", {"comply_by": YESTERDAY}, {}, "/comply_by"),
    ("major_decision/decide", {"until": TODAY}, {"@tomorrow": TOMORROW}, "/until"),
    ("stop_production/draft_card", {"until": YESTERDAY}, {}, "/until"),
    ("self_inspection/start", {"deadline": YESTERDAY}, {}, "/deadline"),
    ("self_inspection/acknowledge", {"deadline": YESTERDAY}, {}, "/deadline"),
    ("self_check/ledger", {"hazards": [{"deadline": YESTERDAY}]}, {}, "/hazards/0/deadline"),
    ("self_check/ledger", {"hazards": [{"fixed_on": TOMORROW}]}, {}, "/hazards/0/fixed_on"),
    *(
        (name, {report: TOMORROW}, {}, f"/{report}")
        for name in ("self_check/ledger", "rectification/plan", "supervision/plan")
        for report in ("bureau_report", "congress_report")
    ),
]


def form_of(name):
    path = ROOT / "forms" / f"{name}-schema.json"
    return Form(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(("name", "answers", "known", "at"), CASES)
def test_a_day_beyond_its_bounds_is_refused_at_its_field(name, answers, known, at):
    assert list(beyond(form_of(name), answers, {"@today": TODAY, **known})) == [at]


@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_a_meeting_may_be_called_for_a_later_day(day):
    known = {"@today": TODAY, "legal_review": REVIEWED}
    assert beyond(form_of("closure_request/name_panel"), {"meeting_on": day}, known) == {}
