"""The certificates of an organisation and its people; taking one back."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, render_template, request

from app.domain import Conflict, Invalid
from app.domain.access import Permission
from app.domain.documents import KeyUse
from app.domain.text import T, Text
from app.services import Work, organisations, sessions
from app.services.pdf import certificates
from app.services.pdf.certificates import SealAt, Second, State
from app.web.language import read
from app.web.organisations import way_to
from app.web.request import (
    deps,
    needs,
    number,
    once,
    origin,
    person,
    reading,
    refused,
    see_other,
)

pages = Blueprint(
    "certificates", __name__, url_prefix="/organisations/<int:organisation_id>/certificates"
)
TITLE = T("签名证书")
USES: Mapping[KeyUse, Text] = {
    KeyUse.PERSON: T("个人签名"),
    KeyUse.SEAL: T("机关印章"),
    KeyUse.SM2: T("国密 SM2/SM3 签名"),
}
STATES: Mapping[State, tuple[Text, str]] = {
    State.IN_USE: (T("在用"), "done"),
    State.RETIRED: (T("不再签名"), "neutral"),
    State.EXPIRED: (T("已过期"), "soon"),
    State.REVOKED: (T("已撤销"), "late"),
}

SEALS: Mapping[SealAt, Text] = {
    SealAt.HERE: T("由本系统保管密钥"),
    SealAt.TOKEN: T("密钥在密码机或者智能密码钥匙中"),
    SealAt.SERVICE: T("由单位自有的签章服务加盖"),
}
SECONDS: Mapping[Second, tuple[Text, str, Text]] = {
    Second.OFF: (T("未启用"), "neutral", T("运维人员以 BIHUAN_SM2=1 启动本系统后启用。")),
    Second.ON: (
        T("已启用"),
        "done",
        T("用印的文书在加盖印章前另加一个签名，证书由本系统自设签发机构签发。"),
    ),
    Second.MISSING: (
        T("已启用，组件缺失"),
        "late",
        T("国密签名组件没有安装，文书不能用印；请运维人员按 requirements-sm2.txt 安装。"),
    ),
}


@pages.get("")
@needs(Permission.MANAGE_KEYS)
def find(organisation_id: int) -> Response:
    return _page(organisation_id)


def _page(
    organisation_id: int,
    errors: dict[str, str] | None = None,
    lost: Text | None = None,
    status: int = 200,
) -> Response:
    after = request.values.get("cursor", "")
    with reading() as work:
        organisation = organisations.get(work, organisation_id)
        rows, following = certificates.of_organisation(work, organisation_id, after)
        signatures = certificates.signatures(work, organisation_id)
    page = render_template(
        "certificates.html",
        steps=way_to(organisation, TITLE),
        organisation=organisation,
        rows=rows,
        after=after,
        following=following,
        uses=USES,
        states=STATES,
        seal=SEALS[signatures.seal],
        second=SECONDS[signatures.second],
        typed=request.form,
        errors=errors or {},
        lost=lost,
    )
    return Response(page, status)


@pages.post("/revoke")
@needs(Permission.MANAGE_KEYS)
def revoke(organisation_id: int) -> Response:
    form = request.form

    def check() -> None:
        if not number("key"):
            raise Invalid({"/key": T("请选择证书")})
        sessions.confirm(deps(), person(), form.get("password", ""), origin(), "/password")

    def take_back(work: Work) -> Response:
        certificates.revoke(work, number("key"), form.get("reason", ""))
        return see_other("certificates.find", organisation_id=organisation_id)

    try:
        answer = once(take_back, first=check)
    except Invalid as invalid:
        return _page(organisation_id, refused(invalid), status=422)
    except sessions.TooMany as wait:
        return _page(organisation_id, {"password": read(wait.text)}, status=429)
    except Conflict as conflict:
        return _page(organisation_id, lost=conflict.text, status=409)
    flash(read(T("证书已撤销")), "success")
    return answer
