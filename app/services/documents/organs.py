"""What papers state of the organ that gives them: its name, its numbers, its organs of remedy."""

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.access import above
from app.domain.documents import PATTERN
from app.models.documents import PaperSetting
from app.models.people import Division, Organisation
from app.services import Work

FACTS = {"unscoped": "facts that a paper states"}
COUNTY = 6
"""Digits of a county's code: it has a people's court of its own."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """Who reviews what an organ decides (行政复议), and which court hears a suit against it."""

    review: str
    court: str


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ as its papers state it."""

    name: str
    short: str
    pattern: str
    """Of its numbers."""
    remedies: Remedies


def of(work: Work, organisation_id: int) -> Organ:
    """Return an organ, with what is set for its papers or else is usual: a step of making one."""
    row = work.session.execute(
        select(
            Organisation.name,
            Organisation.short,
            Organisation.place,
            PaperSetting.number_pattern,
            PaperSetting.review_organ,
            PaperSetting.court,
        )
        .outerjoin(PaperSetting, PaperSetting.organisation_id == Organisation.id)
        .where(Organisation.id == organisation_id),
        execution_options=FACTS,
    ).one()
    remedies = Remedies(
        row.review_organ or _government(work, row.place), row.court or _court(work, row.place)
    )
    return Organ(row.name, row.short, row.number_pattern or PATTERN, remedies)


def usual(work: Work, place: str) -> Remedies:
    """Return the organs of remedy of an office at a place: what applies if nothing is set."""
    return Remedies(_government(work, place), _court(work, place))


def _government(work: Work, place: str) -> str:
    """Return who reviews (行政复议法第二十四条): the people's government of the same level."""
    places = above(place)
    rows = work.session.execute(
        select(Organisation.place, Organisation.name)
        .where(Organisation.kind == "government", Organisation.place.in_(places))
        .where(Organisation.active)
        .order_by(Organisation.id.desc()),
        execution_options=FACTS,
    )
    names: dict[str, str] = {at: name for at, name in rows}  # noqa: C416
    for at in places:
        if at in names:
            return names[at]
    return "本级人民政府"


def _court(work: Work, place: str) -> str:
    name = work.session.scalar(
        select(Division.name).where(Division.place == place[:COUNTY]), execution_options=FACTS
    )
    return f"{name}人民法院" if name and len(place) >= COUNTY else "有管辖权的人民法院"
