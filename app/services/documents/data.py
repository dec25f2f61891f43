"""The data of a paper: gathered from a task's answers and facts, and checked against its schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select

from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.access import Role, above
from app.domain.deadlines import BEIJING
from app.domain.documents import PATTERN, at_answer, gather, number_of, texts
from app.domain.forms import messages
from app.domain.forms.formats import FORMATS
from app.domain.text import T, Text
from app.models.documents import PaperSetting
from app.models.people import Account, Division, Organisation, RoleGrant
from app.services import Work

FACTS = {"unscoped": "facts that a paper states"}
COUNTY = 6
"""Digits of a county's code: it has a people's court of its own."""
NO_CODE = "AAAAAAAAAAAAAAAA"


@dataclass(frozen=True, slots=True)
class About:
    """What a paper is about: who gives it, to whom, and what it says."""

    organisation_id: int
    subject_id: int
    answers: Mapping[str, Any]
    more: Mapping[str, Any]
    """Facts of this kind alone, as the paper that was served."""


def of_paper(
    work: Work, kind: Kind, about: About, number: str = "", code: str = NO_CODE
) -> dict[str, Any]:
    """Return a paper's data; without a number, as for a preview: a step of those who asked.

    :raises Invalid: if something is missing, wrong or cannot be printed, at the answer's field
    """
    organ, short, place = _organ(work, about.organisation_id)
    setting = _setting(work, about.organisation_id)
    today = work.now.astimezone(BEIJING).date()
    if not number:
        pattern = setting.number_pattern or PATTERN
        number = number_of(pattern, short, kind.code, today.year, "　")
    subject = work.session.scalar(
        select(Organisation.name).where(Organisation.id == about.subject_id),
        execution_options=FACTS,
    )
    sources = {
        "@answers": about.answers,
        "@subject": {"name": subject},
        "@organ": {
            "name": organ,
            "review": setting.review_organ or _government(work, place),
            "court": setting.court or _court(work, place),
        },
        "@number": number,
        "@code": code,
        "@site": work.deps.papers.site.partition("://")[2] + "/verify",
        "@demo": work.deps.installation.demo,
        "@date": today.isoformat(),
        **about.more,
    }
    data = gather(kind.schema, sources)
    if errors := _errors(work, kind, data, about.organisation_id):
        raise Invalid(errors)
    return data


def numbered(work: Work, kind: Kind, organisation_id: int, year: int, serial: int) -> str:
    """Return a number as the organisation writes it: a step of issuing."""
    _name, short, _place = _organ(work, organisation_id)
    pattern = _setting(work, organisation_id).number_pattern or PATTERN
    return number_of(pattern, short, kind.code, year, serial)


def _organ(work: Work, organisation_id: int) -> tuple[str, str, str]:
    row = work.session.execute(
        select(Organisation.name, Organisation.short, Organisation.place).where(
            Organisation.id == organisation_id
        ),
        execution_options=FACTS,
    ).one()
    return row[0], row[1], row[2]


def _setting(work: Work, organisation_id: int) -> PaperSetting:
    row = work.session.execute(
        select(PaperSetting.number_pattern, PaperSetting.review_organ, PaperSetting.court).where(
            PaperSetting.organisation_id == organisation_id
        ),
        execution_options=FACTS,
    ).one_or_none()
    pattern, review, court = row or ("", "", "")
    return PaperSetting(number_pattern=pattern, review_organ=review, court=court)


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


def _errors(
    work: Work, kind: Kind, data: Mapping[str, Any], organisation_id: int
) -> dict[str, Text]:
    """Return what is wrong, at the answer's field."""
    found: dict[str, Text] = {}
    for pointer, text in messages(_validator(kind), data).items():
        found.setdefault(at_answer(kind.schema, pointer), text)
    for pointer, words in texts(data):
        if lacking := work.deps.papers.press.lacking(words):
            at = at_answer(kind.schema, pointer)
            found.setdefault(at, T("没有字体能印出“{characters}”", characters=lacking))
    return found or _people(work, kind, data, organisation_id)


def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(kind.schema, format_checker=FORMATS)


def _people(
    work: Work, kind: Kind, data: Mapping[str, Any], organisation_id: int
) -> dict[str, Text]:
    """Return whom we do not know among those who are to sign: each is found by their licence."""
    listed = data.get(kind.people, [])[: len(kind.signers)] if kind.people else []
    licences = [person["certificate"] for person in listed]
    known = set(
        work.session.scalars(
            select(Account.licence)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(Account.licence.in_(licences), Account.active)
            .where(RoleGrant.role == Role.STAFF, RoleGrant.organisation_id == organisation_id),
            execution_options=FACTS,
        )
    )
    mine = work.session.scalar(
        select(Account.licence).where(Account.id == work.actor.id), execution_options=FACTS
    )
    errors: dict[str, Text] = {}
    for index, licence in enumerate(licences):
        at = at_answer(kind.schema, f"/{kind.people}/{index}/certificate")
        if licence not in known:
            errors[at] = T(
                "本机关没有持此证号的执法人员；您的证号是 {licence}", licence=mine or "—"
            )
        elif licence in licences[:index]:
            errors[at] = T("签名的执法人员不能是同一人")
    return errors
