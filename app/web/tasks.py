"""The task lists, and the page on which a task is done."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from app.adapters import MissingGlyphs, PapersOff, fonts
from app.domain import Conflict, Invalid
from app.domain import strokes as written
from app.domain.access import ROLE_NAMES, Permission
from app.domain.deadlines import BEIJING
from app.domain.documents import about_paper
from app.domain.forms import Answers, Form
from app.domain.text import T, Term, Text
from app.services import Work, procedures, uploads
from app.services.campaigns import reading as campaigns
from app.services.draws import reading as draws
from app.services.pdf import typesetting
from app.services.tasks import commands, lists, reading
from app.services.tasks.lists import BOXES, Filter
from app.web import exports
from app.web.attached import describer
from app.web.diagrams import drawn
from app.web.draws import WORDS as DRAW_WORDS
from app.web.forms.nodes import Problem, Sheet
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out, read_only
from app.web.frame import steps
from app.web.language import deadline, moment, read
from app.web.papers import SIGNING_PAD, as_pictures, on_task, pdf, pictures
from app.web.request import (
    actor,
    deps,
    narrowing,
    needs,
    number_asked,
    once,
    refused,
    see_other,
)
from app.web.request import reading as reading_work
from app.web.signing import signed_with_pin
from app.web.words import ACTIONS, OPERATIONS, STATUSES
from app.web.words import BOXES as BOX_TITLES

pages = Blueprint("tasks", __name__, url_prefix="/tasks")
TITLE = T("事项")
MOST = 50_000
DONE = {"draft": T("草稿已保存"), "announce": T("公告已登记，期满之日前不作逾期")}


def asked() -> Filter:
    """Return what the address asks the lists for."""
    args = request.args
    return Filter(
        args.get("q", ""),
        args.get("procedure", ""),
        args.get("due", ""),
        number_asked("campaign"),
        args.get("holder", ""),
    )


def box_asked() -> str:
    """Return the box that the address asks for."""
    box = request.args.get("box", "todo")
    return box if box in BOXES else "todo"


@pages.get("/")
@needs(Permission.SEE_CASE)
def find() -> Response:
    args = request.args
    box = box_asked()
    wanted = asked()
    with reading_work() as work:
        page = lists.find(work, box, wanted, args.get("cursor"))
        context = {
            "campaign": campaigns.name(work, wanted.campaign) if wanted.campaign else "",
            "holder": lists.holder_name(work, wanted.holder),
            "counts": lists.counts(work),
            "procedures": [(row.id, row.name) for row in procedures.everything(work)],
            "now": work.now,
        }
    kept = narrowing()
    return Response(
        render_template(
            "tasks.html",
            box=box,
            boxes=[
                {
                    "href": url_for("tasks.find", box=name),
                    "title": BOX_TITLES[name],
                    "current": name == box,
                }
                for name in BOXES
            ],
            page=page,
            wanted=wanted,
            kept=kept,
            wider={key: kept[key] for key in kept if key not in ("campaign", "holder")},
            first=url_for("tasks.find", **kept) if args.get("cursor") else "",
            following=url_for("tasks.find", **kept, cursor=page.next) if page.next else "",
            roles=ROLE_NAMES,
            **context,
        )
    )


@pages.post("/export")
@needs(Permission.SEE_CASE)
def export() -> Response:
    """Hand out all that the list finds, as a file."""
    wanted, box = asked(), box_asked()
    with reading_work() as work:
        rows = lists.everything(work, box, wanted, MOST)
        today = work.now.astimezone(BEIJING).date()
    words = (T("编号"), T("事项"), T("所属流程"), T("企业"), T("办理单位"), T("岗位"))
    head = [str(read(word)) for word in (*words, T("办理人"), T("期限"), T("办结时间"))]
    lines = [
        [
            *(row.id, read(row.name), read(row.procedure_name), row.subject, row.organisation),
            *(read(ROLE_NAMES[row.role]), row.assignee or "", deadline(row.due_at)),
            moment(row.closed_at),
        ]
        for row in rows
    ]
    kind = exports.wanted_kind(request.form.get("format"))
    title = str(read(BOX_TITLES[box]))
    return exports.recorded("task.export", wanted, kind, title, head, lines, today)


@pages.get("/<int:item_id>")
@needs(Permission.SEE_CASE)
def show(item_id: int) -> Response:
    return _show(item_id)


def _show(
    item_id: int,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
    open_row: str = "",
    part: str = "",
    said: Mapping[str, str] | None = None,
    lost: Text | None = None,
) -> Response:
    """Show a task; `typed` is what was sent and not taken, `said` what a small form was told.

    `lost` says what came first; who cannot do the task any more still reads what they typed.
    """
    with reading_work() as work:
        view = reading.get(work, item_id)
        sheet = unsent = None
        if view.form is not None and "complete" in view.operations:
            answers = typed if typed is not None else (view.draft or view.prefill)
            sheet = lay_out(
                view.form,
                answers,
                errors=errors,
                describe=describer(work, [(view.form, dict(answers))]),
                open_row=open_row,
                key=f"task-{item_id}",
                version=str(view.row.opened_at.timestamp()),
            )
            if part == "sign" and said:
                sheet.problems += [
                    Problem(f"sign-{name}", Term(text)) for name, text in said.items()
                ]
        elif view.form is not None and typed:
            unsent = read_only(view.form, typed, describer(work, [(view.form, dict(typed))]))
        opinions = _opinions(work, view)
        page = render_template(
            "task.html",
            steps=steps((T("待办"), url_for("tasks.find")), (view.row.name, None)),
            view=view,
            row=view.row,
            sheet=sheet,
            unsent=unsent,
            lost=lost,
            opinions=opinions,
            diagram=drawn(view.case),
            draws=draws.of_case(work, view.case.row.id),
            **DRAW_WORDS,
            now=work.now,
            roles=ROLE_NAMES,
            operations=OPERATIONS,
            statuses=STATUSES,
            actions=ACTIONS,
            part=part,
            said=said or {},
            typed=request.form if part else {},
            strokes=request.form.get("strokes") or request.form.get("_strokes", ""),
            papers=on_task(work, view),
            signing_pad=SIGNING_PAD,
            pictures=pictures,
            papers_off=fonts.papers(),
        )
    return Response(page, 409 if lost else 422 if errors or said else 200)


def _opinions(work: Work, view: reading.TaskView) -> list[tuple[Any, Sheet | None]]:
    """Return the case's earlier answers laid out to be read, the newest first."""
    earlier = [opinion for opinion in view.case.opinions if opinion.item_id != view.row.id]
    describe = describer(work, [(opinion.form, opinion.answers) for opinion in earlier])
    return [
        (
            opinion,
            read_only(opinion.form, opinion.answers, describe) if opinion.form else None,
        )
        for opinion in reversed(earlier)
    ]


