"""Campaigns (专项行动): the days and stages that a notice sets, moved to the year of a run.

They stand as data in the form of the task that fixes them: `x-days`, each `{"key", "title", "day":
"05-31"}`, and `x-stages`, each `{"key", "title", "starts", "ends", "nodes"}` with keys of days, or
without `starts` where the stage begins with the campaign, and the service tasks that start what is
done in it; English wordings under `x-en`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.enterprises import Life
from app.domain.forms.fields import word
from app.domain.text import T, Term, Text

GONE = (Life.CLOSED, Life.BANNED)
"""Enterprises that no campaign takes in: there is nothing left to inspect."""
EVEN_GONE = ("look_back",)
"""What a campaign starts even for a member that is closed or struck off by then: what became of its
hazards is told, and nobody is asked for anything."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that a notice sets: `default` is its month and day."""

    key: str
    title: Term
    default: str

    def on(self, year: int) -> date:
        """Return the day in a year."""
        return date.fromisoformat(f"{year:04}-{self.default}")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a campaign, between two of its days."""

    key: str
    title: Term
    starts: str
    """The key of its first day; "" where it begins with the campaign."""
    ends: str
    nodes: tuple[str, ...]
    """The service tasks of the diagram that start what the stage does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign's diagram says of its time."""

    days: Sequence[Day]
    stages: Sequence[Stage]

    def begins(self, key: str) -> bool:
        """Test whether a stage begins on a day."""
        return any(stage.starts == key for stage in self.stages)

    def title(self, key: str) -> Text | str:
        """Return what a day is called; one that is not known stands for itself."""
        return next((day.title for day in self.days if day.key == key), key)


def is_over(day: date, today: date, *, begins: bool) -> bool:
    """Test whether a day of a campaign has come: one on which a stage `begins` has from morning."""
    return day <= today if begins else day < today


def plan_of(schema: Mapping[str, Any]) -> Plan | None:
    """Return the plan in a form's schema, or None if it holds none."""
    if "x-days" not in schema:
        return None
    days = [Day(d["key"], word(d, "title"), d["day"]) for d in schema["x-days"]]
    stages = [
        Stage(s["key"], word(s, "title"), s.get("starts", ""), s["ends"], tuple(s["nodes"]))
        for s in schema.get("x-stages", ())
    ]
    return Plan(days, stages)


def out_of_order(stages: Sequence[Stage], days: Mapping[str, date]) -> Mapping[str, Text]:
    """Return the stages that would end before they begin, each with what is wrong, by day."""
    return {
        stage.ends: T("“{stage}”的结束日期不得早于开始日期", stage=stage.title)
        for stage in stages
        if stage.starts and days[stage.ends] < days[stage.starts]
    }
