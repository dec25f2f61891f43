"""Tables of statistics (统计报表): their columns are data; how figures add up is here.

A table has groups of columns, version by version. A column is a number, a text, or a share of two
numbers. Where a number comes from is named from a closed list (`SOURCES`): counted in the ledgers,
or typed. A group that `repeats` has a line for each thing, as for each major hazard.
Numbers of enterprises add up; shares are worked out again from the sums, texts are not.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.text import T, Term, Text

SHIPPED = Path(__file__).with_name("campaign_statistics.json")
CAMPAIGN_STATISTICS = "campaign_statistics"
TABLES: Mapping[str, str] = {"progress": CAMPAIGN_STATISTICS, "summary": CAMPAIGN_STATISTICS}
"""Which table belongs to a kind of report; the others are told in words alone."""
REPORTS: Mapping[str, Text] = {
    "plan": T("行动方案和部署情况"),
    "progress": T("工作进展"),
    "summary": T("工作总结"),
}
MOST_NUMBER = 10**12


class Type(StrEnum):
    """What stands in a column."""

    INTEGER = "integer"
    TEXT = "text"
    SHARE = "share"


class By(StrEnum):
    """Who fills a column: each enterprise, or the office that consolidates."""

    PLANT = "plant"
    OFFICE = "office"


class Span(StrEnum):
    """Since when a figure counts."""

    CAMPAIGN = "campaign"
    PERIOD = "period"


class ReportState(StrEnum):
    """Where a report stands (报送状态)."""

    ASKED = "asked"
    DRAFTED = "drafted"
    """An office's, whose paper is being made."""
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


TYPES: Mapping[Type, Text] = {
    Type.INTEGER: T("整数"),
    Type.TEXT: T("文字"),
    Type.SHARE: T("比率"),
}
BYS: Mapping[By, Text] = {By.PLANT: T("企业填报"), By.OFFICE: T("汇总单位填报")}
SPANS: Mapping[Span, Text] = {Span.CAMPAIGN: T("行动以来累计"), Span.PERIOD: T("本期")}
STATES: Mapping[ReportState, Text] = {
    ReportState.ASKED: T("待报送"),
    ReportState.DRAFTED: T("制作报表中"),
    ReportState.SUBMITTED: T("待审核"),
    ReportState.RETURNED: T("已退回补正"),
    ReportState.ACCEPTED: T("已认可"),
}
TYPED, SHARED = "typed", "worked_out"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures of a column come from."""

    title: Text
    by: By | None = None
    """Of whom it can be counted; None: of anybody."""
    behind: str = ""
    """What the list behind a figure holds: `hazards`, `documents`, `tasks`, `enterprises`."""
    fact: str = ""
    """Of a group that repeats: the fact of its thing."""


SOURCES: Mapping[str, Source] = {
    TYPED: Source(T("人工填写")),
    SHARED: Source(T("由两栏计算")),
    "general_found": Source(T("排查出的一般隐患"), By.PLANT, "hazards"),
    "general_closed": Source(T("已整改的一般隐患"), By.PLANT, "hazards"),
    "major_found": Source(T("排查出的重大隐患"), By.PLANT, "hazards"),
    "major_closed": Source(T("已整改的重大隐患"), By.PLANT, "hazards"),
    "found": Source(T("排查出的全部隐患"), By.PLANT, "hazards"),
    "found_by_plant": Source(T("企业自查发现的隐患"), By.PLANT, "hazards"),
    "found_by_inspectors": Source(T("监督检查发现的隐患"), By.PLANT, "hazards"),
    "closed": Source(T("已整改的全部隐患"), By.PLANT, "hazards"),
    "under_way": Source(T("正在整改的隐患"), By.PLANT, "hazards"),
    "members": Source(T("纳入行动的企业"), By.OFFICE, "enterprises"),
    "inspection_groups": Source(T("检查组（不同人员组合）"), By.OFFICE, "documents"),
    "inspectors": Source(T("参加检查的执法人员"), By.OFFICE, "documents"),
    "inspections": Source(T("检查次数（现场检查记录）"), By.OFFICE, "documents"),
    "plants_inspected": Source(T("检查过的企业"), By.OFFICE, "enterprises"),
    "inspector_times": Source(T("执法人员人次"), By.OFFICE, "documents"),
    "expert_times": Source(T("专家人次"), By.OFFICE, "tasks"),
    "orders": Source(T("责令限期整改指令书"), By.OFFICE, "documents"),
    "measures": Source(T("现场处理措施决定书"), By.OFFICE, "documents"),
    "stops": Source(T("责令停产停业整顿决定书"), By.OFFICE, "documents"),
    "major_content": Source(T("重大隐患内容"), By.PLANT, "hazards", "content"),
    "major_place": Source(T("重大隐患部位"), By.PLANT, "hazards", "place"),
    "major_measures": Source(T("重大隐患整改措施"), By.PLANT, "hazards", "measures"),
    "major_deadline": Source(T("重大隐患整改时限"), By.PLANT, "hazards", "deadline"),
    "major_state": Source(T("重大隐患整改状态"), By.PLANT, "hazards", "state"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    group: str
    title: Term
    unit: Term
    type: Type
    source: str
    by: By
    span: Span = Span.CAMPAIGN
    part: str = ""
    """Of a share: the keys of the column above and below the line."""
    whole: str = ""

    @property
    def adds_up(self) -> bool:
        """Whether the figures of several are summed."""
        return self.type is Type.INTEGER and not self.fact

    @property
    def fact(self) -> str:
        """Of a group that repeats: the fact of its thing."""
        return SOURCES[self.source].fact

    @property
    def typed(self) -> bool:
        return self.source == TYPED


@dataclass(frozen=True, slots=True)
class Group:
    """A group of columns under one heading."""

    key: str
    title: Term
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A column that is never more than another."""

    less: str
    more: str


