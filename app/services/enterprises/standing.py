"""What procedures make of an enterprise: its card, its life status, the lists it is on.

No page sets these. Each is a step of those who move a case, written in the case's own transaction.
"""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, update

from app.domain.access import Grant
from app.domain.enterprises import Card, Life
from app.domain.history import Stream
from app.models.enterprises import Enterprise
from app.services import Work

PASSING = (Life.SUSPENDED, Life.STOPPED, Life.RESUMED)
STANDS = Enterprise.life.not_in((Life.CLOSING, Life.CLOSED, Life.BANNED))
"""The condition that nobody has decided to close the enterprise."""


def set_card(
    work: Work, enterprise_id: int, card: Card, reason: str, case_id: int, grant: Grant | None
) -> None:
    """Give an enterprise a yellow or red card, or lift it; who is to be closed keeps the red."""
    only = () if card is Card.RED else (STANDS,)
    _set(work, enterprise_id, "enterprise.card", reason, case_id, grant, *only, card=card)


def set_life(
    work: Work, enterprise_id: int, life: Life, reason: str, case_id: int, grant: Grant | None
) -> None:
    """Say where an enterprise stands in law from now on.

    Once the government decided to close it, no other case's stop or resumption says otherwise.
    """
    only = (STANDS,) if life in PASSING else ()
    _set(work, enterprise_id, "enterprise.life", reason, case_id, grant, *only, life=life)


def set_blacklisted(
    work: Work,
    enterprise_id: int,
    reason: str,
    case_id: int,
    grant: Grant | None,
    *,
    blacklisted: bool,
) -> None:
    """Put an enterprise on the blacklist (严重失信主体名单), or take it off."""
    _set(
        work,
        enterprise_id,
        "enterprise.blacklist",
        reason,
        case_id,
        grant,
        blacklisted=blacklisted,
    )


def set_worrisome(
    work: Work,
    enterprise_id: int,
    reason: str,
    case_id: int,
    grant: Grant | None,
    *,
    worrisome: bool,
) -> None:
    """Call an enterprise worrisome (不放心企业), as when its self-inspection is overdue."""
    _set(work, enterprise_id, "enterprise.worry", reason, case_id, grant, worrisome=worrisome)


def _set(
    work: Work,
    enterprise_id: int,
    action: str,
    reason: str,
    case_id: int,
    grant: Grant | None,
    *only: ColumnElement[bool],
    **values: Any,
) -> None:
    # Whoever moves a case may not write the registry; the case's procedure is what decides.
    changed = cast(
        "CursorResult[Any]",
        work.session.execute(
            update(Enterprise)
            .where(Enterprise.id == enterprise_id, *only)
            .where(*(getattr(Enterprise, name) != value for name, value in values.items()))
            .values(**values, updated_at=work.now, revision=Enterprise.revision + 1),
            execution_options={
                "unscoped": "a procedure decides where its enterprise stands",
                "synchronize_session": False,
            },
        ),
    )
    if changed.rowcount:
        plain = {name: getattr(value, "value", value) for name, value in values.items()}
        work.record(
            Stream.ENTERPRISE, enterprise_id, action, grant, case=case_id, reason=reason, **plain
        )
