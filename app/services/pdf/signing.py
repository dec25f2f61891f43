"""Sign a paper: with one's PIN, in the request, and exactly the file that one was shown.

The signature is made before the transaction that registers it: the database is not kept waiting
for arithmetic. That transaction looks again whether everything is still as it was.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select

from app.adapters.signature import authority
from app.adapters.signature.signing import sign
from app.adapters.templates import Kind
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Actor, Permission, Role, Thing
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING
from app.domain.documents import (
    BY_HAND,
    INSTEAD,
    Act,
    DocumentState,
    Manner,
    papers_of,
)
from app.domain.forms import Answers
from app.domain.history import Stream
from app.domain.strokes import Strokes, packed
from app.domain.text import T
from app.models.casework import Case, WorkItem
from app.models.documents import Document, SignatureRecord
from app.models.people import Account
from app.services import Deps, Work, procedures
from app.services.cases.locked import Moved
from app.services.documents import redating
from app.services.pdf import keys
from app.services.pdf.places import (
    Hand,
    Place,
    certified,
    certified_look,
    decided,
    decided_look,
    look,
    unsigned,
)
from app.services.pdf.typesetting import add_revision
from app.services.tasks import commands

OWN = {"unscoped": "the signer's own task and paper"}

BY_HAND_ACTS = {Manner.PAD: "document.pad", Manner.SCAN: "document.scan"}
"""What the history calls it when an officer certifies a signature by hand."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was made and is still to be registered."""

    place: Place
    pdf: bytes
    key_id: int
    at: datetime
    lasts_until: datetime | None = None
    """If it completes the paper: until when its archive stamp proves it."""
    hand: Hand | None = None
    strokes: Strokes | None = field(default=None, repr=False)
    """What the signer wrote on the pad: data of the signature, in no log."""


def prepare(
    deps: Deps,
    actor: Actor,
    document_id: int,
    pin: str,
    sha256: str,
    answers: Answers | None = None,
    strokes: Strokes | None = None,
) -> Signed:
    """Make the actor's signature on a paper; `sessions.confirm` has asked for the PIN before.

    :param answers: to the task's form, of which a paper may bear what they say
    :param strokes: what they wrote on the pad; without, their name is drawn as if written
    :raises NotFound: if the actor may not know of the paper
    :raises Forbidden: if it is not theirs to sign
    :raises Conflict: if it is not the file they were shown, or nothing is to be signed
    :raises Invalid: if the paper bears an earlier day than that of its signature: it is made anew;
        if it was to be signed by a day that is past; or if what it is to bear is wrong, at its
        field
    """
    with deps.reading(actor) as work:
        place = _place(work, document_id, sha256)
        told = unsigned(work, place, answers or {}) if place.instead else ()
        hand = certified(work, place, answers or {}, strokes) if place.by_hand else None
        said = decided(work, place, answers or {}) if place.decides else ()
    if place.over:
        told_why = T("期限已于 {day} 届满，不能再签署，请退回另行处理", day=place.over)
        raise Invalid({"/pin": told_why})
    if place.outdated:
        _date_anew(deps, actor, place)
        raise Invalid({"/pin": T("文书日期已改为今天，请查看新的文书后再签署")})
    key, stamp = keys.of_person(deps, actor.id or 0, pin), keys.stamp(deps)
    now = deps.clock()
    if hand:
        drawn = certified_look(deps, hand, strokes)
    elif said:
        drawn = decided_look(deps, place, said, strokes)
    else:
        drawn = look(deps, place, told, strokes)
    pdf = sign(
        deps.files.get(place.sha256),
        place.slot,
        key.identity,
        stamp,
        drawn,
        hand.reason if hand else "".join(told or said) or place.kind.title,
        now,
        first=place.first,
        trust=keys.trust(deps) if place.last else None,
    )
    until = authority.ends_at(stamp.der) if place.last else None
    return Signed(place, pdf, key.id, now, until, hand, None if place.instead else strokes)


