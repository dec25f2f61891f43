"""What a task's form starts with: earlier answers of the case, and facts."""

from typing import Any

from sqlalchemy import select

from app.domain import Invalid
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING
from app.domain.forms import Answers, Form
from app.domain.limits import beyond, limited
from app.domain.prefill import prefill
from app.models.casework import WorkItem
from app.models.people import Account, Organisation
from app.services import Work
from app.services.tasks.held import Held

READ_ONLY = {"unscoped": "the form shows only what its author chose"}


def sources(work: Work, case_id: int, subject_id: int) -> dict[str, Any]:
    """Return the last answers of each step of a case, by node, and the facts that forms may use."""
    rows = work.session.execute(
        select(WorkItem.node, WorkItem.answers)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id),
        execution_options=READ_ONLY,
    )
    found: dict[str, Any] = {node: answers for node, answers in rows if answers}
    name = select(Organisation.name).where(Organisation.id == subject_id)
    me = select(Account.name, Account.licence, Account.phone).where(Account.id == work.me)
    person = work.session.execute(me, execution_options=READ_ONLY).one()
    found["@subject"] = {"name": work.session.scalar(name, execution_options=READ_ONLY)}
    found["@me"] = {"name": person.name, "licence": person.licence, "phone": person.phone}
    found["@officers"] = [{"name": person.name, "certificate": person.licence}]
    found["@today"] = work.now.astimezone(BEIJING).date().isoformat()
    return found


def first_values(work: Work, case_id: int, subject_id: int, form: Form | None) -> dict[str, Any]:
    """Return what a form's fields start with."""
    return prefill(form, sources(work, case_id, subject_id)) if form else {}


def check_answers(work: Work, held: Held, form: Form | None, answers: Answers) -> dict[str, Any]:
    """Return the answers to a task cleaned; read-only fields keep what the case says.

    :raises Invalid: if an answer is missing, breaks the schema, or lies beyond its limits
    """
    if form is None:
        return {}
    bounded = limited(form)
    if not bounded and not any(field.read_only or field.fixed for field in form.fields):
        return form.check(answers)
    known = sources(work, held.case.id, held.case.subject_id)
    checked = form.check(answers, prefill(form, known))
    if bounded and (problems := beyond(form, checked, known)):
        raise Invalid(problems)
    return checked
