"""Files for the file fields of forms."""

from flask import Response, request

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.text import T
from app.services import Work, uploads
from app.web.api.contract import operation, reply
from app.web.api.schemas import ID, STRING, thing
from app.web.attached import handed_out
from app.web.request import once


@operation(
    "POST",
    "/files",
    "Hand in a file; answers name it by its id",
    permission=Permission.UPLOAD,
    multipart=thing({"file": {"type": "string", "format": "binary"}}),
    answers={201: thing({"id": ID, "sha256": STRING})},
)
def upload_file() -> Response:
    file = request.files.get("file")
    if file is None:
        raise Invalid({"/file": T("请选择文件")})
    name, data = file.filename or "", file.stream.read()

    def keep(work: Work) -> Response:
        row = uploads.store(work, name, data)
        return reply({"id": row.id, "sha256": row.sha256}, 201)

    return once(keep)


@operation(
    "GET",
    "/files/<upload_id>",
    "A file as it was handed in",
    permission=Permission.SEE_FILE,
    answers={200: None},
    media="*/*",
)
def get_file(upload_id: str) -> Response:
    return handed_out(upload_id, shown=False)
