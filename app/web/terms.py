"""The registry's lists of words: what an office may call sectors, themes and ownership."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid, NotFound
from app.domain.access import Permission
from app.domain.enterprises import TermKind
from app.domain.text import T, Text
from app.services import Work
from app.services.enterprises import wording
from app.services.enterprises.wording import WordForm
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number, once, reading, refused, see_other

pages = Blueprint("terms", __name__, url_prefix="/terms")
TITLE = T("台账词表")
KINDS: Mapping[TermKind, Text] = {
    TermKind.SECTOR: T("行业"),
    TermKind.TAG: T("专项标签"),
    TermKind.OWNERSHIP: T("企业性质"),
}


def _kind(kind: str) -> TermKind:
    if kind not in set(TermKind):
        raise NotFound(T("没有找到该词表"))
    return TermKind(kind)


def _typed() -> WordForm:
    form = request.form
    return WordForm(form.get("name", ""), form.get("name_en", ""), form.get("aliases", ""))


@pages.get("/")
@needs(Permission.MANAGE_TERMS)
def home() -> Response:
    return _list(TermKind.SECTOR)


@pages.get("/<kind>")
@needs(Permission.MANAGE_TERMS)
def find(kind: str) -> Response:
    return _list(_kind(kind))


def _list(kind: TermKind, errors: dict[str, str] | None = None) -> Response:
    with reading() as work:
        rows = wording.listed(work, kind)
        may_keep = wording.may_keep(work)
    page = render_template(
        "terms.html",
        steps=steps((TITLE, None)),
        kind=kind,
        title=KINDS[kind],
        rows=rows,
        may_keep=may_keep,
        tabs=[
            {"title": name, "href": url_for("terms.find", kind=one.value), "current": one is kind}
            for one, name in KINDS.items()
        ],
        typed=request.form if errors else {},
        errors=errors or {},
    )
    return Response(page, 422 if errors else 200)


@pages.post("/<kind>")
@needs(Permission.MANAGE_TERMS)
def add(kind: str) -> Response:
    found, code, typed = _kind(kind), request.form.get("code", ""), _typed()

    def act(work: Work) -> Response:
        wording.add(work, found, code, typed)
        return see_other("terms.find", kind=kind)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _list(found, refused(invalid))
    flash(read(T("已新增词条")), "success")
    return answer


@pages.get("/<kind>/<code>")
@needs(Permission.MANAGE_TERMS)
def show(kind: str, code: str) -> Response:
    return _show(_kind(kind), code)


def _show(
    kind: TermKind,
    code: str,
    part: str = "",
    errors: dict[str, str] | None = None,
    lost: Text | None = None,
) -> Response:
    with reading() as work:
        row = wording.get(work, kind, code)
        may_keep = wording.may_keep(work)
    page = render_template(
        "term.html",
        steps=steps(
            (TITLE, url_for("terms.home")),
            (KINDS[kind], url_for("terms.find", kind=kind.value)),
            (row.name, None),
        ),
        kind=kind,
        title=KINDS[kind],
        row=row,
        may_keep=may_keep,
        part=part,
        typed=request.form if part else {},
        errors=errors or {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


def _write(kind: str, code: str, part: str, change: Callable[[Work, TermKind], None]) -> Response:
    """Do one change of a word and show it again, with what was wrong at its field."""
    found = _kind(kind)

    def act(work: Work) -> Response:
        change(work, found)
        return see_other("terms.show", kind=kind, code=code)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(found, code, part, refused(invalid))
    except Conflict as conflict:
        return _show(found, code, part, lost=conflict.text)
    flash(read(T("已保存")), "success")
    return answer


@pages.post("/<kind>/<code>")
@needs(Permission.MANAGE_TERMS)
def update(kind: str, code: str) -> Response:
    revision, typed = number("revision"), _typed()
    return _write(
        kind, code, "update", lambda work, of: wording.update(work, of, code, revision, typed)
    )


@pages.post("/<kind>/<code>/active")
@needs(Permission.MANAGE_TERMS)
def set_active(kind: str, code: str) -> Response:
    active, reason = request.form.get("active") == "1", request.form.get("reason", "")
    return _write(
        kind,
        code,
        "active",
        lambda work, of: wording.set_active(work, of, code, active=active, reason=reason),
    )


@pages.post("/<kind>/<code>/move")
@needs(Permission.MANAGE_TERMS)
def move(kind: str, code: str) -> Response:
    found, down = _kind(kind), request.form.get("to") == "down"

    def act(work: Work) -> Response:
        wording.move(work, found, code, down=down)
        return see_other("terms.find", kind=kind)

    return once(act)


@pages.post("/<kind>/<code>/remove")
@needs(Permission.MANAGE_TERMS)
def remove(kind: str, code: str) -> Response:
    found, reason = _kind(kind), request.form.get("reason", "")

    def act(work: Work) -> Response:
        wording.remove(work, found, code, reason)
        return see_other("terms.find", kind=kind)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(found, code, "remove", refused(invalid))
    except Conflict as conflict:
        return _show(found, code, "remove", lost=conflict.text)
    flash(read(T("已删除词条")), "success")
    return answer
