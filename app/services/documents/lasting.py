"""Complete papers whose archive stamp ends: they are stamped anew before it does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.adapters.signature import authority
from app.models.documents import Document, DocumentRevision
from app.services import Work
from app.services.documents.issuing import ISSUED

AHEAD = 2 * authority.YEAR
"""A paper is stamped anew when less than that is left: the job may fail for a whole year."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """A complete paper whose archive stamp ends."""

    id: int
    kind: str
    case_id: int
    revision: int
    sha256: str


def ending(work: Work, after: int = 0, case_id: int | None = None) -> list[Ending]:
    """Return papers that are to be stamped anew, behind the paper `after`, 200 at most."""
    wanted = _wanted(work).where(Document.id > after).order_by(Document.id).limit(AT_ONCE)
    if case_id is not None:
        wanted = wanted.where(Document.case_id == case_id)
    columns = (Document.id, Document.kind, Document.case_id)
    revision = (DocumentRevision.revision, DocumentRevision.sha256)
    rows = work.session.execute(
        wanted.with_only_columns(*columns, *revision), execution_options=ISSUED
    )
    return [Ending(*row) for row in rows]


def numbers(work: Work, cases: Collection[int]) -> Mapping[int, list[str]]:
    """Return the numbers of the papers that are to be stamped anew, by their case."""
    found: dict[int, list[str]] = {}
    wanted = _wanted(work).where(Document.case_id.in_(cases)).order_by(Document.id)
    columns = (Document.case_id, Document.number)
    for case, number in work.session.execute(
        wanted.with_only_columns(*columns), execution_options=ISSUED
    ):
        found.setdefault(case, []).append(number)
    return found


def _wanted(work: Work) -> Select[int]:
    newest = (
        select(func.max(DocumentRevision.revision))
        .where(DocumentRevision.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    return (
        select(Document.id)
        .join(DocumentRevision, DocumentRevision.document_id == Document.id)
        .where(DocumentRevision.lasts_until < work.wall + AHEAD)
        .where(DocumentRevision.revision == newest)
    )
