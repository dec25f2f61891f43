"""A file is made outside any transaction and registered in one: for typesetting and sealing."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select

from app.domain.documents import DocumentState
from app.models.documents import Document
from app.services import Deps, incidents
from app.services.cases.locked import StepFailed

F = TypeVar("F")


def make_and_register(
    deps: Deps,
    found: F,
    make: Callable[[Deps, F], tuple[Any, ...]],
    failed: Callable[[Deps, F], StepFailed],
    register: Callable[..., bool],
) -> bool:
    """Make a file of what was found, register it, and say whether that was still to do.

    Whatever the making fails by becomes an incident; the case waits on.
    """
    try:
        with incidents.noting(deps):
            try:
                made = make(deps, found)
            except Exception as cause:  # whatever it was becomes an incident
                raise failed(deps, found) from cause
            with deps.system("register the file of a paper") as work:
                return register(work, found, *made)
    except incidents.Noted:
        return False


def awaited(
    deps: Deps, case_id: int, seq: int, state: DocumentState, act: Callable[[Deps, int], bool]
) -> bool:
    """Do again what a case waits for: the retry of an incident; say whether there was anything.

    A `seq` of 0 is a paper that nothing in the case waits for.
    """
    waits = Document.seq == seq if seq else Document.seq.is_(None)
    with deps.system_reading("the paper a case waits for") as work:
        found = work.session.scalars(
            select(Document.id).where(Document.case_id == case_id, waits, Document.state == state)
        ).all()
    return sum(act(deps, document) for document in found) > 0
