"""What a task's page shows of papers: the paper itself, where to sign it, a preview."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, url_for

from app.adapters.pdf.pictures import NoSuchPage, picture
from app.domain import strokes
from app.domain.documents import Act, handles, papers_of
from app.services import Work
from app.services.documents import reading
from app.services.documents.reading import DocumentRow
from app.services.pdf import typesetting
from app.services.tasks.reading import TaskView
from app.web.attached import file_answer

PDF_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
)
SIGNING_PAD = {
    "strokes": strokes.MOST_STROKES,
    "points": strokes.MOST_POINTS,
    "wide": strokes.WIDE,
    "tall": strokes.TALL,
}
"""How much a signing pad takes, and its size."""


@dataclass(frozen=True, slots=True)
class OnTask:
    """Papers on a task's page."""

    shown: Sequence[DocumentRow]
    """The papers to look at, each at its newest."""
    sign: DocumentRow | None
    """The one to be signed here."""
    answers: bool
    """Whether it is signed together with answers to the task's form."""
    how: str
    """Whether somebody did not sign, or signs by hand (`x-paper` of the form); "" if neither."""
    making: bool
    """Whether the one to be signed here is being made."""
    previews: bool
    """Whether the answers make a paper that can be seen before."""
    ready: bool
    """Whether papers can be typeset at all."""


def on_task(work: Work, view: TaskView) -> OnTask:
    """Return what a task has to do with papers."""
    words = view.papers
    handled = papers_of(words)
    wanted = {paper.kind for paper in handled if paper.act is not Act.DRAFT and not paper.since}
    looks = any(paper.act is not Act.DRAFT for paper in handled)
    every = reading.of_case(work, view.row.case_id) if looks else []
    rows = [row for row in every if row.ready]
    # The paper in hand is shown though it is void by now; of others each kind's newest.
    shown = {row.kind: row for row in rows if row.kind in wanted and row.state != "void"}
    shown |= {row.kind: row for row in rows if row.id == view.paper}
    performing = "complete" in view.operations
    signs = performing and handles(words, Act.SIGN)
    drafts = typesetting.drafted_by(work.deps, [p.kind for p in handled if p.act is Act.DRAFT])
    return OnTask(
        shown=list(shown.values()),
        sign=next((row for row in shown.values() if row.id == view.paper), None) if signs else None,
        answers=view.form is not None and len(view.form.fields) > 1,
        how=view.form.schema.get("x-paper", "") if view.form is not None else "",
        making=signs and any(row.id == view.paper and row.state == "issued" for row in every),
        previews=performing and any(True for _ in drafts),
        ready=work.deps.papers.press.ready,
    )


def pictures(row: DocumentRow) -> list[str]:
    """Return the addresses of a paper's pages as pictures."""
    version = (row.sha256 or "")[:16]
    return [
        url_for("documents.picture", document_id=row.id, number=number, v=version)
        for number in range(1, (row.pages or 0) + 1)
    ]


def as_pictures(content: bytes) -> list[str]:
    """Return every page of a PDF that is kept nowhere, as data for the page itself."""
    found: list[str] = []
    while True:
        try:
            drawn = picture(content, len(found) + 1)
        except NoSuchPage:
            return found
        found.append("data:image/png;base64," + base64.b64encode(drawn).decode())


def pdf(data: bytes, name: str, *, download: bool = False) -> Response:
    """Return a PDF that the browser shows, or keeps."""
    response = file_answer(data, "application/pdf", name, shown=not download)
    response.headers["Content-Security-Policy"] = PDF_POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    return response
