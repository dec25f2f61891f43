"""Effects on the standing of the enterprise: card, life status, flags; may it be closed at all."""

from app.domain.closure import Ground
from app.domain.enterprises import Card, Life
from app.domain.text import T
from app.engine import CaseFault
from app.services.effects import Context
from app.services.enterprises import grounds, standing

WORRISOME = "worrisome"


def set_card(context: Context, colour: str, reason: str) -> str:
    """Give the enterprise a yellow or red card, and tell which one it has now."""
    if colour not in (Card.YELLOW, Card.RED):
        raise CaseFault(T("没有名为“{colour}”的牌", colour=colour))
    _card(context, Card(colour), reason)
    return colour


def lift_card(context: Context, reason: str) -> str:
    """Take the card off the enterprise; nothing happens if it has none."""
    _card(context, Card.NONE, reason)
    return Card.NONE.value


def _card(context: Context, card: Card, reason: str) -> None:
    standing.set_card(
        context.work, context.subject_id, card, reason, context.case_id, context.grant
    )


def set_life_status(context: Context, status: str) -> str:
    """Say where the enterprise stands in law from now on, and tell it."""
    if status not in set(Life):
        raise CaseFault(T("没有名为“{status}”的企业状态", status=status))
    life = Life(status)
    standing.set_life(context.work, context.subject_id, life, "", context.case_id, context.grant)
    return status


def flag_enterprise(context: Context, flag: str) -> str:
    """Flag the enterprise; `worrisome` (不放心企业) is the flag that procedures give."""
    if flag != WORRISOME:
        raise CaseFault(T("没有名为“{flag}”的企业标记", flag=flag))
    standing.set_worrisome(
        context.work, context.subject_id, "", context.case_id, context.grant, worrisome=True
    )
    return flag


def check_closure_ground(context: Context, ground: str) -> str:
    """Tell whether the ground for closing is borne out: "complete", or "incomplete" (R18a)."""
    if ground not in set(Ground):
        raise CaseFault(T("没有名为“{ground}”的关闭依据", ground=ground))
    lacking = grounds.missing(context.work, context.case_id, context.subject_id)
    return "incomplete" if lacking else "complete"
