"""What papers state of the organ that gives them: its name, its numbers, its organs of remedy."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.access import Family, above
from app.domain.documents import GOVERNMENT_PATTERN, PATTERN
from app.models.documents import PaperSetting
from app.models.people import Division, Organisation, OrganisationKind
from app.services import Work

FACTS = {"unscoped": "facts that a paper states"}
COUNTY, CITY = 6, 4
"""Digits of a county's code, which has a people's court of its own, and of a city's."""
GOVERNMENT, JUSTICE = "government", "justice"
SERIES = "安全生产行政执法文书"
NO_COURT = "有管辖权的人民法院"


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
    series: str
    """What heads its papers that are no letters: the series of enforcement, or a government."""


def of(work: Work, organisation_id: int) -> Organ:
    """Return an organ, with what is set for its papers or else is usual: a step of making one."""
    row = work.session.execute(
        select(
            Organisation.name,
            Organisation.short,
            Organisation.place,
            Organisation.kind,
            PaperSetting.number_pattern,
            PaperSetting.review_organ,
            PaperSetting.court,
        )
        .outerjoin(PaperSetting, PaperSetting.organisation_id == Organisation.id)
        .where(Organisation.id == organisation_id),
        execution_options=FACTS,
    ).one()
    known = usual(work, row.place, row.kind)
    remedies = Remedies(row.review_organ or known.review, row.court or known.court)
    numbers = row.number_pattern or pattern(row.kind)
    series = row.name if row.kind == GOVERNMENT else SERIES
    return Organ(row.name, row.short, numbers, remedies, series)


def issuer(work: Work, owner_id: int, drafter_id: int) -> int:
    """Return who gives a paper: the office in whose lane it is drafted, by its own number and seal.

    So a government's papers are its own, though a bureau keeps the case. What an enterprise drafts
    is a paper of the office that keeps the case; what a justice bureau drafts, which holds the
    hearings of its government, is the government's.
    """
    if drafter_id == owner_id:
        return owner_id
    drafter = work.session.execute(
        select(OrganisationKind.family, Organisation.kind, Organisation.place)
        .join(OrganisationKind, Organisation.kind == OrganisationKind.code)
        .where(Organisation.id == drafter_id),
        execution_options=FACTS,
    ).one()
    if drafter.family is Family.ENTERPRISE:
        return owner_id
    if drafter.kind == JUSTICE:
        return _government_at(work, drafter.place) or drafter_id
    return drafter_id


def _government_at(work: Work, place: str) -> int | None:
    """Return the people's government of a place, the newest if it has several."""
    return work.session.scalar(
        select(Organisation.id)
        .where(Organisation.kind == GOVERNMENT, Organisation.place == place, Organisation.active)
        .order_by(Organisation.id.desc())
        .limit(1),
        execution_options=FACTS,
    )


def pattern(kind: str) -> str:
    """Return how offices of a kind number papers if nothing is set."""
    return GOVERNMENT_PATTERN if kind == GOVERNMENT else PATTERN


def usual(work: Work, place: str, kind: str) -> Remedies:
    """Return the organs of remedy of an office of a kind: what applies if nothing is set.

    A department's acts are reviewed by the government of its level, a government's by the next
    higher one (行政复议法第二十四条); who sues a government does so at the intermediate court of
    its city (行政诉讼法第十五条).
    """
    places = above(place)
    if kind == GOVERNMENT:
        review = _government(work, places[1:]) or "上一级人民政府"
        return Remedies(review, _court(work, place[:CITY], "中级人民法院"))
    review = _government(work, places) or "本级人民政府"
    court = _court(work, place[:COUNTY], "人民法院") if len(place) >= COUNTY else NO_COURT
    return Remedies(review, court)


def _government(work: Work, places: Sequence[str]) -> str:
    """Return the people's government at the first of these places that has one, or ""."""
    rows = work.session.execute(
        select(Organisation.place, Organisation.name)
        .where(Organisation.kind == GOVERNMENT, Organisation.place.in_(places))
        .where(Organisation.active)
        .order_by(Organisation.id.desc()),
        execution_options=FACTS,
    )
    names: dict[str, str] = {at: name for at, name in rows}  # noqa: C416
    return next((names[at] for at in places if at in names), "")


def _court(work: Work, place: str, sort: str) -> str:
    name = work.session.scalar(
        select(Division.name).where(Division.place == place), execution_options=FACTS
    )
    return f"{name}{sort}" if name else NO_COURT
