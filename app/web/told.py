"""What happened to an enterprise, in words, as its time line shows it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from app.domain.access import ROLE_NAMES, Permission, may_somewhere
from app.domain.documents import NOT_APPROVED, STATES, DocumentState
from app.domain.enterprises import CARDS, LIVES, TITLES, Card, Life
from app.domain.forms import Form
from app.domain.serving import CHANNELS, Channel
from app.domain.text import T, Text
from app.services.dossier import Event, Paper
from app.services.enterprises.terms import FIELDS, Terms
from app.services.history import HistoryRow
from app.services.ledger import HazardRow
from app.web.forms.display import display
from app.web.language import day, listed, read
from app.web.lines import lifted
from app.web.request import actor
from app.web.words import ACTIONS, STATUSES

LONGEST_TITLE = 40


def told(event: Event, terms: Terms, places: Mapping[str, str], form: Form) -> dict[str, Any]:
    """Return an event as the time line shows it."""
    if event.line is not None:
        return _change(event.line, terms, places, form)
    if event.paper is not None:
        return _paper(event, event.paper)
    if event.hazard is not None:
        return _hazard(event, event.hazard)
    case = event.case
    assert case is not None  # noqa: S101  (an event is one of the four)
    ended = case.ended if case.ended is not None and read(case.ended) else STATUSES[case.status]
    return {
        "at": event.at,
        "title": T("案件办结：{name}", name=case.name)
        if event.closed
        else T("启动案件：{name}", name=case.name),
        "by": case.owner,
        "note": ended if event.closed else "",
        "tone": "done" if event.closed else "now",
        "href": url_for("cases.show", case_id=case.id),
    }


def _paper(event: Event, paper: Paper) -> dict[str, Any]:
    void = paper.state is DocumentState.VOID
    return {
        "at": event.at,
        "title": T("文书：{name}", name=paper.title),
        "by": "",
        "note": T("{number}，已作废：{reason}", number=paper.number, reason=paper.void_reason)
        if void
        else T("{number}，{state}", number=paper.number, state=_stands(paper)),
        "tone": "late" if void else "",
        "href": url_for("documents.show", document_id=paper.id),
    }


def _stands(paper: Paper) -> Text:
    """Return where a paper stands, and that what it proposes was declined, if it was."""
    state = STATES[paper.state]
    declined = T("{one}、{two}", one=state, two=NOT_APPROVED)
    return declined if paper.declined else state


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1] + "…"


def _hazard(event: Event, hazard: HazardRow) -> dict[str, Any]:
    grade = T("重大隐患") if hazard.major else T("一般隐患")
    name = shorten(hazard.description)
    return {
        "at": event.at,
        "title": T("隐患销号：{name}", name=name)
        if event.closed
        else T("发现{grade}：{name}", grade=grade, name=name),
        "by": "",
        "note": hazard.procedure,
        "tone": "done" if event.closed else "late" if hazard.major else "soon",
        "href": url_for("hazards.show", hazard_id=hazard.id),
    }


def _change(
    line: HistoryRow, terms: Terms, places: Mapping[str, str], form: Form
) -> dict[str, Any]:
    detail = line.detail
    title = ACTIONS.get(line.action, line.action)
    if "card" in detail:
        title = T("{what}：{now}", what=title, now=CARDS[Card(detail["card"])])
    elif "life" in detail:
        title = T("{what}：{now}", what=title, now=LIVES[Life(detail["life"])])
    notes = [*_fields(detail, terms, places, form), *lifted(detail)]
    if "channel" in detail:
        notes.append(
            T(
                "{channel} {address}，{day} 确认",
                channel=CHANNELS[Channel(detail["channel"])],
                address=detail["to_address"],
                day=day(detail["confirmed_on"]),
            )
        )
    if "batch" in detail:
        notes.append(T("由导入的表格第 {row} 行", row=detail.get("row", "")))
    if detail.get("reason"):
        notes.append(T("原因：{reason}", reason=detail["reason"]))
    by = line.actor or T("系统")
    if line.role is not None:
        by = T("{name}（{role}）", name=by, role=ROLE_NAMES[line.role])
    return {
        "at": line.at,
        "title": title,
        "by": by,
        "on_behalf_of": line.on_behalf_of,
        "note": "\n".join(str(read(note)) for note in notes),
        "tone": "late" if detail.get("card") in ("yellow", "red") else "",
        "href": _list_of(detail),
    }


def _list_of(detail: Mapping[str, Any]) -> str | None:
    """Return the address of the import that a change came from, for those who may open it."""
    if "batch" not in detail or not may_somewhere(actor(), Permission.MANAGE_ENTERPRISES):
        return None
    return url_for("imports.show", batch_id=detail["batch"])


def _fields(
    detail: Mapping[str, Any], terms: Terms, places: Mapping[str, str], form: Form
) -> list[Text]:
    """Say which facts were changed; where the history spells them out, what they were before."""
    before = detail.get("before", {})
    named = [key for key in detail.get("fields", ()) if key in TITLES]
    spelled = [
        T(
            "{label}原为：{was}",
            label=TITLES[key],
            was=_was(key, before[key], terms, places, form) or "—",
        )
        for key in named
        if key in before
    ]
    others = [TITLES[key] for key in named if key not in before]
    return [*spelled, *([T("修改了：{fields}", fields=listed(others))] if others else [])]


def _was(key: str, value: Any, terms: Terms, places: Mapping[str, str], form: Form) -> str:
    if value is None:
        return ""
    if key == "place":
        return places.get(value, value)
    if key in FIELDS:
        codes = value if isinstance(value, list) else [value]
        return listed(terms.name(FIELDS[key], code) for code in codes)
    field = next((field for field in form.fields if field.key == key), None)
    return str(read(display(field, value))) if field else str(value)
