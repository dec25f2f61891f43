"""Reports: what is asked for and how far it is, one report, the consolidated table as a file."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.adapters import sheets
from app.adapters.laidout import Block, xlsx_merged
from app.domain.access import Permission, may_somewhere
from app.domain.entered import whole
from app.domain.statistics import REPORTS, SPANS, STATES, ReportState
from app.domain.statistics.sheet import Sheet
from app.domain.text import T, Text
from app.services import Work
from app.services.exports import Export, record
from app.services.reports import consolidated
from app.services.reports import reading as reports
from app.services.reports.consolidated import SheetView
from app.services.reports.reading import PeriodRow, ReportRow
from app.web.attached import file_answer
from app.web.frame import steps
from app.web.language import chosen, day, read
from app.web.request import actor, deps, needs, reading, see_other

pages = Blueprint("reports", __name__, url_prefix="/reports")
TITLE = T("定期报送")
TONES = {
    ReportState.ASKED: "todo",
    ReportState.DRAFTED: "todo",
    ReportState.SUBMITTED: "info",
    ReportState.RETURNED: "soon",
    ReportState.ACCEPTED: "done",
}
VIEWS: tuple[tuple[str, Text], ...] = (
    ("", T("全部")),
    ("missing", T("未报")),
    ("submitted", T("待审核")),
    ("returned", T("已退回补正")),
    ("accepted", T("已认可")),
    ("zero", T("零报告")),
    ("late", T("逾期报送")),
)
BEHIND = {
    "hazards": ("hazards.show", "hazard_id", T("隐患 {n}")),
    "documents": ("documents.show", "document_id", T("文书 {n}")),
    "enterprises": ("enterprises.show", "enterprise_id", T("企业 {n}")),
    "reports": ("reports.show", "report_id", T("报送 {n}")),
}
"""The pages of what figures count; a task has none of its own."""
ENDS: Mapping[str, Text] = {"本级": T("本级"), "合计": T("合计")}
"""The lines of a table that are nobody's report."""
WORDS: dict[str, Any] = {
    "kinds": REPORTS,
    "report_states": STATES,
    "report_tones": TONES,
    "ends": ENDS,
}


@pages.get("/")
@needs(Permission.SEE_REPORTS)
def find() -> Response:
    cursor = request.args.get("cursor", "")
    with reading() as work:
        rows, following = reports.own(work, cursor)
        periods = reports.periods(work) if _of_office() else []
        now = work.now
    page = render_template(
        "reports.html",
        steps=steps((TITLE, None)),
        rows=rows,
        periods=periods,
        now=now,
        office=_of_office(),
        first=url_for("reports.find") if cursor else "",
        following=url_for("reports.find", cursor=following) if following else "",
        **WORDS,
    )
    return Response(page)


def _of_office() -> bool:
    return may_somewhere(actor(), Permission.SEE_CAMPAIGN)


@pages.get("/campaigns/<int:campaign_id>")
@needs(Permission.SEE_CAMPAIGN)
def campaign(campaign_id: int) -> Response:
    """Show who of a period has reported; without one, of the newest."""
    state, cursor = request.args.get("state", ""), request.args.get("cursor", "")
    with reading() as work:
        periods = reports.periods(work, campaign_id)
        here = _asked_for(periods)
        if here is None:
            rows, following = list[ReportRow](), None
        else:
            rows, following = reports.members(work, here, state, cursor)
        now = work.now
    kept = _address(here)
    page = render_template(
        "campaign_reports.html",
        steps=steps((TITLE, url_for("reports.find")), (T("报送情况"), None)),
        periods=periods,
        here=here,
        rows=rows,
        now=now,
        kept=kept,
        tabs=[
            {
                "href": url_for("reports.campaign", **kept, state=key or None),
                "title": title,
                "current": state == key,
            }
            for key, title in VIEWS
        ]
        if here
        else [],
        first=url_for("reports.campaign", **kept, state=state or None) if cursor else "",
        following=url_for("reports.campaign", **kept, state=state or None, cursor=following)
        if following
        else "",
        **WORDS,
    )
    return Response(page)


