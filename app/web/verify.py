"""The public page that says whether a paper is genuine: by its code, or by the file."""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request

from app.domain import Invalid
from app.domain.documents import SEAL, SM2, normal_code
from app.domain.measures import MEASURES
from app.domain.text import T, Text
from app.services.pdf import keys, verifying
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
    Verdict.REPLACED: (
        T("已被替代"),
        T("此文书已作废，不再有效；同一事项另行制发了文书，文号见下。请以新的文书为准。"),
        "danger",
    ),
    Verdict.EXPIRED: (
        T("时间戳已过期"),
        T(
            "此文件与登记的文书一致，但其存档时间戳的证书已经到期，文件本身不再能证明签名。"
            "制发机关每年续加时间戳，请向其索取新的文件。"
        ),
        "warning",
    ),
}
PLACES: Mapping[str, Text] = {
    "officer1": T("执法人员一"),
    "officer2": T("执法人员二"),
    "principal": T("被检查单位负责人"),
    "expert": T("专家"),
    "reviewer": T("审核人"),
    "host": T("听证主持人"),
    "deputy": T("分管领导"),
    "head": T("主要负责人"),
    "leader": T("政府领导"),
    SM2: T("国密 SM2/SM3 签名"),
    SEAL: T("单位印章"),
}
"""What the places of signatures are called to who hands a file in."""
REGISTERED = (
    T("已登记"),
    T("核验码对应下列文书。请与手中的文书逐项核对；要确认文件没有改动，请上传 PDF 文件。"),
    "success",
)


@pages.get("/verify")
@public(WHY)
def ask() -> Response:
    code = request.args.get("code", "").strip()
    if code and not normal_code(code):
        return _page(code=code, errors={"code": read(T("核验码为 16 位字母和数字"))}, status=422)
    return by_code(code) if code else _page()


@pages.get("/v/<code>")
@public(WHY)
def by_code(code: str) -> Response:
    try:
        found = verifying.by_code(deps(), code[:64], origin())
    except TooMany as wait:
        return _page(code=code, errors={"code": read(wait.text)}, wait=wait)
    return _page(found, code=code)


@pages.post("/verify")
@public(WHY)
def by_file() -> Response:
    file = request.files.get("file")
    try:
        data = file.stream.read(verifying.MOST_BYTES + 1) if file else b""
        found = verifying.by_file(deps(), data, origin())
    except TooMany as wait:
        return _page(errors={"file": read(wait.text)}, wait=wait)
    except Invalid as invalid:
        return _page(errors=refused(invalid), status=422)
    return _page(found)


@pages.get("/revoked/<number>.crl")
@public("whoever checks a signature by themselves asks which certificates were taken back")
def revoked(number: str) -> Response:
    """Hand out the list of revoked certificates of the authority with this certificate."""
    return Response(keys.published(deps(), number), content_type="application/pkix-crl")


def _page(
    found: Verified | None = None,
    code: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    wait: TooMany | None = None,
) -> Response:
    words = VERDICTS[found.verdict] if found else None
    if found and not found.sha256 and found.verdict is Verdict.ORIGINAL:
        words = REGISTERED
    answer = Response(
        render_template(
            "verify.html",
            found=found,
            words=words,
            measures=MEASURES,
            places_of=PLACES,
            code=code[:64],
            errors=errors or {},
        ),
        429 if wait else status,
    )
    if wait is not None:
        answer.headers["Retry-After"] = str(wait.retry_after)
    return answer
