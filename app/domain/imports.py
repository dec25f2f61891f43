"""The course of an import: a list is read, looked through by a person, and carried out."""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.text import T, Text


class ImportState(StrEnum):
    """Where an import stands."""

    READING = "reading"
    REFUSED = "refused"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"


class RowStatus(StrEnum):
    """What was found about a row before anything was written."""

    GOOD = "good"
    BAD = "bad"
    SAME = "same"
    """It is in the registry already: the same credit code, or the same name and address."""
    SIMILAR = "similar"
    """It may be in the registry already: a person decides."""


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


class Treatment(StrEnum):
    """What is to be done with rows that are, or may be, in the registry."""

    SKIP = "skip"
    UPDATE = "update"
    CREATE = "create"


STATES: Mapping[ImportState, Text] = {
    ImportState.READING: T("正在读取"),
    ImportState.REFUSED: T("无法读取"),
    ImportState.READY: T("待确认"),
    ImportState.RUNNING: T("正在导入"),
    ImportState.DONE: T("已完成"),
    ImportState.DROPPED: T("已放弃"),
}
ROW_STATUSES: Mapping[RowStatus, Text] = {
    RowStatus.GOOD: T("可导入"),
    RowStatus.BAD: T("有错误"),
    RowStatus.SAME: T("已在台账"),
    RowStatus.SIMILAR: T("疑似重复"),
}
OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.CREATED: T("已新增"),
    Outcome.UPDATED: T("已更新"),
    Outcome.SKIPPED: T("已跳过"),
    Outcome.FAILED: T("未导入"),
}
