"""Rankings of counties: the list, one with the sums its reader may know, the rule of scoring."""

from typing import Any

from flask import Response, request

from app.domain.access import Permission
from app.domain.scoring import shown
from app.services import Work
from app.services.rankings import reading, rules
from app.services.rankings.reading import CountyRow, RankingRow, Sum
from app.services.rankings.rules import RuleRow
from app.web.api.contract import Schema, listed, moment, named, operation, reply, sent
from app.web.api.schemas import CURSOR, ID, MAYBE_ID, MAYBE_TIME, STRING, TIME, thing
from app.web.language import read
from app.web.request import once
from app.web.request import reading as reading_work

COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
PROPERTIES: dict[str, Schema] = {
    "id": ID,
    "draw": ID,
    "number": STRING,
    "organ": STRING,
    "computed_at": TIME,
    "approved_at": MAYBE_TIME,
    "issued_at": MAYBE_TIME,
    "circular": {**MAYBE_ID, "description": "The paper by which it was made known"},
}
RANKING = named("Ranking", thing(PROPERTIES))
SUM = named(
    "RankedSum",
    thing(
        {
            "measure": STRING,
            "weight": COUNT,
            "part": COUNT,
            "whole": COUNT,
            "counted_part": COUNT,
            "counted_whole": COUNT,
            "reason": {"type": "string", "description": "Why it was corrected; or empty"},
            "points": {**STRING, "description": "An exact fraction, as 58/3"},
        }
    ),
)
WHOLE = named(
    "WholeRanking",
    thing(
        {
            **PROPERTIES,
            "version": {"type": "integer", "description": "Of the rule"},
            "since": {"type": "string", "format": "date"},
            "counties": {
                "type": "array",
                "items": thing(
                    {
                        "rank": {"type": "integer", "minimum": 1},
                        "county": STRING,
                        "name": STRING,
                        "total": {"type": "string", "description": "With two decimals"},
                        "exact": {"type": "string", "description": "The fraction that is ranked"},
                        "found": {**COUNT, "description": "Hazards its own inspections found"},
                        "sums": {
                            "type": "array",
                            "items": SUM,
                            "description": "Empty where they are not yours to know",
                        },
                    }
                ),
            },
        }
    ),
)


def _json(row: RankingRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "draw": str(row.draw_id),
        "number": row.number,
        "organ": row.organ,
        "computed_at": moment(row.computed_at),
        "approved_at": moment(row.approved_at),
        "issued_at": moment(row.issued_at),
        "circular": None if row.document_id is None else str(row.document_id),
    }


def _county(row: CountyRow) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "county": row.county,
        "name": row.name,
        "total": shown(row.total),
        "exact": str(row.total),
        "found": row.found,
        "sums": [_sum(one) for one in row.sums],
    }


def _sum(one: Sum) -> dict[str, Any]:
    return {
        "measure": one.measure.key,
        "weight": one.measure.weight,
        "part": one.count.part,
        "whole": one.count.whole,
        "counted_part": one.counted.part,
        "counted_whole": one.counted.whole,
        "reason": one.reason,
        "points": str(one.points),
    }


@operation(
    "GET",
    "/rankings",
    "The rankings of counties I may know of, the newest first",
    permission=Permission.SEE_DRAWS,
    query={"cursor": CURSOR},
    answers={200: listed(RANKING, paged=True)},
)
def list_rankings() -> Response:
    with reading_work() as work:
        rows, following = reading.find(work, request.args.get("cursor", ""))
    return reply({"items": [_json(row) for row in rows], "next": following})


@operation(
    "GET",
    "/rankings/<int:ranking_id>",
    "One ranking; the sums of a county are for the city and for that county",
    permission=Permission.SEE_DRAWS,
    answers={200: WHOLE},
)
def show_ranking(ranking_id: int) -> Response:
    with reading_work() as work:
        view = reading.get(work, ranking_id)
    return reply(
        {
            **_json(view.row),
            "version": view.rule.version,
            "since": view.since.isoformat(),
            "counties": [_county(row) for row in view.counties],
        }
    )


EMPTY: dict[str, Any] = {
    "enum": ["full", "none"],
    "description": "What it gives where there is nothing to measure",
}
RULE = named(
    "ScoreRule",
    thing(
        {
            "version": {"type": "integer", "minimum": 1},
            "since": {"type": "string", "format": "date"},
            "basis": STRING,
            "reason": {**STRING, "description": "Why it was changed"},
            "published_at": TIME,
            "by": STRING,
            "measures": {
                "type": "array",
                "items": thing(
                    {
                        "key": STRING,
                        "title": STRING,
                        "part": STRING,
                        "whole": STRING,
                        "weight": COUNT,
                        "empty": EMPTY,
                    }
                ),
            },
        }
    ),
)
NEXT_RULE = {
    "type": "object",
    "required": ["seen", "since", "basis", "reason", "measures"],
    "properties": {
        "seen": {"type": "integer", "description": "The version it was made from"},
        "since": {"type": "string"},
        "basis": {"type": "string"},
        "reason": {"type": "string"},
        "measures": {
            "type": "array",
            "items": thing({"key": STRING, "weight": COUNT, "empty": EMPTY}),
            "description": "All that can be counted; without points one is left out",
        },
    },
}


def _rule(row: RuleRow) -> dict[str, Any]:
    return {
        "version": row.rule.version,
        "since": row.rule.since.isoformat(),
        "basis": row.rule.basis,
        "reason": row.reason,
        "published_at": moment(row.published_at),
        "by": row.by,
        "measures": [
            {
                "key": one.key,
                "title": read(one.title),
                "part": read(one.part),
                "whole": read(one.whole),
                "weight": one.weight,
                "empty": one.empty.value,
            }
            for one in row.rule.measures
        ],
    }


@operation(
    "GET",
    "/rankings/rules",
    "Every version of the rule by which counties are scored, the newest first",
    permission=Permission.SEE_SCORING,
    answers={200: listed(RULE)},
)
def list_score_rules() -> Response:
    with reading_work() as work:
        rows = rules.find(work)
    return reply({"items": [_rule(row) for row in rows]})


@operation(
    "POST",
    "/rankings/rules",
    "Publish the next version of the rule; rankings keep the version they were made by",
    permission=Permission.MANAGE_SCORING,
    body=NEXT_RULE,
    answers={201: RULE},
    errors=(409, 422),
)
def publish_score_rule() -> Response:
    def act(work: Work) -> Response:
        told = dict(sent())
        rules.publish(work, told, told.pop("seen"))
        return reply(_rule(rules.find(work)[0]), 201)

    return once(act)
