"""Effects on papers: issue one, have it sealed or closed. The case waits for the file."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update

from app.domain.documents import MAKING, DocumentState
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import WorkItem, last_done
from app.models.documents import Document
from app.services.documents import course, data, inhand, organs, sending, voiding
from app.services.documents.approving import SEALING, approval_of, makers, signed_by
from app.services.documents.data import About
from app.services.documents.issuing import ISSUED, issue, kind_of
from app.services.effects import LATER, Context, Later
from app.services.hazards import last_of


def issue_document(context: Context, kind: str, source: str, replaces: str = "") -> Later:
    """Issue a paper of this kind from the answers of the task `source`; its id is the result.

    What was made of that task before and is not complete is void from now on, and keeps its number.

    :param replaces: "yes" if a complete one is void, too, unless it was served
    """
    work = context.work
    wanted = kind_of(work, kind)
    item = work.session.execute(
        last_done(context.case_id, source, WorkItem.id, WorkItem.organisation_id, WorkItem.answers),
        execution_options=ISSUED,
    ).one_or_none()
    if item is None:
        raise CaseFault(T("环节 {node} 没有办理结果，不能制作文书", node=source))
    states = voiding.OPEN if replaces == "yes" else MAKING
    voiding.void_open(work, context.case_id, source, "重新制作", states, context.grant)
    organ = organs.issuer(work, context.owner_id, item.organisation_id)
    about = About(organ, context.subject_id, context.case_id, item.answers or {}, {})
    case = (context.case_id, context.place)
    issue(work, wanted, about, case=case, item=item.id, seq=context.seq, grant=context.grant)
    return LATER


def seal_document(context: Context, kind: str, paper: str = "") -> Later:
    """Have a signed paper sealed; the case waits until the sealed file is registered.

    The seal keeper's task about this paper is the approval; it is nobody's who drafted or signed.

    :param paper: its id; else it is the newest of the kind
    """
    document = _signed(context, kind, paper)
    approval = approval_of(context.work, context.case_id, document)
    if approval is None or approval[1] in makers(context.work, document):
        raise CaseFault(T("用印须由起草人和签名人以外的用印管理人批准"))
    return _finish(context, document)


def close_document(context: Context, kind: str, paper: str = "") -> Later:
    """Have a paper without a seal completed as it is, as when one who may refuse did not sign.

    :param paper: its id; else it is the newest of the kind
    """
    document = _signed(context, kind, paper)
    if kind_of(context.work, kind).sealed:
        raise CaseFault(T("此文书应当用印"))
    return _finish(context, document)


def void_unsigned(context: Context, paper: str, reason: str) -> bool:
    """Void a paper that whoever was to sign it let lie; tell whether it was still to be signed.

    A complete one stays: it was signed in time.
    """
    if not inhand.is_making(context.work, int(paper)):
        return False
    voiding.void_one(context.work, context.case_id, int(paper), reason, context.grant)
    return True


def paper_course(context: Context, kind: str) -> dict[str, Any]:
    """Tell who signs a paper, whether it is sealed and where it goes, as its kind says."""
    way = course.of(kind_of(context.work, kind))
    return asdict(way) | {"goes": way.goes.value}


def paper_expert(context: Context, paper: str) -> str | None:
    """Tell the name of the expert whom a paper names to sign it, as their account has it."""
    row = context.work.session.execute(
        select(Document.kind, Document.data, Document.organisation_id).where(
            Document.id == int(paper)
        ),
        execution_options=ISSUED,
    ).one()
    named = data.expert_of(kind_of(context.work, row.kind), json.loads(row.data))
    known = data.experts(context.work, row.organisation_id) if named else []
    alike = (name for name in known if named and data.unmarked(name) == data.unmarked(named[1]))
    return next(alike, None)


def answered_day(context: Context, source: str, field: str) -> str:
    """Tell a day that the last answers of a task name, as until when a measure lasts."""
    answers, _given_at = last_of(context.hazards, source)
    return str(answers[field])


def send_document(context: Context, paper: str, source: str) -> int:
    """Send a complete paper to the organs that the last answers of `source` list.

    Those that are known here take part from then on, and read it. How many of all are to say that
    it came, is the result.
    """
    sent = sending.send(context.work, context.case_id, int(paper), source, context.grant)
    for organ in sent.known:
        context.admit(organ)
    return sent.awaited


def _signed(context: Context, kind: str, paper: str) -> int:
    """Return the paper that is on its way, if all have signed without whom it is not complete."""
    wanted = kind_of(context.work, kind)
    making = (
        select(Document.id)
        .where(Document.case_id == context.case_id, Document.kind == kind)
        .where(Document.state == DocumentState.SIGNING)
        .order_by(Document.id.desc())
        .limit(1)
    )
    if paper:
        making = making.where(Document.id == int(paper))
    document = context.work.session.scalar(making, execution_options=ISSUED)
    if document is None:
        raise CaseFault(T("没有待用印的文书"))
    if lacking := wanted.missing(signed_by(context.work, document)):
        raise CaseFault(T("文书还缺 {n} 人签名，不能制发", n=len(lacking)))
    return document


def _finish(context: Context, document: int) -> Later:
    work = context.work
    work.session.execute(
        update(Document).where(Document.id == document).values(seq=context.seq),
        execution_options=ISSUED,
    )
    work.enqueue(SEALING, f"{SEALING}:{document}:{context.seq}", {"document": document})
    return LATER
