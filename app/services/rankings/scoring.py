"""Score the counties of a draw, correct what was counted, approve it, make it known."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, select, update

from app.domain import Conflict, Invalid, entered
from app.domain.access import Grant, Role
from app.domain.deadlines import BEIJING
from app.domain.draws import DrawState
from app.domain.history import Stream
from app.domain.scoring import Count
from app.domain.text import T, Text
from app.models.casework import Message
from app.models.documents import Document, DocumentCopy
from app.models.draws import Draw
from app.models.rankings import RankedCount, RankedCounty, Ranking
from app.services import Work
from app.services.draws import held, reading
from app.services.rankings import RANKS, counting, of_case, rules

CIRCULAR = "circular"
AS_COUNTED = {"new_part": None, "new_whole": None, "reason": "", "corrected_by": None}
"""Of a count that nobody has corrected."""


def compute(work: Work, case_id: int, grant: Grant | None) -> int:
    """Count what every county of a closed draw has, and return how many there are."""
    draw = held(work, case_id, DrawState.CLOSED)
    counties = sorted({line.entry.county for line in reading.lines(work, draw.id)})
    told, found = counting.counted(work, draw), counting.found(work, draw)
    names = reading.names(work, counties)
    ranking = _begin(work, draw)
    work.session.execute(
        insert(RankedCounty),
        [
            {
                "ranking_id": ranking.id,
                "county": county,
                "name": names.get(county, county),
                "found": found.get(county, 0),
            }
            for county in counties
        ],
        execution_options=RANKS,
    )
    rows = [
        _row(ranking.id, county, measure, told[measure].get(county, []))
        for county in counties
        for measure in told
    ]
    work.session.execute(insert(RankedCount), rows, execution_options=RANKS)
    work.record(
        Stream.DRAW,
        draw.id,
        "draw.score",
        grant,
        ranking=ranking.id,
        version=ranking.version,
        counts={
            f"{row['county']} {row['measure']}": f"{row['part']}/{row['whole']}" for row in rows
        },
    )
    return len(counties)


def _begin(work: Work, draw: Draw) -> Ranking:
    day = work.now.astimezone(BEIJING).date()
    ranking = Ranking(
        draw_id=draw.id,
        place=draw.place,
        organisation_id=draw.organisation_id,
        version=rules.in_force(work, day),
        since=counting.since(draw),
        computed_at=work.now,
    )
    work.session.add(ranking)
    work.session.flush()
    return ranking


def _row(ranking: int, county: str, measure: str, items: list[counting.Item]) -> dict[str, Any]:
    return {
        "ranking_id": ranking,
        "county": county,
        "measure": measure,
        "part": sum(item.good for item in items),
        "whole": len(items),
        "items": [asdict(item) for item in items],
        "reason": "",
    }


def problem(rows: Iterable[Mapping[str, Any]]) -> Text | None:
    """Say what is wrong with corrections, or None."""
    for row in rows:
        if _corrected(row) and not Count(row["new_part"], row["new_whole"]).sound:
            return T(
                "{county}“{measure}”：更正后的分子不能大于分母",
                county=row["county"],
                measure=row["measure"],
            )
    return None


def _corrected(row: Mapping[str, Any]) -> bool:
    return row.get("new_part") is not None and row.get("new_whole") is not None


def correct(work: Work, case_id: int, answers: Mapping[str, Any], grant: Grant | None) -> bool:
    """Write down the corrections that a check has made, each with its reason.

    They take the place of those of an earlier check, and count once somebody else has approved.
    False if one is no share.
    """
    rows = answers.get("rows", ())
    if problem(rows) is not None:
        return False
    ranking = _open(work, case_id)
    of_ranking = update(RankedCount).where(RankedCount.ranking_id == ranking.id)
    work.session.execute(of_ranking.values(**AS_COUNTED), execution_options=RANKS)
    changed = {}
    for row in filter(_corrected, rows):
        county, _blank, measure = row["key"].partition(" ")
        reason = entered.reason(row["reason"])
        changed[row["key"]] = f"{row['new_part']}/{row['new_whole']}：{reason}"
        work.session.execute(
            of_ranking.where(RankedCount.county == county, RankedCount.measure == measure).values(
                new_part=row["new_part"],
                new_whole=row["new_whole"],
                reason=reason,
                corrected_by=work.actor.id,
            ),
            execution_options=RANKS,
        )
    work.record(Stream.DRAW, ranking.draw_id, "draw.correct", grant, corrections=changed)
    return True


def approve(work: Work, case_id: int, grant: Grant | None) -> None:
    """Note that a leader has approved scores and ranking: from now on they are what they are.

    :raises Invalid: if the leader has corrected them too
    """
    ranking = _open(work, case_id)
    by = select(RankedCount.corrected_by).where(RankedCount.ranking_id == ranking.id)
    if work.actor.id in set(work.session.scalars(by, execution_options=RANKS)):
        raise Invalid({"": T("更正评分的人不能审批")})
    ranking.approved_at, ranking.approved_by = work.now, work.actor.id
    work.record(Stream.DRAW, ranking.draw_id, "draw.approve", grant, ranking=ranking.id)


def issue(work: Work, case_id: int, grant: Grant | None) -> list[int]:
    """Send the sealed circular to the counties and return their bureaus.

    From then on each of them sees the ranking and its own sums.
    """
    ranking = of_case(work, case_id)
    paper = work.session.scalar(
        select(Document.id)
        .where(Document.case_id == case_id, Document.kind == CIRCULAR)
        .where(Document.void_at.is_(None))
        .order_by(Document.id.desc())
        .limit(1),
        execution_options=RANKS,
    )
    if ranking is None or ranking.approved_at is None or paper is None:
        raise Conflict(T("评分尚未审批，不能通报"))
    ranking.issued_at, ranking.document_id = work.now, paper
    bureaus = list(counting.bureaus(work, ranking.id))
    for bureau in bureaus:
        work.session.add(DocumentCopy(document_id=paper, organisation_id=bureau, at=work.now))
        for role in (Role.HEAD, Role.DEPUTY_HEAD, Role.STAFF):
            work.session.add(
                Message(
                    case_id=case_id,
                    organisation_id=bureau,
                    role=role,
                    key="circular_issued",
                    at=work.now,
                )
            )
    work.record(
        Stream.DRAW, ranking.draw_id, "draw.circular", grant, document=paper, copies=bureaus
    )
    return bureaus


def _open(work: Work, case_id: int) -> Ranking:
    """Return the ranking of a case that is not made known yet.

    :raises Conflict: if there is none such
    """
    ranking = of_case(work, case_id)
    if ranking is None or ranking.issued_at is not None:
        raise Conflict(T("评分已经通报，不能更改"))
    return ranking
