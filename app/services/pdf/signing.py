"""Sign a paper: with one's PIN, in the request, and exactly the file that one was shown.

The signature is made before the transaction that registers it: the database is not kept waiting
for arithmetic. That transaction looks again whether everything is still as it was.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, sign
from app.adapters.templates import Kind
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Actor, Grant, Permission, Role, Thing
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING
from app.domain.documents import (
    INSTEAD,
    Act,
    DocumentState,
    in_words,
    papers_of,
    written_instead,
)
from app.domain.forms import Answers
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case, WorkItem
from app.models.documents import Document, SignatureRecord
from app.models.people import Account
from app.services import Deps, Work, procedures
from app.services.cases.locked import Moved
from app.services.documents import redating
from app.services.pdf import keys
from app.services.pdf.typesetting import add_revision
from app.services.tasks import commands, sources

OWN = {"unscoped": "the signer's own task and paper"}
REMARK = re.compile("（[^）]*）")
SIGN_WIDTH, SIGN_HEIGHT = 113.0, 28.0
"""Points of the sheet on which a name is written; it is fitted into the place on the paper."""
WIDE, TALL = 256.0, 44.0
"""The same where the day stands beside the name, or why there is none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is to sign: the task, the paper as it is now, and their place on it."""

    document_id: int
    case_id: int
    item_id: int
    grant: Grant
    """By which the actor signs: their own, or that of whom they stand in for."""
    kind: Kind
    slot: str
    name: str
    sha256: str
    first: bool
    last: bool
    """Whether it completes the paper, as nobody else signs and no seal follows."""
    outdated: bool
    """Whether the paper is to bear the day of this signature, and bears an earlier one."""
    instead: bool
    """Whether it is the place of somebody who did not sign: why, is written there."""
    day: date


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was made and is still to be registered."""

    place: Place
    pdf: bytes
    key_id: int
    at: datetime


def prepare(
    deps: Deps,
    actor: Actor,
    document_id: int,
    pin: str,
    sha256: str,
    answers: Answers | None = None,
) -> Signed:
    """Make the actor's signature on a paper; `sessions.confirm` has asked for the PIN before.

    :param answers: to the task's form, of which a paper may bear what they say
    :raises NotFound: if the actor may not know of the paper
    :raises Forbidden: if it is not theirs to sign
    :raises Conflict: if it is not the file they were shown, or nothing is to be signed
    :raises Invalid: if the paper bears an earlier day than that of its signature: it is made anew;
        or if what it is to bear is wrong, at its field
    """
    with deps.reading(actor) as work:
        place = _place(work, document_id, sha256)
        told = _told(work, place, answers or {}) if place.instead else ()
    if place.outdated:
        _date_anew(deps, actor, place)
        raise Invalid({"/pin": T("文书日期已改为今天，请查看新的文书后再签署")})
    key = keys.of_person(deps, actor.id or 0, pin)
    now = deps.clock()
    pdf = sign(
        deps.files.get(place.sha256),
        place.slot,
        key.identity,
        keys.stamp(deps),
        _look(deps, place, told),
        "".join(told) or place.kind.title,
        now,
        first=place.first,
        trust=keys.trust(deps) if place.last else None,
    )
    return Signed(place, pdf, key.id, now)


def _told(work: Work, place: Place, answers: Answers) -> tuple[str, ...]:
    """Return what is written in the place of who did not sign: the answers to the task's form."""
    row = work.session.execute(
        select(WorkItem.node, WorkItem.paper_id, Case.subject_id, Case.deployment_id)
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.id == place.item_id)
    ).one()
    running = procedures.running(work, row.deployment_id)
    form = running.form(row.node)
    if form is None:
        raise RuntimeError("A form asked for what is written, and is gone")
    case = (place.case_id, row.subject_id)
    given = sources.given_values(work, *case, running, row.node, row.paper_id)
    told = written_instead(form.schema, form.check(answers, given), place.day)
    if lacking := work.deps.papers.press.lacking("".join(told)):
        text = T("没有字体能印出“{characters}”", characters=lacking)
        raise Invalid({"/refusal_reason": text})
    return told


def _look(deps: Deps, place: Place, told: Sequence[str]) -> Look:
    """Return what is drawn: the name, with its day if it is dated, or why there is none."""
    font, name = deps.papers.writing, REMARK.sub("", place.name)
    if told:
        drawn = drawing.note(told, font, WIDE, TALL)
        return Look(drawn, WIDE, TALL, words="".join(told))
    if any(signer.dated for signer in place.kind.signers if signer.id == place.slot):
        drawn = drawing.dated(name, in_words(place.day), font, WIDE, SIGN_HEIGHT)
        return Look(drawn, WIDE, SIGN_HEIGHT)
    return Look(drawing.name(name, font, SIGN_WIDTH, SIGN_HEIGHT), SIGN_WIDTH, SIGN_HEIGHT)


def register(work: Work, signed: Signed, answers: Answers | None = None) -> Moved:
    """Register a signature and complete the task it was made in.

    :param answers: to the task's form; by default that the paper was checked
    :raises Conflict: if the paper was signed by somebody else meanwhile
    :raises Invalid: if the answers do not fit the form
    """
    place = signed.place
    _hold(work, place)
    complete = {"state": DocumentState.SEALED} if place.last else {}
    digest = add_revision(
        work,
        place.document_id,
        place.case_id,
        signed.pdf,
        place.slot,
        **complete,
    )
    work.session.execute(
        insert(SignatureRecord).values(
            document_id=place.document_id,
            slot=place.slot,
            account_id=work.me,
            item_id=place.item_id,
            key_id=signed.key_id,
            name=place.name,
            at=signed.at,
        ),
        execution_options=OWN,
    )
    work.record(
        Stream.CASE,
        place.case_id,
        "document.sign",
        place.grant,
        document=place.document_id,
        task=place.item_id,
        slot=place.slot,
        shown=place.sha256,
        sha256=digest,
    )
    given = {"checked": True} if answers is None else answers
    return commands.complete(work, place.item_id, given)