def _asked_for(periods: list[PeriodRow]) -> PeriodRow | None:
    """Return the period that the address names, else the newest with a table, else the newest."""
    wanted = request.values.get("kind"), request.values.get("period", "")
    named = (one for one in periods if (one.kind, one.period) == wanted)
    tabled = (one for one in periods if one.tabled)
    return next(named, None) or next(tabled, None) or next(iter(periods), None)


def _address(here: PeriodRow | None) -> dict[str, Any]:
    if here is None:
        return {}
    return {"campaign_id": here.campaign_id, "kind": here.kind, "period": here.period or None}


@pages.get("/offices")
@needs(Permission.SEE_CAMPAIGN)
def offices() -> Response:
    """Show what the offices of the area report for a period, and the sum of it."""
    kind, day_, campaign_id = _offices_asked()
    with reading() as work:
        view = consolidated.offices(work, kind, day_, campaign_id)
    page = render_template(
        "statistics_offices.html",
        steps=steps((TITLE, url_for("reports.find")), (T("各级汇总"), None)),
        view=view,
        kind=kind,
        period=day_,
        chosen=campaign_id,
        **WORDS,
    )
    return Response(page)


def _offices_asked() -> tuple[str, str, int | None]:
    told = request.values
    return told.get("kind", "progress"), told.get("period", ""), whole(told.get("campaign", ""))


@pages.post("/offices/export")
@needs(Permission.SEE_CAMPAIGN)
def export_offices() -> Response:
    """Hand out what the offices of the area report for a period as a workbook."""
    kind, day_, campaign_id = _offices_asked()
    with reading() as work:
        view = consolidated.offices(work, kind, day_, campaign_id)
    if view is None:
        return see_other("reports.offices", kind=kind, period=day_ or None)
    named = read(T("、")).join(dict.fromkeys(row.campaign for row in view.summed))
    waiting = read(T("、")).join(row.name for row in view.waiting) or str(read(T("无")))
    told = [
        [
            f"{read(T('报送内容'))}：{read(REPORTS[kind])} {day_}".rstrip(),
            f"{read(T('尚未认可'))}：{waiting}",
        ],
        [f"{read(T('专项行动'))}：{named}"],
    ]
    title = f"{read(view.title)}（{read(T('各级汇总'))}）"
    data = workbook(title, told, view.sheet)
    return _handed_out(reports.Asked(campaign_id or 0, kind, day_), title, view.sheet, data)


def _handed_out(wanted: reports.Asked, title: str, sheet: Sheet, data: bytes) -> Response:
    """Answer with a table as a file, which is written down."""
    with deps().transaction(actor()) as work:
        record(work, Export("report.export", wanted, "xlsx", len(sheet.lines), data))
    mark = wanted.period or read(REPORTS[wanted.kind])
    return file_answer(data, sheets.XLSX, f"{title}-{mark}.xlsx")


@pages.get("/campaigns/<int:campaign_id>/table")
@needs(Permission.SEE_CAMPAIGN)
def table(campaign_id: int) -> Response:
    """Show the consolidated table of a period."""
    with reading() as work:
        view = _table(work, campaign_id)
    here = view.period
    page = render_template(
        "statistics.html",
        steps=steps(
            (TITLE, url_for("reports.find")),
            (T("报送情况"), url_for("reports.campaign", **_address(here))),
            (T("统计报表"), None),
        ),
        view=view,
        here=here,
        kept=_address(here),
        **WORDS,
    )
    return Response(page)


def _table(work: Work, campaign_id: int) -> SheetView:
    kind, day_ = request.values.get("kind", ""), request.values.get("period", "")
    return consolidated.sheet(work, campaign_id, kind, day_)


