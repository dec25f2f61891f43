"""What an office's papers say otherwise than usual: the pattern of its numbers, organs of remedy.

What is left empty is as usual. A paper that was issued keeps the number and the organs it has.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain import Invalid, NotFound
from app.domain.access import Family, Grant, Permission, Thing
from app.domain.deadlines import BEIJING
from app.domain.documents import number_of, pattern_problem
from app.domain.history import Stream
from app.domain.text import T, Term, Text
from app.models.documents import NumberCounter, PaperSetting
from app.models.people import Organisation, OrganisationKind
from app.services import Stale, Work
from app.services.documents import organs
from app.services.documents.data import unprintable
from app.services.documents.organs import Remedies

LEAST, MOST = 2, 64
LONGEST = 60
"""Characters of a pattern: with what is put in, a number still has its 64."""
ISSUING = (Family.BUREAU, Family.GOVERNMENT)
"""Whose papers have numbers that are told apart."""
OWN = {"unscoped": "an office of the administrator's area", "synchronize_session": False}


@dataclass(frozen=True, slots=True)
class SettingForm:
    """What an administrator types; "" leaves a thing as usual."""

    pattern: str = ""
    review: str = ""
    court: str = ""

    @property
    def digest(self) -> str:
        """What tells whether somebody else changed the settings meanwhile."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sample:
    """The number that the next paper of a kind gets."""

    title: Text
    number: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an office, and what applies where it has none."""

    chosen: SettingForm
    pattern: str
    usual: Remedies
    short: str


def get(work: Work, organisation_id: int) -> Settings:
    """Return the settings of an office of the administrator's area.

    :raises NotFound: if there is none such
    """
    office, _grant = _managed(work, organisation_id)
    return Settings(
        _chosen(work, organisation_id),
        organs.pattern(office.kind),
        organs.usual(work, office.place, office.kind),
        office.short,
    )


def samples(work: Work, organisation_id: int, pattern: str) -> Sequence[Sample]:
    """Return the next number of each kind of paper by a pattern; "" is the usual one.

    :raises NotFound: if the office is not in the administrator's area
    :raises Invalid: if the pattern makes no numbers, or not one for each paper
    """
    office, _grant = _managed(work, organisation_id)
    if problem := _pattern_problem(work, office, pattern):
        raise Invalid({"/pattern": problem})
    year = work.now.astimezone(BEIJING).year
    rows = work.session.execute(
        select(NumberCounter.kind, NumberCounter.last).where(
            NumberCounter.organisation_id == organisation_id, NumberCounter.year == year
        ),
        execution_options=OWN,
    )
    last: dict[str, int] = {kind: number for kind, number in rows}  # noqa: C416
    written = pattern.strip() or organs.pattern(office.kind)
    return [
        Sample(
            Term(kind.title, english=kind.english),
            number_of(written, office.short, kind.code, year, last.get(kind.id, 0) + 1),
        )
        for kind in work.deps.papers.templates.kinds.values()
    ]


def save(work: Work, organisation_id: int, seen: str, form: SettingForm) -> None:
    """Set what an office's papers say from now on.

    :param seen: the digest of the settings that the administrator was shown
    :raises NotFound: if the office is not in the administrator's area
    :raises Invalid: if a pattern would give two papers one number, or something cannot be printed
    :raises Stale: if somebody changed the settings meanwhile
    """
    office, grant = _managed(work, organisation_id)
    form = SettingForm(form.pattern.strip(), form.review.strip(), form.court.strip())
    _one_at_a_time(work)
    if errors := _problems(work, office, form):
        raise Invalid(errors)
    before = _chosen(work, organisation_id)
    if before.digest != seen:
        raise Stale
    after = {"number_pattern": form.pattern, "review_organ": form.review, "court": form.court}
    was = {"number_pattern": before.pattern, "review_organ": before.review, "court": before.court}
    insert = sqlite.insert if work.deps.database.sqlite else postgresql.insert
    work.session.execute(
        insert(PaperSetting)
        .values(organisation_id=organisation_id, **after)
        .on_conflict_do_update(index_elements=["organisation_id"], set_=after),
        execution_options=OWN,
    )
    work.record(
        Stream.ORGANISATION,
        organisation_id,
        "papers.set",
        grant,
        before={name: value for name, value in was.items() if value != after[name]},
    )


def _one_at_a_time(work: Work) -> None:
    """Wait for whoever else sets papers: of two offices with one pattern, the second is told so."""
    work.session.scalar(
        select(Organisation.id)
        .where(Organisation.kind == "emergency_bureau")
        .order_by(Organisation.id)
        .limit(1)
        .with_for_update(key_share=True),
        execution_options={"unscoped": "numbers are told apart over the whole installation"},
    )


def _managed(work: Work, organisation_id: int) -> tuple[Organisation, Grant]:
    """Return an office that the actor sets papers for; enterprises give none."""
    office = work.session.get(Organisation, organisation_id)
    if office is None:
        raise NotFound(T("没有找到该单位"))
    grant = work.require(Permission.SET_PAPERS, Thing(place=office.place))
    if work.session.get_one(OrganisationKind, office.kind).family is Family.ENTERPRISE:
        raise NotFound(T("企业不制发文书"))
    return office, grant


def _chosen(work: Work, organisation_id: int) -> SettingForm:
    row = work.session.execute(
        select(PaperSetting.number_pattern, PaperSetting.review_organ, PaperSetting.court).where(
            PaperSetting.organisation_id == organisation_id
        )
    ).one_or_none()
    return SettingForm() if row is None else SettingForm(*row)


def _problems(work: Work, office: Organisation, form: SettingForm) -> dict[str, Text]:
    errors: dict[str, Text] = {}
    if problem := _pattern_problem(work, office, form.pattern):
        errors["/pattern"] = problem
    for at, name in (("/review", form.review), ("/court", form.court)):
        if name and not LEAST <= len(name) <= MOST:
            errors[at] = T("应为 {a} 至 {b} 个字", a=LEAST, b=MOST)
        elif problem := _unprintable(work, name):
            errors[at] = problem
    return errors


def _pattern_problem(work: Work, office: Organisation, pattern: str) -> Text | None:
    pattern = pattern.strip()
    if not pattern:
        return None
    if len(pattern) > LONGEST:
        return T("不能超过 {n} 个字", n=LONGEST)
    if problem := pattern_problem(pattern) or _unprintable(work, pattern):
        return problem
    return _shared(work, office, pattern)


def _shared(work: Work, office: Organisation, pattern: str) -> Text | None:
    """Say which other office has the same numbers."""
    others = work.session.execute(
        select(
            Organisation.name, Organisation.short, Organisation.kind, PaperSetting.number_pattern
        )
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .outerjoin(PaperSetting, PaperSetting.organisation_id == Organisation.id)
        .where(Organisation.id != office.id, OrganisationKind.family.in_(ISSUING))
        .where(Organisation.short != "")
        .order_by(Organisation.id),
        execution_options={"unscoped": "numbers are told apart over the whole installation"},
    )
    mine = number_of(pattern, office.short, "", 0, 0)
    for name, short, kind, theirs in others:
        if number_of(theirs or organs.pattern(kind), short, "", 0, 0) == mine:
            return T("与“{name}”的文号相同，请加上 {place} 或其他字样", name=name, place="{short}")
    return None


def _unprintable(work: Work, text: str) -> Text | None:
    if not text.isprintable():
        return T("含有不能打印的字符")
    return unprintable(work, text)
