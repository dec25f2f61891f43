"""Issue a paper (编号制作): it gets a number and its data are frozen, in the step's transaction."""

import base64
import hashlib
import secrets
from typing import Any

from sqlalchemy import insert

from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.access import Grant
from app.domain.documents import DocumentState, canonical
from app.domain.history import Stream
from app.domain.text import T
from app.engine import CaseFault
from app.models.documents import Document
from app.services import Work
from app.services.documents import data, numbers, wordings
from app.services.documents.data import About

RENDER = "document.render"
ISSUED = {"unscoped": "a paper of a locked case", "synchronize_session": False}


def issue(
    work: Work,
    kind: Kind,
    about: About,
    *,
    case: tuple[int, str],
    item: int,
    seq: int | None = None,
    grant: Grant | None = None,
) -> int:
    """Give a number, freeze the data and have the paper typeset: a step of those who issue it.

    :param case: the case and its place
    :param grant: by which the step was done whose answers it is made of, if somebody did it
    :raises CaseFault: if the data do not make a paper: the task's own check came before
    """
    case_id, place = case
    year, serial = numbers.take(work, about.organisation_id, kind.id)
    number = data.numbered(work, kind, about.organisation_id, year, serial)
    code = base64.b32encode(secrets.token_bytes(10)).decode()
    try:
        frozen = canonical(data.of_paper(work, kind, about, number, code))
    except Invalid as wrong:
        told = "；".join(f"{at} {text}" for at, text in wrong.errors.items())
        raise CaseFault(T("文书缺少内容：{told}", told=told)) from wrong
    version, bundle = wordings.in_force(work)
    if work.deps.files.put(bundle.content) != bundle.sha256:
        raise RuntimeError("The templates were kept under another digest")
    digest = hashlib.sha256(frozen).hexdigest()
    made: dict[str, Any] = {
        "code": code,
        "kind": kind.id,
        "place": place,
        "organisation_id": about.organisation_id,
        "subject_id": about.subject_id,
        "case_id": case_id,
        "item_id": item,
        "seq": seq,
        "year": year,
        "serial": serial,
        "number": number,
        "state": DocumentState.ISSUED,
        "data": frozen,
        "data_sha256": digest,
        "template_sha256": bundle.sha256,
        "wording": version,
        "issued_at": work.now,
        "issued_by": work.actor.id,
    }
    document: int | None = work.session.scalar(
        insert(Document).values(made).returning(Document.id), execution_options=ISSUED
    )
    if document is None:
        raise RuntimeError("The new paper has no id")
    work.record(
        Stream.CASE,
        case_id,
        "document.issue",
        grant,
        document=document,
        number=number,
        data=digest,
        template=bundle.sha256,
        wording=version,
    )
    work.enqueue(RENDER, f"{RENDER}:{document}", {"document": document})
    return document


def kind_of(work: Work, kind: str) -> Kind:
    """Return a kind of paper: a step of those who make one.

    :raises CaseFault: if there is no template of this kind
    """
    found = work.deps.papers.templates.kinds.get(kind)
    if found is None:
        raise CaseFault(T("没有文书“{kind}”的模板", kind=kind))
    return found
