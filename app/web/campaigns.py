"""Campaigns (专项行动): the list, one with its figures, stages and days, and who is how far."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid
from app.domain.access import Permission, Thing, granted_by
from app.domain.access import covers as covered
from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.enterprises import TermKind
from app.domain.progress import COVERS, STANDINGS
from app.domain.text import T, Text
from app.services import Work
from app.services.campaigns import entering, exporting, figures, moving
from app.services.campaigns import members as listing
from app.services.campaigns import reading as campaigns
from app.services.campaigns.members import CoverRow, MemberRow, Sought, Wanted
from app.services.campaigns.reading import BatchView, CampaignRow
from app.services.cases import starting
from app.services.enterprises import terms
from app.services.holders import NOBODY
from app.services.tasks import burdens
from app.web import campaign_files, exports
from app.web import figures as charts
from app.web.frame import steps
from app.web.language import day, listed, read
from app.web.request import actor, needs, number_asked, once, reading, refused, see_other
from app.web.words import STATUSES

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
TITLE = T("专项行动")
SHOWN = 10
"""How many divisions, sectors and people the page shows; the batch's own page has all."""
ANCHORS = {"division": "division", "sector": "division", "tasks": "tasks"}
"""The charts that no other page has in whole, with where they stand: one is shown so if asked."""


@pages.get("/")
@needs(Permission.SEE_CAMPAIGN)
def find() -> Response:
    cursor = request.args.get("cursor", "")
    with reading() as work:
        rows, following = campaigns.find(work, cursor)
        page = render_template(
            "campaigns.html",
            steps=steps((TITLE, None)),
            rows=rows,
            statuses=STATUSES,
            startable=[row for row in starting.startable(work) if row.about_office],
            first=url_for("campaigns.find") if cursor else "",
            following=url_for("campaigns.find", cursor=following) if following else "",
        )
    return Response(page)


@pages.get("/<int:campaign_id>")
@needs(Permission.SEE_CAMPAIGN)
def show(campaign_id: int) -> Response:
    return _show(campaign_id)


