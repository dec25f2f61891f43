"""Whether rankings hold what the sealed histories of their draws tell was counted and corrected."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.models.rankings import RankedCount, Ranking
from app.services import Work
from app.services.rankings import RANKS

SCORE, CORRECT, APPROVE = "draw.score", "draw.correct", "draw.approve"


def of_draw(work: Work, draw_id: int, lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the ranking of a draw: a step of those who verify.

    :param lines: the history of the draw, oldest first
    """
    told: dict[str, Mapping[str, Any]] = {line["action"]: line["detail"] for line in lines}
    ranking = work.session.scalar(
        select(Ranking).where(Ranking.draw_id == draw_id), execution_options=RANKS
    )
    if ranking is None:
        if SCORE in told:
            yield "its counties were scored, and the scores are gone"
        return
    rows = work.session.scalars(
        select(RankedCount).where(RankedCount.ranking_id == ranking.id), execution_options=RANKS
    ).all()
    counts = {f"{row.county} {row.measure}": f"{row.part}/{row.whole}" for row in rows}
    if counts != told.get(SCORE, {}).get("counts"):
        yield "its scores are not those that were counted"
    corrected = {
        f"{row.county} {row.measure}": f"{row.new_part}/{row.new_whole}：{row.reason}"
        for row in rows
        if row.new_part is not None or row.new_whole is not None
    }
    if corrected != told.get(CORRECT, {}).get("corrections", {}):
        yield "its scores were corrected otherwise than its history tells"
    if ranking.approved_at is not None and APPROVE not in told:
        yield "nobody has approved its scores"
