"""Files that people hand in: evidence is kept as it came, beside a copy that is safe to show."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.adapters.images import NotAnImage, redraw
from app.domain import Invalid, NotFound
from app.domain.access import Permission, Thing
from app.domain.filetypes import NAME, kind_of
from app.domain.forms import Field, Form, Kind, pointer
from app.domain.text import T, Text
from app.models.casework import Case, Upload
from app.services import Work

MOST_BYTES = 20 * 2**20
CHECKED = {"unscoped": "files are checked one by one, their case is held"}


@dataclass(frozen=True, slots=True)
class UploadRow:
    id: str
    sha256: str
    name: str
    size: int
    media_type: str
    image: bool


def store(work: Work, name: str, data: bytes) -> UploadRow:
    """Keep a file; it belongs to nothing until an answer names it.

    :raises Invalid: if it is empty, too large, or of a kind we do not take
    """
    work.require_somewhere(Permission.UPLOAD)
    if not data:
        raise Invalid({"/file": T("文件是空的")})
    if len(data) > MOST_BYTES:
        raise Invalid({"/file": T("文件不能超过 {n} MB", n=MOST_BYTES // 2**20)})
    media_type = kind_of(data)
    if media_type is None:
        raise Invalid({"/file": T("只接受照片（JPG、PNG、WebP）、PDF、Word 和 Excel 文件")})
    shown = None
    if media_type.startswith("image/"):
        try:
            shown = work.deps.files.put(redraw(data))
        except NotAnImage as broken:
            raise Invalid({"/file": T("照片无法打开，或尺寸过大")}) from broken
    row = Upload(
        id=secrets.token_hex(16),
        sha256=work.deps.files.put(data),
        name=NAME.sub("_", name)[-200:] or "file",
        media_type=media_type,
        size=len(data),
        shown_sha256=shown,
        uploaded_by=work.me,
        uploaded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return _row(row)


def _row(row: Upload) -> UploadRow:
    image = row.shown_sha256 is not None
    return UploadRow(row.id, row.sha256, row.name, row.size, row.media_type, image)


def described(work: Work, ids: list[str]) -> dict[str, UploadRow]:
    """Return what is known of files, of those the actor may see."""
    work.require_somewhere(Permission.SEE_FILE)
    rows = work.session.scalars(select(Upload).where(Upload.id.in_(ids)))
    return {row.id: _row(row) for row in rows}


def named_in(form: Form | None, answers: Mapping[str, Any] | None) -> list[str]:
    """Return the ids of the files that answers name."""
    if form is None or not answers:
        return []
    return [name for _at, name in _named(form.fields, answers, ())]


@dataclass(frozen=True, slots=True)
class Content:
    name: str
    media_type: str
    data: bytes


def content(work: Work, upload_id: str, *, shown: bool) -> Content:
    """Return a file as it came, or the copy that is shown.

    :raises NotFound: if there is none that the actor may see
    """
    work.require(Permission.SEE_FILE, Thing())
    row = work.session.get(Upload, upload_id)
    if row is None or (shown and row.shown_sha256 is None):
        raise NotFound(T("没有找到该文件"))
    if shown and row.shown_sha256:
        return Content(f"{row.name}.jpg", "image/jpeg", work.deps.files.get(row.shown_sha256))
    return Content(row.name, row.media_type, work.deps.files.get(row.sha256))


def attach(work: Work, form: Form | None, answers: dict[str, Any], case_id: int) -> None:
    """Bind the files that answers name to their case: a step of those who asked.

    What was handed in at the case that this one came from stays there, and may be named again.

    :raises Invalid: if a file is not the actor's to hand in, at the field that names it
    """
    named = dict(_named(form.fields, answers, ())) if form else {}
    if not named:
        return
    mine = work.session.execute(
        select(Upload.id, Upload.case_id, Upload.uploaded_by).where(Upload.id.in_(named.values()))
    )
    origin = work.session.scalar(
        select(Case.parent_id).where(Case.id == case_id), execution_options=CHECKED
    )
    known = {case_id, origin} - {None}
    good = {
        row.id
        for row in mine
        if row.case_id in known or (row.case_id is None and row.uploaded_by == work.me)
    }
    errors: dict[str, Text] = {
        at: T("文件已失效，请重新上传") for at, name in named.items() if name not in good
    }
    if errors:
        raise Invalid(errors)
    work.session.execute(
        update(Upload).where(Upload.id.in_(good), Upload.case_id.is_(None)).values(case_id=case_id),
        execution_options={**CHECKED, "synchronize_session": False},
    )


def lay_by(work: Work, form: Form | None, draft: Mapping[str, Any], case_id: int) -> None:
    """Give the actor's files in a draft to its case: a step of those who asked.

    Whoever goes on with the draft, after it was handed over, has them too.
    """
    names = named_in(form, draft)
    if names:
        work.session.execute(
            update(Upload)
            .where(Upload.id.in_(names), Upload.uploaded_by == work.me, Upload.case_id.is_(None))
            .values(case_id=case_id),
            execution_options={"synchronize_session": False},
        )


def _named(
    fields: tuple[Field, ...], answers: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[str, str]]:
    """Yield where an answer names a file, and which."""
    for field in fields:
        answer, at = answers.get(field.key), (*path, field.key)
        if answer is None:
            continue
        if field.kind is Kind.FILE and isinstance(answer, str):
            yield pointer(at), answer
        elif field.kind is Kind.FILES and isinstance(answer, list):
            # A draft may hold anything.
            names = ((index, name) for index, name in enumerate(answer) if isinstance(name, str))
            yield from ((pointer((*at, index)), name) for index, name in names)
        elif field.kind is Kind.GROUP and isinstance(answer, dict):
            yield from _named(field.fields, answer, at)
        elif field.kind is Kind.ROWS and isinstance(answer, list):
            for index, row in enumerate(answer):
                if isinstance(row, dict):
                    yield from _named(field.fields, row, (*at, index))
