"""What stands in a case file: everything of a case, as its reader knows it, at one moment.

All of it is data: the file is made of this record, and the record travels with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.casefiles import FORMAT
from app.domain.deadlines import BEIJING
from app.domain.documents import IN_FORCE
from app.domain.forms import Form
from app.domain.history import Stream
from app.domain.text import Text
from app.models.casework import Upload
from app.models.documents import SignatureRecord, SigningKey
from app.models.enterprises import Enterprise
from app.models.records import HistoryEntry
from app.services import Work, ledger
from app.services.cases import reading as cases
from app.services.cases.reading import CaseView
from app.services.documents import reading as documents
from app.services.documents import terms
from app.services.documents.reading import DocumentView
from app.services.history import HistoryRow, Names, names_of_people
from app.services.ledger import HazardRow
from app.services.uploads import places_of

SERIALS = {"unscoped": "the serial of a certificate stands in what it signed"}
MOST_CASES = 200
"""Cases that came of a case, and of these, as long as they stand in its file."""


@dataclass(frozen=True, slots=True)
class Words:
    """How that is told which only pages have words for, in Chinese."""

    line: Callable[[HistoryRow, Names, Text | None], tuple[str, str]]
    """What was done, and what else there is to say."""
    answers: Callable[[Form, Mapping[str, Any]], Sequence[tuple[str, str]]]
    """Fields and what was answered."""
    hazard: Callable[[HazardRow], tuple[str, str]]
    """The class of a hazard and its state."""
    status: Callable[[Any], str]


def gather(work: Work, case_id: int, words: Words, *, whole: bool) -> dict[str, Any]:
    """Return what is known of a case, and with `whole` of those that came of it.

    :raises NotFound: if the actor may not know of it
    """
    views: list[CaseView] = []
    waiting = [case_id]
    while waiting and len(views) < MOST_CASES:
        view = cases.get(work, waiting.pop(0))
        if view.inside:
            views.append(view)
            waiting += [child.id for child in view.children] if whole else []
    return {
        "format": FORMAT,
        "made_at": _moment(work.now),
        "made_by": work.actor.name,
        "demo": work.deps.installation.demo,
        "cases": [_case(work, view, words) for view in views],
    }


def _case(work: Work, view: CaseView, words: Words) -> dict[str, Any]:
    row = view.row
    plant = work.session.execute(
        select(Enterprise.credit_code, Enterprise.address).where(Enterprise.id == row.subject_id)
    ).one_or_none()
    address = plant.address if plant else ""
    steps, files = _steps(work, view, words, address)
    return {
        "id": row.id,
        "procedure": row.procedure,
        "name": row.name.wording,
        "version": row.version,
        "subject": row.subject,
        "credit_code": (plant.credit_code if plant else "") or "",
        "address": address,
        "owner": row.owner,
        "opened_at": _moment(row.opened_at),
        "closed_at": _moment(row.closed_at),
        "status": words.status(row.status),
        "ended": row.ended.wording if row.ended else "",
        "from": row.parent_id,
        "terms": [_term(one) for one in terms.of_case(work, row.id)],
        "papers": [_paper(work, one) for one in _papers(work, row.id)],
        "hazards": [_hazard(one, words) for one in ledger.of_case(work, row.id)],
        "steps": steps,
        "files": files,
        "history": _history(work, view, words),
    }


def _term(row: terms.TermRow) -> dict[str, Any]:
    return {
        "title": row.title.wording,
        "number": row.number,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "before": row.before.isoformat() if row.before else "",
    }


def _papers(work: Work, case_id: int) -> list[DocumentView]:
    """Return the papers of a case as they were issued, each proof of service behind its paper."""
    views = [documents.get(work, row.id) for row in documents.of_case(work, case_id)]
    place = {view.row.id: number for number, view in enumerate(views)}
    proved = {
        view.service.receipt_id: place[view.row.id]
        for view in views
        if view.service and view.service.receipt_id
    }
    return sorted(
        views, key=lambda view: (proved.get(view.row.id, place[view.row.id]), place[view.row.id])
    )


def _paper(work: Work, view: DocumentView) -> dict[str, Any]:
    row = view.row
    complete = row.state in IN_FORCE or row.served_at is not None
    serials = work.session.execute(
        select(SignatureRecord.slot, SigningKey.serial)
        .join(SigningKey, SigningKey.id == SignatureRecord.key_id)
        .where(SignatureRecord.document_id == row.id),
        execution_options=SERIALS,
    )
    serial = {slot: number for slot, number in serials}  # noqa: C416
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title.wording,
        "number": row.number,
        "state": row.state.value,
        "issued_at": _moment(row.issued_at),
        "served_at": _moment(row.served_at),
        "void_at": _moment(view.void_at),
        "void_reason": view.void_reason or "",
        "code": view.code,
        "pages": row.pages if complete else 0,
        "sha256": row.sha256 or "",
        "data_sha256": view.data_sha256,
        "template_sha256": view.template_sha256,
        "wording": view.wording or 0,
        "signatures": [
            {
                "place": one.slot,
                "name": one.name,
                "by": one.by,
                "at": _moment(one.at),
                "certificate": serial.get(one.slot, ""),
                "instead": one.instead,
                "manner": one.manner.value if one.manner else "",
            }
            for one in view.signatures
        ],
    }


def _hazard(row: HazardRow, words: Words) -> dict[str, Any]:
    kind, state = words.hazard(row)
    return {
        "id": row.id,
        "description": row.description,
        "spot": row.spot,
        "class": kind,
        "state": state,
        "deadline": row.deadline.isoformat() if row.deadline else "",
        "closed_at": _moment(row.closed_at),
    }


def _steps(
    work: Work, view: CaseView, words: Words, address: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what was answered at each step, and the files that were handed in there."""
    steps, files = [], []
    for opinion in view.opinions:
        named = list(places_of(opinion.form.fields, opinion.answers)) if opinion.form else []
        steps.append(
            {
                "title": opinion.title.wording,
                "by": opinion.by,
                "for": opinion.on_behalf_of or "",
                "at": _moment(opinion.at),
                "answers": words.answers(opinion.form, opinion.answers) if opinion.form else [],
            }
        )
        files += [
            (name, opinion.title.wording, _spot(opinion.answers, at) or address)
            for at, name in named
        ]
    return steps, _files(work, files)


