"""Typeset papers: the issued one in a job, and before that previews of what is typed so far."""

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from sqlalchemy import func, insert, select, update

from app.adapters import Order, Typeset
from app.adapters.signature.signing import Slot, add_fields
from app.adapters.templates import Kind
from app.domain import NotFound
from app.domain.access import Permission, Thing
from app.domain.documents import SEAL, Act, DocumentState, papers_of
from app.domain.history import Stream
from app.domain.text import T
from app.models.casework import Case, WorkItem
from app.models.documents import Document, DocumentRevision
from app.services import Deps, Work, incidents, procedures
from app.services.cases.locked import Command, Locked, StepFailed, lock_any, lock_running
from app.services.documents import data, organs, wordings
from app.services.documents.approving import SEALING
from app.services.documents.data import About
from app.services.documents.issuing import ISSUED, RENDER
from app.services.pdf.registering import awaited, make_and_register
from app.services.resuming import answer
from app.services.tasks import sources

PREVIEW = "预览"
RECORD = "record.json"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paper that is to be typeset."""

    id: int
    kind: str
    case_id: int
    seq: int | None
    data: bytes
    template: str


def render(deps: Deps, document_id: int) -> bool:
    """Typeset an issued paper, register it and move its case on; say whether that was still to do.

    A failure becomes an incident; the case waits on.
    """
    with deps.system_reading("a paper to be typeset") as work:
        found = _waiting(work, document_id)
    if found is None:
        return False
    return make_and_register(deps, found, _file, _failed, _register)


def render_waiting(deps: Deps, case_id: int, seq: int) -> bool:
    """Typeset the paper that a case waits for: the retry of an incident."""
    return awaited(deps, case_id, seq, DocumentState.ISSUED, render)


def _waiting(work: Work, document_id: int) -> Waiting | None:
    row = work.session.execute(
        select(
            Document.id,
            Document.kind,
            Document.case_id,
            Document.seq,
            Document.data,
            Document.template_sha256,
        ).where(Document.id == document_id, Document.state == DocumentState.ISSUED)
    ).one_or_none()
    return None if row is None else Waiting(*row)


def _file(deps: Deps, found: Waiting) -> tuple[bytes, int]:
    """Return the paper with the empty places of its signatures, and how many pages it has."""
    kind = deps.papers.templates.kinds[found.kind]
    bundle = json.loads(deps.files.get(found.template))
    made = typeset(deps, kind, bundle, json.loads(found.data), frozen=found.data)
    slots = [
        Slot(name, made.boxes[name], f"{kind.title}（{name}）", closes=name == SEAL)
        for name in (*kind.places, *((SEAL,) if kind.sealed else ()))
    ]
    return add_fields(made.pdf, slots) if slots else made.pdf, made.pages


def typeset(
    deps: Deps,
    kind: Kind,
    bundle: Mapping[str, Any],
    content: Mapping[str, Any],
    mark: str = "",
    frozen: bytes | None = None,
) -> Typeset:
    """Typeset a paper from its data: a step of those who make one."""
    order = Order(
        sources=bundle["sources"],
        template=f"{kind.id}.html",
        data={
            "d": content,
            "wording": bundle["wording"].get(kind.id, {}),
            "mark": mark,
            "qr": not mark,
        },
        assets={} if mark else {"qr": ("image/svg+xml", _qr(deps, content["code"]))},
        attached={RECORD: frozen} if frozen is not None else {},
    )
    return deps.papers.press.typeset(order)


def _qr(deps: Deps, code: str) -> bytes:
    target = io.BytesIO()
    address = f"{deps.papers.site}/v/{code}"
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=1, xmldecl=False)
    return target.getvalue()


def _failed(deps: Deps, found: Waiting) -> StepFailed:
    with deps.system("a paper that failed") as work:  # it locks the case
        case = lock_any(work, found.case_id)
        return StepFailed(case, Command(RENDER, node_of(case, found.kind), seq=found.seq or 0))


def node_of(case: Locked, kind: str) -> str:
    """Return where a case has to do with a kind of paper: a step of telling what failed."""
    for node in case.running.definition.nodes.values():
        if any(paper.is_of(kind) for paper in papers_of(node.words("papers"))):
            return node.id
    return case.running.definition.start.id


def _register(work: Work, found: Waiting, pdf: bytes, pages: int) -> bool:
    case = lock_running(work, found.case_id)
    if _waiting(work, found.id) != found:
        return False
    kind = work.deps.papers.templates.kinds[found.kind]
    state = DocumentState.SIGNING if kind.signers or kind.sealed else DocumentState.SEALED
    add_revision(work, found.id, found.case_id, pdf, "", state=state, pages=pages)
    if found.seq is None:
        incidents.overcome(work, found.case_id, 0, RENDER)
        if kind.sealed:  # approved with the paper whose service it proves
            work.enqueue(SEALING, f"{SEALING}:{found.id}", {"document": found.id})
    elif case is not None and not answer(work, case, found.seq, str(found.id)):
        # It was dated anew: what waited for it has been answered long ago.
        incidents.overcome(work, found.case_id, found.seq, RENDER)
    return True


def add_revision(
    work: Work,
    document_id: int,
    case_id: int,
    pdf: bytes,
    made_by: str,
    *,
    lasts_until: datetime | None = None,
    approval: tuple[int, int | None] | None = None,
    **changes: Any,
) -> str:
    """Register a new state of a paper's file and return its SHA-256: a step of a locked case.

    :param lasts_until: of a complete paper, until when its archive stamp proves it
    :param approval: of a seal, the task in which it was approved, and by whom
    """
    digest = work.deps.files.put(pdf)
    last = select(func.max(DocumentRevision.revision)).where(
        DocumentRevision.document_id == document_id
    )
    work.session.execute(
        insert(DocumentRevision).values(
            document_id=document_id,
            revision=func.coalesce(last.scalar_subquery() + 1, 0),
            sha256=digest,
            size=len(pdf),
            made_by=made_by,
            at=work.wall,
            lasts_until=lasts_until,
        ),
        execution_options=ISSUED,
    )
    work.session.execute(
        update(Document).where(Document.id == document_id).values(sha256=digest, **changes),
        execution_options=ISSUED,
    )
    approved: dict[str, Any] = (
        dict(zip(("task", "approved"), approval, strict=True)) if approval else {}
    )
    work.record(
        Stream.CASE,
        case_id,
        "document.register",
        document=document_id,
        sha256=digest,
        by=made_by,
        **approved,
    )
    return digest


def preview(deps: Deps, work: Work, item_id: int, answers: Mapping[str, Any]) -> bytes:
    """Return the paper of a task as it would be with these answers, marked as a preview.

    :raises NotFound: if the task makes no paper, or the actor may not know of it
    :raises Forbidden: if it is not the actor's
    :raises Invalid: if something is missing or cannot be printed, at its field
    """
    row = work.session.execute(
        select(
            WorkItem.node,
            WorkItem.choice,
            WorkItem.case_id,
            WorkItem.organisation_id,
            WorkItem.role,
            WorkItem.paper_id,
            Case.place,
            Case.deployment_id,
            Case.owner_id,
            Case.subject_id,
        )
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.id == item_id)
    ).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该事项"))
    thing = Thing(place=row.place, organisation=row.organisation_id, role=row.role)
    work.require(Permission.PERFORM_TASK, thing)
    running = procedures.running(work, row.deployment_id)
    drafted = list(drafted_by(deps, running.papers(row.node, row.choice)))
    if not drafted:
        raise NotFound(T("此事项不制作文书"))
    form = running.form(row.node, row.choice)
    known = (row.case_id, row.subject_id, running)
    given = sources.given_values(work, *known, form, row.paper_id)
    checked = form.check(answers, given) if form else dict(answers)
    organ = organs.issuer(work, row.owner_id, row.organisation_id)
    about = About(organ, row.subject_id, row.case_id, checked, {})
    content = data.of_paper(work, drafted[0], about)
    bundle = json.loads(wordings.in_force(work)[1].content)
    return typeset(deps, drafted[0], bundle, content, PREVIEW).pdf


def drafted_by(deps: Deps, words: Iterable[str]) -> Iterable[Kind]:
    """Yield the kinds of paper that a task's answers make, of those that have a template."""
    for paper in papers_of(words):
        kind = deps.papers.templates.kinds.get(paper.kind)
        if kind is not None and paper.act is Act.DRAFT and not kind.proof:
            yield kind