def _date_anew(deps: Deps, actor: Actor, place: Place) -> None:
    """Have a paper that nobody has signed made again with today's date."""
    with deps.transaction(actor) as work:
        _hold(work, place)
        redating.date_anew(work, place.kind, place.document_id, place.case_id, place.grant)


def _hold(work: Work, place: Place) -> None:
    """Lock the case of a paper, and look again whether everything is as it was.

    :raises Conflict: if it is not
    """
    work.session.execute(
        select(Case.id).where(Case.id == place.case_id).with_for_update(), execution_options=OWN
    )
    if _place(work, place.document_id, place.sha256) != place:
        raise Conflict(T("文书已有变化，请重新查看后再签"))


def to_sign(work: Work, document_id: int) -> int | None:
    """Return the actor's open task in which they are to sign a paper: a step of showing it."""
    try:
        return _place(work, document_id, None).item_id
    except (Conflict, Forbidden, NotFound):
        return None


def _place(work: Work, document_id: int, sha256: str | None) -> Place:
    found = work.session.execute(
        select(
            Document.kind,
            Document.case_id,
            Document.state,
            Document.sha256,
            Document.data,
            Case.deployment_id,
            Case.place,
        )
        .join(Case, Case.id == Document.case_id)
        .where(Document.id == document_id)
    ).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该文书"))
    if found.state is not DocumentState.SIGNING or found.sha256 is None:
        raise Conflict(T("文书不在待签署状态"))
    if sha256 is not None and found.sha256 != sha256:
        raise Conflict(T("文书已有变化，请重新查看后再签"))
    item = _item(work, found, document_id)
    if item is None:
        raise Conflict(T("现在不是签署该文书的环节"))
    thing = Thing(found.place, item.organisation_id, item.role)
    grant = work.require(Permission.SIGN_DOCUMENT, thing)
    kind = work.deps.papers.templates.kinds[found.kind]
    slots = select(SignatureRecord.slot).where(SignatureRecord.document_id == document_id)
    done = set(work.session.scalars(slots, execution_options=OWN))
    content = json.loads(found.data)
    form = procedures.running(work, found.deployment_id).form(item.node)
    instead = form is not None and form.schema.get("x-paper") == INSTEAD
    if instead:
        slot, name = _empty_slot(work, kind, done)
    else:
        slot, name = _own_slot(work, kind, content, item.role, done)
    return Place(
        document_id=document_id,
        case_id=found.case_id,
        item_id=item.id,
        grant=grant,
        kind=kind,
        slot=slot,
        name=name,
        sha256=found.sha256,
        first=not done,
        last=not kind.sealed and {*done, slot} == set(kind.places),
        outdated=not done and redating.is_outdated(work, kind, content),
        instead=instead,
        day=work.now.astimezone(BEIJING).date(),
    )


def _empty_slot(work: Work, kind: Kind, done: set[str]) -> tuple[str, str]:
    """Return the place of who may refuse and did not sign, and who says so there."""
    empty = next((one.id for one in kind.signers if one.optional and one.id not in done), None)
    if empty is None or kind.missing(done):
        raise Conflict(T("现在不是签署该文书的环节"))
    name = select(Account.name).where(Account.id == work.me)
    return empty, work.session.scalars(name, execution_options=OWN).one()


def _own_slot(work: Work, kind: Kind, content: Any, role: Role, done: set[str]) -> tuple[str, str]:
    """Return the actor's place on the paper: by their licence, or by the role they sign in."""
    me = work.session.execute(
        select(Account.licence, Account.name).where(Account.id == work.me), execution_options=OWN
    ).one()
    people = content.get(kind.people, [])
    for signer in kind.signers:
        name = me.name
        if signer.person is None:
            mine = role.value in signer.roles
        else:
            person = people[signer.person]
            mine, name = bool(me.licence) and person["certificate"] == me.licence, person["name"]
        if not mine:
            continue
        if signer.id in done:
            raise Conflict(T("您已经在此文书上签名"))
        return signer.id, name
    raise Forbidden(T("文书上载明的签名人中没有您，请由载明的人员签名"))


def _item(work: Work, found: Any, document_id: int) -> Row[int, int, Role, str] | None:
    """Return the open task in which the paper is signed, the actor's own before others'."""
    running = procedures.running(work, found.deployment_id)
    signing = [
        node.id
        for node in running.definition.nodes.values()
        for paper in papers_of(node.words("papers"))
        if paper.is_of(found.kind) and paper.act is Act.SIGN
    ]
    rows = work.session.execute(
        select(WorkItem.id, WorkItem.organisation_id, WorkItem.role, WorkItem.node)
        .where(WorkItem.case_id == found.case_id, WorkItem.node.in_(signing))
        # A task that was opened before tasks kept their paper has none.
        .where(or_(WorkItem.paper_id == document_id, WorkItem.paper_id.is_(None)))
        .where(WorkItem.status == ItemStatus.OPEN)
        .order_by(WorkItem.id)
    ).all()
    held = {(grant.organisation, grant.role) for grant in work.actor.grants}
    own = [row for row in rows if (row.organisation_id, row.role) in held]
    return next(iter((*own, *rows)), None)