@dataclass(frozen=True, slots=True)
class Table:
    """One version of a table."""

    groups: Sequence[Group]
    columns: Sequence[Column]
    checks: Sequence[Check] = ()

    def of(self, group: Group) -> list[Column]:
        """Return the columns of a group, in order."""
        return [column for column in self.columns if column.group == group.key]

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def figures(self, by: By | None = None) -> list[Column]:
        """Return the columns that somebody answers for: neither shares nor lines of things."""
        return [
            column
            for column in self.columns
            if column.type is not Type.SHARE and not column.fact and by in (None, column.by)
        ]

    @property
    def details(self) -> list[Column]:
        """The columns of the groups that have a line for each thing."""
        repeating = {group.key for group in self.groups if group.repeats}
        return [column for column in self.columns if column.group in repeating]


def table_of(given: Mapping[str, Any]) -> Table:
    """Return the table that its definition as data says."""
    groups = [
        Group(one["key"], Term(one["title"], english=one.get("english", "")), bool(one["repeats"]))
        for one in given["groups"]
    ]
    columns = [
        Column(
            key=one["key"],
            group=one["group"],
            title=Term(one["title"], english=one.get("english", "")),
            unit=Term(one.get("unit", ""), english=one.get("unit_en", "")),
            type=Type(one["type"]),
            source=one["source"],
            by=By(one["by"]),
            span=Span(one["span"]),
            part=one.get("part", ""),
            whole=one.get("whole", ""),
        )
        for one in given["columns"]
    ]
    return Table(groups, columns, [Check(one["less"], one["more"]) for one in given["checks"]])


@cache
def shipped() -> Mapping[str, Any]:
    """Return the table of the annex as it comes with the product."""
    found: dict[str, Any] = json.loads(SHIPPED.read_text("utf-8"))
    return found


def faults(given: Mapping[str, Any]) -> dict[str, Text]:
    """Return what is wrong with a definition beyond its form, by JSON Pointer."""
    found: dict[str, Text] = {}
    columns = given["columns"]
    groups = {one["key"]: one for one in given["groups"]}
    numbers = {one["key"] for one in columns if one["type"] == Type.INTEGER}
    seen: set[str] = set()
    for index, one in enumerate(columns):
        at = f"/columns/{index}"
        if one["key"] in seen:
            found[f"{at}/key"] = T("此代码已被使用")
        seen.add(one["key"])
        if one["group"] not in groups:
            found[f"{at}/group"] = T("没有这一栏组")
        elif told := _misplaced(one, groups[one["group"]], numbers):
            found[f"{at}/{told[0]}"] = told[1]
    for index, one in enumerate(given["checks"]):
        for side in ("less", "more"):
            if one[side] not in numbers:
                found[f"/checks/{index}/{side}"] = T("请填写整数栏的代码")
    return found


