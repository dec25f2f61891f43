"""Hazards (隐患): where each stands, and what the forms of procedures say of them.

A diagram says on its nodes and flows what becomes of the hazards of a case (`hazards="working"`):

| word | when the node or flow is passed |
|---|---|
| `take` | on a start event: the case goes on with its parent's open hazards, and the measures in
  force; without a parent, with those of the enterprise that no case follows |
| `record <task>` | what the task's last answers list is entered, or added to what is known |
| `reviewed <task>` | each that was not put to work again since takes the result of its row there |
| `open` `working` `waiting` `overdue` `failed` | all that are open take this state |

Rows of a form are told apart by `hazard_id`, which prefill puts there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.domain.entered import whole
from app.domain.text import T, Text


class HazardState(StrEnum):
    """Where a hazard stands (隐患状态)."""

    OPEN = "open"
    WORKING = "working"
    WAITING = "waiting"
    OVERDUE = "overdue"
    FAILED = "failed"
    PASSED = "passed"
    CLOSED = "closed"


STATES: Mapping[HazardState, Text] = {
    HazardState.OPEN: T("待整改"),
    HazardState.WORKING: T("整改中"),
    HazardState.WAITING: T("待复查"),
    HazardState.OVERDUE: T("逾期未整改"),
    HazardState.FAILED: T("复查不合格"),
    HazardState.PASSED: T("待市局认可"),
    HazardState.CLOSED: T("已销号"),
}


# What only a review or an acceptance finds.
CONCLUDED = {HazardState.PASSED, HazardState.CLOSED}


class Finder(StrEnum):
    """Who found a hazard: the enterprise itself, or those who inspect it."""

    PLANT = "plant"
    INSPECTORS = "inspectors"


FINDERS: Mapping[Finder, Text] = {
    Finder.PLANT: T("企业自查发现"),
    Finder.INSPECTORS: T("检查发现"),
}
PUT_RIGHT = ("rectification", "stop_production")
"""Procedures by whose day their hazards are put right; any other's is a day to report by."""
BY_PLANTS = ("self_inspection",)
"""Procedures in which the enterprise itself looks; in all others somebody else does."""


class HazardEvent(StrEnum):
    """What became of a hazard at a step."""

    RECORDED = "recorded"
    CHANGED = "changed"
    RAISED = "raised"
    LOWERED = "lowered"
    TAKEN = "taken"
    MOVED = "moved"
    PROLONGED = "prolonged"
    HANDED = "handed"
    LISTED = "listed"
    UNLISTED = "unlisted"
    CONFIRMED = "confirmed"
    RECURRED = "recurred"


EVENTS: Mapping[HazardEvent, Text] = {
    HazardEvent.RECORDED: T("登记隐患"),
    HazardEvent.CHANGED: T("补充隐患信息"),
    HazardEvent.RAISED: T("调整为重大隐患"),
    HazardEvent.LOWERED: T("调整为一般隐患"),
    HazardEvent.TAKEN: T("转由本案跟进"),
    HazardEvent.MOVED: T("状态变动"),
    HazardEvent.PROLONGED: T("调整整改期限"),
    HazardEvent.HANDED: T("反馈县局"),
    HazardEvent.LISTED: T("列入挂牌督办"),
    HazardEvent.UNLISTED: T("解除挂牌督办"),
    HazardEvent.CONFIRMED: T("“回头看”核实已整改到位"),
    HazardEvent.RECURRED: T("“回头看”发现复发，登记为新的隐患"),
}


class Verb(StrEnum):
    """What a diagram's property `hazards` asks for besides a state."""

    TAKE = "take"
    RECORD = "record"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Order:
    """The property `hazards` of one node or flow: a verb and the task it reads, or a state."""

    verb: Verb | None
    state: HazardState | None
    task: str


def order_of(words: str) -> Order | None:
    """Return what a property `hazards` asks for; None if it makes no sense."""
    first, *rest = words.split() or [""]
    if first in {*HazardState} - CONCLUDED and not rest:
        return Order(None, HazardState(first), "")
    if first == Verb.TAKE and not rest:
        return Order(Verb.TAKE, None, "")
    if first in (Verb.RECORD, Verb.REVIEWED) and len(rest) == 1:
        return Order(Verb(first), None, rest[0])
    return None


MAJOR = "major"
MOST = 200
"""How many hazards a case follows: as many as its forms list."""
# A field of a row, and the fact of a hazard that it becomes.
FACTS: Mapping[str, str] = {
    "description": "description",
    "place": "spot",
    "basis": "basis",
    "criterion": "criterion",
    "known": "known",
    "photos": "photos",
    "after": "after",
    "owner": "owner",
    "measure": "measure",
    "doer": "doer",
    "checker": "checker",
}
DAYS = ("finish", "deadline")
TOLD = ("spot", "basis", "criterion", "known", "owner", "measure", "doer", "checker")


def blank() -> dict[str, Any]:
    """Return the facts of a hazard of which nothing is told yet."""
    lists: dict[str, Any] = {key: [] for key in ("photos", "after", "secured", "cited")}
    days = dict.fromkeys(DAYS)
    return {**dict.fromkeys(TOLD, ""), **lists, **days, "major": False, "origin_id": None}


def rows_of(answers: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows about hazards in the answers of a task."""
    for value in answers.values():
        if isinstance(value, list):
            yield from (row for row in value if isinstance(row, Mapping) and _is_hazard(row))


def _is_hazard(row: Mapping[str, Any]) -> bool:
    return "hazard_id" in row or ("description" in row and "class" in row)


def known_id(row: Mapping[str, Any]) -> int | None:
    """Return the id of the hazard that a row is about; None for a new one."""
    return whole(str(row.get("hazard_id") or ""))


def facts_of(row: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says of its hazard; a deadline it does not name is that of all."""
    facts: dict[str, Any] = {fact: row[key] for key, fact in FACTS.items() if row.get(key)}
    if "class" in row:
        facts["major"] = row["class"] == MAJOR
    days = {key: row.get(key) for key in DAYS}
    if "description" in row and not days["deadline"]:
        days["deadline"] = answers.get("deadline")
    return facts | {key: date.fromisoformat(told) for key, told in days.items() if told}


class Guarantee(StrEnum):
    """What is secured before a major hazard is removed (五到位)."""

    RESPONSIBILITY = "responsibility"
    MEASURES = "measures"
    FUNDS = "funds"
    TIME = "time"
    CONTINGENCY = "contingency"


GUARANTEES: Mapping[Guarantee, Text] = {
    Guarantee.RESPONSIBILITY: T("责任到位"),
    Guarantee.MEASURES: T("措施到位"),
    Guarantee.FUNDS: T("资金到位"),
    Guarantee.TIME: T("时限到位"),
    Guarantee.CONTINGENCY: T("预案到位"),
}


def secured_in(answers: Mapping[str, Any]) -> list[str]:
    """Return the guarantees that the answers of a plan confirm for its major hazards."""
    told = answers.get("secured")
    return [word for word in told if word in set(Guarantee)] if isinstance(told, list) else []


def fixed(row: Mapping[str, Any]) -> bool:
    """Test whether a row says that its hazard was put right at once (立即整改).

    Of a major one the inspectors saw it; the enterprise's own word does not close it.
    """
    told = row.get("fixed") == "now" and row.get("class") != MAJOR
    return told or row.get("corrected") is True


def passed(row: Mapping[str, Any]) -> bool | None:
    """Return whether the review found the hazard of a row put right; None if it does not say."""
    told = row.get("result")
    return None if told is None else told == "pass"
