"""Lines of histories in words: what was done, and what there is to say about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.access import ROLE_NAMES, Role
from app.domain.clauses import cited
from app.domain.enterprises import CARDS, LIVES, TITLES, Card, Life
from app.domain.measures import MEASURES
from app.domain.text import T, Text
from app.services.history import PAPER, HistoryRow, Lines, Names
from app.web.language import day, deadline, listed, moment, read
from app.web.words import ACTIONS, MANNERS

LABELS = {
    "name": T("原名称"),
    "short": T("原机关代字"),
    "number_pattern": T("原文号格式"),
    "review_organ": T("原复议机关"),
    "court": T("原管辖法院"),
    "name_en": T("原英文名称"),
    "aliases": T("原其他叫法"),
}
CHANGED = {
    "name": T("姓名"),
    "phone": T("联系电话"),
    "email": T("电子邮箱"),
    "licence": T("执法证号"),
}
TONES = {"refuse": "late", "revoke": "late", "close": "soon", "remove": "soon", "end": "soon"}
DEADLINE = "case.deadline"
CHECKED = "draw.correct"
COUNTS = {
    "rows": T("{n} 行"),
    "created": T("新增 {n} 家"),
    "updated": T("更新 {n} 家"),
    "skipped": T("跳过 {n} 行"),
    "failed": T("未导入 {n} 行"),
    "days": T("{n} 天"),
    "enterprises": T("{n} 家"),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a history as templates show it."""

    entries: list[dict[str, Any]]
    before: int | None


def timeline(lines: Lines) -> Timeline:
    """Put a page of a history into the reader's words."""
    return Timeline([_entry(row, lines.names) for row in lines.rows], lines.before)


def _entry(row: HistoryRow, names: Names) -> dict[str, Any]:
    return {
        "at": row.at,
        "title": title(row),
        "by": row.actor or "",
        "on_behalf_of": row.on_behalf_of or "",
        "note": note(row, names),
        "tone": TONES.get(row.action.rpartition(".")[2], ""),
    }


def title(row: HistoryRow, node: Text | None = None) -> Text | str:
    """Say what was done, and at which step of a case."""
    what = ACTIONS.get(row.action, row.action)
    if row.action == DEADLINE:
        what = T("调整整改期限") if "from" in row.detail else T("确定整改期限")
    if row.action == CHECKED and not row.detail.get("corrections"):
        what = T("核对评分，没有更正")
    if node is None or row.action == "case.start":
        return what
    return T("{what}：{where}", what=what, where=node)


def note(row: HistoryRow, names: Names) -> str:
    """Say what else a line tells: periods, what was before, numbers, the reason."""
    detail = row.detail
    roles = [ROLE_NAMES[Role(detail[key])] for key in ("added", "removed") if key in detail]
    offices = [names.organisations.get(detail.get(key, 0)) for key in ("in_organisation", "home")]
    parts = [
        *_paper(detail, names),
        *roles,
        *[office for office in offices if office],
        *_period(detail, names),
        *_standing(detail),
        *_before(detail),
        *_plain(detail, names),
        *_corrected(detail),
        *_why(detail),
    ]
    return " · ".join(str(read(part)) for part in parts)


def _paper(detail: Mapping[str, Any], names: Names) -> list[Text]:
    """Say which paper an act was about, and in which manner it was served."""
    paper = names.papers.get(detail.get(PAPER, 0))
    named = [T("《{title}》{number}", title=paper.title, number=paper.number)] if paper else []
    manner = MANNERS.get(detail.get("manner", ""))
    return [*named, *([manner] if manner else [])]


def _period(detail: Mapping[str, Any], names: Names) -> list[Text]:
    deputy = names.people.get(detail.get("deputy", 0))
    name = [T("代理人 {name}", name=deputy)] if deputy else []
    if "since" not in detail or "until" not in detail or "deputy" not in detail:
        return name
    since, until = day(detail["since"]), deadline(detail["until"])
    return [*name, T("{since} 至 {until}", since=since, until=until)]