def keep(upload: FileStorage) -> str:
    """Keep an uploaded file and return its id."""
    with deps().transaction(actor()) as work:
        return uploads.store(work, upload.filename or "", upload.stream.read()).id


@pages.post("/<int:item_id>")
@needs(Permission.SEE_CASE)
def submit(item_id: int) -> Response:
    with reading_work() as work:
        asked = reading.asked(work, item_id)
        # Only where a paper is to be signed: it takes all that the page knows of it.
        signs = asked.signs and on_task(work, reading.get(work, item_id)).sign is not None
    form = asked.form or Form({"type": "object", "properties": {}})
    posted = receive(form, request.form, request.files, store=keep, given=asked.given)
    if posted.again or posted.refused:
        return _show(item_id, typed=posted.answers, errors=posted.refused, open_row=posted.open_row)

    def save(work: Work) -> Response:
        commands.save_draft(work, item_id, posted.answers)
        return see_other("tasks.show", item_id=item_id)

    def complete(work: Work) -> Response:
        moved = commands.complete(work, item_id, posted.answers)
        return see_other("cases.show", case_id=moved.case_id)

    def announce(work: Work) -> Response:
        commands.announce(work, item_id, posted.answers)
        return see_other("tasks.show", item_id=item_id)

    drafting = posted.command in ("draft", "preview", "announce")
    signing = signs and not drafting and not about_paper(form.schema, posted.answers)
    try:
        answer = (
            signed_with_pin(posted.answers)
            if signing
            else once({"announce": announce}.get(posted.command, save if drafting else complete))
        )
    except Invalid as invalid:
        signed = not {"/pin", written.AT} & invalid.errors.keys()
        wrong = None if signed else _wrong(form, posted.answers, asked.given)
        return _not_taken(item_id, posted.answers, invalid, wrong)
    except Conflict as conflict:
        return _show(item_id, typed=posted.answers, lost=conflict.text)
    if posted.command == "preview":
        return see_other("tasks.preview", item_id=item_id)
    flash(read(DONE.get(posted.command, T("已提交"))), "success")
    return answer