@pages.post("/campaigns/<int:campaign_id>/export")
@needs(Permission.SEE_CAMPAIGN)
def export(campaign_id: int) -> Response:
    """Hand out the consolidated table as a workbook in the layout of the paper."""
    with reading() as work:
        view = _table(work, campaign_id)
    here, title = view.period, str(read(view.title))
    told = [
        [
            f"{read(T('填报单位'))}：{view.office}",
            f"{read(T('填表人'))}：{view.filler}",
            f"{read(T('填表日期'))}：{day(view.filled_at)}",
        ],
        [f"{read(REPORTS[here.kind])} {here.period}".rstrip()],
    ]
    data = workbook(title, told, view.sheet)
    return _handed_out(reports.Asked(campaign_id, here.kind, here.period), title, view.sheet, data)


def workbook(title: str, told: Sequence[Sequence[str]], sheet: Sheet) -> bytes:
    """Return a table as a workbook: heading lines, merged head, a row for each thing listed.

    :param told: the lines above it; each shares the width among its words
    """
    plain, repeated = sheet.plain, sheet.repeated
    width = 2 + len(plain) + len(repeated)
    lines: list[list[Any]] = []
    merged: list[Block] = []
    for words in ([title], *told):
        starts = [width * index // len(words) for index in range(len(words) + 1)]
        merged += [
            Block(len(lines), start, 1, end - start) for start, end in itertools.pairwise(starts)
        ]
        line = [""] * width
        for start, word in zip(starts, words, strict=False):
            line[start] = word
        lines.append(line)
    head = len(lines)
    merged.append(Block(head, 0, 1, 2))
    groups: list[Any] = [str(read(T("统计项"))), ""]
    for group, columns in sheet.groups:
        merged.append(Block(head, len(groups), 1, len(columns)))
        groups += [str(read(group.title)), *[""] * (len(columns) - 1)]
    titles = [str(read(T("序号"))), str(read(T("单位")))]
    titles += [titled(column) for column in (*plain, *repeated)]
    lines += [groups, titles]
    for laid in sheet.lines:
        top = len(lines)
        name = str(read(ENDS.get(laid.line.name, laid.line.name)))
        own = ["" if laid.line.number is None else laid.line.number, name, *laid.cells]
        for index in range(laid.height):
            thing = laid.details[index] if laid.details else [""] * len(repeated)
            lines.append([*(own if index == 0 else [""] * len(own)), *thing])
        if laid.height > 1:
            merged += [Block(top, column, laid.height) for column in range(len(own))]
    widths = [6, 24, *[9] * len(plain), *[20] * len(repeated)]
    blocks = [block for block in merged if block.height > 1 or block.width > 1]
    return xlsx_merged(title, lines, blocks, (head, head + 1), widths)


def titled(column: Any) -> str:
    """Return the title of a column with its unit, in the reader's language."""
    english = chosen() == "en"
    unit = column.unit.english if english else column.unit.wording
    title = str(read(column.title))
    if not unit:
        return title
    return f"{title} ({unit})" if english else f"{title}（{unit}）"


@pages.get("/<int:report_id>")
@needs(Permission.SEE_REPORTS)
def show(report_id: int) -> Response:
    with reading() as work:
        view = reports.get(work, report_id)
        now = work.now
    page = render_template(
        "report.html",
        steps=steps((TITLE, url_for("reports.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        now=now,
        spans=SPANS,
        titled=titled,
        behind=behind,
        **WORDS,
    )
    return Response(page)


def behind(of: str, id_: int) -> tuple[str, Text] | None:
    """Return the address and the words of a thing that a figure counts; None without a page."""
    found = BEHIND.get(of)
    if found is None:
        return None
    endpoint, parameter, words = found
    here: dict[str, Any] = {parameter: id_}
    return url_for(endpoint, **here), Text(words.wording, {"n": id_})