def _standing(detail: Mapping[str, Any]) -> list[Text]:
    """Say what an enterprise's card or status became, and which facts were changed."""
    found: list[Text] = []
    if "card" in detail:
        found.append(CARDS[Card(detail["card"])])
    if "life" in detail:
        found.append(LIVES[Life(detail["life"])])
    found += lifted(detail)
    fields = [TITLES[key] for key in detail.get("fields", ()) if key in TITLES]
    fields += [CHANGED[key] for key in detail.get("changed", ()) if key in CHANGED]
    if fields:
        found.append(T("修改了：{fields}", fields=listed(fields)))
    return found


def lifted(detail: Mapping[str, Any]) -> list[Text]:
    """Say which cards or stops of an enterprise were lifted."""
    measures = [MEASURES[measure] for measure in detail.get("lifted", ())]
    return [T("解除：{measures}", measures=listed(measures))] if measures else []


def _corrected(detail: Mapping[str, Any]) -> list[Text]:
    """Say how many scores were corrected; which, with both numbers and why, the ranking shows."""
    found = detail.get("corrections")
    return [T("更正 {n} 项", n=len(found))] if found else []


def _before(detail: Mapping[str, Any]) -> list[Text]:
    was = detail.get("before", {})
    return [
        T("{label}：{was}", label=LABELS[key], was=was[key] or "—") for key in was if key in LABELS
    ]


def _plain(detail: Mapping[str, Any], names: Names) -> list[Text | str]:
    """Say the rest: to whom, numbers of papers, places, counts."""
    parts: list[Text | str] = []
    to = detail.get("to")
    if isinstance(to, int) and to in names.people:
        parts.append(T("转给 {name}", name=names.people[to]))
    elif "from" in detail and isinstance(to, str):
        parts.append(T("由 {was} 改为 {now}", was=deadline(detail["from"]), now=deadline(to)))
    elif "from" in detail and (now := detail.get("until") or detail.get("becomes")):
        parts.append(T("由 {was} 改为 {now}", was=day(detail["from"]), now=day(now)))
    elif "until" in detail and "deputy" not in detail:
        parts.append(day(detail["until"]))
    parts += [clause(one) for one in detail.get("cited", ())]
    if "noticed" in detail:
        parts.append(T("公告日期 {day}", day=day(detail["noticed"])))
    if "on" in detail:
        parts.append(T("送达日期 {day}", day=day(detail["on"])))
    number = () if detail.get(PAPER) in names.papers else ("number",)
    told = (*number, "year", "source", *(("procedure",) if "digest" in detail else ()))
    parts += [str(detail[key]) for key in told if key in detail]
    if "digest" in detail and "version" in detail:
        parts.append(T("第 {n} 版", n=detail["version"]))
    if "edition" in detail:
        parts.append(T("第 {n} 版", n=detail["edition"]))
    parts += [detail["name"]] if isinstance(detail.get("name"), str) else []
    parts += [
        Text(COUNTS[key].wording, {"n": detail[key]})
        for key in COUNTS
        if isinstance(detail.get(key), int)
    ]
    return parts


def clause(one: Mapping[str, Any]) -> Text:
    """Say which clause was cited, in which version."""
    citation = cited(one["name"], one["article"])
    return T("{clause}（第 {n} 版）", clause=citation, n=one["version"])


def _why(detail: Mapping[str, Any]) -> list[Text | str]:
    reason = [T("原因：{reason}", reason=detail["reason"])] if detail.get("reason") else []
    address = [detail["address"]] if "address" in detail else []
    return [*reason, *address, *([T("其他设备")] if detail.get("other") else [])]


def who(row: HistoryRow) -> Text | str:
    """Say who did it, and for whom."""
    name = row.actor or T("系统")
    if row.on_behalf_of:
        return T("{name}（代 {leader}）", name=name, leader=row.on_behalf_of)
    return name


def when(row: HistoryRow) -> str:
    return moment(row.at)
