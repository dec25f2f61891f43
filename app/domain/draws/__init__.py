"""The draw (双随机抽查) BIHUAN-DRAW-1: whom a city visits, and who goes, by lot.

Everything is text of exact bytes and SHA-256 of it, so that nobody needs our software to draw
again: `docs/draws.md` does it with `sha256sum` and `sort`. All texts are UTF-8, lines end with LF
and are sorted by their bytes, parts are joined by `|`, digests are lower-case hexadecimals, and
sizes are counted with whole numbers only.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.text import T, Text

ALGORITHM = "BIHUAN-DRAW-1"
PER_VISIT = 2
"""Inspectors at each enterprise (R2)."""
LEAST_PERCENT = 10
"""The least share of what a county is to inspect (R1)."""


class DrawState(StrEnum):
    """Where a draw stands."""

    FROZEN = "frozen"
    """The roster stands; inspectors declare conflicts of interest."""
    COMMITTED = "committed"
    """The secret is committed, the public value named; nobody can know the list."""
    DRAWN = "drawn"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    """Gathered, and published."""
    CANCELLED = "cancelled"


STATES: Mapping[DrawState, Text] = {
    DrawState.FROZEN: T("名录已锁定"),
    DrawState.COMMITTED: T("已承诺，待公共随机数"),
    DrawState.DRAWN: T("已抽取，待确认"),
    DrawState.CONFIRMED: T("已确认，检查中"),
    DrawState.CLOSED: T("已办结"),
    DrawState.CANCELLED: T("已作废"),
}
OPEN = frozenset(DrawState) - {DrawState.CLOSED, DrawState.CANCELLED}


class How(StrEnum):
    """Why an enterprise is on the list."""

    DRAWN = "drawn"
    FULL = "full"
    """Key or worrisome: covered in full, on top of the sample (R1)."""


HOWS: Mapping[How, Text] = {How.DRAWN: T("随机抽取"), How.FULL: T("全覆盖")}
