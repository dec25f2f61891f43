"""Read rankings: the list, one with its sums, and what was counted behind a sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, select

from app.domain import NotFound
from app.domain.access import Permission, covers
from app.domain.entered import whole
from app.domain.scoring import Count, Measure, Rule, ranked
from app.domain.text import T
from app.models.draws import Draw
from app.models.people import Organisation
from app.models.rankings import RankedCount, RankedCounty, Ranking
from app.services import Work, scope_of
from app.services.rankings import RANKS, rules

PAGE = 20


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A ranking as lists show it."""

    id: int
    draw_id: int
    number: str
    organ: str
    computed_at: datetime
    approved_at: datetime | None
    issued_at: datetime | None
    document_id: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """What a county has of one measure."""

    measure: Measure
    counted: Count
    count: Count
    """As it was corrected, else as it was counted."""
    reason: str
    """Why it was corrected; or empty."""

    @property
    def points(self) -> Fraction:
        return self.measure.points(self.count)


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county with its rank; without sums where the reader may not know them."""

    rank: int
    county: str
    name: str
    found: int
    """How many hazards its own inspections found."""
    total: Fraction
    sums: Sequence[Sum]
    open: bool
    """Whether the reader may know its sums."""


@dataclass(frozen=True, slots=True)
class RankingView:
    """A ranking with all that its reader may know."""

    row: RankingRow
    rule: Rule
    since: date
    counties: Sequence[CountyRow]
    whole: bool
    """Whether the reader sees the city's own area, and so the draw."""


def _rows() -> Select[*tuple[Any, ...]]:
    draw = Draw.__table__.alias("of_draw")
    organ = Organisation.__table__.alias("organ")
    return (
        select(
            Ranking.id,
            Ranking.draw_id,
            draw.c.number,
            organ.c.name.label("organ"),
            Ranking.computed_at,
            Ranking.approved_at,
            Ranking.issued_at,
            Ranking.document_id,
        )
        .join(draw, draw.c.id == Ranking.draw_id)
        .join(organ, organ.c.id == Ranking.organisation_id)
        .order_by(Ranking.id.desc())
    )


def find(work: Work, cursor: str = "") -> tuple[list[RankingRow], str | None]:
    """Return a page of the rankings that the actor may know of, the newest first, and a cursor."""
    work.require_somewhere(Permission.SEE_DRAWS)
    query = _rows()
    if (before := whole(cursor)) is not None:
        query = query.where(Ranking.id < before)
    rows = [RankingRow(*row) for row in work.session.execute(query.limit(PAGE + 1))]
    return rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else None


def of_draw(work: Work, draw_id: int) -> RankingRow | None:
    """Return the ranking of a draw, if the actor may know of it."""
    work.require_somewhere(Permission.SEE_DRAWS)
    row = work.session.execute(_rows().where(Ranking.draw_id == draw_id)).one_or_none()
    return None if row is None else RankingRow(*row)


def get(work: Work, ranking_id: int) -> RankingView:
    """Return one ranking, with the sums of those counties that the actor may know.

    :raises NotFound: if the actor may not know of it
    """
    work.require_somewhere(Permission.SEE_DRAWS)
    row = work.session.execute(_rows().where(Ranking.id == ranking_id)).one_or_none()
    if row is None:
        raise NotFound(T("没有找到该排名"))
    ranking = work.session.get_one(Ranking, ranking_id)
    return view(work, ranking, RankingRow(*row), scope_of(work.actor).areas)


def view(work: Work, ranking: Ranking, row: RankingRow | None, areas: Sequence[str]) -> RankingView:
    """Return a ranking as who sees `areas` may know it: a step of those who asked."""
    rule = rules.load(work, ranking.version)
    sums = _sums(work, ranking.id, rule)
    totals = {
        county: rule.total({one.measure.key: one.count for one in told})
        for county, told in sums.items()
    }
    counties = {
        one.county: one
        for one in work.session.execute(
            select(RankedCounty.county, RankedCounty.name, RankedCounty.found).where(
                RankedCounty.ranking_id == ranking.id
            ),
            execution_options=RANKS,
        )
    }
    city = any(covers(area, ranking.place) for area in areas)
    rows = []
    for rank, county in ranked(totals):
        known = city or any(covers(area, county) for area in areas)
        one = counties[county]
        told = sums[county] if known else ()
        rows.append(CountyRow(rank, county, one.name, one.found, totals[county], told, known))
    if row is None:
        row = RankingRow(*work.session.execute(_rows().where(Ranking.id == ranking.id)).one())
    return RankingView(row, rule, ranking.since, rows, city)


def _sums(work: Work, ranking_id: int, rule: Rule) -> dict[str, list[Sum]]:
    rows = work.session.execute(
        select(
            RankedCount.county,
            RankedCount.measure,
            RankedCount.part,
            RankedCount.whole,
            RankedCount.new_part,
            RankedCount.new_whole,
            RankedCount.reason,
        ).where(RankedCount.ranking_id == ranking_id),
        execution_options=RANKS,
    ).all()
    told: dict[str, dict[str, Any]] = {}
    for row in rows:
        told.setdefault(row.county, {})[row.measure] = row
    return {
        county: [_sum(measure, by_measure[measure.key]) for measure in rule.measures]
        for county, by_measure in told.items()
    }


def _sum(measure: Measure, row: Any) -> Sum:
    counted = Count(row.part, row.whole)
    corrected = row.new_part is not None
    count = Count(row.new_part, row.new_whole) if corrected else counted
    return Sum(measure, counted, count, row.reason)


@dataclass(frozen=True, slots=True)
class Behind:
    """What was counted for one sum of one county."""

    ranking: RankingView
    county: CountyRow
    sum: Sum
    items: Sequence[dict[str, Any]]


def behind(work: Work, ranking_id: int, county: str, measure: str) -> Behind:
    """Return what a sum was counted from.

    :raises NotFound: if the actor may not know it
    """
    found = get(work, ranking_id)
    row = next((one for one in found.counties if one.county == county and one.open), None)
    told = next((one for one in row.sums if one.measure.key == measure), None) if row else None
    if row is None or told is None:
        raise NotFound(T("没有找到该排名"))
    items = work.session.scalar(
        select(RankedCount.items).where(
            RankedCount.ranking_id == ranking_id,
            RankedCount.county == county,
            RankedCount.measure == measure,
        )
    )
    return Behind(found, row, told, items or [])
