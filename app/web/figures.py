"""The figures of a campaign as charts; every number leads to the list behind it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for

from app.domain.hazards import FINDERS, Finder
from app.domain.progress import COVERS, STANDINGS, Cover, Standing
from app.domain.text import T, Text
from app.services.campaigns.figures import Coverage, Found, Group, Progress, Tally
from app.services.campaigns.reading import BatchView, CampaignView, StageView
from app.web.charts import Chart, Row, Series, Timeline, stacked, timeline
from app.web.language import percent

OF_MEMBERS: tuple[Series, ...] = (
    Series(Standing.DONE, STANDINGS[Standing.DONE], "done"),
    Series(Standing.RUNNING, STANDINGS[Standing.RUNNING], "todo"),
    Series(Standing.LATE, STANDINGS[Standing.LATE], "late"),
    Series(Standing.STOPPED, STANDINGS[Standing.STOPPED], "stopped"),
    Series(Standing.WAITING, STANDINGS[Standing.WAITING], "waiting"),
    Series(Standing.FAILED, STANDINGS[Standing.FAILED], "failed"),
    Series(Standing.GONE, STANDINGS[Standing.GONE], "gone"),
)
OF_COVERAGE: tuple[Series, ...] = (
    Series(Cover.VISITED, COVERS[Cover.VISITED], "done"),
    Series(Cover.RUNNING, COVERS[Cover.RUNNING], "todo"),
    Series(Cover.REFUSED, COVERS[Cover.REFUSED], "late"),
    Series(Cover.CALLED_OFF, COVERS[Cover.CALLED_OFF], "stopped"),
    Series(Cover.NONE, COVERS[Cover.NONE], "waiting"),
    Series(Cover.GONE, COVERS[Cover.GONE], "gone"),
)
OF_HAZARDS: tuple[Series, ...] = (
    Series("closed", T("已销号"), "done"),
    Series("open", T("未销号，在期限内"), "todo"),
    Series("late", T("未销号，已超期"), "late"),
)
OF_TASKS: tuple[Series, ...] = (
    Series("late", T("已逾期"), "late"),
    Series("soon", T("三日内到期"), "soon"),
    Series("later", T("以后到期"), "todo"),
)
WAYS: Mapping[str, Text] = {
    "division": T("按区划"),
    "sector": T("按行业"),
    "person": T("按经办人"),
}
FIRSTS: Mapping[str, Text] = {
    "division": T("区划"),
    "sector": T("行业"),
    "person": T("经办人"),
}
HAZARDS_AS: Mapping[str, Mapping[str, str]] = {
    "": {},
    "closed": {"state": "closed"},
    "open": {"due": "intime"},
    "late": {"due": "late"},
}
"""By the parts of a bar, what the ledger is narrowed by."""

Link = Callable[[str], str]


def _members(campaign: int, batch: int, **narrowed: Any) -> Link:
    here: dict[str, Any] = {"campaign_id": campaign, "number": batch, **narrowed}
    return lambda state: url_for("campaigns.members", **here, state=state or None)


def of_stages(view: CampaignView) -> Chart:
    """Return how far each thing is that the campaign has started."""
    rows = [
        Row(
            batch.title,
            batch.counts,
            _members(view.row.id, batch.id),
            T("{day}报送", day=date.fromisoformat(batch.period)) if batch.period else "",
        )
        for batch in view.batches
    ]
    return stacked(OF_MEMBERS, rows, shares=True)


def ways(campaign: int, batch: int, found: Progress) -> Mapping[str, Chart]:
    """Return how far the members of a batch are, by division, sector and person."""
    names = {"division": found.divisions, "sector": found.sectors, "person": found.people}
    keys = {"division": "division", "sector": "sector", "person": "holder"}

    def chart(way: str) -> Chart:
        rows = [
            Row(group.name, group.counts, _members(campaign, batch, **{keys[way]: group.key}))
            for group in names[way]
        ]
        return stacked(OF_MEMBERS, rows, shares=True)

    return {way: chart(way) for way in WAYS}


def of_coverage(campaign: int, found: Coverage) -> Chart:
    """Return how many members were inspected, as one bar."""

    def link(cover: str) -> str:
        return url_for("campaigns.covers", campaign_id=campaign, cover=cover or None)

    rows = [Row(T("县级全面检查"), found.counts, link)] if found.counts else []
    return stacked(OF_COVERAGE, rows, shares=True)


def of_tasks(campaign: int, groups: Sequence[Group]) -> Chart:
    """Return how many tasks each has, by how they are due."""

    def link(key: str) -> Link:
        here: dict[str, Any] = {"box": "supervised", "campaign": campaign, "holder": key}
        return lambda due: url_for("tasks.find", **here, due=due or None)

    return stacked(OF_TASKS, [Row(group.name, group.counts, link(group.key)) for group in groups])


def of_hazards(campaign: int, found: Sequence[Tally]) -> tuple[Chart, Chart]:
    """Return how many hazards were found and closed: by class, and by who found them."""
    grades = (("major", T("重大隐患"), True), ("general", T("一般隐患"), False))
    by_class = [
        Row(
            title,
            _standing([one for one in found if one.major is major]),
            _hazards(campaign, grade=key),
        )
        for key, title, major in grades
    ]
    by_finder = [
        Row(
            FINDERS[finder],
            _standing([one for one in found if one.by is finder]),
            _hazards(campaign, found_by=finder.value),
        )
        for finder in Finder
    ]
    return stacked(OF_HAZARDS, by_class), stacked(OF_HAZARDS, by_finder)


def of_spread(campaign: int, found: Found) -> Mapping[str, Chart]:
    """Return how many hazards were found and closed, by division and by sector."""
    ways = {"division": ("place", found.divisions), "sector": ("sector", found.sectors)}
    return {
        way: stacked(
            OF_HAZARDS,
            [
                Row(group.name, group.counts, _hazards(campaign, **{key: group.key}))
                for group in groups
            ],
        )
        for way, (key, groups) in ways.items()
    }


def _standing(found: Sequence[Tally]) -> dict[str, int]:
    counts = dict.fromkeys(("closed", "open", "late"), 0)
    for one in found:
        counts["closed" if one.closed else "late" if one.late else "open"] += one.number
    return counts


def _hazards(campaign: int, **narrowed: str) -> Link:
    def link(key: str) -> str:
        here: dict[str, Any] = {"campaign": campaign, **narrowed, **HAZARDS_AS[key]}
        return url_for("hazards.find", **here)

    return link


def tiles(
    campaign: int, found: Coverage, hazards: Sequence[Tally], tasks: Sequence[Group]
) -> list[dict[str, Any]]:
    """Return the figures that a leader asks for first."""
    counts = _standing(hazards)
    number, closed = sum(counts.values()), counts["closed"]
    late, soon = (sum(group.of(key) for group in tasks) for key in ("late", "soon"))

    def overdue(due: str, value: int) -> str:
        here: dict[str, Any] = {"box": "supervised", "campaign": campaign, "due": due}
        return url_for("tasks.find", **here) if value else ""

    return [
        {
            "label": T("未覆盖企业"),
            "value": found.missing,
            "unit": T("家"),
            "tone": "done" if not found.missing else "todo",
            "href": url_for("campaigns.covers", campaign_id=campaign, cover="left")
            if found.missing
            else "",
        },
        {
            "label": T("发现隐患"),
            "value": number,
            "unit": T("项"),
            "note": T("销号率 {share}", share=percent(closed / number)) if number else "",
            "href": url_for("hazards.find", campaign=campaign) if number else "",
        },
        {
            "label": T("检查查不出问题的企业"),
            "value": found.silent,
            "unit": T("家"),
            "tone": "soon" if found.silent else "",
            "href": url_for("campaigns.covers", campaign_id=campaign, found="none")
            if found.silent
            else "",
        },
        {
            "label": T("逾期事项"),
            "value": late,
            "unit": T("件"),
            "tone": "late" if late else "",
            "href": overdue("late", late),
        },
        {
            "label": T("三日内到期"),
            "value": soon,
            "unit": T("件"),
            "tone": "soon" if soon else "",
            "href": overdue("soon", soon),
        },
    ]


def of_time(stages: Sequence[StageView], today: date) -> Timeline:
    """Return the stages on one line of time."""
    return timeline([(stage.starts, stage.ends) for stage in stages], today)


def standing(stage: StageView, today: date) -> tuple[Text, str]:
    """Return in words and as a tone where a stage stands."""
    if today < stage.starts:
        return T("未开始"), "neutral"
    if stage.total and stage.done == stage.wanted:
        return T("已完成"), "done"
    if not stage.total and today > stage.ends:
        return T("已结束"), "neutral"
    return (T("进行中"), "todo") if today <= stage.ends else (T("已到期"), "late")


def stage_rows(view: CampaignView, today: date) -> list[dict[str, Any]]:
    """Return the stages as the rows of the time line."""
    return [
        {
            "title": stage.title,
            "starts": stage.starts,
            "ends": stage.ends,
            "badge": standing(stage, today),
            "note": T("{done} / {total} 家", done=stage.done, total=stage.wanted)
            if stage.total
            else T("尚未启动")
            if today < stage.starts
            else T("不逐户启动"),
            "href": url_for(
                "campaigns.members", campaign_id=view.row.id, number=stage.batches[0].id
            )
            if len(stage.batches) == 1
            else "",
        }
        for stage in view.stages
    ]


def chosen(view: CampaignView, number: int) -> BatchView | None:
    """Return the batch that a reader asks for, else the newest of a stage, else of reports."""
    asked = [batch for batch in view.batches if batch.id == number]
    of_stages_ = [batch for stage in view.stages for batch in stage.batches]
    return next(iter(asked), None) or max(
        of_stages_ or view.others, key=lambda batch: batch.id, default=None
    )
