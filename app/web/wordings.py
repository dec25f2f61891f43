"""The wording of papers: its versions, what papers of a kind say, the next version of that."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.adapters import MissingGlyphs, PapersOff
from app.domain import Conflict, Invalid
from app.domain.access import Permission
from app.domain.text import T, Text
from app.domain.wordings import MOST, MOST_NUMBER, Entry, places
from app.services import Work
from app.services.documents import wordings
from app.services.documents.wordings import KindRow
from app.services.offering import GROUPS
from app.services.pdf import sampling
from app.web.frame import steps
from app.web.language import read
from app.web.papers import as_pictures
from app.web.request import deps, needs, number, once, reading, refused, see_other

pages = Blueprint("wordings", __name__, url_prefix="/wordings")
TITLE = T("文书用语")
GROUPED = {"": T("各程序制作的文书"), **GROUPS}
ENTRY = "e."
"""What the names of the fields that hold entries begin with."""


@pages.get("/")
@needs(Permission.SEE_WORDING)
def find() -> Response:
    with reading() as work:
        page = render_template(
            "wordings.html",
            steps=steps((TITLE, None)),
            groups=_grouped(wordings.kinds(work)),
            rows=wordings.find(work),
            may_keep=wordings.may_keep(work),
        )
    return Response(page)


def _grouped(rows: Sequence[KindRow]) -> list[tuple[Text, list[KindRow]]]:
    found = [(title, [row for row in rows if row.group == key]) for key, title in GROUPED.items()]
    return [(title, kinds) for title, kinds in found if kinds]


@pages.get("/kinds/<kind>")
@needs(Permission.SEE_WORDING)
def show(kind: str) -> Response:
    return _show(kind)


@pages.get("/versions/<int:version>/kinds/<kind>")
@needs(Permission.SEE_WORDING)
def of_version(kind: str, version: int) -> Response:
    return _show(kind, version)


def _show(
    kind: str,
    version: int | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    lost: Text | None = None,
    sheets: Sequence[str] = (),
) -> Response:
    with reading() as work:
        rows = wordings.of_kind(work, kind, version)
        newest = wordings.newest(work)
        row = wordings.get(work, newest if version is None else version)
        may_keep = wordings.may_keep(work)
    title = deps().papers.templates.title(kind)
    posted = request.method == "POST"
    page = render_template(
        "wording.html",
        steps=steps((TITLE, url_for("wordings.find")), (title, None)),
        kind=kind,
        title=title,
        rows=rows,
        most=MOST,
        most_number=MOST_NUMBER,
        filled={row.key: places(row.shipped) for row in rows},
        version=row,
        newest=newest,
        may_keep=may_keep and row.version == newest,
        typed=_typed() if posted else {},
        reason=request.form.get("reason", ""),
        seen=number("seen") if posted else newest,
        errors=errors or {},
        lost=lost,
        sheets=sheets,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


def _typed() -> dict[str, Entry]:
    form = request.form
    return {name.removeprefix(ENTRY): form[name] for name in form if name.startswith(ENTRY)}


@pages.post("/kinds/<kind>")
@needs(Permission.MANAGE_WORDING)
def publish(kind: str) -> Response:
    """Publish what was typed, or show the paper that would say it."""
    if request.form.get("_op") == "preview":
        return _preview(kind)
    given, reason, seen = _typed(), request.form.get("reason", ""), number("seen")

    def act(work: Work) -> Response:
        version = wordings.publish(work, kind, given, reason, seen)
        return see_other("wordings.version", version=version)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(kind, errors=refused(invalid))
    except Conflict as conflict:
        return _show(kind, lost=conflict.text)
    flash(read(T("文书用语已发布，此后制作的文书使用新版本")), "success")
    return answer


def _preview(kind: str) -> Response:
    try:
        with reading() as work:
            papers = sampling.preview(deps(), work, kind, _typed())
    except Invalid as invalid:
        return _show(kind, errors=refused(invalid))
    except (PapersOff, MissingGlyphs) as cause:
        told = T("现在不能制作文书：{cause}", cause=str(cause))
        return _show(kind, errors={"": str(read(told))})
    return _show(kind, sheets=[sheet for paper in papers for sheet in as_pictures(paper)])


@pages.get("/versions/<int:version>")
@needs(Permission.SEE_WORDING)
def version(version: int) -> Response:
    return _version(version)


def _version(
    version: int, errors: Mapping[str, str] | None = None, lost: Text | None = None
) -> Response:
    with reading() as work:
        row, newest = wordings.get(work, version), wordings.newest(work)
        rows: Any = wordings.differences(work, version, version - 1) if version > 1 else []
        kinds = wordings.kinds(work, version)
        may_keep = wordings.may_keep(work)
    page = render_template(
        "wording_version.html",
        steps=steps((TITLE, url_for("wordings.find")), (T("第 {n} 版", n=version), None)),
        row=row,
        newest=newest,
        rows=rows,
        kinds=kinds,
        may_restore=may_keep and version != newest,
        reason=request.form.get("reason", ""),
        seen=number("seen") or newest,
        errors=errors or {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("/versions/<int:version>/restore")
@needs(Permission.MANAGE_WORDING)
def restore(version: int) -> Response:
    reason, seen = request.form.get("reason", ""), number("seen")

    def act(work: Work) -> Response:
        found = wordings.restore(work, version, reason, seen)
        return see_other("wordings.version", version=found)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _version(version, refused(invalid))
    except Conflict as conflict:
        return _version(version, lost=conflict.text)
    flash(read(T("已重新启用，此后制作的文书使用新版本")), "success")
    return answer
