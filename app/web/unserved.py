"""Papers that are to be served (待送达文书): what is overdue first; taken away as a file."""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request, url_for

from app.domain.access import ROLE_NAMES, Permission
from app.domain.deadlines import BEIJING
from app.domain.text import T, Text
from app.services.documents import unserved
from app.services.documents.unserved import DUE, Wanted
from app.web import exports
from app.web.documents import TITLE as REGISTER
from app.web.frame import steps
from app.web.language import deadline, moment, read
from app.web.request import narrowing, needs, reading

pages = Blueprint("unserved", __name__, url_prefix="/documents/unserved")
TITLE = T("待送达文书")
DUES: Mapping[str, Text] = {
    "late": T("已逾期"),
    "soon": T("三日内到期"),
    "later": T("以后到期"),
    "none": T("没有送达期限"),
}


def asked() -> Wanted:
    """Return what the address asks the list for."""
    args = request.args
    due = args.get("due", "")
    return Wanted(args.get("kind", ""), due if due in DUE else "", args.get("q", ""))


@pages.get("/")
@needs(Permission.SEE_DOCUMENT)
def find() -> Response:
    wanted, cursor = asked(), request.args.get("cursor", "")
    with reading() as work:
        rows, following = unserved.find(work, wanted, cursor)
        kinds = unserved.kinds(work)
        counts = unserved.counts(work)
        now = work.now
    kept = narrowing()
    page = render_template(
        "documents_unserved.html",
        steps=steps((REGISTER, url_for("documents.find")), (TITLE, None)),
        rows=rows,
        wanted=wanted,
        kinds=kinds,
        dues=list(DUES.items()),
        counts=counts,
        kept=kept,
        narrowed=any((wanted.kind, wanted.due, wanted.q)),
        roles=ROLE_NAMES,
        now=now,
        first=url_for("unserved.find", **kept) if cursor else "",
        following=url_for("unserved.find", **{**kept, "cursor": following}) if following else "",
    )
    return Response(page)


@pages.post("/export")
@needs(Permission.SEE_DOCUMENT)
def export() -> Response:
    """Hand out all that the list finds, as a file."""
    wanted = asked()
    with reading() as work:
        rows = unserved.everything(work, wanted)
        today = work.now.astimezone(BEIJING).date()
    words = (T("文书"), T("文号"), T("当事人"), T("制发机关"), T("编号时间"), T("送达期限"))
    head = [str(read(word)) for word in (*words, T("是否逾期"), T("岗位"), T("办理人"))]
    lines = [
        [
            *(read(row.title), row.number, row.subject, row.organisation),
            *(moment(row.issued_at), deadline(row.due_at), read(T("是")) if row.late else ""),
            *(read(ROLE_NAMES[row.role]) if row.role else "", row.assignee),
        ]
        for row in rows
    ]
    kind = exports.wanted_kind(request.form.get("format"))
    title = str(read(TITLE))
    return exports.recorded("document.export", wanted, kind, title, head, lines, today)
