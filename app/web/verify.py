"""The public page that says whether a paper is genuine: by its code, or by the file."""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request

from app.domain import Invalid
from app.domain.measures import MEASURES
from app.domain.text import T, Text
from app.services.pdf import verifying
from app.services.pdf.verifying import Verdict, Verified
from app.services.sessions import TooMany
from app.web.language import read
from app.web.request import deps, origin, public, refused

pages = Blueprint("verify", __name__)
WHY = "whoever holds a paper may ask whether it is genuine"

VERDICTS: Mapping[Verdict, tuple[Text, Text, str]] = {
    Verdict.ORIGINAL: (
        T("是登记的原件"),
        T("此文件与登记的文书逐字节一致，签名和印章有效。"),
        "success",
    ),
    Verdict.ALTERED: (
        T("已被改动"),
        T("文件上的核验码属于下列文书，但内容与登记的原件不一致，不能采信。"),
        "danger",
    ),
    Verdict.CUT_BACK: (
        T("签名不全"),
        T("此文件是文书签署过程中的旧版本，缺少后来的签名或印章，不是生效的文书。"),
        "danger",
    ),
    Verdict.UNKNOWN: (
        T("没有登记"),
        T("本系统没有登记此文书。请核对核验码或文件；仍有疑问的，向制发机关查询。"),
        "warning",
    ),
    Verdict.REVOKED: (T("已撤销"), T("此文书或其签名证书已被撤销，不再有效。"), "danger"),
}
REGISTERED = (
    T("已登记"),
    T("核验码对应下列文书。请与手中的文书逐项核对；要确认文件没有改动，请上传 PDF 文件。"),
    "success",
)


@pages.get("/verify")
@public(WHY)
def ask() -> Response:
    code = request.args.get("code", "").strip()
    return by_code(code) if code else _page()


@pages.get("/v/<code>")
@public(WHY)
def by_code(code: str) -> Response:
    try:
        found = verifying.by_code(deps(), code[:64], origin())
    except TooMany as wait:
        return _page(code=code, errors={"code": read(wait.text)}, status=429)
    return _page(found, code=code)


@pages.post("/verify")
@public(WHY)
def by_file() -> Response:
    file = request.files.get("file")
    try:
        found = verifying.by_file(deps(), file.stream.read() if file else b"", origin())
    except TooMany as wait:
        return _page(errors={"file": read(wait.text)}, status=429)
    except Invalid as invalid:
        return _page(errors=refused(invalid), status=422)
    return _page(found)


def _page(
    found: Verified | None = None,
    code: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    words = VERDICTS[found.verdict] if found else None
    if found and not found.sha256 and found.verdict is Verdict.ORIGINAL:
        words = REGISTERED
    return Response(
        render_template(
            "verify.html",
            found=found,
            words=words,
            measures=MEASURES,
            code=code[:64],
            errors=errors or {},
        ),
        status,
    )
