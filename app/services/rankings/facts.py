"""What forms and the circular are told of a ranking: a step of the case's own."""

from collections.abc import Mapping
from typing import Any

from app.domain.deadlines import BEIJING
from app.domain.scoring import EMPTIES, shown
from app.services import Work
from app.services.rankings import counting, of_case, reading, scoring
from app.services.rankings.reading import CountyRow, RankingView, Sum

CHECK = "check_scores"
EVERYWHERE = ("",)
"""The whole country: who does a task of the case sees all of it."""


def _view(work: Work, case_id: int) -> RankingView | None:
    ranking = of_case(work, case_id)
    return None if ranking is None else reading.view(work, ranking, None, EVERYWHERE)


def of_form(work: Work, case_id: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows to check, the ranking in words, what was corrected, and how a letter begins.

    :param told: the last answers of each task of the case, by node
    """
    view = _view(work, case_id)
    if view is None:
        return {}
    found: dict[str, Any] = {
        "rows": [_row(county, one) for county in view.counties for one in county.sums],
        "ranking": "\n".join(_line(county) for county in view.counties),
        "corrections": "\n".join(
            f"{county.name}“{one.measure.title}”：{_count(one, corrected=False)}更正为"
            f"{_count(one)}（{one.reason}）"
            for county in view.counties
            for one in county.sums
            if one.reason
        )
        or "无",
    }
    if view.row.approved_at is not None:
        found["title"] = "关于市级安全生产督查抽查情况的通报"
        found["addressee"] = "、".join(counting.bureaus(work, view.row.id).values())
    problem = scoring.problem(told.get(CHECK, {}).get("rows", ()))
    return found | ({} if problem is None else {"problem": str(problem)})


def _row(county: CountyRow, one: Sum) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": f"{county.county} {one.measure.key}",
        "county": county.name,
        "measure": str(one.measure.title),
        "counted": f"{_count(one, corrected=False)}，满分{one.measure.weight}分",
    }
    if one.reason:
        row |= {"new_part": one.count.part, "new_whole": one.count.whole, "reason": one.reason}
    return row


def _count(one: Sum, *, corrected: bool = True) -> str:
    count = one.count if corrected else one.counted
    return f"{count.part}/{count.whole}"


def _line(county: CountyRow) -> str:
    points = "，".join(
        f"{one.measure.title}{_count(one)}得{shown(one.points)}分" for one in county.sums
    )
    none = "；县级检查未发现任何隐患" if county.found == 0 else ""
    return f"第{county.rank}名 {county.name} {shown(county.total)}分（{points}）{none}"


def of_paper(work: Work, case_id: int) -> dict[str, Any]:
    """Return what a circular states; empty for a case without a ranking."""
    view = _view(work, case_id)
    if view is None:
        return {}
    return {
        "version": view.rule.version,
        "basis": view.rule.basis,
        "since": view.since.isoformat(),
        "until": view.row.computed_at.astimezone(BEIJING).date().isoformat(),
        "measures": [
            {
                "title": str(measure.title),
                "weight": measure.weight,
                "part": str(measure.part),
                "whole": str(measure.whole),
                "empty": str(EMPTIES[measure.empty]),
            }
            for measure in view.rule.measures
        ],
        "counties": [
            {
                "rank": county.rank,
                "county": county.name,
                "total": shown(county.total),
                "found": county.found,
                "sums": [
                    {"count": _count(one), "points": shown(one.points)} for one in county.sums
                ],
            }
            for county in view.counties
        ],
    }
