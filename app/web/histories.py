"""A history in words: who did what when, as time lines show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.access import ROLE_NAMES, Role
from app.domain.text import T, Text
from app.services.histories import Line, Lines
from app.web.language import day, deadline, read

ACTIONS: Mapping[str, Text] = {
    "account.create": T("建立了用户"),
    "account.update": T("修改了基本信息"),
    "account.close": T("停用了用户"),
    "account.open": T("启用了用户"),
    "password.change": T("修改了密码"),
    "password.reset": T("重设了密码"),
    "password.refuse": T("核对密码未通过"),
    "pin.change": T("修改了签名口令"),
    "pin.refuse": T("核对签名口令未通过"),
    "role.add": T("增加了岗位"),
    "role.remove": T("取消了岗位"),
    "deputy.name": T("指定了代理人"),
    "deputy.end": T("收回了授权"),
    "session.open": T("已登录"),
    "token.open": T("获取了接口令牌"),
    "session.refuse": T("登录未通过"),
    "session.close": T("已退出登录"),
    "organisation.create": T("建立了单位"),
    "organisation.update": T("修改了单位信息"),
    "organisation.close": T("停用了单位"),
    "organisation.open": T("启用了单位"),
    "papers.set": T("修改了文书设置"),
    "key.make": T("生成了签名证书"),
    "key.revoke": T("撤销了签名证书"),
    "import.confirm": T("确认导入企业名单"),
    "import.finish": T("完成企业名单导入"),
}
NAMED = ("in_organisation", "home")
LABELS = {
    "name": T("原名称"),
    "short": T("原机关代字"),
    "number_pattern": T("原文号格式"),
    "review_organ": T("原复议机关"),
    "court": T("原管辖法院"),
}
TONES = {"refuse": "late", "revoke": "late", "close": "soon", "remove": "soon", "end": "soon"}


@dataclass(frozen=True, slots=True)
class Told:
    """A page of a history as templates show it."""

    entries: list[dict[str, Any]]
    before: int | None


def told(lines: Lines) -> Told:
    """Put a history into the reader's words."""
    return Told([_entry(line, lines) for line in lines.lines], lines.before)


def _entry(line: Line, lines: Lines) -> dict[str, Any]:
    return {
        "at": line.at,
        "title": ACTIONS.get(line.action, line.action),
        "by": line.by,
        "on_behalf_of": line.on_behalf_of,
        "note": " · ".join(read(part) for part in _notes(line, lines)),
        "tone": TONES.get(line.action.rpartition(".")[2], ""),
    }


def _notes(line: Line, lines: Lines) -> list[Text | str]:
    detail = line.detail
    roles = [ROLE_NAMES[Role(detail[key])] for key in ("added", "removed") if key in detail]
    places = [lines.organisations.get(detail[key], "") for key in NAMED if key in detail]
    before = [
        T("{label}：{was}", label=LABELS[name], was=was or "—")
        for name, was in detail.get("before", {}).items()
    ]
    return [*roles, *places, *_period(detail), *before, *_why(detail)]


def _period(detail: Mapping[str, Any]) -> list[Text]:
    name = [T("代理人 {name}", name=detail["deputy"])] if detail.get("deputy") else []
    if "since" not in detail:
        return name
    since, until = day(detail["since"]), deadline(detail["until"])
    return [*name, T("{since} 至 {until}", since=since, until=until)]


def _why(detail: Mapping[str, Any]) -> list[Text | str]:
    reason = [T("原因：{reason}", reason=detail["reason"])] if "reason" in detail else []
    address = [detail["address"]] if "address" in detail else []
    return [*reason, *address, *([T("其他设备")] if detail.get("other") else [])]
