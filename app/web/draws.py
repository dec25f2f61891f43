"""Draws: the list, one with all that fixes it, interests declared; and what everybody may see."""

from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.adapters.bundles import pack
from app.domain import Invalid
from app.domain.access import Permission
from app.domain.draws import HOWS, STATES, DrawState
from app.domain.draws.roster import sha256
from app.domain.enterprises import TermKind
from app.domain.text import T
from app.services import Work
from app.services.draws import bundling, declaring, publishing, reading
from app.services.enterprises import terms
from app.services.rankings import reading as rankings
from app.web.attached import file_answer
from app.web.frame import steps
from app.web.language import listed, read
from app.web.lines import timeline
from app.web.request import deps, needs, number, once, public, refused, see_other
from app.web.request import reading as reading_work

pages = Blueprint("draws", __name__)
TITLE = T("双随机抽查")
WHY = "everybody may check a draw (双随机、一公开)"
TONES = {
    DrawState.FROZEN: "todo",
    DrawState.COMMITTED: "soon",
    DrawState.DRAWN: "todo",
    DrawState.CONFIRMED: "info",
    DrawState.CLOSED: "done",
    DrawState.CANCELLED: "neutral",
}
WORDS: dict[str, Any] = {"draw_states": STATES, "draw_tones": TONES, "hows": HOWS}
"""What the pieces of `_draws.html` need."""


@pages.get("/draws/")
@needs(Permission.SEE_DRAWS)
def find() -> Response:
    state, cursor = request.args.get("state", ""), request.args.get("cursor", "")
    with reading_work() as work:
        found = reading.find(work, state, cursor)
        may_begin = reading.may_begin(work)
    kept: dict[str, Any] = {"state": state} if state else {}
    page = render_template(
        "draws.html",
        steps=steps((TITLE, None)),
        listed=found,
        state=state,
        may_begin=may_begin,
        **WORDS,
        first=url_for("draws.find", **kept) if cursor else "",
        following=url_for("draws.find", **kept, cursor=found.following) if found.following else "",
    )
    return Response(page)


@pages.get("/draws/<int:draw_id>")
@needs(Permission.SEE_DRAWS)
def show(draw_id: int) -> Response:
    return _show(draw_id)


def _show(draw_id: int, errors: dict[str, str] | None = None) -> Response:
    with reading_work() as work:
        view = reading.get(work, draw_id)
        ranking = rankings.of_draw(work, draw_id)
        known = terms.everything(work)
        county_names = terms.names(work, [share.county for share in view.counties])
    page = render_template(
        "draw.html",
        steps=steps((TITLE, url_for("draws.find")), (view.row.number, None)),
        view=view,
        row=view.row,
        ranking=ranking,
        county_names=county_names,
        sectors=listed([known.name(TermKind.SECTOR, code) for code in view.sectors]),
        themes=listed([known.name(TermKind.TAG, code) for code in view.themes]),
        parameters_sha256=sha256(view.sealed.parameters) if view.sealed.parameters else "",
        sure=[line for line in view.lines if line.entry.mandatory],
        way=timeline(view.history).entries[::-1],
        choices=[
            (line.enterprise_id, line.entry.name)
            for line in sorted(view.lines, key=lambda one: one.entry.name)
        ],
        **WORDS,
        errors=errors or {},
        typed=request.form if errors else {},
    )
    return Response(page, 422 if errors else 200)


@pages.get("/draws/<int:draw_id>/roster")
@needs(Permission.SEE_DRAWS)
def roster(draw_id: int) -> Response:
    """Show the frozen roster, one county at a time."""
    with reading_work() as work:
        view = reading.get(work, draw_id)
        names = terms.names(work, [share.county for share in view.counties])
    counties = [(share.county, names.get(share.county, share.county)) for share in view.counties]
    first = counties[0][0] if counties else ""
    county = request.args.get("county", "")
    county = county if county in dict(counties) else first
    found = [line for line in view.lines if line.entry.county == county]
    page = render_template(
        "draw_roster.html",
        steps=steps(
            (TITLE, url_for("draws.find")),
            (view.row.number, url_for("draws.show", draw_id=draw_id)),
            (T("名录"), None),
        ),
        row=view.row,
        counties=counties,
        county=county,
        lines=sorted(found, key=lambda line: line.entry.id),
        **WORDS,
    )
    return Response(page)


@pages.post("/draws/<int:draw_id>/interests")
@needs(Permission.DECLARE_INTEREST)
def declare(draw_id: int) -> Response:
    """Declare an interest in the chosen enterprise or, with none chosen, that there is none."""
    none = request.form.get("interest") == "none"
    enterprise = None if none else number("enterprise")

    def act(work: Work) -> Response:
        declaring.declare(work, draw_id, enterprise, request.form.get("reason", ""))
        return see_other("draws.show", draw_id=draw_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(draw_id, refused(invalid))
    flash(read(T("已登记您的申报")), "success")
    return answer


@pages.get("/draws/<int:draw_id>/bundle")
@needs(Permission.SEE_DRAWS)
def bundle(draw_id: int) -> Response:
    with reading_work() as work:
        files = bundling.bundle(work, draw_id)
        _draw, row = reading.found(work, draw_id)
    return file_answer(pack(files), "application/zip", f"{row.number}.zip")


@pages.get("/public/draws")
@public(WHY)
def find_public() -> Response:
    cursor = request.args.get("cursor", "")
    found = publishing.find(deps(), cursor)
    page = render_template(
        "public_draws.html",
        listed=found,
        **WORDS,
        first=url_for("draws.find_public") if cursor else "",
        following=url_for("draws.find_public", cursor=found.following) if found.following else "",
    )
    return Response(page)


@pages.get("/public/draws/<draw_number>")
@public(WHY)
def show_public(draw_number: str) -> Response:
    cursor = request.args.get("cursor", "")
    view = publishing.get(deps(), draw_number, cursor)
    here: dict[str, Any] = {"draw_number": draw_number}
    page = render_template(
        "public_draw.html",
        view=view,
        row=view.row,
        **WORDS,
        first=url_for("draws.show_public", **here) if cursor else "",
        following=url_for("draws.show_public", **here, cursor=view.following)
        if view.following
        else "",
    )
    return Response(page)


@pages.get("/public/draws/<draw_number>/bundle")
@public(WHY)
def bundle_public(draw_number: str) -> Response:
    files = publishing.bundle(deps(), draw_number)
    return file_answer(pack(files), "application/zip", f"{draw_number}.zip")
