"""Who would be in a campaign, by name, before it starts."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.domain.access import Permission, covers
from app.domain.deadlines import BEIJING
from app.domain.enterprises import TermKind
from app.domain.text import T
from app.services import Work
from app.services.campaigns import exporting, previewing
from app.services.campaigns import reading as campaigns
from app.services.campaigns.previewing import Sought
from app.services.enterprises import terms
from app.services.enterprises.registry import EnterpriseRow
from app.services.enterprises.terms import Terms
from app.web import exports
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, reading, see_other

pages = Blueprint("previews", __name__, url_prefix="/campaigns")
TITLE = T("拟纳入企业")
PARTS = {
    "total": TITLE,
    "key": T("其中重点和不放心企业"),
    "left": T("本级直管而未纳入"),
}


def _sought(campaign_id: int) -> Sought:
    args = request.args
    return Sought(
        campaign_id,
        args.get("part", "total"),
        args.get("division", ""),
        args.get("sector", ""),
        args.get("q", ""),
    )


@pages.get("/<int:campaign_id>/scope")
@needs(Permission.SEE_CAMPAIGN)
def show(campaign_id: int) -> Response:
    """Show whom a campaign would take in; once it has started, whom it has."""
    sought, cursor = _sought(campaign_id), request.args.get("cursor", "")
    with reading() as work:
        if campaigns.name(work, campaign_id):
            return see_other("campaigns.covers", campaign_id=campaign_id)
        found = previewing.preview(work, sought, cursor)
        known = terms.everything(work)
        choices = _choices(work, found.place, known)
    kept: dict[str, Any] = {
        key: told for key in ("part", "division", "sector", "q") if (told := request.args.get(key))
    }
    here: dict[str, Any] = {"campaign_id": campaign_id}
    page = render_template(
        "campaign_scope.html",
        steps=steps(
            (T("专项行动"), url_for("campaigns.find")),
            (found.subject, url_for("cases.show", case_id=campaign_id)),
            (TITLE, None),
        ),
        found=found,
        listed=found.listed,
        sought=sought,
        known=known,
        kinds=TermKind,
        choices=choices,
        tabs=[
            {
                "href": url_for("previews.show", **here, part=part),
                "title": title,
                "current": part == sought.part,
                "count": found.counts[part],
            }
            for part, title in PARTS.items()
        ],
        here=here,
        kept=kept,
        clear=url_for("previews.show", **here, part=sought.part) if set(kept) - {"part"} else "",
        export=url_for("previews.export", **here, **kept),
        first=url_for("previews.show", **here, **kept) if cursor else "",
        following=url_for("previews.show", **here, **kept, cursor=found.listed.following)
        if found.listed.following
        else "",
    )
    return Response(page)


def _choices(work: Work, place: str, known: Terms) -> dict[str, list[tuple[str, Any]]]:
    return {
        "division": [
            (one.place, one.name) for one in terms.places(work) if covers(place, one.place)
        ],
        "sector": [(row.code, row.name) for row in known.active(TermKind.SECTOR)],
    }


@pages.post("/<int:campaign_id>/scope/export")
@needs(Permission.SEE_CAMPAIGN)
def export(campaign_id: int) -> Response:
    """Hand out all that the list finds, as a file."""
    sought = _sought(campaign_id)
    with reading() as work:
        listed = previewing.find(work, sought, size=exporting.MOST)
        known = terms.everything(work)
        today = work.now.astimezone(BEIJING).date()
    kind, title = exports.wanted_kind(request.form.get("format")), str(read(TITLE))
    head = (
        *(T("企业"), T("统一社会信用代码"), T("区划"), T("行业"), T("地址")),
        *(T("重点监管"), T("不放心企业")),
    )
    lines = [_line(row, known) for row in listed.rows]
    words = [str(read(word)) for word in head]
    return exports.recorded("member.export", sought, kind, title, words, lines, today)


def _line(row: EnterpriseRow, known: Terms) -> list[Any]:
    yes = str(read(T("是")))
    return [
        row.name,
        row.credit_code or "",
        row.division,
        read(known.name(TermKind.SECTOR, row.sector)) if row.sector else "",
        row.address,
        yes if row.key else "",
        yes if row.worrisome else "",
    ]
