"""Effects on the standing of the enterprise: card, life status, flags; may it be closed at all."""

from app.domain.closure import Ground
from app.domain.enterprises import Card, Life
from app.domain.measures import CARDS, DECIDED, STOPS, Measure
from app.domain.text import T
from app.engine import CaseFault
from app.services.documents import issuing, terms
from app.services.effects import Context
from app.services.enterprises import grounds, standing
from app.services.hazards import last_of

WORRISOME = "worrisome"


def set_card(context: Context, colour: str, reason: str) -> str:
    """Give the enterprise a yellow or red card, and tell which one it has now."""
    standing.give(
        context.work, context.subject_id, _card(colour), reason, context.case_id, context.grant
    )
    return colour


def lift_card(context: Context, reason: str, colour: str = "") -> str:
    """Lift the case's card of this colour, or whichever it has; another case's stays in force.

    Tell which one was lifted, or "none".
    """
    cards = [_card(colour)] if colour else list(CARDS)
    about = (context.work, context.subject_id)
    lifted = standing.lift(*about, cards, reason, context.case_id, context.grant)
    return next((card.value for card in cards if card in lifted), Card.NONE.value)


def _card(colour: str) -> Measure:
    if colour not in list(CARDS):
        raise CaseFault(T("没有名为“{colour}”的牌", colour=colour))
    return Measure(colour)


def set_life_status(context: Context, status: str, reason: str = "") -> str:
    """Say where the enterprise stands in law from now on, and tell what was asked for.

    `resumed` lifts the stops of the case: the enterprise stays stopped while another's is in force.
    """
    about = (context.work, context.subject_id)
    if status in list(STOPS):
        standing.give(*about, Measure(status), reason, context.case_id, context.grant)
    elif status == Life.RESUMED:
        standing.lift(*about, list(STOPS), reason, context.case_id, context.grant)
    elif status in DECIDED:
        standing.decide_closure(*about, Life(status), context.case_id, context.grant)
    else:
        raise CaseFault(T("没有名为“{status}”的企业状态", status=status))
    return status


def flag_enterprise(context: Context, flag: str) -> str:
    """Flag the enterprise; `worrisome` (不放心企业) is the flag that procedures give."""
    if flag != WORRISOME:
        raise CaseFault(T("没有名为“{flag}”的企业标记", flag=flag))
    standing.set_worrisome(
        context.work, context.subject_id, "", context.case_id, context.grant, worrisome=True
    )
    return flag


def begin_term(context: Context, kind: str, paper: str) -> str:
    """Note that what a served paper orders lasts from now on, and tell who is on which list.

    A decision to list puts the enterprise on the blacklist (严重失信主体名单); what is sealed or
    seized is on none. "listed" or "none" is the result.
    """
    if not issuing.kind_of(context.work, kind).lists:
        return "none"
    number = terms.number_of(context.work, int(paper))
    about = (context.work, context.subject_id, number, context.case_id, context.grant)
    standing.set_blacklisted(*about, blacklisted=True)
    return "listed"


def end_term(context: Context, kind: str, source: str) -> str:
    """Note that it does not last any more, for the grounds that the step `source` gave.

    Who was listed is off the blacklist, unless another decision to list is in force. "off", "still"
    or "none" is the result.
    """
    work = context.work
    if not issuing.kind_of(work, kind).lists:
        return "none"
    standing.lock(work, context.subject_id)
    if terms.listed_elsewhere(work, context.subject_id, context.case_id):
        return "still"
    answers, _given_at = last_of(context.hazards, source)
    about = (work, context.subject_id, str(answers.get("ground", "")), context.case_id)
    standing.set_blacklisted(*about, context.grant, blacklisted=False)
    return "off"


def check_closure_ground(context: Context, ground: str) -> str:
    """Tell whether the ground for closing is borne out: "complete", or "incomplete" (R18a)."""
    if ground not in set(Ground):
        raise CaseFault(T("没有名为“{ground}”的关闭依据", ground=ground))
    lacking = grounds.missing(context.work, context.case_id, context.subject_id)
    return "incomplete" if lacking else "complete"
