"""Send a paper to other organs (发送): for them to receive (主送), or for them to know (抄送).

Those that are known here read it as one of theirs from then on; how it goes to all others is told.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.access import Family, Grant, Role
from app.domain.documents import IN_FORCE
from app.domain.history import Stream
from app.domain.text import T
from app.engine import CaseFault
from app.models.casework import Message, WorkItem, last_done
from app.models.documents import Document, DocumentCopy
from app.models.people import Organisation, OrganisationKind
from app.services import Work

OWN = {"unscoped": "a paper of a locked case, and the organs it goes to"}
MESSAGE = "paper_sent"
RECEIVERS: Mapping[Family, Role] = {
    Family.BUREAU: Role.STAFF,
    Family.GOVERNMENT: Role.GOVERNMENT_OFFICER,
    Family.PARTNER: Role.PARTNER,
}
"""Who of an organ is told that a paper came."""
MAIN = "main"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a paper that was sent."""

    known: Collection[int]
    """The offices that read it here."""
    awaited: int
    """How many are to say that it came."""


def send(work: Work, case_id: int, document_id: int, source: str, grant: Grant | None) -> Sent:
    """Send a paper as the last answers of a step say: a step of a locked case.

    :raises CaseFault: if it is not complete
    """
    state = select(Document.state).where(Document.id == document_id, Document.case_id == case_id)
    if work.session.scalar(state, execution_options=OWN) not in IN_FORCE:
        raise CaseFault(T("文书尚未制发，不能发送"))
    answers = work.session.scalar(
        last_done(case_id, source, WorkItem.answers), execution_options=OWN
    )
    organs = (answers or {}).get("organs", [])
    known = _known(work, {row["name"].strip() for row in organs})
    insert = sqlite.insert if work.deps.database.sqlite else postgresql.insert
    for organ, role in known.items():
        copy = insert(DocumentCopy).values(
            document_id=document_id, organisation_id=organ, at=work.now
        )
        work.session.execute(copy.on_conflict_do_nothing(), execution_options=OWN)
        message = Message(
            case_id=case_id, organisation_id=organ, role=role, key=MESSAGE, at=work.now
        )
        work.session.add(message)
    work.record(
        Stream.CASE,
        case_id,
        "document.send",
        grant,
        document=document_id,
        organs=[row["name"] for row in organs],
        copies=sorted(known),
    )
    return Sent(known.keys(), sum(1 for row in organs if row["part"] == MAIN))


def _known(work: Work, names: Iterable[str]) -> dict[int, Role]:
    """Return the offices that bear these names, with who of them is told."""
    rows = work.session.execute(
        select(Organisation.id, OrganisationKind.family)
        .join(OrganisationKind, OrganisationKind.code == Organisation.kind)
        .where(Organisation.name.in_(sorted(names)), Organisation.active)
        .where(OrganisationKind.family.in_(RECEIVERS)),
        execution_options=OWN,
    )
    return {row.id: RECEIVERS[row.family] for row in rows}


def recipients(stated: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the organs that a paper itself names, as rows of a form: a step of sending it."""
    found: dict[str, str] = {}
    for field, part in (("addressee", MAIN), ("copies", "copy")):
        for name in _names(str(stated.get(field, ""))):
            found.setdefault(name, part)
    return [{"name": name, "part": part} for name, part in found.items()]


def _names(text: str) -> list[str]:
    for mark in "，,；;。":
        text = text.replace(mark, "、")
    return [name.strip() for name in text.split("、") if name.strip()]
