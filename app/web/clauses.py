"""Clauses: laws and standards, every version, the form in which one is edited, what words find."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid
from app.domain.access import Permission
from app.domain.clauses import HAZARDOUS, HEADINGS, USES
from app.domain.forms import Form
from app.domain.text import T, Text
from app.services import Stale, Work
from app.services.checklists.reading import words as registry_words
from app.services.clauses import keeping
from app.services.clauses import reading as clauses
from app.web import exports
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number, once, reading, refused, see_other

pages = Blueprint("clauses", __name__, url_prefix="/clauses")
TITLE = T("法条")
MOST_LISTED = 100


@pages.get("/")
@needs(Permission.SEE_CLAUSES)
def find() -> Response:
    query = request.args.get("q", "")
    with reading() as work:
        page = render_template(
            "clauses.html",
            steps=steps((TITLE, None)),
            query=query,
            found=clauses.search(work, query, most=MOST_LISTED),
            rows=clauses.newest(work),
            may_keep=clauses.may_keep(work),
            words=registry_words(work),
            uses=USES,
        )
    return Response(page)


@pages.get("/search")
@needs(Permission.SEE_CLAUSES)
def search() -> Response:
    """Return the clauses that a hazard may be based on, for the page where it is written."""
    query = request.args.get("q", "")
    with reading() as work:
        found = clauses.search(work, query, HAZARDOUS)
        names = registry_words(work)
    page = render_template("_clauses.html", found=found, query=query, words=names, uses=USES)
    return Response(page)


@pages.get("/<code>")
@needs(Permission.SEE_CLAUSES)
def show(code: str) -> Response:
    return _show(code)


@pages.get("/<code>/versions/<int:version>")
@needs(Permission.SEE_CLAUSES)
def version(code: str, version: int) -> Response:
    return _show(code, version)


def _show(
    code: str,
    version: int = 0,
    errors: dict[str, str] | None = None,
    lost: Text | None = None,
) -> Response:
    with reading() as work:
        view = clauses.get(work, code, version)
        words = registry_words(work)
        may_keep = clauses.may_keep(work)
    newest = view.versions[0]
    page = render_template(
        "law.html",
        steps=steps((TITLE, url_for("clauses.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        newest=newest,
        words=words,
        uses=USES,
        may_keep=may_keep and view.row.id == newest.id,
        errors=errors or {},
        typed=request.form if errors else {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.get("/new")
@needs(Permission.MANAGE_CLAUSES)
def new() -> Response:
    with reading() as work:
        form = keeping.form(work)
    return _sheet(form, {})


@pages.get("/<code>/edit")
@needs(Permission.MANAGE_CLAUSES)
def edit(code: str) -> Response:
    with reading() as work:
        form, given = keeping.form(work, coded=True), keeping.answers(work, code)
        seen = clauses.get(work, code).row.version
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
    """Show the form of a law or standard; without `code` it is a new one."""
    here = T("编辑新版本") if code else T("新建法律、标准")
    way: list[tuple[Text | str, str | None]] = []
    if code:
        way.append((str(typed.get("name") or code), url_for("clauses.show", code=code)))
    key = f"law-{code or 'new'}"
    page = render_template(
        "law_form.html",
        steps=steps((TITLE, url_for("clauses.find")), *way, (here, None)),
        title=here,
        code=code,
        seen=seen,
        sheet=lay_out(form, typed, errors=errors, open_row=open_row, key=key, version=str(seen)),
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("/new")
@needs(Permission.MANAGE_CLAUSES)
def create() -> Response:
    return _publish("")


@pages.post("/<code>/edit")
@needs(Permission.MANAGE_CLAUSES)
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
        return see_other("clauses.show", code=keeping.publish(work, typed, seen))

    try:
        answer = once(act)
    except Invalid as invalid:
        return _sheet(form, typed, invalid.errors, **here)
    except Stale as stale:
        return _sheet(form, typed, lost=stale.text, **here)
    flash(read(T("法条已发布，此后查找使用新版本")), "success")
    return answer


def _loaded(form: Form, typed: Mapping[str, Any], here: Mapping[str, Any]) -> Response:
    file = request.files.get("file")
    try:
        with reading() as work:
            found = keeping.read(work, file.stream.read() if file else b"")
    except Invalid as invalid:
        return _sheet(form, typed, {"": invalid.text}, **here)
    flash(read(T("已读入 {n} 项，请核对后发布", n=len(found))), "success")
    return _sheet(form, {**typed, "clauses": found}, **here)


@pages.post("/<code>/retire")
@needs(Permission.MANAGE_CLAUSES)
def retire(code: str) -> Response:
    reason = request.form.get("reason", "")

    def act(work: Work) -> Response:
        keeping.retire(work, code, reason)
        return see_other("clauses.show", code=code)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(code, errors=refused(invalid))
    except Conflict as conflict:
        return _show(code, lost=conflict.text)
    flash(read(T("法律、标准已停用")), "success")
    return answer


@pages.get("/<code>/export")
@needs(Permission.SEE_CLAUSES)
def export(code: str) -> Response:
    """Hand out the newest version as a sheet that can be changed and read again."""
    with reading() as work:
        view, words = clauses.get(work, code), registry_words(work)
    head = [names[0] for names in HEADINGS.values()]
    body = [
        [
            clause.article,
            read(USES[clause.usage]),
            str(words.sectors.get(clause.sector, clause.sector)),
            *(clause.text, clause.hazard, clause.demand),
        ]
        for clause in view.clauses
    ]
    return exports.handed_out("xlsx", view.row.name, head, body, view.row.version)
