"""Imports of lists of enterprises: handed in, looked through, carried out with progress."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.adapters import sheets
from app.domain import Conflict, Invalid
from app.domain.access import Permission, Role
from app.domain.enterprises import PRODUCTIONS, TITLES, TermKind
from app.domain.imports import OUTCOMES, ROW_STATUSES, STATES, ImportState, Outcome, RowStatus
from app.domain.text import T, Text
from app.services import Work
from app.services.demo.sample import sample
from app.services.enterprises import terms
from app.services.imports import returning, taking
from app.web.attached import file_answer
from app.web.frame import steps
from app.web.language import chosen, read
from app.web.request import needs, number, number_asked, once, reading, refused, see_other

pages = Blueprint("imports", __name__, url_prefix="/imports")
TITLE = T("批量导入")
TONES: Mapping[str, str] = {
    ImportState.READING: "todo",
    ImportState.REFUSED: "late",
    ImportState.READY: "soon",
    ImportState.RUNNING: "todo",
    ImportState.DONE: "done",
    ImportState.DROPPED: "neutral",
    RowStatus.GOOD: "done",
    RowStatus.BAD: "late",
    RowStatus.SAME: "todo",
    RowStatus.SIMILAR: "soon",
    Outcome.CREATED: "done",
    Outcome.UPDATED: "todo",
    Outcome.SKIPPED: "neutral",
    Outcome.FAILED: "late",
}
# What is put behind the columns of a list whose wrong rows go back.
OWN = (T("错误说明"), T("原表行号"))
# The columns of annex 1, shown whatever the list has; of others, those that it has.
ANNEX = ("name", "address", "sector", "remark")


@pages.get("/")
@needs(Permission.MANAGE_ENTERPRISES)
def find() -> Response:
    return _list()


def _list(errors: dict[str, str] | None = None) -> Response:
    cursor = request.args.get("cursor", "")
    with reading() as work:
        rows, following = taking.find(work, cursor)
        places = terms.places(work, Role.STAFF)
    page = render_template(
        "imports.html",
        steps=steps((T("企业台账"), url_for("enterprises.find")), (TITLE, None)),
        rows=rows,
        divisions=[(place.place, place.name) for place in places],
        states=STATES,
        tones=TONES,
        most=sheets.MOST_BYTES // 2**20,
        most_rows=sheets.MOST_ROWS,
        typed=request.form,
        errors=errors or {},
        first=url_for("imports.find") if cursor else "",
        following=url_for("imports.find", cursor=following) if following else "",
    )
    return Response(page, 422 if errors else 200)


@pages.post("/")
@needs(Permission.MANAGE_ENTERPRISES)
def take() -> Response:
    file = request.files.get("file")
    name, data = (file.filename or "", file.stream.read()) if file else ("", b"")
    if not name:
        return _list({"file": read(T("请选择文件"))})

    def act(work: Work) -> Response:
        batch = taking.take(work, request.form.get("place", ""), name, data)
        return see_other("imports.show", batch_id=batch)

    try:
        return once(act)
    except Invalid as invalid:
        return _list(refused(invalid))


@pages.get("/sample")
@needs(Permission.MANAGE_ENTERPRISES)
def download_sample() -> Response:
    """Hand out a list to try the import with: invented enterprises in the layout of annex 1."""
    return file_answer(sample(), sheets.XLSX, "annex-1-demo.xlsx")


@pages.get("/<int:batch_id>")
@needs(Permission.MANAGE_ENTERPRISES)
def show(batch_id: int) -> Response:
    return _show(batch_id)


def _show(batch_id: int, errors: dict[str, str] | None = None, *, lost: str = "") -> Response:
    status, after = request.args.get("rows", ""), number_asked("after")
    with reading() as work:
        batch = taking.get(work, batch_id)
        rows, following = taking.rows(work, batch_id, status, after)
        known = terms.everything(work)
        names = terms.names(work, {row.place for row in rows} | {batch.place})
    columns = [key for key in TITLES if key in batch.columns or key in ANNEX]
    page = render_template(
        "import.html",
        steps=steps(
            (T("企业台账"), url_for("enterprises.find")),
            (TITLE, url_for("imports.find")),
            (batch.name, None),
        ),
        batch=batch,
        rows=rows,
        columns=columns,
        titles=TITLES,
        meant=lambda row, key: _meant(row.facts, key, known),
        names=names,
        views=[
            {
                "title": name,
                "count": count,
                "href": url_for("imports.show", batch_id=batch_id, rows=kind or None),
                "current": kind == status,
            }
            for kind, name, count in _counts(batch)
        ],
        status=status,
        wrong=batch.bad + batch.failed,
        first=url_for("imports.show", batch_id=batch_id, rows=status or None) if after else "",
        following=url_for("imports.show", batch_id=batch_id, rows=status or None, after=following)
        if following
        else "",
        states=STATES,
        statuses=ROW_STATUSES,
        outcomes=OUTCOMES,
        tones=TONES,
        working=batch.state in (ImportState.READING, ImportState.RUNNING),
        errors=errors or {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.get("/<int:batch_id>/errors")
@needs(Permission.MANAGE_ENTERPRISES)
def download_errors(batch_id: int) -> Response:
    """Hand out the wrong rows in the layout of the list, each with what is wrong with it."""
    with reading() as work:
        found = returning.wrong(work, batch_id)
    own = [str(read(text)) for text in OWN]
    width = max(len(cells) for cells in (*found.head, *(row.cells for row in found.rows)))
    # A list that comes back for the second time brings these columns along.
    width = min((at for at, cell in enumerate(found.head[-1]) if cell in own), default=width)
    blank = [""] * width
    head: list[list[Any]] = [[*cells, *blank][:width] for cells in found.head]
    head[-1] += own
    body: list[list[Any]] = []
    marked: set[tuple[int, int]] = set()
    for at, row in enumerate(found.rows, len(head)):
        cells = [*row.cells, *blank][:width]
        body.append([*cells, _told(row.errors, found.columns), row.number])
        wrong = {found.columns[key][0] for key in row.errors if key in found.columns}
        marked |= {(at, column) for column in wrong}
    title = str(read(T("错误行")))
    data = sheets.xlsx_laid_out(title, [*head, *body], marked)
    stem = found.name.rpartition(".")[0] or found.name
    return file_answer(data, sheets.XLSX, f"{stem}-{title}.xlsx")


def _told(errors: Mapping[str, Text], columns: Mapping[str, tuple[int, str]]) -> str:
    """Say what is wrong with a row, each with the heading of its column."""
    parts = []
    for key, error in errors.items():
        label = columns[key][1] if key in columns else read(TITLES.get(key, ""))
        said = T("{label}：{was}", label=label, was=error) if label else error
        parts.append(str(read(said)))
    return "; ".join(parts) if chosen() == "en" else "；".join(parts)


def _counts(batch: taking.BatchRow) -> list[tuple[str, Text, int]]:
    """Return what the rows can be narrowed to, and how many there are of each."""
    begun = batch.state in (ImportState.RUNNING, ImportState.DONE)
    found: dict[Any, Text] = {**OUTCOMES} if begun else {**ROW_STATUSES}
    kinds = [(kind.value, name, getattr(batch, kind.value)) for kind, name in found.items()]
    return [("", T("全部"), batch.total), *(kind for kind in kinds if kind[2])]


def _meant(facts: Mapping[str, Any], key: str, known: terms.Terms) -> str:
    """Say what a cell was taken for, where that is not what stands there."""
    if key == "sector" and "sector" in facts:
        return str(read(known.name(TermKind.SECTOR, facts["sector"])))
    if key in ("remark", "production") and facts.get("production") in set(PRODUCTIONS):
        marks = [PRODUCTIONS[facts["production"]]]
        if key == "remark":
            marks += [name for flag, name in MARKS.items() if facts.get(flag)]
        return " · ".join(str(read(mark)) for mark in marks)
    return ""


MARKS: Mapping[str, Text] = {
    "key": T("重点监管对象"),
    "worrisome": T("不放心企业"),
    "idle": T("长期停产"),
}


@pages.post("/<int:batch_id>/confirm")
@needs(Permission.MANAGE_ENTERPRISES)
def confirm(batch_id: int) -> Response:
    form = request.form

    def act(work: Work) -> Response:
        taking.confirm(
            work,
            batch_id,
            number("revision"),
            whole=form.get("whole") == "1",
            on_same=form.get("on_same", "skip"),
            on_similar=form.get("on_similar", "skip"),
        )
        return see_other("imports.show", batch_id=batch_id)

    try:
        return once(act)
    except Invalid as invalid:
        return _show(batch_id, refused(invalid))
    except Conflict as conflict:
        return _show(batch_id, lost=read(conflict.text))


@pages.post("/<int:batch_id>/drop")
@needs(Permission.MANAGE_ENTERPRISES)
def drop(batch_id: int) -> Response:
    def act(work: Work) -> Response:
        taking.drop(work, batch_id)
        return see_other("imports.find")

    try:
        answer = once(act)
    except Conflict as conflict:
        return _show(batch_id, lost=read(conflict.text))
    flash(read(T("已放弃此次导入，没有写入任何企业")), "success")
    return answer
