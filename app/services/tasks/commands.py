"""What one can do with a task: claim, release, keep a draft, announce, complete, return, urge."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import select, update

from app.domain import Conflict, Forbidden, Invalid, entered, serving
from app.domain.access import Permission, Role, leads
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING, last_day, waking
from app.domain.documents import Act, handles
from app.domain.forms import Answers, Form
from app.domain.history import Stream
from app.domain.text import T, Text
from app.engine import runtime
from app.models.casework import Message, WorkItem, last_done
from app.models.people import Account, RoleGrant
from app.services import Work, uploads
from app.services.cases import files
from app.services.cases.locked import Command, Moved
from app.services.cases.moving import settle
from app.services.cases.statements import change_item
from app.services.cases.storing import invite
from app.services.documents import hooks, organs
from app.services.tasks import claims
from app.services.tasks.held import (
    AlreadyDone,
    Held,
    apart_from,
    hold,
    must_be_free,
    must_not_have_done,
)
from app.services.tasks.returning import targets
from app.services.tasks.sources import check_answers

MOST_DRAFT = 2 * 2**20
URGE_EVERY = timedelta(hours=1)


def claim(work: Work, item_id: int) -> None:
    """Take a task (签收): others of the role see that it is taken.

    :raises TakenByOther: if somebody else has it
    """
    held = hold(work, item_id, Permission.PERFORM_TASK)
    must_be_free(work, held)
    must_not_have_done(work, held)
    if held.assignee_id == work.me:
        return
    _change(work, held, assignee_id=work.me)
    _record(work, held, "task.claim")


def release(work: Work, item_id: int) -> None:
    """Put a claimed task back for the others of the role (退签)."""
    held = hold(work, item_id, Permission.PERFORM_TASK)
    if held.assignee_id != work.me:
        raise Conflict(T("此事项不是由您签收的"))
    _must_be_unbound(work, held)
    _change(work, held, assignee_id=None)
    _record(work, held, "task.release")


def save_draft(work: Work, item_id: int, answers: Answers) -> None:
    """Keep what is typed so far (暂存), right or wrong, and take the task.

    :raises Invalid: if it is more than 2 MB, or cannot be kept
    """
    held = hold(work, item_id, Permission.PERFORM_TASK)
    must_be_free(work, held)
    must_not_have_done(work, held)
    try:
        size = len(orjson.dumps(answers))
    except TypeError as odd:  # nested beyond sense, or what no database keeps
        raise Invalid({"": T("草稿内容无法保存")}) from odd
    if size > MOST_DRAFT:
        raise Invalid({"": T("草稿内容过多")})
    uploads.lay_by(work, held.form, answers, held.case.id)
    _change(work, held, draft=dict(answers), assignee_id=work.me)
    if held.assignee_id is None:
        _record(work, held, "task.claim")


def announce(work: Work, item_id: int, answers: Answers) -> None:
    """Note that a paper is being served by public notice (公告送达): it is due on the notice's day.

    What was answered is kept as the draft, with the day of service that the law gives it.

    :raises Conflict: if nothing is served by the task
    :raises Invalid: if what is known once a notice is published is missing or wrong
    """
    held = hold(work, item_id, Permission.PERFORM_TASK)
    must_be_free(work, held)
    must_not_have_done(work, held)
    if not handles(held.papers, Act.SERVE):
        raise Conflict(T("此事项不送达文书"))
    today = work.now.astimezone(BEIJING).date()
    day, due_at = serving.announced(answers, today, work.calendar)
    wanted = {"served_on": last_day(due_at).isoformat(), "receipt": serving.Receipt.NOT_PRESENT}
    draft = {**answers, **wanted}
    if problems := _unless(lambda: check_answers(work, held, held.form, draft), "/served_on"):
        raise Invalid(problems)
    hooks.in_time(work, _paper_step(work, held, held.form), draft["served_on"], "/notice_on")
    uploads.lay_by(work, held.form, draft, held.case.id)
    wake_at = waking(held.node.properties.get("reminder"), due_at, work.calendar)
    _change(
        work,
        held,
        draft=draft,
        assignee_id=work.me,
        noticed_on=day,
        due_at=due_at,
        wake_at=wake_at,
    )
    moved = {"from": held.due_at.isoformat()} if held.due_at else {}
    _record(work, held, "task.announce", noticed=day.isoformat(), **moved, to=due_at.isoformat())


def _unless(check: Callable[[], object], later: str) -> Mapping[str, Text]:
    """Return what is wrong with answers, but for a day that is still to come."""
    try:
        check()
    except Invalid as invalid:
        return {at: told for at, told in invalid.errors.items() if at != later}
    return {}


def complete(work: Work, item_id: int, answers: Answers) -> Moved:
    """Close a task with its answers and move its case on.

    :raises NotFound: if the actor may not know of the task
    :raises Forbidden: if it is not the actor's, or duties must be held apart
    :raises AlreadyDone: if it is closed
    :raises TakenByOther: if somebody else has it
    :raises Invalid: if the answers do not fit the form
    """
    held = hold(work, item_id, Permission.PERFORM_TASK)
    must_be_free(work, held)
    must_not_have_done(work, held)
    form = held.form
    checked = check_answers(work, held, form, answers)
    paper_step = _paper_step(work, held, form)
    hooks.check(work, paper_step, checked)
    files.attach(work, form, checked, held.case.id)
    _close(work, held, checked)
    _leave_to_others(work, held)
    hooks.closed(work, paper_step, checked)
    variables = {name: checked.get(name) for name in held.node.variables}
    case = held.case
    step = runtime.complete(case.running.definition, case.id, case.state, held.seq, variables)
    detail = {"task": held.id}
    return settle(work, case, step, Command("task.complete", held.node_id, held.grant, detail))


def _leave_to_others(work: Work, held: Held) -> None:
    """Put back what somebody else has to say in this round: each has one voice."""
    if held.node.repetition is None:
        return
    mine = (work.me, held.grant.on_behalf_of)
    this = select(WorkItem.round).where(WorkItem.id == held.id).scalar_subquery()
    left = work.session.scalars(
        update(WorkItem)
        .where(WorkItem.case_id == held.case.id, WorkItem.node == held.node_id)
        .where(WorkItem.round == this, WorkItem.status == ItemStatus.OPEN)
        .where(WorkItem.assignee_id.in_([person for person in mine if person is not None]))
        .values(assignee_id=None, draft=None)
        .returning(WorkItem.id)
        .execution_options(unscoped="the case is locked", synchronize_session=False)
    )
    for item_id in sorted(left):
        work.record(
            Stream.CASE,
            held.case.id,
            "task.release",
            held.grant,
            node=held.node_id,
            task=item_id,
        )


def _paper_step(work: Work, held: Held, form: Form | None) -> hooks.Step:
    case = held.case
    drafter = held.organisation_id if held.papers else case.owner_id
    return hooks.Step(
        item_id=held.id,
        case_id=case.id,
        place=case.place,
        organ_id=organs.issuer(work, case.owner_id, drafter),
        subject_id=case.subject_id,
        words=held.papers,
        schema=form.schema if form else {},
        grant=held.grant,
        made_for=case.parent_id,
        chosen=held.choice is not None,
    )


def _close(work: Work, held: Held, answers: dict[str, Any] | None) -> None:
    _change(
        work,
        held,
        status=ItemStatus.CANCELLED if answers is None else ItemStatus.DONE,
        closed_at=work.now,
        closed_by=work.me,
        on_behalf_of=held.grant.on_behalf_of,
        assignee_id=work.me,
        answers=answers,
        draft=None,
    )


def return_to(work: Work, item_id: int, node: str, reason: str) -> Moved:
    """Send the case back to an earlier step (退回), to whoever did it last, with a reason.

    :raises Invalid: if the reason is missing, or the diagram does not let it be returned there
    """
    held = hold(work, item_id, Permission.PERFORM_TASK)
    must_be_free(work, held)
    must_not_have_done(work, held)
    reason = entered.reason(reason)
    if node not in targets(work, held.case.id, held.node):
        raise Invalid({"/node": T("不能退回到该环节")})
    before = _last_performer(work, held, node)
    _close(work, held, None)
    hooks.returned(work, _paper_step(work, held, None), node, reason)
    case = held.case
    step = runtime.jump(case.running.definition, case.id, case.state, held.seq, node)
    detail = {"task": held.id, "to": node, "reason": reason}
    command = Command(
        "task.return", held.node_id, held.grant, detail, returned=(node, reason, before)
    )
    return settle(work, case, step, command)


def _last_performer(work: Work, held: Held, node: str) -> int | None:
    if held.case.running.node(node).repetition is not None:
        return None  # each of several has a task of their own
    found: int | None = work.session.scalar(
        last_done(held.case.id, node, WorkItem.closed_by),
        execution_options={"unscoped": "the case is locked"},
    )
    return found


def transfer(work: Work, item_id: int, username: str, reason: str) -> None:
    """Hand a task over to a colleague who holds the same role (转办).

    :raises TakenByOther: if somebody else has it, unless a leader of the office hands it over
    :raises Invalid: if the colleague does not hold the role, or the reason is missing
    """
    held = hold(work, item_id, Permission.MANAGE_TASK)
    if not leads(work.actor, held.organisation_id):
        _must_be_unbound(work, held)
        must_be_free(work, held)
    reason = entered.reason(reason)
    other = work.session.execute(
        select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(Account.username == username.strip().lower(), Account.active)
        .where(RoleGrant.organisation_id == held.organisation_id, RoleGrant.role == held.role)
        .execution_options(unscoped="a colleague is found by name and role")
    ).scalar_one_or_none()
    if other is None:
        raise Invalid({"/username": T("请选择本单位同一岗位的人员")})
    if other == held.assignee_id:
        raise Invalid({"/username": T("此事项已由该人员办理")})
    if other in apart_from(work, held.task, held.case.running):
        raise Invalid({"/username": T("该人员办理过有关环节，按职责分离要求不能办理此事项")})
    _change(work, held, assignee_id=other)
    if held.role is Role.EXPERT:
        invite(work, held.case.id, held.case.step, [other])
    _tell(work, held, "task_transferred", other)
    _record(work, held, "task.transfer", to=other, reason=reason)


def urge(work: Work, item_id: int) -> None:
    """Remind whoever has a task to do it (催办), at most once an hour.

    :raises Conflict: if it was urged within the hour
    """
    held = hold(work, item_id, Permission.URGE_TASK)
    if held.assignee_id == work.me:
        raise Forbidden(T("不能催办自己签收的事项"))
    if held.urged_at is not None and work.now - held.urged_at < URGE_EVERY:
        raise Conflict(T("一小时内已催办过，请稍后再催"))
    _change(work, held, urged_at=work.now)
    binds = claims.binds(work, held.organisation_id, held.role, held.assignee_id)
    _tell(work, held, "task_urged", held.assignee_id if binds else None)
    _record(work, held, "task.urge")


def _must_be_unbound(work: Work, held: Held) -> None:
    """Refuse to give a task away that one person has to do: only a leader names another.

    :raises Forbidden: if it is such a task
    """
    if "performer" in held.node.properties and not leads(work.actor, held.organisation_id):
        raise Forbidden(T("此事项指定由专人办理，更换人员须由领导说明原因后转办"))


def _change(work: Work, held: Held, **values: Any) -> None:
    """Write to the task, if it still stands as it was read.

    The case's lock is taken after the task was read, so that somebody may have been faster.
    """
    names = tuple(sorted(values))
    parameters = {f"new_{name}": values[name] for name in names}
    changed = work.run(
        change_item(names), {"item": held.id, "held_by": held.assignee_id, **parameters}
    )
    if changed.rowcount != 1:
        raise AlreadyDone(T("此事项已被他人先一步办理，请刷新后重试"))


def _tell(work: Work, held: Held, key: str, account: int | None) -> None:
    """Send a message about a task to its assignee, or else to all who can take it."""
    work.session.add(
        Message(
            case_id=held.case.id,
            organisation_id=held.organisation_id if account is None else None,
            role=held.role if account is None else None,
            account_id=account,
            key=key,
            node=held.node_id,
            at=work.now,
        )
    )


def _record(work: Work, held: Held, action: str, **detail: Any) -> None:
    work.record(
        Stream.CASE, held.case.id, action, held.grant, node=held.node_id, task=held.id, **detail
    )
