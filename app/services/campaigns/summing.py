"""What the summary of a campaign (工作总结) starts with: its course, conclusions, figures."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.domain import NotFound
from app.domain.deadlines import BEIJING
from app.models.people import Organisation
from app.services import Work
from app.services.campaigns import gates, reading
from app.services.campaigns.reading import CampaignView
from app.services.campaigns.standings import GUARDED
from app.services.cases.seats import superior
from app.services.procedures import Running
from app.services.reports import consolidated
from app.services.reports.consolidated import SheetView
from app.services.reports.facts import titled

SUMMARY = "summary"
"""The kind of report by which the enterprises tell theirs."""
GATE = "gate_"
"""How the tasks begin in which a campaign closes a stage."""
LEVELS = "一二三四五六七八九十"


def facts(
    work: Work, campaign_id: int, running: Running, told: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how the summary of a campaign begins: a step of who drafts it.

    Its figures are the total of the closing table: as handed in, else as it adds up by now.

    :param told: the last answers of each task of the campaign, by node
    """
    campaign = reading.get(work, campaign_id)
    try:
        table = consolidated.sheet(work, campaign_id, SUMMARY, "")
    except NotFound:
        table = None
    return {
        "title": f"{campaign.row.office}关于{campaign.row.name}的工作总结",
        "addressee": _name(work, superior(work, reading.known(work, campaign_id).place)),
        "overview": _overview(campaign, gates.stages_now(work, campaign_id), table),
        "results": _results(running, told),
        "figures": _figures(table) if table else [],
        "missing": _missing(table) if table else None,
    }


def _name(work: Work, organisation_id: int | None) -> str | None:
    found = select(Organisation.name).where(Organisation.id == organisation_id)
    return work.session.scalar(found, execution_options=GUARDED)


def _overview(
    campaign: CampaignView, standing: Mapping[str, Mapping[str, Any]], table: SheetView | None
) -> str:
    """Return how the campaign went, each stage as its gate counts it."""
    opened = campaign.row.opened_at.astimezone(BEIJING)
    stages = "；".join(
        f"{stage.title.wording}完成{now['done']}家"
        + (f"、未完成{now['open']}家" if now["open"] else "")
        for stage in campaign.stages
        if (now := standing[stage.key])["done"] or now["open"]
    )
    reports = f"企业报送总结{table.reported}家，未报{len(table.missing)}家。" if table else ""
    return (
        f"{opened.year}年{opened.month}月{opened.day}日起，{campaign.row.office}组织开展"
        f"{campaign.row.name}，纳入企业{campaign.row.members}家。"
        + (f"{stages}。" if stages else "")
        + reports
    )


def _results(running: Running, told: Mapping[str, Any]) -> str:
    """Return what was concluded at the end of each stage, as it was done, under a heading each."""
    gates = [node for node in told if node.startswith(GATE)]
    return "\n".join(
        f"（{level}）{running.title(node)}\n{told[node]['conclusion']}"
        for level, node in zip(LEVELS, gates, strict=False)
    )


def _figures(table: SheetView) -> list[dict[str, str]]:
    """Return the figures of the closing table's last line, which is the total."""
    groups = {group.key: group.title.wording for group, _columns in table.sheet.groups}
    total = table.sheet.lines[-1]
    return [
        {
            "key": column.key,
            "group": groups[column.group],
            "title": titled(column),
            "value": str(cell),
        }
        for column, cell in zip(table.sheet.plain, total.cells, strict=True)
        if cell != ""
    ]


def _missing(table: SheetView) -> str:
    return "、".join(table.missing) or "无"
