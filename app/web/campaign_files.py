"""A campaign and the lists behind its figures as files, in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.adapters.sheets import Table
from app.domain.progress import COVERS, STANDINGS
from app.domain.text import T, Text
from app.services.campaigns.exporting import Whole
from app.services.campaigns.figures import Group
from app.services.campaigns.members import CoverRow, MemberRow
from app.services.campaigns.reading import BatchView
from app.web import figures, hazards
from app.web.language import day, deadline, listed, percent, read

Names = Mapping[str, Mapping[str, Any]]
"""What divisions and sectors are called, by `division` and `sector`."""


def _said(words: Iterable[Any]) -> list[str]:
    return [str(read(word)) for word in words]


def member_heading() -> list[str]:
    """Return the headings of a batch's members as a file."""
    return _said(
        (
            *(T("企业"), T("区划"), T("行业"), T("案件"), T("状态"), T("未能启动的原因")),
            *(T("期限"), T("经办人")),
        )
    )


def member_lines(rows: Sequence[MemberRow], names: Names) -> list[list[Any]]:
    """Return the cells of a batch's members below the headings."""
    return [
        [
            *_who(row.name, row.place, row.sector, names),
            *(row.case_id or "", read(STANDINGS[row.standing]), row.problem or ""),
            *(deadline(row.deadline), read(row.holder)),
        ]
        for row in rows
    ]


def cover_heading() -> list[str]:
    """Return the headings of a campaign's members as a file."""
    return _said((T("企业"), T("区划"), T("行业"), T("县级检查"), T("纳入时间")))


def cover_lines(rows: Sequence[CoverRow], names: Names) -> list[list[Any]]:
    """Return the cells of a campaign's members below the headings."""
    return [
        [
            *_who(row.name, row.place, row.sector, names),
            *(read(COVERS[row.cover]), day(row.joined_at)),
        ]
        for row in rows
    ]


def _who(name: str, place: str, sector: str, names: Names) -> tuple[Any, ...]:
    division = names["division"].get(place, place)
    return name, division, read(names["sector"].get(sector, sector))


def tables(whole: Whole, tasks: Sequence[Group], names: Names) -> list[Table]:
    """Return the sheets of the file of a campaign."""
    ways = {
        "division": lambda batch: whole.progress[batch].divisions,
        "sector": lambda batch: whole.progress[batch].sectors,
        "person": lambda batch: whole.progress[batch].people,
    }
    return [
        _overview(whole),
        _stages(whole),
        _members(whole, names),
        Table(
            str(read(T("隐患"))), hazards.heading(), hazards.lines(whole.hazards, names["division"])
        ),
        *(
            _groups(whole, figures.WAYS[way], figures.FIRSTS[way], groups)
            for way, groups in ways.items()
        ),
        _tasks(tasks),
    ]


def _overview(whole: Whole) -> Table:
    row, covered = whole.view.row, whole.coverage
    by_class, by_finder = figures.of_hazards(row.id, whole.tallies)
    lines: list[tuple[Any, Any]] = [
        (T("专项行动"), row.name),
        (T("发起单位"), row.office),
        (T("年份"), row.year),
        (T("纳入企业"), row.members),
        *((words, covered.counts.get(cover, 0)) for cover, words in COVERS.items()),
        (T("检查覆盖率"), percent(covered.share)),
        (T("检查查不出问题的企业"), covered.silent),
    ]
    for bar in (*by_class.bars, *by_finder.bars):
        lines += [
            (T("{hazards}：{state}", hazards=bar.label, state=part.title), part.value)
            for part in bar.parts
        ]
    said = [[read(name), value] for name, value in lines]
    return Table(str(read(T("概况"))), _said((T("项目"), T("内容"))), said)


def _stages(whole: Whole) -> Table:
    stages = {batch.id: stage for stage in whole.view.stages for batch in stage.batches}
    lines = []
    for batch in whole.view.batches:
        stage = stages.get(batch.id)
        when = [str(stage.starts), str(stage.ends)] if stage else ["", ""]
        lines.append(
            [
                *(read(stage.title) if stage else "", *when, read(batch.title), batch.period),
                *(batch.counts.get(one, 0) for one in STANDINGS),
                batch.total,
            ]
        )
    head = (T("阶段"), T("开始"), T("结束"), T("事项"), T("报送日"), *STANDINGS.values(), T("合计"))
    return Table(str(read(T("阶段"))), _said(head), lines)


def _members(whole: Whole, names: Names) -> Table:
    batches = whole.view.batches
    lines = [
        [
            *line,
            *(
                read(STANDINGS[found]) if (found := _standing(whole, row, batch)) else ""
                for batch in batches
            ),
        ]
        for row, line in zip(whole.members, cover_lines(whole.members, names), strict=True)
    ]
    head = [*cover_heading(), *(_title(batch) for batch in batches)]
    return Table(str(read(T("企业名单"))), head, lines)


def _standing(whole: Whole, row: CoverRow, batch: BatchView) -> Any:
    return whole.standings.get((row.enterprise_id, batch.id))


def _title(batch: BatchView) -> str:
    return listed([batch.title, batch.period] if batch.period else [batch.title])


def _groups(whole: Whole, title: Text, first: Text, groups: Any) -> Table:
    lines = [
        [
            *(_title(batch), read(group.name)),
            *(group.counts.get(one, 0) for one in STANDINGS),
            group.total,
        ]
        for batch in whole.view.batches
        for group in groups(batch.id)
    ]
    head = (T("事项"), first, *STANDINGS.values(), T("合计"))
    return Table(str(read(title)), _said(head), lines)


def _tasks(groups: Sequence[Group]) -> Table:
    keys = [one.key for one in figures.OF_TASKS]

    def line(group: Group) -> list[Any]:
        return [read(group.name), *(group.counts.get(key, 0) for key in keys), group.total]

    head = (T("办理人"), *(one.title for one in figures.OF_TASKS), T("合计"))
    return Table(str(read(T("待办和期限"))), _said(head), [line(group) for group in groups])
