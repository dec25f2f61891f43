"""Tasks: the boxes, one task, and what one does with it."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from app.domain import NotFound
from app.domain.access import Permission
from app.domain.casework import WaitKind
from app.domain.entered import whole
from app.domain.forms import Form
from app.domain.text import T
from app.services import Work
from app.services.cases.locked import Moved
from app.services.items import TaskRow
from app.services.tasks import commands, lists, reading
from app.services.tasks.lists import BOXES, Filter
from app.web.api.contract import listed, moment, operation, reply, sent
from app.web.api.papers import DOCUMENT, document_json
from app.web.api.schemas import (
    ANSWERS,
    CURSOR,
    FORM,
    ID,
    MOVED,
    REASON,
    STRING,
    TASK,
    TASK_PROPERTIES,
    thing,
)
from app.web.language import read
from app.web.papers import on_task
from app.web.request import number_asked, once
from app.web.request import reading as reading_work

KINDS = {WaitKind.TIMER: "time", WaitKind.MESSAGE: "message", WaitKind.EFFECT: "effect"}
WHOLE_TASK = thing(
    {
        **TASK_PROPERTIES,
        "form": FORM,
        "prefill": {"type": "object"},
        "draft": {"type": ["object", "null"]},
        "answers": {"type": ["object", "null"]},
        "operations": {"type": "array", "items": STRING},
        "return_to": {"type": "array", "items": thing({"node": STRING, "name": STRING})},
        "documents": {"type": "array", "items": DOCUMENT},
    }
)


def task_json(row: TaskRow) -> dict[str, Any]:
    """Return a line of a task list."""
    assignee = None
    if row.assignee_id is not None:
        assignee = {"id": str(row.assignee_id), "name": row.assignee or ""}
    return {
        "id": str(row.id),
        "case": str(row.case_id),
        "node": row.node,
        "name": read(row.name),
        "procedure": row.procedure,
        "subject": {"id": str(row.subject_id), "name": row.subject},
        "role": row.role.value,
        "organisation": {"id": str(row.organisation_id), "name": row.organisation},
        "opened_at": moment(row.opened_at),
        "due_at": moment(row.due_at),
        "noticed_on": row.noticed_on.isoformat() if row.noticed_on else None,
        "closed_at": moment(row.closed_at),
        "status": row.status.name.lower(),
        "assignee": assignee,
    }


def form_json(form: Form | None) -> dict[str, Any] | None:
    """Return a form as the files of its bundle say it."""
    return None if form is None else {"schema": form.schema, "ui": form.ui}


def moved_json(moved: Moved) -> dict[str, Any]:
    """Return what a step led to."""
    return {
        "case": str(moved.case_id),
        "next_tasks": [str(task.id) for task in moved.opened],
        "waiting": [
            {"kind": KINDS[wait.kind], "id": wait.node, "until": moment(wait.due_at)}
            for wait in moved.waits
        ],
    }


@operation(
    "GET",
    "/tasks",
    "A box of tasks, the newest first",
    permission=Permission.SEE_CASE,
    query={
        "box": {"enum": list(BOXES)},
        "q": STRING,
        "procedure": STRING,
        "due": {"enum": ["late", "soon", "later"]},
        "campaign": {**ID, "description": "In the cases of this campaign"},
        "holder": {
            "type": "string",
            "description": "Who has it, as `tasks` of a campaign name them",
        },
        "cursor": CURSOR,
    },
    answers={200: listed(TASK, paged=True)},
)
def list_tasks() -> Response:
    args = request.args
    wanted = Filter(
        args.get("q", ""),
        args.get("procedure", ""),
        args.get("due", ""),
        number_asked("campaign"),
        args.get("holder", ""),
    )
    with reading_work() as work:
        page = lists.find(work, args.get("box", "todo"), wanted, args.get("cursor"))
    return reply({"items": [task_json(row) for row in page.rows], "next": page.next})


@operation(
    "GET",
    "/tasks/<int:item_id>",
    "One task with its form and what can be done",
    permission=Permission.SEE_CASE,
    answers={200: WHOLE_TASK},
)
def get_task(item_id: int) -> Response:
    with reading_work() as work:
        view = reading.get(work, item_id)
        papers = on_task(work, view).shown
    return reply(
        {
            **task_json(view.row),
            "form": form_json(view.form),
            "prefill": view.prefill,
            "draft": view.draft,
            "answers": view.answers,
            "operations": list(view.operations),
            "return_to": [{"node": node, "name": read(name)} for node, name in view.return_to],
            "documents": [document_json(row) for row in papers],
        }
    )


def _done(item_id: int, act: Callable[[Work], None]) -> Response:
    """Do something that moves no case, and return the task."""

    def run(work: Work) -> Response:
        act(work)
        (row,) = lists.one(work, item_id)
        return reply(task_json(row))

    return once(run)


def _moved(act: Callable[[Work], Moved]) -> Response:
    return once(lambda work: reply(moved_json(act(work))))


@operation(
    "POST",
    "/tasks/<int:item_id>/claim",
    "Take a task (签收)",
    permission=Permission.SEE_CASE,
    answers={200: TASK},
)
def claim_task(item_id: int) -> Response:
    return _done(item_id, lambda work: commands.claim(work, item_id))


@operation(
    "POST",
    "/tasks/<int:item_id>/release",
    "Put a claimed task back (退签)",
    permission=Permission.SEE_CASE,
    answers={200: TASK},
)
def release_task(item_id: int) -> Response:
    return _done(item_id, lambda work: commands.release(work, item_id))


@operation(
    "POST",
    "/tasks/<int:item_id>/draft",
    "Keep what is typed so far (暂存)",
    permission=Permission.SEE_CASE,
    body=thing({"answers": ANSWERS}),
    answers={200: TASK},
)
def draft_task(item_id: int) -> Response:
    answers = sent()["answers"]
    return _done(item_id, lambda work: commands.save_draft(work, item_id, answers))


@operation(
    "POST",
    "/tasks/<int:item_id>/announce",
    "Note that its paper is served by public notice (登记公告): it is due when the notice is over",
    permission=Permission.SEE_CASE,
    body=thing({"answers": ANSWERS}),
    answers={200: TASK},
)
def announce_task(item_id: int) -> Response:
    answers = sent()["answers"]
    return _done(item_id, lambda work: commands.announce(work, item_id, answers))


@operation(
    "POST",
    "/tasks/<int:item_id>/complete",
    "Complete a task with its answers (办理)",
    permission=Permission.SEE_CASE,
    body=thing({"answers": ANSWERS}),
    answers={200: MOVED},
)
def complete_task(item_id: int) -> Response:
    answers = sent()["answers"]
    return _moved(lambda work: commands.complete(work, item_id, answers))


@operation(
    "POST",
    "/tasks/<int:item_id>/return",
    "Return to an earlier step (退回)",
    permission=Permission.SEE_CASE,
    body=thing({"node": STRING, "reason": REASON}),
    answers={200: MOVED},
)
def return_task(item_id: int) -> Response:
    body = sent()
    return _moved(lambda work: commands.return_to(work, item_id, body["node"], body["reason"]))


@operation(
    "POST",
    "/tasks/<int:item_id>/transfer",
    "Hand a task over to a colleague (转办)",
    permission=Permission.SEE_CASE,
    body=thing({"username": STRING, "reason": REASON}),
    answers={200: TASK},
)
def transfer_task(item_id: int) -> Response:
    body = sent()
    return _done(
        item_id, lambda work: commands.transfer(work, item_id, body["username"], body["reason"])
    )


@operation(
    "POST",
    "/tasks/<int:item_id>/urge",
    "Remind whoever has the task (催办)",
    permission=Permission.SEE_CASE,
    answers={200: TASK},
)
def urge_task(item_id: int) -> Response:
    return _done(item_id, lambda work: commands.urge(work, item_id))


def whole_number(text: str, what: str) -> int:
    """Return an id that came as a string.

    :raises NotFound: if it cannot be one
    """
    number = whole(text)
    if number is None:
        raise NotFound(T("没有找到{what}", what=T(what)))
    return number
