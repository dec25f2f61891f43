"""Measures in force against an enterprise (监管措施): cards and stops, each given by a case.

Two cases of one enterprise may each have given a card, or a stop. What the enterprise bears is the
gravest of what is in force, so that one case that lifts its own lifts nothing of another's.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from app.domain.enterprises import Card, Life
from app.domain.text import T, Text


class Measure(StrEnum):
    """What a case has put upon an enterprise, until it is lifted."""

    YELLOW = "yellow"
    RED = "red"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


MEASURES: Mapping[Measure, Text] = {
    Measure.YELLOW: T("黄牌"),
    Measure.RED: T("红牌"),
    Measure.SUSPENDED: T("暂时停产"),
    Measure.STOPPED: T("停产停业整顿"),
}
CARDS: Mapping[Measure, Card] = {Measure.RED: Card.RED, Measure.YELLOW: Card.YELLOW}
STOPS: Mapping[Measure, Life] = {
    Measure.STOPPED: Life.STOPPED,
    Measure.SUSPENDED: Life.SUSPENDED,
}
DECIDED = (Life.CLOSING, Life.CLOSED, Life.BANNED)
"""Where somebody decided to close the enterprise: no card or stop changes that."""


def family(measure: Measure) -> frozenset[Measure]:
    """Return the measures of which a case has one in force at a time: cards, or stops."""
    return frozenset(CARDS) if measure in CARDS else frozenset(STOPS)


def card_of(in_force: Collection[Measure]) -> Card:
    """Return the card that an enterprise bears."""
    return next((card for measure, card in CARDS.items() if measure in in_force), Card.NONE)


def life_of(in_force: Collection[Measure], was: Life) -> Life:
    """Return where an enterprise stands; who was stopped and is no more has resumed."""
    if was in DECIDED:
        return was
    stopped = next((life for measure, life in STOPS.items() if measure in in_force), None)
    return stopped or (Life.RESUMED if was in STOPS.values() else was)
