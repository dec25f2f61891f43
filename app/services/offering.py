"""Papers made on a page of their own (新制文书): those that no procedure of their own makes.

Which these are, the deployed diagrams say: the procedure that makes them chooses its form by the
kind, and what another procedure drafts is made there alone, in its order and by its people. A kind
that says so of itself (`singly`) is made here too, but for no case whose own diagram drafts it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.adapters.templates import Kind
from app.domain import Forbidden, Invalid, NotFound
from app.domain.access import ROLE_NAMES, Grant, Permission, Role, Thing
from app.domain.casework import CaseStatus
from app.domain.documents import Act, handles, papers_of
from app.domain.entered import whole
from app.domain.lanes import LANES
from app.domain.procedures import ISSUE_PAPER
from app.domain.text import T, Term, Text
from app.engine import choosing
from app.models.casework import Case
from app.models.people import ENTERPRISE, Organisation
from app.services import Work, procedures
from app.services.documents import course, preceding
from app.services.procedures import Running

PROCEDURE = ISSUE_PAPER
"""Where they are made."""
GROUPS: Mapping[str, Text] = {
    "scene": T("现场执法"),
    "penalty": T("行政处罚和内部审批"),
    "letter": T("公文"),
    "table": T("表册"),
}
MOST_CASES = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of paper that can be made."""

    kind: str
    title: Text
    group: str
    purpose: Text
    signers: Sequence[Text]
    """Who signs it, in order."""
    sealed: bool
    goes: course.Goes
    needs_plant: bool
    missing: Sequence[Text]
    """What has to be complete before, and is not in the case that was asked about."""


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """A case that a paper can belong to."""

    id: int
    name: Text
    status: CaseStatus
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """Whom a paper is about."""

    id: int
    name: str


def offers(work: Work, case_id: int | None = None) -> list[Offer]:
    """Return the kinds of paper that the actor can make, by group, and what each still lacks.

    :param case_id: the case that it is to belong to
    :raises Forbidden: if the actor starts no such case
    :raises NotFound: if the actor may not know of the case
    """
    work.require_somewhere(Permission.START_CASE)
    found = procedures.find_newest(work, PROCEDURE)
    if found is None:
        return []
    running = procedures.running(work, found.id)
    if not makers(work, running):
        raise Forbidden(T("您的岗位不能制发文书"))
    if case_id is not None and work.session.get(Case, case_id) is None:
        raise NotFound(T("没有找到该案件"))
    order, there = list(GROUPS), preceding.complete(work, case_id)
    offered = [_offer(work, kind, there) for kind in _offered(work, running, case_id).values()]
    return sorted(
        offered, key=lambda one: (order.index(one.group), bool(case_id and one.missing), one.kind)
    )


def makers(work: Work, running: Running) -> list[Grant]:
    """Return the grants by which the actor starts a procedure: a step of asking for it."""
    lane = LANES[running.definition.start.lane or ""]
    return [grant for grant in work.actor.grants if grant.role is lane.role]


def may_make(work: Work, owner_id: int | None = None) -> bool:
    """Test whether the actor makes papers for an office, or for any."""
    work.require(Permission.SEE_DOCUMENT, Thing())
    offices = _offices(work)
    return bool(offices) if owner_id is None else owner_id in offices


def _offices(work: Work) -> list[int]:
    """Return the offices for which the actor makes papers."""
    found = procedures.find_newest(work, PROCEDURE)
    if found is None:
        return []
    running = procedures.running(work, found.id)
    return list(dict.fromkeys(grant.organisation for grant in makers(work, running)))


def _offer(work: Work, kind: Kind, there: frozenset[str]) -> Offer:
    way = course.of(kind)
    return Offer(
        kind=kind.id,
        title=Term(kind.title, english=kind.english),
        group=group_of(kind),
        purpose=kind.purpose,
        signers=[ROLE_NAMES[Role(role)] for role in course.roles_of(kind)],
        sealed=way.seal,
        goes=way.goes,
        needs_plant=_needs_plant(kind),
        missing=preceding.missing(work, kind, there),
    )


def _needs_plant(kind: Kind) -> bool:
    """Test whether a paper can be about an enterprise alone: it names it, or it goes there."""
    return kind.names_subject or course.of(kind).needs_plant


def group_of(kind: Kind) -> str:
    """Return among which a kind is shown."""
    if kind.group in GROUPS:
        return kind.group
    return "letter" if kind.letter else "penalty"


def choosing_step(running: Running) -> str | None:
    """Return the step of a procedure that drafts whatever kind its start names; None if none."""
    start = running.definition.start.variables
    for node in running.definition.nodes.values():
        drafts = any(choosing.places(word) for word in node.words("papers"))
        if drafts and node.chosen_by in start:
            return node.id
    return None


