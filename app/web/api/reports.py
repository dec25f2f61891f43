"""Reports: what is asked for and how far it is, one report with its figures, the tables."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.entered import whole
from app.domain.statistics import REPORTS, By, ReportState, Span, Type
from app.domain.statistics.sheet import Laid
from app.services.reports import consolidated, tables
from app.services.reports import reading as reports
from app.services.reports.reading import FigureView, PeriodRow, ReportRow
from app.web.api.contract import listed, moment, named, operation, reply
from app.web.api.schemas import CURSOR, ID, MAYBE_ID, MAYBE_TIME, NAME, STRING, TIME, thing
from app.web.language import read
from app.web.request import reading

COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
FLAG: dict[str, Any] = {"type": "boolean"}
KIND: dict[str, Any] = {"enum": list(REPORTS)}
PERIOD: dict[str, Any] = {
    "type": "string",
    "maxLength": 32,
    "description": "The day it is for; empty where a campaign has one of its kind alone",
}
ROW: dict[str, Any] = {
    "id": MAYBE_ID,
    "case": MAYBE_ID,
    "organisation": thing({"id": ID, "name": STRING}),
    "campaign": thing({"id": ID, "name": STRING}),
    "kind": KIND,
    "period": PERIOD,
    "state": {"enum": [state.value for state in ReportState]},
    "due_at": MAYBE_TIME,
    "zero": {**FLAG, "description": "A zero report (零报告)"},
    "late": {**FLAG, "description": "Handed in after it was due"},
    "overdue": {**FLAG, "description": "Due, and not handed in"},
    "returns": COUNT,
    "corrected": {**COUNT, "description": "Figures that were corrected"},
    "submitted_at": MAYBE_TIME,
}
REPORT = named("Report", thing(ROW))
VALUE: dict[str, Any] = {"type": ["integer", "string", "null"]}
FIGURE = named(
    "ReportFigure",
    thing(
        {
            "key": STRING,
            "title": STRING,
            "span": {"enum": [span.value for span in Span]},
            "computed": {"type": ["integer", "null"], "description": "As counted in the ledgers"},
            "value": {
                **VALUE,
                "description": "What stands: as corrected or typed, else as counted",
            },
            "reason": {"type": ["string", "null"], "description": "Why it was corrected"},
            "of": {"type": "string", "description": "What the list behind it holds"},
            "behind": {"type": "array", "items": ID},
        }
    ),
)
WHOLE = named(
    "WholeReport",
    thing(
        {
            **ROW,
            "by": {"enum": [by.value for by in By]},
            "version": {"type": ["integer", "null"], "description": "Of the table that it fills"},
            "counted_at": MAYBE_TIME,
            "filler": STRING,
            "signer": STRING,
            "opinion": STRING,
            "figures": {"type": "array", "items": FIGURE},
            "details": {"type": "array", "items": {"type": "object"}},
        }
    ),
)
PERIODS = named(
    "ReportPeriod",
    thing(
        {
            "campaign": thing({"id": ID, "name": STRING}),
            "kind": KIND,
            "period": PERIOD,
            **dict.fromkeys(reports.COUNTS, COUNT),
            "office": {"oneOf": [REPORT, {"type": "null"}]},
        }
    ),
)
LINE = thing(
    {
        "report": MAYBE_ID,
        "name": STRING,
        "zero": FLAG,
        "cells": {"type": "object", "additionalProperties": VALUE},
        "details": {"type": "array", "items": {"type": "object"}},
    }
)
SHEET = named(
    "StatisticsSheet",
    thing(
        {
            "title": STRING,
            "office": STRING,
            "state": {"type": ["string", "null"], "description": "Null: added up for a look"},
            "counted_at": MAYBE_TIME,
            "reported": COUNT,
            "zero": COUNT,
            "missing": {"type": "array", "items": STRING},
            "document": MAYBE_ID,
            "lines": {
                "type": "array",
                "items": LINE,
                "description": "The office itself, its enterprises, the total",
            },
        }
    ),
)
OFFICES = named(
    "StatisticsOfOffices",
    thing(
        {
            "title": STRING,
            "campaigns": {
                "type": "array",
                "items": NAME,
                "description": "All that report for the period, one of which may be asked for",
            },
            "summed": {"type": "array", "items": REPORT, "description": "These are added up"},
            "waiting": {"type": "array", "items": REPORT},
            "lines": {"type": "array", "items": LINE, "description": "The offices, the total"},
        }
    ),
)
COLUMN = thing(
    {
        "key": STRING,
        "group": STRING,
        "title": STRING,
        "unit": STRING,
        "type": {"enum": [type_.value for type_ in Type]},
        "source": STRING,
        "by": {"enum": [by.value for by in By]},
        "span": {"enum": [span.value for span in Span]},
        "part": STRING,
        "whole": STRING,
    }
)
TABLE = named(
    "ReportTable",
    thing(
        {
            "code": STRING,
            "version": {"type": "integer", "minimum": 1},
            "name": STRING,
            "source": STRING,
            "published_at": TIME,
            "groups": {
                "type": "array",
                "items": thing({"key": STRING, "title": STRING, "repeats": FLAG}),
            },
            "columns": {"type": "array", "items": COLUMN},
            "checks": {"type": "array", "items": thing({"less": STRING, "more": STRING})},
        }
    ),
)


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "id": _id(row.id),
        "case": _id(row.case_id),
        "organisation": {"id": str(row.organisation_id), "name": row.name},
        "campaign": {"id": str(row.campaign_id), "name": row.campaign},
        "kind": row.kind,
        "period": row.period,
        "state": row.state.value,
        "due_at": moment(row.due_at),
        "zero": row.zero,
        "late": row.late,
        "overdue": row.overdue,
        "returns": row.returns,
        "corrected": row.corrected,
        "submitted_at": moment(row.submitted_at),
    }


def _period(row: PeriodRow) -> dict[str, Any]:
    return {
        "campaign": {"id": str(row.campaign_id), "name": row.campaign},
        "kind": row.kind,
        "period": row.period,
        **{name: getattr(row, name) for name in reports.COUNTS},
        "office": _row(row.office) if row.office else None,
    }


def _figure(one: FigureView) -> dict[str, Any]:
    return {
        "key": one.column.key,
        "title": read(one.column.title),
        "span": one.column.span.value,
        "computed": one.computed,
        "value": one.value,
        "reason": one.reason,
        "of": one.of,
        "behind": [str(id_) for id_ in one.behind],
    }


@operation(
    "GET",
    "/reports",
    "What my organisation reports, or has to",
    permission=Permission.SEE_REPORTS,
    query={"cursor": CURSOR},
    answers={200: listed(REPORT, paged=True)},
)
def list_reports() -> Response:
    with reading() as work:
        rows, following = reports.own(work, request.args.get("cursor", ""))
    return reply({"items": [_row(row) for row in rows], "next": following})


@operation(
    "GET",
    "/reports/<int:report_id>",
    "One report with its figures: as counted, as corrected, why, and the list behind each",
    permission=Permission.SEE_REPORTS,
    answers={200: WHOLE},
)
def show_report(report_id: int) -> Response:
    with reading() as work:
        view = reports.get(work, report_id)
    return reply(
        {
            **_row(view.row),
            "by": view.by.value,
            "version": view.version,
            "counted_at": moment(view.counted_at),
            "filler": view.filler,
            "signer": view.signer,
            "opinion": view.opinion,
            "figures": [_figure(one) for one in view.figures],
            "details": [dict(one) for one in view.details],
        }
    )


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/reports",
    "What a campaign has asked its enterprises to report, by period, the newest first",
    permission=Permission.SEE_CAMPAIGN,
    answers={200: listed(PERIODS)},
)
def list_report_periods(campaign_id: int) -> Response:
    with reading() as work:
        rows = reports.periods(work, campaign_id)
    return reply({"items": [_period(row) for row in rows]})


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/reports/members",
    "Who of a period (the newest by default) has reported, and how it stands",
    permission=Permission.SEE_CAMPAIGN,
    query={
        "kind": KIND,
        "period": PERIOD,
        "state": {"enum": list(reports.STATES)},
        "cursor": CURSOR,
    },
    answers={200: listed(REPORT, paged=True)},
)
def list_report_members(campaign_id: int) -> Response:
    args = request.args
    with reading() as work:
        here = reports.period(work, campaign_id, args.get("kind", ""), args.get("period", ""))
        rows, following = reports.members(work, here, args.get("state", ""), args.get("cursor", ""))
    return reply({"items": [_row(row) for row in rows], "next": following})


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/reports/sheet",
    "The consolidated table of a period (the newest by default): as handed in, else as it adds up",
    permission=Permission.SEE_CAMPAIGN,
    query={"kind": KIND, "period": PERIOD},
    answers={200: SHEET},
)
def show_statistics(campaign_id: int) -> Response:
    args = request.args
    with reading() as work:
        view = consolidated.sheet(work, campaign_id, args.get("kind", ""), args.get("period", ""))
    keys = [column.key for column in view.sheet.plain]
    return reply(
        {
            "title": read(view.title),
            "office": view.office,
            "state": view.state.value if view.state else None,
            "counted_at": moment(view.counted_at),
            "reported": view.reported,
            "zero": view.zero,
            "missing": list(view.missing),
            "document": _id(view.paper),
            "lines": [_line(laid, keys) for laid in view.sheet.lines],
        }
    )


@operation(
    "GET",
    "/reports/offices",
    "What the offices of my area report for a period, added up; only accepted tables count",
    permission=Permission.SEE_CAMPAIGN,
    query={
        "kind": KIND,
        "period": PERIOD,
        "campaign": {**ID, "description": "Whose reports alone to add up; else all of the period"},
    },
    answers={200: OFFICES},
)
def sum_of_offices() -> Response:
    args = request.args
    with reading() as work:
        asked = args.get("kind", "progress"), args.get("period", "")
        view = consolidated.offices(work, *asked, whole(args.get("campaign", "")))
    if view is None:
        return reply({"title": "", "campaigns": [], "summed": [], "waiting": [], "lines": []})
    keys = [column.key for column in view.sheet.plain]
    return reply(
        {
            "title": read(view.title),
            "campaigns": [{"id": str(id_), "name": name} for id_, name in view.campaigns.items()],
            "summed": [_row(row) for row in view.summed],
            "waiting": [_row(row) for row in view.waiting],
            "lines": [_line(laid, keys) for laid in view.sheet.lines],
        }
    )


def _line(laid: Laid, keys: list[str]) -> dict[str, Any]:
    return {
        "report": _id(laid.line.key),
        "name": laid.line.name,
        "zero": laid.line.zero,
        "cells": dict(zip(keys, laid.cells, strict=True)),
        "details": [dict(one) for one in laid.line.details],
    }


@operation(
    "GET",
    "/report-tables/<code>",
    "The newest version of a table of statistics: its groups, columns and checks",
    permission=Permission.SEE_REPORTS,
    answers={200: TABLE},
)
def show_report_table(code: str) -> Response:
    with reading() as work:
        view = tables.get(work, code)
    return reply(
        {
            "code": view.row.code,
            "version": view.row.version,
            "name": read(view.row.name),
            "source": view.row.source,
            "published_at": moment(view.row.published_at),
            "groups": [
                {"key": group.key, "title": read(group.title), "repeats": group.repeats}
                for group in view.table.groups
            ],
            "columns": [
                {
                    "key": column.key,
                    "group": column.group,
                    "title": read(column.title),
                    "unit": read(column.unit),
                    "type": column.type.value,
                    "source": column.source,
                    "by": column.by.value,
                    "span": column.span.value,
                    "part": column.part,
                    "whole": column.whole,
                }
                for column in view.table.columns
            ],
            "checks": [{"less": one.less, "more": one.more} for one in view.table.checks],
        }
    )
