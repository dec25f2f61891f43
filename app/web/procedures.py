"""Procedures: what there is, its diagram, start one, deploy a new version."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Forbidden, Invalid
from app.domain.access import Permission
from app.domain.entered import PLAIN_INTEGER, whole
from app.domain.forms import Form
from app.domain.text import T, Text
from app.engine import Problem
from app.services import Work, offering, procedures
from app.services.cases import starting
from app.services.procedures import Refused
from app.web.attached import describer
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import chosen, read
from app.web.request import needs, number, number_asked, once, reading, see_other
from app.web.tasks import keep

pages = Blueprint("procedures", __name__, url_prefix="/procedures")
TITLE = T("流程")
FIND = "find"


@pages.get("/")
@needs(Permission.SEE_PROCEDURES)
def find() -> Response:
    return _list()


def _list(problems: list[Problem] | None = None, error: str = "") -> Response:
    with reading() as work:
        page = render_template(
            "procedures.html",
            steps=steps((TITLE, None)),
            rows=procedures.everything(work),
            startable={row.id for row in starting.startable(work)},
            may_deploy=procedures.may_deploy(work),
            problems=problems or [],
            error=error,
        )
    return Response(page, 422 if problems or error else 200)


@pages.post("/")
@needs(Permission.DEPLOY)
def deploy() -> Response:
    files = [(f.filename or "", f.stream.read()) for f in request.files.getlist("files")]

    def act(work: Work) -> Response:
        bundle = procedures.uploaded([(name, data) for name, data in files if name])
        procedures.deploy(work, bundle)
        return see_other("procedures.find")

    try:
        answer = once(act)
    except Refused as bad:
        return _list(bad.problems)
    except Invalid as invalid:
        return _list(error=read(invalid.text))
    flash(read(T("新版本已部署，新案件按新版本办理，在办案件不受影响")), "success")
    return answer


@pages.get("/<procedure>")
@needs(Permission.SEE_PROCEDURES)
def show(procedure: str) -> Response:
    with reading() as work:
        row = procedures.newest(work, procedure)
        running = procedures.running(work, row.deployment_id)
        page = render_template(
            "procedure.html",
            steps=steps((TITLE, url_for("procedures.find")), (row.name, None)),
            row=row,
            running=running,
            versions=procedures.versions(work, procedure),
            startable=any(found.id == procedure for found in starting.startable(work)),
        )
    return Response(page)


@pages.get("/<procedure>/diagram")
@needs(Permission.SEE_PROCEDURES)
def diagram(procedure: str) -> Response:
    version = request.args.get("version", "")
    with reading() as work:
        xml = procedures.drawing(work, procedure, whole(version, PLAIN_INTEGER), chosen())
    return Response(xml, content_type="application/xml")


@pages.get("/<procedure>/start")
@needs(Permission.START_CASE)
def start_form(procedure: str) -> Response:
    if procedure == offering.PROCEDURE:  # it has a page of its own
        return see_other("issuing.choose")
    return _start(procedure)


def _start(
    procedure: str,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
    said: Mapping[str, str] | None = None,
    open_row: str = "",
    lost: Text | None = None,
) -> Response:
    q = request.values.get("q", "")
    chosen = number("subject") or number_asked("subject")
    with reading() as work:
        form = _form(work, procedure)
        row = procedures.newest(work, procedure)
        own = starting.own_subject(work, procedure)
        sheet = lay_out(
            form,
            typed or {},
            errors=errors,
            describe=describer(work, [(form, dict(typed or {}))]),
            open_row=open_row,
            key=f"start-{procedure}",
        )
        page = render_template(
            "start.html",
            steps=steps((TITLE, url_for("procedures.find")), (row.name, None)),
            row=row,
            sheet=sheet,
            own=own,
            q=q,
            subjects=starting.subjects(work, q, chosen) if own is None else [],
            chosen=chosen,
            said=said or {},
            lost=lost,
        )
    return Response(page, 409 if lost else 422 if errors or said else 200)


def _form(work: Work, procedure: str) -> Form:
    """Return the start form of a procedure that the actor can start.

    :raises Forbidden: if they cannot
    """
    procedures.newest(work, procedure)
    for found in starting.startable(work):
        if found.id == procedure and found.form is not None:
            return found.form
    raise Forbidden(T("您的岗位不能启动此流程"))


@pages.post("/<procedure>/start")
@needs(Permission.START_CASE)
def start(procedure: str) -> Response:
    with reading() as work:
        form = _form(work, procedure)
        own = starting.own_subject(work, procedure)
    posted = receive(form, request.form, request.files, store=keep)
    if posted.again or posted.refused or posted.command == FIND:
        return _start(
            procedure, typed=posted.answers, errors=posted.refused, open_row=posted.open_row
        )
    subject = own if own is not None else number("subject")
    if not subject:
        missing = {"subject": read(T("请选择企业"))}
        return _start(procedure, typed=posted.answers, said=missing)

    def act(work: Work) -> Response:
        moved = starting.start(work, procedure, subject, posted.answers)
        return see_other("cases.show", case_id=moved.case_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _start(procedure, typed=posted.answers, errors=invalid.errors)
    except Conflict as conflict:
        return _start(procedure, typed=posted.answers, lost=conflict.text)
    flash(read(T("案件已启动")), "success")
    return answer
