"""Sign a paper: with one's PIN, in the request, and exactly the file that one was shown.

The signature is made before the transaction that registers it: the database is not kept waiting
for arithmetic. That transaction looks again whether everything is still as it was.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, sign
from app.adapters.templates import Kind
from app.domain import Conflict, Forbidden, NotFound
from app.domain.access import Actor, Permission, Thing
from app.domain.casework import ItemStatus
from app.domain.documents import Act, DocumentState, papers_of
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case, WorkItem
from app.models.documents import Document, SignatureRecord
from app.models.people import Account
from app.services import Deps, Work, procedures
from app.services.cases.locked import Moved
from app.services.pdf import keys
from app.services.pdf.typesetting import add_revision
from app.services.tasks import commands

OWN = {"unscoped": "the signer's own task and paper"}
REMARK = re.compile("（[^）]*）")
SIGN_WIDTH, SIGN_HEIGHT = 113.0, 28.0
"""Points of the sheet on which a name is written; it is fitted into the place on the paper."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is to sign: the task, the paper as it is now, and their place on it."""

    document_id: int
    case_id: int
    item_id: int
    kind: Kind
    slot: str
    name: str
    sha256: str
    first: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was made and is still to be registered."""

    place: Place
    pdf: bytes
    key_id: int
    at: datetime


def prepare(deps: Deps, actor: Actor, document_id: int, pin: str, sha256: str) -> Signed:
    """Make the actor's signature on a paper; `sessions.confirm` has asked for the PIN before.

    :raises NotFound: if the actor may not know of the paper
    :raises Forbidden: if it is not theirs to sign
    :raises Conflict: if it is not the file they were shown, or nothing is to be signed
    """
    with deps.reading(actor) as work:
        place = _place(work, document_id, sha256)
    key = keys.of_person(deps, actor.id or 0, pin)
    written = drawing.name(REMARK.sub("", place.name), deps.papers.writing, SIGN_WIDTH, SIGN_HEIGHT)
    now = deps.clock()
    pdf = sign(
        deps.files.get(place.sha256),
        place.slot,
        key.identity,
        keys.stamp(deps),
        Look(written, SIGN_WIDTH, SIGN_HEIGHT),
        place.kind.title,
        now,
        first=place.first,
    )
    return Signed(place, pdf, key.id, now)


def register(work: Work, signed: Signed) -> Moved:
    """Register a signature and complete the task it was made in.

    :raises Conflict: if the paper was signed by somebody else meanwhile
    """
    place = signed.place
    work.session.execute(
        select(Case.id).where(Case.id == place.case_id).with_for_update(), execution_options=OWN
    )
    if _place(work, place.document_id, place.sha256) != place:
        raise Conflict(T("文书已有变化，请重新查看后再签"))
    digest = add_revision(
        work, place.document_id, place.case_id, place.revision + 1, signed.pdf, place.slot
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
        document=place.document_id,
        task=place.item_id,
        slot=place.slot,
        shown=place.sha256,
        sha256=digest,
    )
    return commands.complete(work, place.item_id, {"checked": True})


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
            Document.organisation_id,
            Document.place,
            Document.state,
            Document.sha256,
            Document.data,
            Case.deployment_id,
        )
        .join(Case, Case.id == Document.case_id)
        .where(Document.id == document_id)
    ).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该文书"))
    work.require(
        Permission.SIGN_DOCUMENT, Thing(place=found.place, organisation=found.organisation_id)
    )
    if found.state is not DocumentState.SIGNING or found.sha256 is None:
        raise Conflict(T("文书不在待签署状态"))
    if sha256 is not None and found.sha256 != sha256:
        raise Conflict(T("文书已有变化，请重新查看后再签"))
    kind = work.deps.papers.templates.kinds[found.kind]
    slots = select(SignatureRecord.slot).where(SignatureRecord.document_id == document_id)
    done = set(work.session.scalars(slots, execution_options=OWN))
    slot, name = _own_slot(work, kind, json.loads(found.data), done)
    return Place(
        document_id=document_id,
        case_id=found.case_id,
        item_id=_item(work, found),
        kind=kind,
        slot=slot,
        name=name,
        sha256=found.sha256,
        first=not done,
        revision=len(done),
    )


def _own_slot(work: Work, kind: Kind, content: Any, done: set[str]) -> tuple[str, str]:
    """Return the actor's place on the paper: it names who signs, by their licence."""
    licence = work.session.scalar(
        select(Account.licence).where(Account.id == work.me), execution_options=OWN
    )
    for slot, person in zip(kind.signers, content.get(kind.people, []), strict=False):
        if licence and person["certificate"] == licence:
            if slot in done:
                raise Conflict(T("您已经在此文书上签名"))
            return slot, person["name"]
    raise Forbidden(T("文书上载明的执法人员中没有您，请由载明的人员签名"))


def _item(work: Work, found: Any) -> int:
    """Return the open task in which papers of this kind are signed."""
    running = procedures.running(work, found.deployment_id)
    signing = [
        node.id
        for node in running.definition.nodes.values()
        for paper in papers_of(node.words("papers"))
        if paper.kind == found.kind and paper.act is Act.SIGN
    ]
    item = work.session.scalar(
        select(WorkItem.id)
        .where(WorkItem.case_id == found.case_id, WorkItem.node.in_(signing))
        .where(WorkItem.status == ItemStatus.OPEN)
        .order_by(WorkItem.id)
        .limit(1)
    )
    if item is None:
        raise Conflict(T("现在不是签署该文书的环节"))
    return item
