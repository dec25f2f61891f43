"""Campaigns: stages, coverage, progress."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.hazards import Finder
from app.domain.progress import Cover, Standing
from app.services.campaigns import figures, members
from app.services.campaigns import reading as campaigns
from app.services.campaigns.figures import Coverage, Group, Progress, Tally
from app.services.campaigns.members import CoverRow, MemberRow, Sought, Wanted
from app.services.campaigns.reading import BatchView, CampaignRow
from app.services.tasks import burdens
from app.web.api.contract import listed, moment, named, operation, reply
from app.web.api.schemas import CURSOR, ID, MAYBE_ID, MAYBE_TIME, NAME, STRING, TIME, thing
from app.web.figures import chosen
from app.web.language import read
from app.web.request import number_asked, reading

DUE = ("late", "soon", "later")
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
            "running": COUNT,
            "late": {**COUNT, "description": "Not ended, and the deadline is over"},
            "stopped": {**COUNT, "description": "Ended without having been done"},
            "waiting": {**COUNT, "description": "To be started yet"},
            "gone": {
                **COUNT,
                "description": "Closed or struck off before it was done; part of `total`",
            },
            "opened_at": TIME,
        }
    ),
)
COVERAGE = named(
    "CampaignCoverage",
    thing(
        {
            "total": {**COUNT, "description": "To be inspected; not those that are `gone`"},
            **{cover.value: COUNT for cover in Cover},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "nothing_found": {
                **COUNT,
                "description": "Inspected, and nobody found any hazard there",
            },
            "left": {
                "type": "array",
                "items": NAME,
                "description": "The first fifty of those that are still to be visited",
            },
        }
    ),
)
STANDINGS = {standing.value: COUNT for standing in Standing}
GROUPS: dict[str, Any] = {
    "type": "array",
    "items": thing({"key": STRING, "name": STRING, "total": COUNT, **STANDINGS}),
}
PROGRESS = named(
    "CampaignProgress",
    thing({"batch": ID, "division": GROUPS, "sector": GROUPS, "person": GROUPS}),
)
FOUND = thing({"total": COUNT, "closed": COUNT, "late": COUNT})
HAZARDS = named(
    "CampaignHazards",
    thing(dict.fromkeys(("major", "general", *(one.value for one in Finder)), FOUND)),
)
FOUND_AS = ("closed", "open", "late")
SPREAD: dict[str, Any] = {
    "type": "array",
    "items": thing(
        {"key": STRING, "name": STRING, "total": COUNT, **dict.fromkeys(FOUND_AS, COUNT)}
    ),
}
TASKS = {
    "type": "array",
    "items": thing({"key": STRING, "name": STRING, "late": COUNT, "soon": COUNT, "later": COUNT}),
    "description": "Open tasks of the campaign by who has them",
}
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
            "coverage": COVERAGE,
            "progress": {"oneOf": [PROGRESS, {"type": "null"}]},
            "hazards": HAZARDS,
            "hazards_by": thing({"division": SPREAD, "sector": SPREAD}),
            "tasks": TASKS,
        }
    ),
)


PLANT: dict[str, Any] = {"enterprise": NAME, "division": STRING, "sector": STRING}
MEMBER = named(
    "CampaignMember",
    thing({**PLANT, "cover": {"enum": [cover.value for cover in Cover]}, "joined_at": TIME}),
)
STARTED = named(
    "CampaignStarted",
    thing(
        {
            **PLANT,
            "state": {"enum": [standing.value for standing in Standing]},
            "case": MAYBE_ID,
            "problem": {"type": ["string", "null"], "description": "Why it has no case"},
            "deadline": MAYBE_TIME,
            "holder": {
                "type": ["string", "null"],
                "description": "Who has its task, or did the last one",
            },
        }
    ),
)
AMONG: dict[str, Any] = {
    "division": {"type": "string", "description": "Code of a division or zone"},
    "sector": {"type": "string", "description": "Code of a sector; `-` for none"},
    "cursor": CURSOR,
}


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
        "running": batch.counts.get(Standing.RUNNING, 0),
        "late": batch.late,
        "stopped": batch.counts.get(Standing.STOPPED, 0),
        "waiting": batch.waiting,
        "gone": batch.gone,
        "opened_at": moment(batch.opened_at),
    }


def _coverage(found: Coverage) -> dict[str, Any]:
    return {
        "total": found.total,
        **{cover.value: found.counts.get(cover, 0) for cover in Cover},
        "share": found.share,
        "nothing_found": found.silent,
        "left": [{"id": str(number), "name": name} for number, name in found.left],
    }


def _progress(batch: BatchView, found: Progress) -> dict[str, Any]:
    ways = {"division": found.divisions, "sector": found.sectors, "person": found.people}
    return {
        "batch": str(batch.id),
        **{way: [_group(group, Standing) for group in groups] for way, groups in ways.items()},
    }


def _group(group: Group, states: Iterable[str]) -> dict[str, Any]:
    told = {str(state): group.counts.get(state, 0) for state in states}
    return {"key": group.key, "name": read(group.name), "total": group.total, **told}


def _hazards(found: Sequence[Tally]) -> dict[str, Any]:
    def summed(some: list[Tally]) -> dict[str, int]:
        return {
            "total": sum(one.number for one in some),
            "closed": sum(one.number for one in some if one.closed),
            "late": sum(one.number for one in some if one.late),
        }

    return {
        "major": summed([one for one in found if one.major]),
        "general": summed([one for one in found if not one.major]),
        **{by.value: summed([one for one in found if one.by is by]) for by in Finder},
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
    query={"batch": {**ID, "description": "Whose progress to give; else that of what began last"}},
    answers={200: WHOLE},
)
def show_campaign(campaign_id: int) -> Response:
    with reading() as work:
        view = campaigns.get(work, campaign_id)
        covered = figures.coverage(work, campaign_id)
        hazards = figures.hazards(work, campaign_id)
        tasks = burdens.of_campaign(work, campaign_id)
        batch = chosen(view, number_asked("batch"))
        progress = figures.progress(work, campaign_id, batch.id) if batch else None
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
        "coverage": _coverage(covered),
        "progress": _progress(batch, progress) if batch and progress else None,
        "hazards": _hazards(hazards.tallies),
        "hazards_by": {
            "division": [_group(group, FOUND_AS) for group in hazards.divisions],
            "sector": [_group(group, FOUND_AS) for group in hazards.sectors],
        },
        "tasks": [
            {key: told for key, told in _group(group, DUE).items() if key != "total"}
            for group in tasks
        ],
    }
    return reply(whole)


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/members",
    "Who is in a campaign, and whether they were inspected",
    permission=Permission.SEE_CAMPAIGN,
    query={
        "cover": {
            "enum": ["left", *(cover.value for cover in Cover)],
            "description": "`left`: all that are still to be visited",
        },
        "found": {"enum": ["none"], "description": "Inspected, and nobody found any hazard"},
        **AMONG,
    },
    answers={200: listed(MEMBER, paged=True)},
)
def list_campaign_members(campaign_id: int) -> Response:
    args = request.args
    wanted = (args.get(name, "") for name in ("cover", "found", "division", "sector"))
    with reading() as work:
        found = members.covers(work, Sought(campaign_id, *wanted), args.get("cursor", ""))
    return reply({"items": [_member(row) for row in found.rows], "next": found.following})


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/batches/<int:number>",
    "Who is how far in what a campaign has started",
    permission=Permission.SEE_CAMPAIGN,
    query={
        "state": {
            "enum": ["open", *(standing.value for standing in Standing)],
            "description": "`open`: all that are not done",
        },
        "holder": {"type": "string", "description": "A `key` of the progress by person"},
        **AMONG,
    },
    answers={200: listed(STARTED, paged=True)},
)
def list_campaign_batch(campaign_id: int, number: int) -> Response:
    args = request.args
    wanted = (args.get(name, "") for name in ("state", "division", "sector", "holder"))
    with reading() as work:
        found = members.find(work, Wanted(campaign_id, number, *wanted), args.get("cursor", ""))
    return reply({"items": [_started(row) for row in found.rows], "next": found.following})


def _plant(row: CoverRow | MemberRow) -> dict[str, Any]:
    enterprise = {"id": str(row.enterprise_id), "name": row.name}
    return {"enterprise": enterprise, "division": row.place, "sector": row.sector}


def _member(row: CoverRow) -> dict[str, Any]:
    return {**_plant(row), "cover": row.cover.value, "joined_at": moment(row.joined_at)}


def _started(row: MemberRow) -> dict[str, Any]:
    return {
        **_plant(row),
        "state": row.standing.value,
        "case": None if row.case_id is None else str(row.case_id),
        "problem": row.problem,
        "deadline": moment(row.deadline),
        "holder": None if row.holder is None else read(row.holder),
    }