def _spot(answers: Mapping[str, Any], pointer: str) -> str:
    """Return the place that the row names in which a file stands; "" if none does."""
    value: Any = answers
    found = ""
    for part in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            found = str(value.get("spot") or found)
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
    return found


def _files(work: Work, named: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
    first: dict[str, tuple[str, str]] = {}
    for name, step, place in named:
        first.setdefault(name, (step, place))
    rows = work.session.scalars(
        select(Upload).where(Upload.id.in_(first)).order_by(Upload.uploaded_at, Upload.id)
    ).all()
    people = names_of_people(work, [row.uploaded_by for row in rows])
    return [
        {
            "id": row.id,
            "name": row.name,
            "media_type": row.media_type,
            "size": row.size,
            "sha256": row.sha256,
            "shown_sha256": row.shown_sha256 or "",
            "by": people.get(row.uploaded_by, ""),
            "at": _moment(row.uploaded_at),
            "step": first[row.id][0],
            "place": first[row.id][1],
        }
        for row in rows
    ]


def _history(work: Work, view: CaseView, words: Words) -> list[dict[str, Any]]:
    """Return each line in words and in the exact bytes that its hash seals (RFC 9162 style)."""
    kept = {
        row.seq: row.body
        for row in work.session.execute(
            select(HistoryEntry.seq, HistoryEntry.body).where(
                HistoryEntry.stream == Stream.CASE, HistoryEntry.subject == view.row.id
            )
        )
    }
    lines = []
    for row in view.history:
        node = view.running.title(row.node) if row.node else None
        title, note = words.line(row, view.names, node)
        lines.append(
            {
                "seq": row.seq,
                "at": _moment(row.at),
                "by": row.actor or "",
                "for": row.on_behalf_of or "",
                "organisation": row.organisation or "",
                "what": title,
                "note": note,
                "hash": row.hash,
                "body": kept[row.seq],
            }
        )
    return lines


def _moment(at: datetime | None) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds") if at else ""
