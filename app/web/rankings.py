"""The ranking of counties: the list, one with its sums, what a sum was counted from."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.domain.access import Permission
from app.domain.scoring import shown
from app.domain.text import T
from app.services.rankings import reading
from app.web.frame import steps
from app.web.request import needs
from app.web.request import reading as reading_work

pages = Blueprint("rankings", __name__, url_prefix="/rankings")
TITLE = T("县级排名")
DRAWS = T("双随机抽查")
PLACES = {"enterprise": "enterprises.show", "hazard": "hazards.show", "case": "cases.show"}
"""Where the page of what was counted is, and what its parameter is called."""


def _way(*more: tuple[Any, str | None]) -> Any:
    return steps((TITLE, url_for("rankings.find")), *more)


@pages.get("/")
@needs(Permission.SEE_DRAWS)
def find() -> Response:
    cursor = request.args.get("cursor", "")
    with reading_work() as work:
        rows, following = reading.find(work, cursor)
    page = render_template(
        "rankings.html",
        steps=steps((DRAWS, url_for("draws.find")), (TITLE, None)),
        rows=rows,
        first=url_for("rankings.find") if cursor else "",
        following=url_for("rankings.find", cursor=following) if following else "",
    )
    return Response(page)


@pages.get("/<int:ranking_id>")
@needs(Permission.SEE_DRAWS)
def show(ranking_id: int) -> Response:
    with reading_work() as work:
        view = reading.get(work, ranking_id)
    page = render_template(
        "ranking.html",
        steps=_way((view.row.number, None)),
        view=view,
        row=view.row,
        shown=shown,
    )
    return Response(page)


@pages.get("/<int:ranking_id>/<county>/<measure>")
@needs(Permission.SEE_DRAWS)
def behind(ranking_id: int, county: str, measure: str) -> Response:
    """Show what one sum of one county was counted from."""
    with reading_work() as work:
        found = reading.behind(work, ranking_id, county, measure)
    row = found.ranking.row
    page = render_template(
        "ranking_sum.html",
        steps=_way(
            (row.number, url_for("rankings.show", ranking_id=ranking_id)),
            (found.sum.measure.title, None),
        ),
        found=found,
        items=[(item, _at(item)) for item in found.items],
        shown=shown,
    )
    return Response(page)


def _at(item: dict[str, Any]) -> str:
    """Return the address of what was counted."""
    return url_for(PLACES[item["kind"]], **{f"{item['kind']}_id": item["id"]})
