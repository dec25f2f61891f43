"""Who takes a list away as a file: it is written down as what else a person does."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from app.domain.access import Permission
from app.domain.history import Stream
from app.services import Work

SEEN_BY: Mapping[str, Permission] = {
    "history.export": Permission.SEARCH_HISTORY,
    "enterprise.export": Permission.SEE_ENTERPRISES,
    "hazard.export": Permission.SEE_HAZARDS,
    "task.export": Permission.SEE_CASE,
    "document.export": Permission.SEE_DOCUMENT,
    "campaign.export": Permission.SEE_CAMPAIGN,
    "member.export": Permission.SEE_CAMPAIGN,
    "report.export": Permission.SEE_REPORTS,
}
"""What is exported, as the history names it, and the permission by which it is seen."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that somebody takes away."""

    action: str
    wanted: Any
    """A dataclass: what the list was narrowed by."""
    kind: str
    """`xlsx` or `csv`."""
    rows: int
    file: bytes


def record(work: Work, export: Export) -> None:
    """Write down that a file was taken away: what was asked for, and the file's digest."""
    work.require_somewhere(SEEN_BY[export.action])
    asked = {
        field.name: value.isoformat() if isinstance(value, date) else value
        for field in fields(export.wanted)
        if (value := getattr(export.wanted, field.name))
    }
    work.record(
        Stream.ACCOUNT,
        work.me,
        export.action,
        asked=asked,
        format=export.kind,
        rows=export.rows,
        sha256=hashlib.sha256(export.file).hexdigest(),
    )