def _offered(work: Work, running: Running, case_id: int | None) -> dict[str, Kind]:
    """Return the kinds that a procedure makes by its start's choice, and no other one does.

    :param case_id: the case that the paper is to belong to, if any
    """
    step = choosing_step(running)
    if step is None:
        return {}
    kinds = work.deps.papers.templates.kinds
    own, here = _made_elsewhere(work), _made_in(work, case_id)
    signing = _signing(running)
    return {
        choice: kinds[choice]
        for choice in running.choices(step)
        if choice in kinds
        and (choice not in own or (kinds[choice].singly and choice not in here))
        and not kinds[choice].proof
        and signing.issuperset(course.roles_of(kinds[choice]))
    }


def _made_elsewhere(work: Work) -> set[str]:
    """Return the kinds that some deployed procedure drafts by itself."""
    return {
        kind
        for row in procedures.everything(work)
        for kind in _drafted(procedures.running(work, row.deployment_id))
    }


def _made_in(work: Work, case_id: int | None) -> set[str]:
    """Return the kinds that the diagram of a case drafts by itself."""
    of_case = select(Case.deployment_id).where(Case.id == case_id)
    found = work.session.scalar(of_case) if case_id is not None else None
    return set() if found is None else _drafted(procedures.running(work, found))


def _drafted(running: Running) -> set[str]:
    return {
        paper.kind
        for node in running.definition.nodes.values()
        for paper in papers_of(node.words("papers"))
        if paper.act is Act.DRAFT
    }


def _signing(running: Running) -> set[str]:
    """Return the roles in which people sign in a procedure."""
    return {
        LANES[node.lane].role
        for node in running.definition.nodes.values()
        if node.lane and handles(node.words("papers"), Act.SIGN)
    }


@dataclass(frozen=True, slots=True)
class Bound:
    """To which case a new one belongs."""

    case_id: int | None = None
    campaign_id: int | None = None


def bind(
    work: Work, running: Running, answers: Mapping[str, Any], subject: Organisation, owner: int
) -> Bound:
    """Return to which case a new one belongs, if its start says so: a step of starting it.

    :raises Invalid: if there is no such case of the same subject and office, or no such kind of
        paper can be made now
    """
    bound = _belongs(work, running, answers, subject, owner)
    step = choosing_step(running)
    if step is None:
        return bound
    name = running.node(step).chosen_by or ""
    kind = _offered(work, running, bound.case_id).get(str(answers.get(name)))
    if kind is None:
        raise Invalid({f"/{name}": T("没有这种文书，或者它由专门的流程制作")})
    if subject.kind != ENTERPRISE and _needs_plant(kind):
        raise Invalid({"/subject": T("此文书只能对企业制发")})
    preceding.must_be_there(work, kind, bound.case_id)
    return bound


def _belongs(
    work: Work, running: Running, answers: Mapping[str, Any], subject: Organisation, owner: int
) -> Bound:
    name = running.definition.start.properties.get("belongsTo", "")
    told = answers.get(name)
    if told is None:
        return Bound()
    found = work.session.execute(
        select(Case.id, Case.campaign_id).where(
            Case.id == (whole(str(told)) or 0),
            Case.subject_id == subject.id,
            Case.owner_id == owner,
        )
    ).one_or_none()
    if found is None:
        raise Invalid({f"/{name}": T("没有找到对同一企业的这个案件")})
    return Bound(found.id, found.campaign_id)


def about(work: Work, subject_id: int) -> About | None:
    """Return whom a paper is to be about, if the actor may know of them."""
    work.require_somewhere(Permission.START_CASE)
    found = work.session.get(Organisation, subject_id)
    return About(found.id, found.name) if found is not None and found.active else None


def own_offices(work: Work) -> list[About]:
    """Return the offices of the actor, about which a paper can be that is about no enterprise."""
    work.require_somewhere(Permission.START_CASE)
    found = (about(work, office) for office in _offices(work))
    return [office for office in found if office is not None]


def cases_of(work: Work, subject_id: int) -> list[CaseChoice]:
    """Return the cases of a subject that a paper about it can belong to, the newest first."""
    work.require_somewhere(Permission.START_CASE)
    rows = work.session.execute(
        select(Case.id, Case.deployment_id, Case.status, Case.opened_at)
        .where(Case.subject_id == subject_id, Case.owner_id.in_(_offices(work)))
        .where(Case.procedure != PROCEDURE)
        .order_by(Case.id.desc())
        .limit(MOST_CASES)
    )
    return [
        CaseChoice(
            row.id, procedures.running(work, row.deployment_id).name, row.status, row.opened_at
        )
        for row in rows
    ]


def subject_of(work: Work, case_id: int) -> int:
    """Return whom a case is about.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.START_CASE)
    found = work.session.scalar(select(Case.subject_id).where(Case.id == case_id))
    if found is None:
        raise NotFound(T("没有找到该案件"))
    return found
