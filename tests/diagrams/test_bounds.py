"""The days that forms accept: what has happened is not ahead, what is due is not past."""

import json

import pytest

from app.domain.forms import Form
from app.domain.limits import beyond
from config import ROOT

TODAY = "2026-11-20"
CASES = [
    # form, answers, what is known beside today, and where it is wrong
    ("major_decision/hold_hearing", {"held_on": "2026-11-21"}, {}, "/held_on"),
    ("closure_government/hold_hearing", {"held_on": "2026-11-21"}, {}, "/held_on"),
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
]


def form_of(name):
    path = ROOT / "forms" / f"{name}-schema.json"
    return Form(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(("name", "answers", "known", "at"), CASES)
def test_a_day_beyond_its_bounds_is_refused_at_its_field(name, answers, known, at):
    assert list(beyond(form_of(name), answers, {"@today": TODAY, **known})) == [at]
