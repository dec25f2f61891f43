"""The ledger of hazards: the list, one hazard with its way, and both as a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.domain.access import Permission
from app.domain.deadlines import BEIJING
from app.domain.enterprises import TermKind
from app.domain.hazards import (
    EVENTS,
    FINDERS,
    GUARANTEES,
    STATES,
    Guarantee,
    HazardEvent,
    HazardState,
)
from app.domain.procedures import PROCEDURES
from app.domain.text import T, Text
from app.services import ledger
from app.services.campaigns import reading as campaigns
from app.services.enterprises import terms
from app.services.holders import NOBODY
from app.services.ledger import Change, HazardRow, Wanted
from app.web import exports
from app.web.attached import describe_all
from app.web.frame import steps
from app.web.language import day, read
from app.web.lines import clause
from app.web.request import narrowing, needs, number_asked, reading

pages = Blueprint("hazards", __name__, url_prefix="/hazards")
TITLE = T("隐患台账")
GRADES: Mapping[str, Text] = {"major": T("重大隐患"), "general": T("一般隐患")}
DUE: Mapping[str, Text] = {
    "late": T("已超过期限"),
    "intime": T("未超过期限"),
    "soon": T("七日内到期"),
    "none": T("没有期限"),
}
MARKS: Mapping[str, Text] = {"listed": T("挂牌督办"), "loose": T("无案件跟进")}
TONES = {
    HazardState.OPEN: "todo",
    HazardState.WORKING: "todo",
    HazardState.WAITING: "soon",
    HazardState.OVERDUE: "late",
    HazardState.FAILED: "late",
    HazardState.PASSED: "soon",
    HazardState.CLOSED: "done",
}
WORDS: Mapping[str, Any] = {"hazard_states": STATES, "hazard_tones": TONES}
"""What the pieces of `_hazards.html` need."""
FOUND_BY = ("self_inspection", "county_inspection", "spot_check_visit", "look_back", "tip")
MOST = 50_000


def asked() -> Wanted:
    """Return what the address asks the ledger for."""
    args = request.args
    return Wanted(
        q=args.get("q", ""),
        state=args.get("state", ""),
        grade=args.get("grade", ""),
        division=args.get("division", ""),
        place=args.get("place", ""),
        procedure=args.get("procedure", ""),
        enterprise_id=number_asked("enterprise"),
        due=args.get("due", ""),
        mark=args.get("mark", ""),
        campaign_id=number_asked("campaign"),
        found_by=args.get("found_by", ""),
        sector=args.get("sector", ""),
    )


@pages.get("/")
@needs(Permission.SEE_HAZARDS)
def find() -> Response:
    wanted = asked()
    cursor = request.args.get("cursor", "")
    with reading() as work:
        listed = ledger.find(work, wanted, cursor)
        places = terms.places(work)
        sectors = terms.everything(work).active(TermKind.SECTOR)
        campaign = campaigns.name(work, wanted.campaign_id) if wanted.campaign_id else ""
        place = terms.names(work, [wanted.place]).get(wanted.place, "") if wanted.place else ""
    kept = narrowing()
    page = render_template(
        "hazards.html",
        steps=steps((TITLE, None)),
        listed=listed,
        wanted=wanted,
        narrowed=bool(kept),
        kept=kept,
        states=[("unclosed", T("未销号")), *STATES.items()],
        **WORDS,
        grades=GRADES,
        due=DUE,
        marks=MARKS,
        divisions=[(place.place, place.name) for place in places],
        procedures=[(name, PROCEDURES[name]) for name in FOUND_BY],
        finders=list(FINDERS.items()),
        sectors=[*((row.code, row.name) for row in sectors), (NOBODY, T("未填行业"))],
        narrowed_to=[
            (text, url_for("hazards.find", **{one: kept[one] for one in kept if one != key}))
            for key, name, text in (
                ("campaign", campaign, T("专项行动：{name}", name=campaign)),
                ("place", place, T("企业所在地：{name}", name=place)),
            )
            if name
        ],
        first=url_for("hazards.find", **kept) if cursor else "",
        following=url_for("hazards.find", **{**kept, "cursor": listed.following})
        if listed.following
        else "",
    )
    return Response(page)


@pages.post("/export")
@needs(Permission.SEE_HAZARDS)
def export() -> Response:
    """Hand out all that the list finds, as a file."""
    wanted = asked()
    with reading() as work:
        rows = ledger.newest(work, wanted, MOST)
        names = terms.names(work, [row.place for row in rows])
        today = work.now.astimezone(BEIJING).date()
    kind = exports.wanted_kind(request.form.get("format"))
    title = str(read(TITLE))
    return exports.recorded(
        "hazard.export", wanted, kind, title, heading(), lines(rows, names), today
    )


def heading() -> list[str]:
    """Return the headings of the ledger as a file."""
    words = (
        *(T("编号"), T("企业"), T("区划"), T("隐患描述"), T("部位"), T("等级"), T("状态")),
        *(T("整改期限"), T("挂牌督办"), T("发现环节"), T("发现日期"), T("销号日期")),
    )
    return [str(read(word)) for word in words]


def lines(rows: Sequence[HazardRow], names: Mapping[str, str]) -> list[list[Any]]:
    """Return the cells of hazards below the headings."""
    return [
        [
            *(row.id, row.enterprise, names.get(row.place, row.place), row.description, row.spot),
            *(read(GRADES["major" if row.major else "general"]), read(STATES[row.state])),
            *(str(row.deadline or ""), read(T("是")) if row.listed else "", read(row.procedure)),
            *(day(row.found_at), day(row.closed_at) if row.closed_at else ""),
        ]
        for row in rows
    ]


@pages.get("/<int:hazard_id>")
@needs(Permission.SEE_HAZARDS)
def show(hazard_id: int) -> Response:
    with reading() as work:
        view = ledger.get(work, hazard_id)
        describe = describe_all(work, [*view.photos, *view.after])
        names = terms.names(work, [view.row.place])
    page = render_template(
        "hazard.html",
        steps=steps((TITLE, url_for("hazards.find")), (T("隐患 {n}", n=hazard_id), None)),
        view=view,
        row=view.row,
        cited=[(clause(one), one["law"], one["version"]) for one in view.cited],
        secured=[read(GUARANTEES[Guarantee(word)]) for word in view.secured],
        division=names.get(view.row.place, view.row.place),
        **WORDS,
        photos=[file for name in view.photos if (file := describe(name))],
        after=[file for name in view.after if (file := describe(name))],
        way=[told(change) for change in reversed(view.changes)],
    )
    return Response(page)


def told(change: Change) -> dict[str, Any]:
    """Return one step of a hazard's way as a line of its time line."""
    title: Text = EVENTS[change.what]
    if change.what is HazardEvent.MOVED:
        title = STATES[change.state]
    elif change.what is HazardEvent.PROLONGED and change.deadline:
        title = T("整改期限：{day}", day=change.deadline)
    return {
        "at": change.at,
        "title": title,
        "by": change.by or T("系统"),
        "note": T("{procedure}：{node}", procedure=change.procedure, node=change.node),
        "tone": {"late": "late", "done": "done", "soon": "soon"}.get(TONES[change.state], ""),
        "href": url_for("cases.show", case_id=change.case_id),
    }