def _show(
    campaign_id: int, errors: dict[str, str] | None = None, lost: Text | None = None
) -> Response:
    with reading() as work:
        view = campaigns.get(work, campaign_id)
        today = work.now.astimezone(BEIJING).date()
        running = view.row.status == CaseStatus.RUNNING
        outside = entering.outside(work, campaign_id) if running else 0
        covered = figures.coverage(work, campaign_id)
        hazards = figures.hazards(work, campaign_id)
        tasks = burdens.of_campaign(work, campaign_id)
        batch = charts.chosen(view, number_asked("batch"))
        progress = figures.progress(work, campaign_id, batch.id) if batch else None
    page = render_template(
        "campaign.html",
        steps=steps((TITLE, url_for("campaigns.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        statuses=STATUSES,
        today=today,
        outside=outside,
        covered=covered,
        tiles=charts.tiles(campaign_id, covered, hazards.tallies, tasks),
        line=charts.of_time(view.stages, today),
        stages=charts.stage_rows(view, today),
        of_coverage=charts.of_coverage(campaign_id, covered),
        of_stages=charts.of_stages(view),
        of_tasks=charts.of_tasks(campaign_id, tasks),
        of_hazards=charts.of_hazards(campaign_id, hazards.tallies),
        of_spread=charts.of_spread(campaign_id, hazards),
        batch=batch,
        batches=[(one.id, _title(one)) for one in view.batches],
        ways=charts.ways(campaign_id, batch.id, progress) if batch and progress else {},
        way_titles=charts.WAYS,
        firsts=charts.FIRSTS,
        most=SHOWN,
        mosts={key: 0 if request.args.get("whole") == key else SHOWN for key in ANCHORS},
        wholes={
            key: url_for("campaigns.show", campaign_id=campaign_id, whole=key, _anchor=anchor)
            for key, anchor in ANCHORS.items()
        },
        may_move=_may(view.row, Permission.MOVE_CAMPAIGN_DAY),
        may_tend=_may(view.row, Permission.TEND_CAMPAIGN),
        errors=errors or {},
        typed=request.form if errors or lost else {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


def _title(batch: BatchView) -> str:
    return listed([batch.title, day(batch.period)] if batch.period else [batch.title])


def _may(row: CampaignRow, permission: Permission) -> bool:
    """Return whether the reader may do something to a campaign, as long as it runs."""
    thing = Thing(place=row.place, organisation=row.owner_id)
    running = row.status == CaseStatus.RUNNING
    return running and granted_by(actor(), permission, thing) is not None


@pages.post("/<int:campaign_id>/days")
@needs(Permission.MOVE_CAMPAIGN_DAY)
def move(campaign_id: int) -> Response:
    form = request.form

    def act(work: Work) -> Response:
        new = _day(form.get("day", ""))
        moving.move(work, campaign_id, form.get("key", ""), new, form.get("reason", ""))
        return see_other("campaigns.show", campaign_id=campaign_id)

    return _done(campaign_id, act, T("日期已调整，有关期限随后重新计算"))


def _done(campaign_id: int, act: Callable[[Work], Response], told: Text) -> Response:
    """Do something to a campaign and tell so, or show its page with what speaks against it."""
    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(campaign_id, refused(invalid))
    except Conflict as conflict:
        return _show(campaign_id, lost=conflict.text)
    flash(read(told), "success")
    return answer


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@pages.post("/<int:campaign_id>/members")
@needs(Permission.TEND_CAMPAIGN)
def take_in(campaign_id: int) -> Response:
    def act(work: Work) -> Response:
        entering.take_in(work, campaign_id)
        return see_other("campaigns.show", campaign_id=campaign_id)

    return _done(campaign_id, act, T("已纳入，正在后台启动相应事项"))


@pages.post("/<int:campaign_id>/batches/<int:number>/again")
@needs(Permission.TEND_CAMPAIGN)
def try_again(campaign_id: int, number: int) -> Response:
    def act(work: Work) -> Response:
        entering.try_again(work, campaign_id, number)
        return see_other("campaigns.members", campaign_id=campaign_id, number=number)

    return _done(campaign_id, act, T("正在后台重新启动"))


def _wanted(campaign_id: int, number: int) -> Wanted:
    """Return what the address asks the members of a batch for."""
    args = request.args
    return Wanted(
        campaign_id,
        number,
        args.get("state", ""),
        args.get("division", ""),
        args.get("sector", ""),
        args.get("holder", ""),
    )


@pages.get("/<int:campaign_id>/batches/<int:number>")
@needs(Permission.SEE_CAMPAIGN)
def members(campaign_id: int, number: int) -> Response:
    """Show the members of a batch, or how far they are `by` division, sector or person."""
    by = request.args.get("by", "")
    with reading() as work:
        campaign = campaigns.one(work, campaign_id)
        if by in charts.WAYS:
            batch = campaigns.get_batch(work, campaign_id, number)
            progress = figures.progress(work, campaign_id, number)
            shown: dict[str, Any] = {"chart": charts.ways(campaign_id, number, progress)[by]}
        else:
            by = ""
            batch, shown = _members(work, campaign, number)
    page = render_template(
        "campaign_batch.html",
        steps=steps(
            (TITLE, url_for("campaigns.find")),
            (campaign.name, url_for("campaigns.show", campaign_id=campaign_id)),
            (batch.title, None),
        ),
        campaign=campaign,
        batch=batch,
        may_tend=_may(campaign, Permission.TEND_CAMPAIGN),
        by=by,
        way_titles=charts.WAYS,
        firsts=charts.FIRSTS,
        tabs=[
            {
                "href": url_for(
                    "campaigns.members", campaign_id=campaign_id, number=number, by=key or None
                ),
                "title": title,
                "current": key == by,
            }
            for key, title in (("", T("名单")), *charts.WAYS.items())
        ],
        **shown,
    )
    return Response(page)


def _members(work: Work, campaign: CampaignRow, number: int) -> tuple[BatchView, dict[str, Any]]:
    """Return a batch and what its page shows of the list of its members."""
    wanted, cursor = _wanted(campaign.id, number), request.args.get("cursor", "")
    found = listing.find(work, wanted, cursor)
    here: dict[str, Any] = {"campaign_id": campaign.id, "number": number}
    kept = _kept()
    return found.batch, {
        "found": found,
        "wanted": wanted,
        "words": _words(work, found.rows),
        "standings": STANDINGS,
        "tones": {one.key: one.tone for one in charts.OF_MEMBERS},
        "choices": _choices(work, campaign),
        "holder": _holder(wanted, found.rows),
        "wider": url_for(
            "campaigns.members", **here, **{key: kept[key] for key in kept if key != "holder"}
        ),
        "here": here,
        "kept": kept,
        "export": url_for("campaigns.export_members", **here, **kept),
        "first": url_for("campaigns.members", **here, **kept) if cursor else "",
        "following": url_for("campaigns.members", **here, **kept, cursor=found.following)
        if found.following
        else "",
    }


def _holder(wanted: Wanted, rows: Sequence[MemberRow]) -> Text | None:
    """Return who the list is narrowed to: all its rows are theirs."""
    if wanted.holder == NOBODY:
        return T("无人经办")
    return rows[0].holder if wanted.holder and rows else None


NARROWS = ("state", "division", "sector", "holder", "cover", "found")


def _kept() -> dict[str, Any]:
    """Return by what the address narrows a list of members."""
    return {key: told for key in NARROWS if (told := request.args.get(key))}


def _words(work: Work, rows: Sequence[MemberRow | CoverRow]) -> dict[str, Any]:
    """Return what the divisions and sectors of rows are called."""
    known = terms.everything(work)
    sectors = {row.sector for row in rows if row.sector}
    return {
        "division": terms.names(work, {row.place for row in rows}),
        "sector": {code: known.name(TermKind.SECTOR, code) for code in sectors},
    }


def _choices(work: Work, campaign: CampaignRow) -> dict[str, list[tuple[str, Any]]]:
    """Return the divisions and sectors by which a list of members can be narrowed."""
    places, known = terms.places(work), terms.everything(work)
    return {
        "division": [
            (place.place, place.name) for place in places if covered(campaign.place, place.place)
        ],
        "sector": [
            *((row.code, row.name) for row in known.active(TermKind.SECTOR)),
            (NOBODY, T("未填行业")),
        ],
    }


def _sought(campaign_id: int) -> Sought:
    """Return what the address asks the members of a campaign for."""
    args = request.args
    return Sought(
        campaign_id,
        args.get("cover", ""),
        "none" if args.get("found") == "none" else "",
        args.get("division", ""),
        args.get("sector", ""),
    )


@pages.get("/<int:campaign_id>/members")
@needs(Permission.SEE_CAMPAIGN)
def covers(campaign_id: int) -> Response:
    """Show who is in a campaign, and whether they were inspected."""
    sought, cursor = _sought(campaign_id), request.args.get("cursor", "")
    with reading() as work:
        campaign = campaigns.one(work, campaign_id)
        found = listing.covers(work, sought, cursor)
        words = _words(work, found.rows)
        choices = _choices(work, campaign)
    kept = _kept()
    here: dict[str, Any] = {"campaign_id": campaign_id}
    page = render_template(
        "campaign_members.html",
        steps=steps(
            (TITLE, url_for("campaigns.find")),
            (campaign.name, url_for("campaigns.show", campaign_id=campaign_id)),
            (T("企业名单"), None),
        ),
        campaign=campaign,
        found=found,
        sought=sought,
        words=words,
        covers=COVERS,
        tones={one.key: one.tone for one in charts.OF_COVERAGE},
        choices={
            "cover": [("left", T("未覆盖（全部）")), *COVERS.items()],
            "found": [("none", T("检查查不出问题"))],
            **choices,
        },
        kept=kept,
        here=here,
        export=url_for("campaigns.export_covers", **here, **kept),
        first=url_for("campaigns.covers", **here, **kept) if cursor else "",
        following=url_for("campaigns.covers", **here, **kept, cursor=found.following)
        if found.following
        else "",
    )
    return Response(page)


@pages.post("/<int:campaign_id>/batches/<int:number>/export")
@needs(Permission.SEE_CAMPAIGN)
def export_members(campaign_id: int, number: int) -> Response:
    """Hand out all members of a batch that the list finds, as a file."""
    heading, lines = campaign_files.member_heading, campaign_files.member_lines
    return _taken(_wanted(campaign_id, number), listing.find, heading, lines)


@pages.post("/<int:campaign_id>/members/export")
@needs(Permission.SEE_CAMPAIGN)
def export_covers(campaign_id: int) -> Response:
    """Hand out all members of a campaign that the list finds, as a file."""
    heading, lines = campaign_files.cover_heading, campaign_files.cover_lines
    return _taken(_sought(campaign_id), listing.covers, heading, lines)


def _taken(
    wanted: Any,
    find: Callable[..., Any],
    heading: Callable[[], list[str]],
    lines: Callable[..., list[list[Any]]],
) -> Response:
    """Hand out all members that a list finds, as a file."""
    with reading() as work:
        found = find(work, wanted, size=exporting.MOST)
        words = _words(work, found.rows)
        today = work.now.astimezone(BEIJING).date()
    kind, title = exports.wanted_kind(request.form.get("format")), str(read(T("企业名单")))
    body = lines(found.rows, words)
    return exports.recorded("member.export", wanted, kind, title, heading(), body, today)


@pages.post("/<int:campaign_id>/export")
@needs(Permission.SEE_CAMPAIGN)
def export(campaign_id: int) -> Response:
    """Hand out a campaign with its figures, its members and its hazards, as a file."""
    wanted = exporting.Campaign(campaign_id)
    with reading() as work:
        whole = exporting.everything(work, wanted)
        tasks = burdens.of_campaign(work, campaign_id)
        words = _words(work, whole.members)
        today = work.now.astimezone(BEIJING).date()
    found = campaign_files.tables(whole, tasks, words)
    return exports.recorded_book("campaign.export", wanted, whole.view.row.name, found, today)
