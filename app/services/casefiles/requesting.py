"""Ask for the file of a case, see how it stands, take it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.domain import NotFound
from app.domain.access import Permission, Thing
from app.domain.casefiles import FileState
from app.domain.documents import canonical
from app.domain.history import Stream
from app.domain.text import T
from app.models.casefiles import CaseFile
from app.models.casework import Case
from app.services import Work, history
from app.services.casefiles import orders
from app.services.casefiles.gathering import Words, gather

JOB = "casefile-make"
LOCKED = {"unscoped": "the case whose file it is"}


@dataclass(frozen=True, slots=True)
class CaseFileRow:
    """A case file as lists and its own page show it."""

    id: int
    case_id: int
    whole: bool
    state: FileState
    done: int
    total: int
    record_sha256: str
    sha256: str | None
    size: int | None
    pages: int | None
    by: str
    requested_at: datetime
    finished_at: datetime | None


def request(work: Work, case_id: int, words: Words, *, whole: bool = False) -> int:
    """Freeze what is known of a case, have its file made, and return the file's id.

    :param whole: with the cases that came of it
    :raises NotFound: if the actor does not see all of the case
    """
    found = work.session.execute(
        select(Case.place, Case.owner_id).where(Case.id == case_id)
    ).one_or_none()
    if found is None:
        raise NotFound(T("没有找到该案件"))
    grant = work.require(Permission.MAKE_CASE_FILE, Thing(place=found.place))
    record = gather(work, case_id, words, whole=whole)
    work.session.execute(
        select(Case.id).where(Case.id == case_id).with_for_update(), execution_options=LOCKED
    )
    file = CaseFile(
        case_id=case_id,
        place=found.place,
        organisation_id=grant.organisation,
        role=grant.role,
        on_behalf_of=grant.on_behalf_of,
        requested_by=work.me,
        requested_at=work.now,
        whole=whole,
        state=FileState.MAKING,
        record_sha256=work.deps.files.put(canonical(record)),
        total=orders.count(record),
    )
    work.session.add(file)
    work.session.flush()
    work.enqueue(JOB, f"{JOB}:{file.id}", {"file": file.id})
    work.record(
        Stream.CASE, case_id, "casefile.request", grant, file=file.id, sha256=file.record_sha256
    )
    return file.id


def of_case(work: Work, case_id: int) -> list[CaseFileRow]:
    """Return the files of a case, of those in the actor's area, the newest first."""
    work.require_somewhere(Permission.MAKE_CASE_FILE)
    rows = work.session.scalars(
        select(CaseFile).where(CaseFile.case_id == case_id).order_by(CaseFile.id.desc())
    ).all()
    return _rows(work, rows)


def get(work: Work, file_id: int) -> CaseFileRow:
    """Return one case file.

    :raises NotFound: if it lies outside the actor's area
    """
    (row,) = _rows(work, [_found(work, file_id)])
    return row


def path(work: Work, file_id: int) -> tuple[str, Path]:
    """Return what a case file is called, and where it lies.

    :raises NotFound: if there is none yet, or it lies outside the actor's area
    """
    found = _found(work, file_id)
    if found.sha256 is None:
        raise NotFound(T("没有找到该案卷"))
    return f"案卷{found.case_id}-{found.id}.pdf", work.deps.files.path(found.sha256)


def _found(work: Work, file_id: int) -> CaseFile:
    work.require_somewhere(Permission.MAKE_CASE_FILE)
    found = work.session.get(CaseFile, file_id)
    if found is None:
        raise NotFound(T("没有找到该案卷"))
    work.require(Permission.MAKE_CASE_FILE, Thing(place=found.place))
    return found


def _rows(work: Work, files: Sequence[CaseFile]) -> list[CaseFileRow]:
    people = history.names_of_people(work, [file.requested_by for file in files])
    return [
        CaseFileRow(
            id=file.id,
            case_id=file.case_id,
            whole=file.whole,
            state=file.state,
            done=file.done,
            total=file.total,
            record_sha256=file.record_sha256,
            sha256=file.sha256,
            size=file.size,
            pages=file.pages,
            by=people.get(file.requested_by, ""),
            requested_at=file.requested_at,
            finished_at=file.finished_at,
        )
        for file in files
    ]
