"""Case files: asked for on a case's page, followed while they are made, taken away."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, send_file, url_for

from app.domain.access import Permission
from app.domain.casefiles import STATES, FileState
from app.domain.forms import Form
from app.domain.hazards import STATES as HAZARD_STATES
from app.domain.text import T, Text
from app.services import Work
from app.services.casefiles import requesting
from app.services.casefiles.gathering import Words
from app.services.history import HistoryRow, Names
from app.services.ledger import HazardRow
from app.web import lines
from app.web.attached import named
from app.web.forms.nodes import Node
from app.web.forms.sheet import read_only
from app.web.frame import steps
from app.web.language import in_chinese, read
from app.web.request import needs, once, reading, see_other
from app.web.words import STATUSES

pages = Blueprint("casefiles", __name__)
TITLE = T("案卷")
TONES: Mapping[str, str] = {
    FileState.MAKING: "todo",
    FileState.READY: "done",
    FileState.FAILED: "late",
}
WORDS: Mapping[str, Any] = {"file_states": STATES, "file_tones": TONES}
"""What a list of case files needs."""


@pages.post("/cases/<int:case_id>/file")
@needs(Permission.MAKE_CASE_FILE)
def ask(case_id: int) -> Response:
    def act(work: Work) -> Response:
        file = asked_for(work, case_id, whole=request.form.get("whole") == "1")
        return see_other("casefiles.show", file_id=file)

    answer = once(act)
    flash(read(T("已开始制卷，可以离开本页")), "success")
    return answer


def asked_for(work: Work, case_id: int, *, whole: bool) -> int:
    """Ask for a case's file, told in Chinese whatever the reader's language: it is a paper."""
    words = Words(_line, _answers, _hazard, lambda status: str(read(STATUSES[status])))
    with in_chinese():
        return requesting.request(work, case_id, words, whole=whole)


def _line(row: HistoryRow, names: Names, node: Text | None) -> tuple[str, str]:
    return str(read(lines.title(row, node))), lines.note(row, names)


def _hazard(row: HazardRow) -> tuple[str, str]:
    kind = T("重大事故隐患") if row.major else T("一般事故隐患")
    return str(read(kind)), str(read(HAZARD_STATES[row.state]))


def _answers(form: Form, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    return list(_told(read_only(form, answers).groups))


def _told(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Yield each question with its answer; what was not answered is left out."""
    for node in nodes:
        if node.kind == "rows":
            for number, row in enumerate(node.rows, 1):
                said = [f"{label}：{value}" for label, value in _told(row.nodes)]
                yield f"{read(node.title)} {number}", "；".join(said)
        elif node.nodes:
            yield from _told(node.nodes)
        elif node.said and node.kind != "hidden" and (value := str(read(node.shown))):
            yield str(read(node.title)), value + str(read(node.unit or ""))


@pages.get("/casefiles/<int:file_id>")
@needs(Permission.MAKE_CASE_FILE)
def show(file_id: int) -> Response:
    with reading() as work:
        file = requesting.get(work, file_id)
        others = [one for one in requesting.of_case(work, file.case_id) if one.id != file_id]
    crumbs = steps(
        (T("案件"), url_for("cases.find")),
        (T("案件 {number}", number=file.case_id), url_for("cases.show", case_id=file.case_id)),
        (TITLE, None),
    )
    page = render_template("casefile.html", steps=crumbs, file=file, others=others, **WORDS)
    return Response(page)


@pages.get("/casefiles/<int:file_id>/file")
@needs(Permission.MAKE_CASE_FILE)
def download(file_id: int) -> Response:
    return handed_out(file_id)


def handed_out(file_id: int) -> Response:
    """Answer with a case file, piece by piece: it may be larger than memory should hold."""
    with reading() as work:
        name, path = requesting.path(work, file_id)
    response = send_file(path, mimetype="application/pdf", conditional=False, etag=False)
    return named(response, name)
