"""The data of a paper: gathered from a task's answers and facts, and checked against its schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select

from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.access import OFFICERS, Role
from app.domain.deadlines import BEIJING
from app.domain.documents import at_answer, gather, number_of, texts, unseen
from app.domain.forms import messages
from app.domain.forms.formats import FORMATS
from app.domain.prefill import Sources
from app.domain.text import T, Text
from app.models.enterprises import Enterprise
from app.models.people import Account, Organisation, RoleGrant
from app.services import Work
from app.services.documents import cards, earlier, organs
from app.services.documents.organs import FACTS
from app.services.draws import facts as draws
from app.services.rankings import facts as rankings
from app.services.reports import facts as reports

NO_CODE = "AAAAAAAAAAAAAAAA"


@dataclass(frozen=True, slots=True)
class About:
    """What a paper is about: who gives it, to whom, and what it says."""

    organisation_id: int
    subject_id: int
    case_id: int
    answers: Mapping[str, Any]
    more: Mapping[str, Any]
    """Facts of this kind alone, as the paper that was served."""


def of_paper(
    work: Work, kind: Kind, about: About, number: str = "", code: str = NO_CODE
) -> dict[str, Any]:
    """Return a paper's data; without a number, as for a preview: a step of those who asked.

    :raises Invalid: if something is missing, wrong or cannot be printed, at the answer's field
    """
    organ = organs.of(work, about.organisation_id)
    today = work.now.astimezone(BEIJING).date()
    if not number:
        number = number_of(kind.pattern or organ.pattern, organ.short, kind.code, today.year, "　")
    known = {
        "@answers": about.answers,
        "@organ": {
            "name": organ.name,
            "review": organ.remedies.review,
            "court": organ.remedies.court,
            "series": organ.series,
        },
        "@number": number,
        "@code": code,
        "@site": work.deps.papers.site.partition("://")[2] + "/verify",
        "@demo": work.deps.installation.demo,
        "@date": today.isoformat(),
        **about.more,
    }
    looked_up = {
        "@subject": lambda: _subject(work, about.subject_id),
        "@draw": lambda: draws.of_paper(work, about.case_id),
        "@ranking": lambda: rankings.of_paper(work, about.case_id),
        "@statistics": lambda: reports.of_paper(work, about.case_id, about.answers),
        "@earlier": lambda: _earlier(work, about.case_id),
        "@card": lambda: cards.lifted_in(work, about.case_id),
    }
    data = gather(kind.schema, Sources(known, looked_up))
    if errors := _errors(work, kind, data, about):
        raise Invalid(errors)
    return data


def _earlier(work: Work, case_id: int) -> dict[str, Any]:
    """Return the paper that a review is about: the newest served in the case.

    Who was stopped in the case that this one came from is reviewed for the paper served there.
    """
    kinds = work.deps.papers.templates.kinds.values()
    return earlier.served(work, case_id, [kind.id for kind in kinds if kind.reviewed])


def _subject(work: Work, organisation_id: int) -> dict[str, str]:
    """Return what the registry knows of the one a paper is about."""
    row = work.session.execute(
        select(
            Organisation.name,
            Enterprise.address,
            Enterprise.principal,
            Enterprise.phone,
            Enterprise.credit_code,
        )
        .outerjoin(Enterprise, Enterprise.id == Organisation.id)
        .where(Organisation.id == organisation_id),
        execution_options=FACTS,
    ).one()
    return {key: value for key, value in row._asdict().items() if value}


def numbered(work: Work, kind: Kind, organisation_id: int, year: int, serial: int) -> str:
    """Return a number as the organisation writes it: a step of issuing."""
    organ = organs.of(work, organisation_id)
    return number_of(kind.pattern or organ.pattern, organ.short, kind.code, year, serial)


def _errors(work: Work, kind: Kind, data: Mapping[str, Any], about: About) -> dict[str, Text]:
    """Return what is wrong, at the answer's field."""
    found: dict[str, Text] = {}
    for pointer, text in messages(_validator(kind), data).items():
        found.setdefault(at_answer(kind.schema, pointer, about.answers), text)
    for pointer, words in texts(data):
        if problem := unprintable(work, words):
            found.setdefault(at_answer(kind.schema, pointer, about.answers), problem)
    return found or _people(work, kind, data, about) or _experts(work, kind, data, about)


def unprintable(work: Work, words: str) -> Text | None:
    """Return what of a text cannot be printed or seen: a step of those who make papers."""
    if hidden := unseen(words):
        return T("含有看不见的字符（{codes}），请删去后重新输入", codes=hidden)
    lacking = work.deps.papers.press.lacking(words)
    return T("没有字体能印出“{characters}”", characters=lacking) if lacking else None


def _experts(work: Work, kind: Kind, data: Mapping[str, Any], about: About) -> dict[str, Text]:
    """Return the expert whom we do not know: who is to sign has an account."""
    named = expert_of(kind, data)
    if named is None:
        return {}
    known = experts(work, about.organisation_id)
    if unmarked(named[1]) in map(unmarked, known):
        return {}
    told = T("没有这名专家的账户；已登记的专家：{names}", names="、".join(known) or "—")
    return {at_answer(kind.schema, f"/{named[0]}", about.answers): told}


def expert_of(kind: Kind, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the field of the expert who signs a paper, and whom it names; None if none does."""
    for signer in kind.signers:
        if Role.EXPERT in signer.roles and signer.id in data:
            return signer.id, data[signer.id]
    return None


def experts(work: Work, organisation_id: int) -> list[str]:
    """Return the names of an office's experts: a step of making a paper."""
    names = work.session.scalars(
        select(Account.name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.organisation_id == organisation_id, RoleGrant.role == Role.EXPERT)
        .where(Account.active)
        .order_by(Account.name),
        execution_options=FACTS,
    )
    return list(names)


def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(kind.schema, format_checker=FORMATS)


def _people(work: Work, kind: Kind, data: Mapping[str, Any], about: About) -> dict[str, Text]:
    """Return whom we do not know among the officers: each is a person of ours, by licence."""
    listed = data.get(kind.people, []) if kind.people else []
    licences = [person["certificate"] for person in listed]
    if not licences:
        return {}
    rows = work.session.execute(
        select(Account.licence, Account.name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(Account.licence.in_(licences), Account.active)
        .where(RoleGrant.role.in_(OFFICERS), RoleGrant.organisation_id == about.organisation_id),
        execution_options=FACTS,
    )
    known: dict[str, str] = {licence: name for licence, name in rows}  # noqa: C416
    errors: dict[str, Text] = {}
    for index, person in enumerate(listed):
        licence, at = person["certificate"], f"/{kind.people}/{index}"
        if licence not in known:
            errors[at_answer(kind.schema, f"{at}/certificate", about.answers)] = T(
                "本机关没有持此证号的执法人员；您的证号是 {licence}", licence=_mine(work) or "—"
            )
        elif licence in licences[:index]:
            errors[at_answer(kind.schema, f"{at}/certificate", about.answers)] = T(
                "签名的执法人员不能是同一人"
            )
        elif unmarked(person["name"]) != unmarked(known[licence]):
            errors[at_answer(kind.schema, f"{at}/name", about.answers)] = T(
                "姓名与执法证号不符，持此证号的是{name}", name=unmarked(known[licence])
            )
    return errors


def unmarked(name: str) -> str:
    """Return a name without what stands behind it in brackets, as the mark of demo accounts."""
    return name.partition("（")[0].strip()


def _mine(work: Work) -> str | None:
    return work.session.scalar(
        select(Account.licence).where(Account.id == work.actor.id), execution_options=FACTS
    )
