"""Campaigns: stages, coverage, progress."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.services.campaigns import reading as campaigns
from app.services.campaigns.reading import BatchView, CampaignRow
from app.web.api.contract import listed, moment, named, operation, reply
from app.web.api.schemas import CURSOR, ID, MAYBE_TIME, STRING, TIME, thing
from app.web.language import read
from app.web.request import reading

DAY: dict[str, Any] = {"type": "string", "format": "date"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
PROPERTIES: dict[str, Any] = {
    "id": ID,
    "name": STRING,
    "year": {"type": "integer"},
    "organisation": STRING,
    "status": {"enum": ["running", "finished", "cancelled"]},
    "members": {**COUNT, "description": "Enterprises taken in"},
    "opened_at": TIME,
    "closed_at": MAYBE_TIME,
}
CAMPAIGN = named("Campaign", thing(PROPERTIES))
BATCH = named(
    "CampaignBatch",
    thing(
        {
            "id": ID,
            "name": STRING,
            "procedure": STRING,
            "period": STRING,
            "total": COUNT,
            "started": COUNT,
            "failed": {**COUNT, "description": "Enterprises whose case could not be started"},
            "done": COUNT,
            "opened_at": TIME,
        }
    ),
)
BATCHES = {"type": "array", "items": BATCH}
WHOLE = named(
    "WholeCampaign",
    thing(
        {
            **PROPERTIES,
            "stages": {
                "type": "array",
                "items": thing(
                    {
                        "key": STRING,
                        "name": STRING,
                        "starts": DAY,
                        "ends": DAY,
                        "total": COUNT,
                        "done": COUNT,
                        "batches": BATCHES,
                    }
                ),
            },
            "reports": {**BATCHES, "description": "What the members report, of no stage"},
            "days": {
                "type": "array",
                "items": thing({"key": STRING, "name": STRING, "day": DAY, "planned": DAY}),
            },
        }
    ),
)


def _row(row: CampaignRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "year": row.year,
        "organisation": row.office,
        "status": row.status.value,
        "members": row.members,
        "opened_at": moment(row.opened_at),
        "closed_at": moment(row.closed_at),
    }


def _batch(batch: BatchView) -> dict[str, Any]:
    return {
        "id": str(batch.id),
        "name": read(batch.title),
        "procedure": read(batch.procedure),
        "period": batch.period,
        "total": batch.total,
        "started": batch.started,
        "failed": batch.failed,
        "done": batch.done,
        "opened_at": moment(batch.opened_at),
    }


@operation(
    "GET",
    "/campaigns",
    "The campaigns of my area, the newest first",
    permission=Permission.SEE_CAMPAIGN,
    query={"cursor": CURSOR},
    answers={200: listed(CAMPAIGN, paged=True)},
)
def list_campaigns() -> Response:
    with reading() as work:
        rows, following = campaigns.find(work, request.args.get("cursor", ""))
    return reply({"items": [_row(row) for row in rows], "next": following})


@operation(
    "GET",
    "/campaigns/<int:campaign_id>",
    "One campaign with its stages, days, and how far its members are",
    permission=Permission.SEE_CAMPAIGN,
    answers={200: WHOLE},
)
def show_campaign(campaign_id: int) -> Response:
    with reading() as work:
        view = campaigns.get(work, campaign_id)
    whole = {
        **_row(view.row),
        "stages": [
            {
                "key": stage.key,
                "name": read(stage.title),
                "starts": stage.starts.isoformat(),
                "ends": stage.ends.isoformat(),
                "total": stage.total,
                "done": stage.done,
                "batches": [_batch(batch) for batch in stage.batches],
            }
            for stage in view.stages
        ],
        "reports": [_batch(batch) for batch in view.others],
        "days": [
            {
                "key": day.key,
                "name": read(day.title),
                "day": day.day.isoformat(),
                "planned": day.planned.isoformat(),
            }
            for day in view.days
        ],
    }
    return reply(whole)