def _misplaced(
    one: Mapping[str, Any], group: Mapping[str, Any], numbers: set[str]
) -> tuple[str, Text] | None:
    """Return which entry of a column does not go with the others, and why; None if all do."""
    source = SOURCES[one["source"]]
    if one["type"] == Type.SHARE or one["source"] == SHARED:
        if (one["type"] == Type.SHARE) != (one["source"] == SHARED):
            return "source", T("比率栏由两栏计算，其他栏不能由两栏计算")
        side = next((s for s in ("part", "whole") if one.get(s) not in numbers), None)
        return (side, T("请填写整数栏的代码")) if side else None
    if bool(source.fact) != bool(group["repeats"]):
        return "source", T("明细栏组逐项列出重大隐患，数据来源须是重大隐患的内容")
    if source.by not in (None, By(one["by"])):
        return "by", T("此数据来源不能由该方填报")
    worded = bool(source.fact) or (one["source"] == TYPED and one["type"] == Type.TEXT)
    return None if worded == (one["type"] == Type.TEXT) else ("type", T("此数据来源与类型不符"))


# What a cell says where there is nothing to say.
NONE = "—"


def share(part: int | None, whole: int | None) -> str:
    """Return a share in per cent with one place, rounded half up; a dash without a whole."""
    if part is None or not whole:
        return NONE
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def total(table: Table, rows: Iterable[Mapping[str, Any]], by: By = By.PLANT) -> dict[str, int]:
    """Return the sum of each number that those who fill it report; what is missing counts as 0."""
    adding = [column.key for column in table.columns if column.adds_up and column.by is by]
    sums = dict.fromkeys(adding, 0)
    for row in rows:
        for key in adding:
            sums[key] += row.get(key) or 0
    return sums


def said(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what stands of each figure: as corrected, else as counted."""
    return {
        key: figure["computed"] if figure.get("value") is None else figure["value"]
        for key, figure in figures.items()
    }


def corrections(figures: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what was corrected: the key, as counted, as corrected, and why."""
    return [
        {"key": key, **{name: figure[name] for name in ("computed", "value", "reason")}}
        for key, figure in figures.items()
        if figure.get("reason") is not None
    ]


def number(text: str) -> int | None:
    """Return the number that a text writes; None if it writes none."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()):
        return None
    found = int(plain) if len(plain) <= len(str(MOST_NUMBER)) else MOST_NUMBER + 1
    return found if found <= MOST_NUMBER else None


def figures_of(table: Table, rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the figures that checked rows of a form state: as counted, as corrected, and why."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        column = table.column(str(row.get("key", "")))
        if column is not None:
            found[column.key] = _figure(column, row)
    return found


def _figure(column: Column, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure; `computed` is None where nothing was counted, and somebody typed it."""
    text = str(row.get("value") or "").strip()
    value: Any = (number(text) if column.type is Type.INTEGER else text) if text else None
    computed = number(str(row.get("computed") or ""))
    if value == computed:
        value = None
    corrected = computed is not None and value is not None
    reason = str(row.get("reason") or "").strip() if corrected else None
    return {"computed": computed, "value": value, "reason": reason}


def wrong(
    told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], whole: Mapping[str, Any], at: str
) -> Iterator[tuple[str, Text]]:
    """Yield what is wrong with a report's figures, by JSON Pointer.

    :param told: `table`, and whether the ledgers have something new (`new`)
    :param whole: the whole form's answers
    :param at: where the rows stand
    """
    table: Table = told["table"]
    found = figures_of(table, rows)
    where = {str(row.get("key")): index for index, row in enumerate(rows)}
    for key, index in where.items():
        if key in found and (problem := _problem(table, key, rows[index], found[key])):
            yield f"{at}/{index}/{problem[0]}", problem[1]
    values = said(found)
    for check in table.checks:
        less, more = values.get(check.less), values.get(check.more)
        if less is not None and more is not None and less > more:
            titles = [one.title for key in (check.less, check.more) if (one := table.column(key))]
            yield (
                f"{at}/{where[check.less]}/value",
                T("“{less}”不能大于“{more}”", less=titles[0], more=titles[1]),
            )
    if whole.get("zero") and (told.get("new") or corrections(found)):
        yield "/zero", T("本期台账有新情况或者更正了数字，不能作零报告")


def _problem(
    table: Table, key: str, row: Mapping[str, Any], figure: Mapping[str, Any]
) -> tuple[str, Text] | None:
    column = table.column(key)
    text = str(row.get("value") or "").strip()
    if column is None:
        return None
    if column.type is Type.INTEGER and text and number(text) is None:
        return "value", T("请填写不小于零的整数")
    if figure["computed"] is None and not text:
        return "value", T("请填写“{column}”", column=column.title)
    if figure["reason"] == "":
        return "reason", T("更正系统统计的数字须写明原因")
    return None
