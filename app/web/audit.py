"""The search of all histories for auditors, and the file to take away."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Permission
from app.domain.deadlines import BEIJING
from app.domain.history import Stream
from app.domain.text import T, Text
from app.services import audit
from app.services.audit import Found, Listed, Wanted
from app.web import exports, lines
from app.web.frame import steps
from app.web.language import read
from app.web.request import narrowing, needs, number_asked, reading
from app.web.words import ACTIONS, ACTS, STREAMS

pages = Blueprint("audit", __name__, url_prefix="/audit")
TITLE = T("操作记录")
HEADING = (
    *(T("时间"), T("对象类别"), T("编号"), T("对象"), T("企业或用户名"), T("操作"), T("说明")),
    *(T("办理人"), T("用户名"), T("代谁办理"), T("岗位"), T("单位"), T("序号"), T("校验值")),
)


def asked() -> Wanted:
    """Return what the address asks for; a number alone is a case's."""
    args = request.args
    number, stream = number_asked("number"), args.get("stream", "")
    return Wanted(
        since=_day("since"),
        until=_day("until"),
        stream=stream if stream in STREAMS else "case" if number else "",
        number=number,
        about=args.get("about", ""),
        person=args.get("person", ""),
        action=args["action"] if args.get("action") in ACTIONS else "",
        reason=args.get("reason", ""),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@pages.get("/")
@needs(Permission.SEARCH_HISTORY)
def find() -> Response:
    return _list()


def _list(refused: Text | None = None) -> Response:
    wanted, cursor = asked(), request.args.get("cursor", "")
    with reading() as work:
        listed = audit.find(work, wanted, cursor)
    kept = narrowing()
    acts = ACTS[Stream(wanted.stream)] if wanted.stream else ACTIONS
    page = render_template(
        "audit.html",
        steps=steps((TITLE, None)),
        listed=listed,
        rows=[_row(found, listed) for found in listed.lines],
        wanted=wanted,
        kept=kept,
        refused=refused,
        streams=list(STREAMS.items()),
        acts=list(acts.items()),
        first=url_for("audit.find", **kept) if cursor else "",
        following=url_for("audit.find", **{**kept, "cursor": listed.following})
        if listed.following
        else "",
    )
    return Response(page, 422 if refused else 200)


def _row(found: Found, listed: Listed) -> dict[str, Any]:
    row = found.row
    return {
        "at": row.at,
        "title": lines.title(row, found.node),
        "note": lines.note(row, listed.names),
        "kind": STREAMS[found.stream],
        "about": found.about,
        "under": T("案件 {number} · {plant}", number=found.subject, plant=found.under)
        if found.stream is Stream.CASE
        else found.under,
        "href": _address(found),
        "who": lines.who(row),
        "seat": _seat(found),
        "acts": url_for("audit.find", person=found.username) if found.username else "",
    }


def _address(found: Found) -> str:
    """Return where the reader sees the thing itself, or else all of its history."""
    if found.stream is Stream.CASE:
        return url_for("cases.show", case_id=found.subject)
    if found.stream is Stream.ENTERPRISE:
        return url_for("enterprises.show", enterprise_id=found.subject)
    if found.stream is Stream.INSTALLATION:
        return ""
    return url_for("audit.find", stream=found.stream.value, number=found.subject)


def _seat(found: Found) -> str:
    role = str(read(ROLE_NAMES[found.row.role])) if found.row.role else ""
    return " · ".join(part for part in (role, found.row.organisation) if part)


@pages.post("/export")
@needs(Permission.SEARCH_HISTORY)
def export() -> Response:
    """Hand out all that the search finds, and write down that it was taken."""
    wanted, kind = asked(), exports.wanted_kind(request.form.get("format"))
    try:
        with reading() as work:
            listed = audit.everything(work, wanted)
            day = work.now.astimezone(BEIJING).date()
    except Invalid as invalid:
        return _list(invalid.errors[""])
    title = str(read(TITLE))
    head = [str(read(text)) for text in HEADING]
    body = [_cells(found, listed) for found in listed.lines]
    return exports.recorded("history.export", wanted, kind, title, head, body, day)


def _cells(found: Found, listed: Listed) -> list[Any]:
    row = found.row
    return [
        row.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        read(STREAMS[found.stream]),
        found.subject,
        read(found.about),
        found.under,
        read(lines.title(row, found.node)),
        lines.note(row, listed.names),
        row.actor or read(T("系统")),
        found.username,
        row.on_behalf_of or "",
        read(ROLE_NAMES[row.role]) if row.role else "",
        row.organisation or "",
        row.seq,
        row.hash,
    ]
