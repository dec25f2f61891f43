"""Tables of statistics: the versions of each, and the form in which the next one is made."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.forms import Form
from app.domain.statistics import BYS, SOURCES, SPANS, TYPES
from app.domain.statistics.editing import edit_form
from app.domain.text import T, Text
from app.services import Stale, Work
from app.services.reports import tables
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number, once, reading, see_other

pages = Blueprint("tables", __name__, url_prefix="/report-tables")
TITLE = T("统计报表")
WORDS: dict[str, Any] = {"sources": SOURCES, "bys": BYS, "spans": SPANS, "types": TYPES}


@pages.get("/")
@needs(Permission.SEE_REPORTS)
def find() -> Response:
    with reading() as work:
        rows = tables.newest(work)
    page = render_template("report_tables.html", steps=steps((TITLE, None)), rows=rows)
    return Response(page)


@pages.get("/<code>")
@needs(Permission.SEE_REPORTS)
def show(code: str) -> Response:
    return _show(code)


@pages.get("/<code>/versions/<int:version>")
@needs(Permission.SEE_REPORTS)
def version(code: str, version: int) -> Response:
    return _show(code, version)


def _show(code: str, version: int = 0) -> Response:
    with reading() as work:
        view = tables.get(work, code, version)
        may_keep = tables.may_keep(work)
    newest = view.versions[0]
    page = render_template(
        "report_table.html",
        steps=steps((TITLE, url_for("tables.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        newest=newest,
        may_keep=may_keep and view.row.id == newest.id,
        **WORDS,
    )
    return Response(page)


@pages.get("/<code>/edit")
@needs(Permission.MANAGE_TABLES)
def edit(code: str) -> Response:
    with reading() as work:
        given = tables.answers(work, code)
        form, seen = _form(work, code)
    return _sheet(form, given, code, seen)


def _form(work: Work, code: str) -> tuple[Form, int]:
    found = tables.get(work, code)
    return edit_form(found.table.groups), found.row.version


def _sheet(
    form: Form,
    typed: Mapping[str, Any],
    code: str,
    seen: int,
    errors: Mapping[str, Text] | None = None,
    *,
    open_row: str = "",
    lost: Text | None = None,
) -> Response:
    page = render_template(
        "report_table_form.html",
        steps=steps(
            (TITLE, url_for("tables.find")),
            (str(typed.get("name") or code), url_for("tables.show", code=code)),
            (T("编辑新版本"), None),
        ),
        code=code,
        seen=seen,
        sheet=lay_out(
            form, typed, errors=errors, open_row=open_row, key=f"table-{code}", version=str(seen)
        ),
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("/<code>/edit")
@needs(Permission.MANAGE_TABLES)
def publish(code: str) -> Response:
    with reading() as work:
        form, _newest = _form(work, code)
    posted, seen = receive(form, request.form, given={}), number("seen")
    typed = posted.answers
    if posted.again:
        return _sheet(form, typed, code, seen, open_row=posted.open_row)

    def act(work: Work) -> Response:
        tables.publish(work, code, typed, seen)
        return see_other("tables.show", code=code)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _sheet(form, typed, code, seen, invalid.errors)
    except Stale as stale:
        return _sheet(form, typed, code, seen, lost=stale.text)
    flash(read(T("统计报表已发布，此后开始的报送期使用新版本")), "success")
    return answer
