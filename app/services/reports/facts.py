"""What forms and papers of a report are told: figures as counted, what is new, who is missing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.deadlines import BEIJING, last_day
from app.domain.statistics import (
    REPORTS,
    By,
    Column,
    Table,
    Type,
    corrections,
    figures_of,
    said,
)
from app.domain.statistics.sheet import Laid, Line, Sheet, lay_out
from app.domain.text import day_in
from app.services import Work
from app.services.reports import midnight, of_case
from app.services.reports.drafting import Draft, draft
from app.services.reports.drafting import Line as Reported
from app.services.reports.tables import name

QUIET = "本期无新情况。"
NAMED = 200
"""How many of those whose reports are missing a form names."""


def of_form(work: Work, case_id: int) -> dict[str, Any]:
    """Return what a form of a report starts with: a step of those who do its task.

    `rows`: the figures with what they were counted as; `new` and `zero`: whether the ledgers have
    anything new; `details`: the major hazards; of an office also `reported` and `missing`.
    """
    report = of_case(work, case_id)
    found = draft(work, report) if report else None
    if report is None or found is None:
        return {}
    table = found.table
    told: dict[str, Any] = {
        "table": table,
        "new": found.new,
        "rows": rows_of(found, report.by),
        "details": [_line(table, line) for line in found.details],
        "counted_at": _moment(found.counted_at),
        "period": _period(report.begins, report.period),
    }
    if report.by is By.PLANT:
        quiet = not found.new
        told |= {
            "news": "本期台账没有新发现、新销号的隐患" if quiet else "本期台账有新情况，见下列数字",
            "zero": quiet,
            "content": QUIET if quiet else None,
        }
    else:
        told |= _gathered(found)
    return told


def _moment(at: datetime) -> str:
    """Write a moment; the end of a day as that day's 24:00."""
    day = last_day(at)
    if midnight(day) + timedelta(days=1) == at:
        return f"{day.isoformat()} 24:00"
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _period(begins: date, period: str) -> str:
    """Return a period as official papers write it: 2027年9月24日至2027年10月23日."""
    first = day_in("zh", begins)
    return f"{first}至{day_in('zh', date.fromisoformat(period))}" if period else f"{first}起"


def _gathered(found: Draft) -> dict[str, Any]:
    zero = sum(line.zero for line in found.lines)
    names = "、".join(found.missing[:NAMED]) + ("等" if len(found.missing) > NAMED else "")
    return {
        "reported": f"已认可 {len(found.lines)} 家，其中零报告 {zero} 家",
        "missing": f"{len(found.missing)} 家：{names}" if names else "无",
    }


def rows_of(found: Draft, by: By) -> list[dict[str, Any]]:
    """Return the rows of a form: what was counted, and what was typed last time."""
    groups = {group.key: group.title.wording for group in found.table.groups}
    rows = []
    for column in found.table.figures(None if by is By.OFFICE else by):
        counted = found.figures.get(column.key)
        if counted is None and column.by is not by:
            continue  # words of enterprises are not added up
        before = found.typed.get(column.key)
        rows.append(
            {
                "key": column.key,
                "group": groups[column.group],
                "title": titled(column),
                "computed": None if counted is None else str(counted.number),
                "value": str(before if before is not None else _nothing(column))
                if counted is None
                else None,
            }
        )
    return rows


def titled(column: Column) -> str:
    """Return the title of a column with its unit, as papers and forms say it."""
    unit = column.unit.wording
    return f"{column.title.wording}（{unit}）" if unit else column.title.wording


def _nothing(column: Column) -> str:
    return "0" if column.type is Type.INTEGER else ""


def _line(table: Table, line: Mapping[str, Any]) -> dict[str, str]:
    told = [
        f"{column.title.wording}：{line[column.key]}"
        for column in table.details
        if line.get(column.key)
    ]
    return {"text": "；".join(told)}


def of_paper(work: Work, case_id: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the paper of an office's report states, with the answers it is drafted by.

    Empty for a case without such a report. A step of making the paper.
    """
    report = of_case(work, case_id)
    found = draft(work, report) if report else None
    if report is None or found is None or report.by is not By.OFFICE or report.table_id is None:
        return {}
    figures = figures_of(found.table, answers.get("figures", ()))
    return {
        "title": name(work, report.table_id).wording,
        "kind": str(REPORTS[report.kind]),
        "period": _period(report.begins, report.period),
        "counted_on": last_day(found.counted_at).isoformat(),
        **stated_on(found.table, found.lines, figures),
        **_gathered(found),
    }


def stated_on(
    table: Table, reports: Sequence[Reported], figures: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the table itself as a paper states it: its merged head, its lines, its corrections."""
    sheet = lay_out(table, office_lines(table, reports, said(figures)))
    return {
        "groups": [
            {"title": group.title.wording, "span": len(columns)} for group, columns in sheet.groups
        ],
        "columns": [
            {
                "title": column.title.wording,
                "unit": column.unit.wording,
                "width": width,
                "wide": column.type is Type.TEXT,
            }
            for column, width in zip((*sheet.plain, *sheet.repeated), widths(sheet), strict=True)
        ],
        "lines": [_printed(laid, len(sheet.repeated)) for laid in sheet.lines],
        "notes": _notes(table, figures),
    }


ACROSS, NARROWEST = 230.0, 7.0
DIGIT = 1.45
"""Millimetres that the columns of a paper share, what each has at least, and a digit takes."""


def widths(sheet: Sheet) -> list[float]:
    """Return how wide each column of a paper is: numbers as long as they are, words the rest."""
    numbers = [
        max(NARROWEST, 1 + DIGIT * max((len(str(one.cells[at])) for one in sheet.lines), default=0))
        for at in range(len(sheet.plain))
    ]
    things = len(sheet.repeated)
    each = max(2 * NARROWEST, (ACROSS - sum(numbers)) / things) if things else 0.0
    found = [*numbers, *[each] * things]
    shrunk = min(1.0, ACROSS / sum(found))
    return [round(width * shrunk, 2) for width in found]


OWN, TOTAL = "本级", "合计"


def office_lines(
    table: Table, reports: Sequence[Reported], stated: Mapping[str, Any]
) -> list[Line]:
    """Return the lines of an office's table: its own, those of its enterprises, the total.

    The total is what the office states: the sums, as far as it corrected none.
    """
    own = {column.key: stated.get(column.key) for column in table.figures(By.OFFICE)}
    plants = [
        Line(
            report.name,
            report.values,
            frozenset({By.PLANT}),
            report.details,
            number,
            report.id,
            report.zero,
        )
        for number, report in enumerate(reports, 1)
    ]
    words = {column.key for column in table.figures() if column.type is Type.TEXT}
    sums = {key: value for key, value in stated.items() if key not in words}
    return [
        Line(OWN, own, frozenset({By.OFFICE})),
        *plants,
        Line(TOTAL, sums, frozenset(By)),
    ]


def _printed(laid: Laid, things: int) -> dict[str, Any]:
    line = laid.line
    return {
        "number": "" if line.number is None else str(line.number),
        "name": f"{line.name}（零报告）" if line.zero else line.name,
        "cells": [str(cell) for cell in laid.cells],
        "details": [list(row) for row in laid.details] or [[""] * things],
    }


def _notes(table: Table, figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what was corrected, a line for each figure."""
    told = []
    for one in corrections(figures):
        column = table.column(one["key"])
        if column is not None:
            told.append(
                f"{titled(column)}：系统统计 {one['computed']}，填报 {one['value']}；"
                f"原因：{one['reason']}"
            )
    return told