def _wrong(form: Form, answers: Answers, given: Answers) -> Mapping[str, Text]:
    """Return what is wrong with answers, which are not looked at before the PIN is right."""
    try:
        form.check(answers, given)
    except Invalid as invalid:
        return invalid.errors
    return {}


def _not_taken(
    item_id: int, typed: Answers, invalid: Invalid, wrong: Mapping[str, Text] | None
) -> Response:
    """Show a task again with what was typed, and all that is wrong with it and with the PIN."""
    if wrong is not None:
        return _show(item_id, typed=typed, errors=wrong, part="sign", said=refused(invalid))
    return _show(item_id, typed=typed, errors=invalid.errors)


@pages.get("/<int:item_id>/preview")
@needs(Permission.SEE_CASE)
def preview(item_id: int) -> Response:
    """Show the paper that the saved draft makes, or what is missing, at its field."""
    with reading_work() as work:
        view = reading.get(work, item_id)
        answers = view.draft or view.prefill
        try:
            content = typesetting.preview(deps(), work, item_id, answers)
        except Invalid as invalid:
            errors: Mapping[str, Text] = invalid.errors
        except (PapersOff, MissingGlyphs) as cause:
            errors = {"": T("现在不能制作文书：{cause}", cause=str(cause))}
        else:
            if request.args.get("as") == "pdf":
                return pdf(content, f"{view.row.name}.pdf")
            way = steps(
                (T("待办"), url_for("tasks.find")),
                (view.row.name, url_for("tasks.show", item_id=item_id)),
                (T("预览"), None),
            )
            return Response(
                render_template("preview.html", row=view.row, steps=way, pages=as_pictures(content))
            )
    return _show(item_id, typed=answers, errors=errors)


@pages.post("/<int:item_id>/sign")
@needs(Permission.SIGN_DOCUMENT)
def sign(item_id: int) -> Response:
    """Sign the paper of a task with one's PIN: exactly the file that was shown."""
    if not request.form.get("checked"):
        told = Invalid({"/checked": T("请先核对文书并勾选")})
        return _show(item_id, part="sign", said=refused(told))
    try:
        answer = signed_with_pin(None, "")
    except Invalid as invalid:
        return _show(item_id, part="sign", said=refused(invalid))
    flash(read(T("文书已签署")), "success")
    return answer


def _act(item_id: int, part: str, act: Callable[[Work], None], done: Text) -> Response:
    """Do something with a task and show it again, with what was wrong at its field."""

    def run(work: Work) -> Response:
        act(work)
        return see_other("tasks.show", item_id=item_id)

    try:
        answer = once(run)
    except Invalid as invalid:
        return _show(item_id, part=part, said=refused(invalid))
    flash(read(done), "success")
    return answer


@pages.post("/<int:item_id>/claim")
@needs(Permission.SEE_CASE)
def claim(item_id: int) -> Response:
    return _act(item_id, "", lambda work: commands.claim(work, item_id), T("已签收"))


@pages.post("/<int:item_id>/release")
@needs(Permission.SEE_CASE)
def release(item_id: int) -> Response:
    return _act(item_id, "", lambda work: commands.release(work, item_id), T("已退签"))


@pages.post("/<int:item_id>/urge")
@needs(Permission.SEE_CASE)
def urge(item_id: int) -> Response:
    return _act(item_id, "", lambda work: commands.urge(work, item_id), T("已催办"))


@pages.post("/<int:item_id>/transfer")
@needs(Permission.SEE_CASE)
def transfer(item_id: int) -> Response:
    to, reason = request.form.get("username", ""), request.form.get("reason", "")
    return _act(
        item_id,
        "transfer",
        lambda work: commands.transfer(work, item_id, to, reason),
        T("已转办"),
    )


@pages.post("/<int:item_id>/return")
@needs(Permission.SEE_CASE)
def return_to(item_id: int) -> Response:
    node, reason = request.form.get("node", ""), request.form.get("reason", "")

    def act(work: Work) -> Response:
        moved = commands.return_to(work, item_id, node, reason)
        return see_other("cases.show", case_id=moved.case_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(item_id, part="return", said=refused(invalid))
    flash(read(T("已退回")), "success")
    return answer
