"""Whether a draw is the one that its sealed history tells of.

Whoever owns the database could write another secret, and with it a list that can be drawn again;
the history is chained, its commitment was public, and none of it fits any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.domain.draws import DrawState
from app.domain.draws.roster import sha256
from app.models.draws import Draw

FREEZE, COMMIT, VALUE, DRAW = "draw.freeze", "draw.commit", "draw.value", "draw.draw"
ENDS: Mapping[str, DrawState] = {
    "draw.confirm": DrawState.CONFIRMED,
    "draw.close": DrawState.CLOSED,
    "draw.cancel": DrawState.CANCELLED,
}
STATES: Mapping[str, DrawState] = {
    FREEZE: DrawState.FROZEN,
    COMMIT: DrawState.COMMITTED,
    DRAW: DrawState.DRAWN,
    **ENDS,
}


def differing(
    draw: Draw, files: Mapping[str, str], lines: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what a draw has otherwise than its history tells: a step of those who verify.

    :param files: its bundle by name; empty where nothing was drawn
    :param lines: its history, oldest first
    """
    told: dict[str, Mapping[str, Any]] = {line["action"]: line["detail"] for line in lines}
    state = None
    for line in lines:
        state = STATES.get(line["action"], state)
    if draw.state != state:
        yield f"it is {draw.state}, and its history tells that it is {state}"
    has: dict[str, dict[str, Any]] = {
        FREEZE: {"roster": draw.roster_sha256, "reasons": draw.reasons_sha256},
        COMMIT: {
            "commitment": draw.commitment,
            "rule": draw.rule,
            "parameters": _digest(draw.parameters),
            "salt": _digest(draw.salt),
        },
        VALUE: {"value": draw.value},
        DRAW: {name: _digest(files.get(name)) for name in ("list", "visits")},
    }
    for act, facts in has.items():
        for name, value in facts.items():
            if value != told.get(act, {}).get(name):
                yield f"{name}: not what its history tells"


def _digest(text: str | None) -> str | None:
    return None if text is None else sha256(text)
