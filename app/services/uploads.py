"""Files that people hand in: evidence is kept as it came, beside a copy that is safe to show."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from app.adapters.images import NotAnImage, redraw
from app.domain import Invalid
from app.domain.access import Permission
from app.domain.filetypes import NAME, kind_of
from app.domain.forms import Field, Form, Kind, pointer
from app.domain.text import T
from app.models.casework import Upload
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
    return row_of(row)


def row_of(row: Upload) -> UploadRow:
    """Say what is known of a file: a step of those who asked."""
    image = row.shown_sha256 is not None
    return UploadRow(row.id, row.sha256, row.name, row.size, row.media_type, image)


def named_in(form: Form | None, answers: Mapping[str, Any] | None) -> list[str]:
    """Return the ids of the files that answers name."""
    if form is None or not answers:
        return []
    return [name for _at, name in places_of(form.fields, answers)]


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


def places_of(
    fields: tuple[Field, ...], answers: Mapping[str, Any], path: tuple[str | int, ...] = ()
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
            yield from places_of(field.fields, answer, at)
        elif field.kind is Kind.ROWS and isinstance(answer, list):
            for index, row in enumerate(answer):
                if isinstance(row, dict):
                    yield from places_of(field.fields, row, (*at, index))