def register(work: Work, signed: Signed, answers: Answers | None = None) -> Moved:
    """Register a signature and complete the task it was made in.

    :param answers: to the task's form; by default that the paper was checked
    :raises Conflict: if the paper was signed by somebody else meanwhile
    :raises Invalid: if the answers do not fit the form
    """
    place, hand = signed.place, signed.hand
    _hold(work, place)
    complete: dict[str, Any] = {"state": DocumentState.SEALED} if place.last else {}
    digest = add_revision(
        work,
        place.document_id,
        place.case_id,
        signed.pdf,
        place.slot,
        lasts_until=signed.lasts_until,
        **complete,
    )
    work.session.execute(
        insert(SignatureRecord).values(
            document_id=place.document_id,
            slot=place.slot,
            account_id=work.me,
            item_id=place.item_id,
            key_id=signed.key_id,
            name=hand.signer if hand else place.name,
            at=signed.at,
            strokes=packed(signed.strokes) if signed.strokes else None,
            manner=hand.manner if hand else None,
            scans=[name for name, _digest in hand.scans] if hand and hand.scans else None,
        ),
        execution_options=OWN,
    )
    work.record(
        Stream.CASE,
        place.case_id,
        BY_HAND_ACTS[hand.manner] if hand else "document.sign",
        place.grant,
        document=place.document_id,
        task=place.item_id,
        slot=place.slot,
        shown=place.sha256,
        sha256=digest,
        **({"handwritten": True} if signed.strokes else {}),
        **({"scans": [digest for _name, digest in hand.scans]} if hand and hand.scans else {}),
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
    form = procedures.running(work, found.deployment_id).form(item.node, item.choice)
    how = form.schema.get("x-paper") if form is not None else None
    if how in (INSTEAD, BY_HAND):
        slot, name = _empty_slot(work, kind, done, by_hand=how == BY_HAND)
    else:
        slot, name = _own_slot(work, kind, content, item.role, done)
    today = work.now.astimezone(BEIJING).date()
    until = date.fromisoformat(content[kind.in_time]) if kind.in_time else today
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
        over=until if until < today else None,
        outdated=not done and redating.is_outdated(work, kind, content),
        how=how,
        day=today,
    )


def _empty_slot(work: Work, kind: Kind, done: set[str], *, by_hand: bool) -> tuple[str, str]:
    """Return the place of who may refuse and did not sign, and who says so there.

    :param by_hand: the place is one where its kind lets somebody sign by hand
    """
    open_to = (one for one in kind.signers if (one.by_hand if by_hand else one.optional))
    empty = next((one.id for one in open_to if one.id not in done), None)
    if empty is None or any(one.person is not None for one in kind.missing(done)):
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


def _item(work: Work, found: Any, document_id: int) -> Row[int, int, Role, str, str | None] | None:
    """Return the open task in which the paper is signed, the actor's own before others'."""
    running = procedures.running(work, found.deployment_id)
    signing = [
        node.id
        for node in running.definition.nodes.values()
        for paper in papers_of(node.words("papers"))
        if paper.is_of(found.kind) and paper.act is Act.SIGN
    ]
    rows = work.session.execute(
        select(
            WorkItem.id,
            WorkItem.organisation_id,
            WorkItem.role,
            WorkItem.node,
            WorkItem.choice,
        )
        .where(WorkItem.case_id == found.case_id, WorkItem.node.in_(signing))
        # A task that was opened before tasks kept their paper has none.
        .where(or_(WorkItem.paper_id == document_id, WorkItem.paper_id.is_(None)))
        .where(WorkItem.status == ItemStatus.OPEN)
        .order_by(WorkItem.id)
    ).all()
    held = {(grant.organisation, grant.role) for grant in work.actor.grants}
    own = [row for row in rows if (row.organisation_id, row.role) in held]
    return next(iter((*own, *rows)), None)
