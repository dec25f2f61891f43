"""Date a paper anew (成文日期): a leader's letter bears the day on which it is signed.

Number, code and all that it says stay; the day is frozen anew and the file typeset again. Only a
paper that nobody has signed yet is dated anew; its earlier file is kept as a revision.

A number belongs to the year in which its letter is signed (GB/T 9704). One that was numbered last
year goes back to its drafter: its number is void and stays in the register, which has no gap.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.access import Grant
from app.domain.deadlines import BEIJING
from app.domain.documents import DocumentState, canonical
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import Document
from app.services import Work
from app.services.documents.issuing import ISSUED, RENDER


def is_outdated(work: Work, kind: Kind, data: Mapping[str, Any]) -> bool:
    """Test whether a paper bears an earlier day than that of its signature: a step of signing."""
    return kind.dated_when_signed and any(data[name] < _today(work) for name in kind.dates)


def date_anew(work: Work, kind: Kind, document_id: int, case_id: int, grant: Grant) -> None:
    """Freeze today's date in a paper that nobody signed, and have it typeset: of a locked case.

    :raises Invalid: if it has a number of another year
    """
    row = work.session.execute(
        select(Document.data, Document.data_sha256, Document.year, Document.number).where(
            Document.id == document_id
        ),
        execution_options=ISSUED,
    ).one()
    if row.year != work.now.astimezone(BEIJING).year:
        raise Invalid(
            {
                "/pin": T(
                    "{number}是往年的文号，签发日期已跨年。请退回起草环节重新编号，原文号作废备查",
                    number=row.number,
                )
            }
        )
    data, today = json.loads(row.data), _today(work)
    frozen = canonical(data | dict.fromkeys(kind.dates, today))
    digest = hashlib.sha256(frozen).hexdigest()
    work.session.execute(
        update(Document)
        .where(Document.id == document_id)
        .values(
            state=DocumentState.ISSUED, data=frozen, data_sha256=digest, sha256=None, pages=None
        ),
        execution_options=ISSUED,
    )
    work.record(
        Stream.CASE,
        case_id,
        "document.redate",
        grant,
        document=document_id,
        was=row.data_sha256,
        data=digest,
        becomes=today,
        **{"from": min(data[name] for name in kind.dates)},
    )
    work.enqueue(RENDER, f"{RENDER}:{document_id}:{today}", {"document": document_id})


def _today(work: Work) -> str:
    return work.now.astimezone(BEIJING).date().isoformat()
