"""Stamp complete papers anew before the certificate of their archive stamp ends: once a year.

A paper that cannot be stamped is an incident of its case, which keeps no other from being stamped:
administrators see it, mend what is the matter and have it tried again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from app.adapters.signature import authority
from app.adapters.signature.lasting import renew
from app.models.casework import Case
from app.models.documents import Document
from app.services import Deps, Work, incidents
from app.services.cases.locked import Command, StepFailed, lock_any
from app.services.documents import lasting
from app.services.documents.issuing import ISSUED
from app.services.documents.lasting import Ending
from app.services.pdf import keys
from app.services.pdf.registering import make_and_register
from app.services.pdf.typesetting import add_revision, node_of

JOB = incidents.RENEWING
RENEWED = "renewed"
"""What made a revision that only another archive stamp tells from the one before."""


def do(deps: Deps, given: Mapping[str, Any]) -> int:
    """Do the job: all papers, or those of a case whose incident is retried."""
    return renew_case(deps, given["case"]) if "case" in given else renew_all(deps)


def renew_all(deps: Deps) -> int:
    """Stamp every paper anew that needs it, and say how many.

    Done again, it finds that nothing is left to do but what failed.
    """
    keys.keep_up(deps)
    done, after = 0, 0
    while found := _ending(deps, after):
        done += sum([_renewed(deps, paper) for paper in found])
        after = found[-1].id
    return done


def renew_case(deps: Deps, case_id: int) -> int:
    """Stamp the papers of a case anew that need it: the retry of an incident."""
    return sum([_renewed(deps, paper) for paper in _ending(deps, 0, case_id)])


def _ending(deps: Deps, after: int, case_id: int | None = None) -> list[Ending]:
    with deps.system_reading("papers to be stamped anew") as work:
        return lasting.ending(work, after, case_id)


def _renewed(deps: Deps, paper: Ending) -> bool:
    return make_and_register(deps, paper, _stamped, _failed, _register)


def _stamped(deps: Deps, paper: Ending) -> tuple[bytes, datetime]:
    stamp, trust_at = keys.stamp(deps), partial(keys.trust, deps)
    try:
        pdf = renew(deps.files.get(paper.sha256), stamp, trust_at, deps.clock())
    except Exception as cause:
        cause.add_note(f"paper {paper.id}, revision {paper.revision}")
        raise
    return pdf, authority.ends_at(stamp.der)


def _failed(deps: Deps, paper: Ending) -> StepFailed:
    with deps.system("a paper that failed") as work:  # it locks the case
        case = lock_any(work, paper.case_id)
        return StepFailed(case, Command(JOB, node_of(case, paper.kind)))


def _register(work: Work, paper: Ending, pdf: bytes, until: datetime) -> bool:
    work.session.execute(
        select(Case.id).where(Case.id == paper.case_id).with_for_update(), execution_options=ISSUED
    )
    newest = work.session.scalar(
        select(Document.sha256).where(Document.id == paper.id), execution_options=ISSUED
    )
    if newest != paper.sha256:
        return False
    add_revision(work, paper.id, paper.case_id, pdf, RENEWED, lasts_until=until)
    if not lasting.ending(work, case_id=paper.case_id):
        incidents.overcome(work, paper.case_id, 0, JOB)
    return True
