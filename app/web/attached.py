"""Files: hand them out, and tell forms what they are."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, url_for

from app.domain.access import Permission
from app.domain.forms import Form
from app.services import Work, uploads
from app.services.cases import files
from app.web.forms.nodes import Description
from app.web.request import needs, reading

pages = Blueprint("files", __name__, url_prefix="/files")


@pages.get("/<upload_id>")
@needs(Permission.SEE_FILE)
def original(upload_id: str) -> Response:
    return handed_out(upload_id, shown=False)


@pages.get("/<upload_id>/shown")
@needs(Permission.SEE_FILE)
def shown(upload_id: str) -> Response:
    return handed_out(upload_id, shown=True)


def file_answer(data: bytes, media_type: str, name: str, *, shown: bool = False) -> Response:
    """Answer with a file under its name, to be kept or else `shown` in the browser."""
    return named(Response(data, content_type=media_type), name, shown=shown)


def named(response: Response, name: str, *, shown: bool = False) -> Response:
    """Give a file its name, to be kept or else `shown` in the browser, which keeps no copy."""
    how = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def sandboxed(response: Response) -> Response:
    """Let nothing run in what somebody handed in."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def handed_out(upload_id: str, *, shown: bool) -> Response:
    """Return what somebody handed in, so that nothing in it can run."""
    with reading() as work:
        content = files.content(work, upload_id, shown=shown)
    response = sandboxed(file_answer(content.data, content.media_type, content.name, shown=shown))
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def describer(
    work: Work, filled: Iterable[tuple[Form | None, dict[str, Any]]]
) -> Callable[[str], Description | None]:
    """Return what tells a form about the files its answers name; all are looked up at once."""
    return describe_all(
        work, [name for form, answers in filled for name in uploads.named_in(form, answers)]
    )


def describe_all(work: Work, ids: list[str]) -> Callable[[str], Description | None]:
    """Return what tells of these files."""
    rows = files.described(work, ids) if ids else {}

    def describe(name: str) -> Description | None:
        row = rows.get(name)
        if row is None:
            return None
        return {
            "name": row.name,
            "size": row.size,
            "kind": row.media_type,
            "url": url_for("files.original", upload_id=name),
            "thumb": url_for("files.shown", upload_id=name) if row.image else "",
        }

    return describe
