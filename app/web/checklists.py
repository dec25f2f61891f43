"""Checklists: those in force, every version, the form in which one is edited, lists as files."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid
from app.domain.access import Permission
from app.domain.checklists import CLASSES, HEADINGS
from app.domain.forms import Form
from app.domain.text import T, Term, Text
from app.services import Stale, Work
from app.services.checklists import keeping
from app.services.checklists import reading as checklists
from app.web import exports
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number, once, reading, refused, see_other

pages = Blueprint("checklists", __name__, url_prefix="/checklists")
TITLE = T("检查清单")


@pages.get("/")
@needs(Permission.SEE_CHECKLISTS)
def find() -> Response:
    with reading() as work:
        page = render_template(
            "checklists.html",
            steps=steps((TITLE, None)),
            rows=checklists.newest(work),
            may_keep=checklists.may_keep(work),
        )
    return Response(page)


@pages.get("/<code>")
@needs(Permission.SEE_CHECKLISTS)
def show(code: str) -> Response:
    return _show(code)


@pages.get("/<code>/versions/<int:version>")
@needs(Permission.SEE_CHECKLISTS)
def version(code: str, version: int) -> Response:
    return _show(code, version)


def _show(
    code: str,
    version: int = 0,
    errors: dict[str, str] | None = None,
    lost: Text | None = None,
) -> Response:
    with reading() as work:
        view = checklists.get(work, code, version)
        words = checklists.words(work)
        may_keep = checklists.may_keep(work)
    newest = view.versions[0]
    page = render_template(
        "checklist.html",
        steps=steps((TITLE, url_for("checklists.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        newest=newest,
        words=words,
        classes=CLASSES,
        may_keep=may_keep and view.row.id == newest.id,
        errors=errors or {},
        typed=request.form if errors else {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.get("/new")
@needs(Permission.MANAGE_CHECKLISTS)
def new() -> Response:
    with reading() as work:
        form = keeping.form(work)
    return _sheet(form, {})


@pages.get("/<code>/edit")
@needs(Permission.MANAGE_CHECKLISTS)
def edit(code: str) -> Response:
    with reading() as work:
        form, given = keeping.form(work, coded=True), keeping.answers(work, code)
        seen = checklists.get(work, code).row.version
    return _sheet(form, given, code=code, seen=seen)


def _sheet(
    form: Form,
    typed: Mapping[str, Any],
    errors: Mapping[str, Text] | None = None,
    *,
    code: str = "",
    seen: int = 0,
    open_row: str = "",
    lost: Text | None = None,
) -> Response:
    """Show the form of a checklist; without `code` it is a new one."""
    here = T("编辑新版本") if code else T("新建检查清单")
    way: list[tuple[Text | str, str | None]] = []
    if code:
        name = Term(str(typed.get("name") or code), english=str(typed.get("name_en") or ""))
        way.append((name, url_for("checklists.show", code=code)))
    key = f"checklist-{code or 'new'}"
    page = render_template(
        "checklist_form.html",
        steps=steps((TITLE, url_for("checklists.find")), *way, (here, None)),
        title=here,
        code=code,
        seen=seen,
        sheet=lay_out(form, typed, errors=errors, open_row=open_row, key=key, version=str(seen)),
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("/new")
@needs(Permission.MANAGE_CHECKLISTS)
def create() -> Response:
    return _publish("")


@pages.post("/<code>/edit")
@needs(Permission.MANAGE_CHECKLISTS)
def publish(code: str) -> Response:
    return _publish(code)


def _publish(code: str) -> Response:
    """Publish what was typed, or read a sheet into the form for the person to look through."""
    with reading() as work:
        form = keeping.form(work, coded=bool(code))
    posted, seen = receive(form, request.form, given={"code": code}), number("seen")
    typed = posted.answers
    here: dict[str, Any] = {"code": code, "seen": seen}
    if posted.command == "load":
        return _loaded(form, typed, here)
    if posted.again:
        return _sheet(form, typed, open_row=posted.open_row, **here)

    def act(work: Work) -> Response:
        return see_other("checklists.show", code=keeping.publish(work, typed, seen))

    try:
        answer = once(act)
    except Invalid as invalid:
        return _sheet(form, typed, invalid.errors, **here)
    except Stale as stale:
        return _sheet(form, typed, lost=stale.text, **here)
    flash(read(T("检查清单已发布，此后开始的案件使用新版本")), "success")
    return answer


def _loaded(form: Form, typed: Mapping[str, Any], here: Mapping[str, Any]) -> Response:
    file = request.files.get("file")
    try:
        with reading() as work:
            items = keeping.read(work, file.stream.read() if file else b"")
    except Invalid as invalid:
        return _sheet(form, typed, {"": invalid.text}, **here)
    flash(read(T("已读入 {n} 项，请核对后发布", n=len(items))), "success")
    return _sheet(form, {**typed, "items": items}, **here)


@pages.post("/<code>/retire")
@needs(Permission.MANAGE_CHECKLISTS)
def retire(code: str) -> Response:
    reason = request.form.get("reason", "")

    def act(work: Work) -> Response:
        keeping.retire(work, code, reason)
        return see_other("checklists.show", code=code)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(code, errors=refused(invalid))
    except Conflict as conflict:
        return _show(code, lost=conflict.text)
    flash(read(T("检查清单已停用")), "success")
    return answer


@pages.get("/<code>/export")
@needs(Permission.SEE_CHECKLISTS)
def export(code: str) -> Response:
    """Hand out the newest version as a sheet that can be changed and read again."""
    with reading() as work:
        view, words = checklists.get(work, code), checklists.words(work)
    head = [names[0] for names in HEADINGS.values()]
    body = [
        [
            *(item.text.wording, item.text.english, item.basis.wording, item.basis.english),
            str(words.sectors.get(item.sector, item.sector)),
            str(words.tags.get(item.tag, item.tag)),
            str(CLASSES.get(item.hazard_class, "")),
        ]
        for item in view.items
    ]
    name = view.row.name.wording
    return exports.handed_out("xlsx", name, head, body, view.row.version)
