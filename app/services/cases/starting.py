"""Start a case, and say which procedures an actor can start."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select

from app.domain import Invalid, NotFound
from app.domain.access import Grant, Permission, Role, Thing, covers, may_somewhere
from app.domain.forms import Form
from app.domain.lanes import LANES, Relation
from app.domain.text import T, Text
from app.models.enterprises import Enterprise
from app.models.people import ENTERPRISE, Organisation
from app.services import Work, offering, procedures
from app.services.cases import files
from app.services.cases.locked import Moved
from app.services.cases.moving import begin
from app.services.cases.seats import superior
from app.services.days import check_start
from app.services.procedures import Running

OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Startable:
    """A procedure that the actor can start, with the form to start it by."""

    id: str
    name: Text
    version: int
    form: Form | None
    about_office: bool
    """Whether it is about the office that starts it."""


def startable(work: Work) -> list[Startable]:
    """Return the procedures that the actor can start, by id."""
    if not may_somewhere(work.actor, Permission.START_CASE):
        return []
    found = []
    for row in procedures.everything(work):
        running = procedures.running(work, row.deployment_id)
        if _starters(work, running):
            form = running.form(running.definition.start.id)
            found.append(Startable(row.id, row.name, row.version, form, about_office(running)))
    return found


def _starters(work: Work, running: Running) -> list[Grant]:
    """Return the grants by which the actor can start a procedure: of its start event's lane.

    Who has no office above them starts none in which one has a part.
    """
    start = running.definition.start
    if start.lane is None or "formJsonSchemaFilename" not in start.properties:
        return []
    lane = LANES[start.lane]
    if lane.relation not in (Relation.OWNER, Relation.SUBJECT):
        return []
    grants = offering.makers(work, running)
    if _asks_above(running):
        return [grant for grant in grants if superior(work, grant.place) is not None]
    return grants


def _starter(work: Work, running: Running, subject: Organisation) -> Grant:
    """Return the grant by which the actor starts a procedure about `subject`.

    Who sees a wide area by one role may be staff of a part of it by another, or of two parts: the
    case belongs to the office whose area the subject lies in.

    :raises Forbidden: if there is none such
    """
    grants = _starters(work, running)
    own = about_office(running) or (
        LANES[running.definition.start.lane or ""].relation is Relation.SUBJECT
    )
    fitting = [
        grant
        for grant in grants
        if (grant.organisation == subject.id if own else covers(grant.place, subject.place))
    ]
    grant = max(fitting, key=lambda found: len(found.place), default=None)
    place, organisation = subject.place, grant.organisation if grant else None
    return work.require(Permission.START_CASE, Thing(place=place, organisation=organisation))


def start(work: Work, procedure: str, subject_id: int, answers: dict[str, Any]) -> Moved:
    """Start a case about an enterprise or organisation.

    :raises NotFound: if the procedure or the subject is unknown to the actor
    :raises Forbidden: if the actor may not start it
    :raises Invalid: if the answers do not fit the start form
    """
    row = procedures.newest(work, procedure)
    running = procedures.running(work, row.deployment_id)
    subject = work.session.get(Organisation, subject_id)
    if subject is None or not subject.active:
        raise NotFound(T("没有找到该企业或单位"))
    chooses = offering.choosing_step(running) is not None
    if subject.kind != ENTERPRISE and not chooses and _about_enterprises(running):
        raise Invalid({"/subject": T("此流程只能对企业启动")})
    grant = _starter(work, running, subject)
    owner = _owner(work, running, grant, subject)
    form = running.form(running.definition.start.id)
    checked = check_start(work, form, answers)
    bound = offering.bind(work, running, checked, subject, owner[0])
    found = procedures.find_newest(work, procedure)
    if found is None:
        raise NotFound(T("没有找到该流程"))
    moved = begin(
        work,
        found,
        owner=owner,
        subject_id=subject.id,
        answers=checked,
        grant=grant,
        parent_id=bound.case_id,
        campaign_id=bound.campaign_id,
    )
    files.attach(work, form, checked, moved.case_id)
    return moved


def about_office(running: Running) -> bool:
    """Test whether a procedure is about the very office that starts it, as a campaign is."""
    return running.definition.start.properties.get("about") == OFFICE


def _asks_above(running: Running) -> bool:
    """Test whether a procedure gives the owner's superior a part."""
    lanes = {node.lane for node in running.definition.nodes.values() if node.lane}
    return any(LANES[lane].relation is Relation.UPPER for lane in lanes)


def _about_enterprises(running: Running) -> bool:
    """Test whether a procedure gives somebody of an enterprise a part, so that it is about one."""
    lanes = {node.lane for node in running.definition.nodes.values() if node.lane}
    return any(LANES[lane].relation is Relation.SUBJECT for lane in lanes)


def _owner(work: Work, running: Running, grant: Grant, subject: Organisation) -> tuple[int, str]:
    """Return who owns the case: the starter's organisation, or the bureau over the enterprise."""
    lane = LANES[running.definition.start.lane or ""]
    if lane.relation is Relation.OWNER:
        return grant.organisation, grant.place
    bureau = work.session.execute(
        select(Organisation.id, Organisation.place)
        .where(Organisation.kind == "emergency_bureau", Organisation.active)
        .where(Organisation.place == subject.place.partition("K")[0])
        .order_by(Organisation.id)
        .limit(1)
        .execution_options(unscoped="an enterprise's case belongs to the bureau over it")
    ).one_or_none()
    if bureau is None:
        raise Invalid({"": T("没有找到对该企业负责的应急管理部门")})
    return bureau.id, bureau.place


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a case can be about."""

    id: int
    name: str
    address: str
    credit_code: str | None


def subjects(work: Work, q: str, chosen: int = 0, most: int = 20) -> list[Subject]:
    """Return enterprises for the start page: the chosen one first, then those found by `q`.

    `q` is part of a name, an address or a credit code.
    """
    work.require_somewhere(Permission.START_CASE)
    q = q.strip()[:64]
    found = or_(
        func.lower(Organisation.name).contains(q.lower(), autoescape=True),
        Enterprise.address.contains(q, autoescape=True),
        Enterprise.credit_code.contains(q.upper(), autoescape=True),
    )
    rows = work.session.execute(
        select(Enterprise.id, Organisation.name, Enterprise.address, Enterprise.credit_code)
        .join(Organisation, Organisation.id == Enterprise.id)
        .where(Organisation.active, or_(found, Enterprise.id == chosen))
        .order_by(case((Enterprise.id == chosen, 0), else_=1), Organisation.name, Enterprise.id)
        .limit(most)
    )
    return [Subject(*row) for row in rows]


def own_subject(work: Work, procedure: str) -> int | None:
    """Return whom the actor starts a procedure about without choosing; None if they choose.

    An office is the subject of what is about the office itself, a principal's enterprise of all
    that the principal starts.
    """
    running = procedures.running(work, procedures.newest(work, procedure).deployment_id)
    if about_office(running):
        return next((grant.organisation for grant in _starters(work, running)), None)
    return own_enterprise(work)


def own_enterprise(work: Work) -> int | None:
    """Return the enterprise whose principal the actor is, if they are one."""
    return next(
        (grant.organisation for grant in work.actor.grants if grant.role is Role.PRINCIPAL), None
    )
