"""How far a campaign is (专项行动进展): where a member stands, and what counts as inspected.

A case that has ended has not always done what it was started for. Which ends of which diagram say
so stands here alone; a test holds them against the diagrams.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.text import T, Text

INSPECTION = "county_inspection"
"""The procedure by which a campaign covers its members (R3)."""
VISITED = ("end_done",)
"""Its ends that come after a visit; one that was called off or turned away is none."""
REFUSED = ("end_refused",)
"""Its ends by which access was refused: nothing was seen, and a penalty case follows (R18d)."""
CALLED_OFF = ("end_cancelled",)
"""Its ends before anybody went: it came to nothing."""
UNDONE: Mapping[str, tuple[str, ...]] = {
    "self_inspection": ("end_stage_closed",),
    INSPECTION: (*CALLED_OFF, *REFUSED),
    "look_back": ("end_escalated",),
}
"""Ends of a procedure that leave undone what it was started for."""


class Standing(StrEnum):
    """Where a member stands in what a campaign has started for it."""

    DONE = "done"
    RUNNING = "running"
    LATE = "late"
    STOPPED = "stopped"
    WAITING = "waiting"
    FAILED = "failed"
    GONE = "gone"
    """Closed, banned or struck off before it was done: it has nothing more to do."""


STANDINGS: Mapping[Standing, Text] = {
    Standing.DONE: T("已完成"),
    Standing.RUNNING: T("办理中"),
    Standing.LATE: T("逾期"),
    Standing.STOPPED: T("未完成即结束"),
    Standing.WAITING: T("等待启动"),
    Standing.FAILED: T("未能启动"),
    Standing.GONE: T("企业已关闭或注销"),
}


class Cover(StrEnum):
    """Whether a member was inspected in a campaign; of several inspections the best counts."""

    VISITED = "visited"
    RUNNING = "running"
    REFUSED = "refused"
    CALLED_OFF = "called_off"
    NONE = "none"
    GONE = "gone"
    """Closed, banned or struck off before anybody came: there is nothing left to inspect."""


COVERS: Mapping[Cover, Text] = {
    Cover.VISITED: T("已检查"),
    Cover.RUNNING: T("正在检查"),
    Cover.REFUSED: T("拒绝检查"),
    Cover.CALLED_OFF: T("检查未实施"),
    Cover.NONE: T("尚未检查"),
    Cover.GONE: T("企业已关闭或注销"),
}
