"""Campaigns (专项行动): the list, one with its stages and days, and who of a batch is how far."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid
from app.domain.access import Permission, Thing, granted_by
from app.domain.casework import CaseStatus
from app.domain.deadlines import BEIJING
from app.domain.text import T, Text
from app.services import Work
from app.services.campaigns import entering, moving
from app.services.campaigns import reading as campaigns
from app.services.campaigns.reading import CampaignView, StageView
from app.services.cases import starting
from app.web.frame import steps
from app.web.language import read
from app.web.request import actor, needs, once, reading, refused, see_other
from app.web.words import STATUSES

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
TITLE = T("专项行动")
VIEWS: tuple[tuple[str, Text], ...] = (
    ("", T("全部")),
    ("open", T("未完成")),
    ("done", T("已完成")),
    ("failed", T("未能启动")),
)


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
    page = render_template(
        "campaign.html",
        steps=steps((TITLE, url_for("campaigns.find")), (view.row.name, None)),
        view=view,
        row=view.row,
        statuses=STATUSES,
        standing={stage.key: _standing(stage, today) for stage in view.stages},
        today=today,
        outside=outside,
        may_move=running and _may(view, Permission.MOVE_CAMPAIGN_DAY),
        may_tend=running and _may(view, Permission.TEND_CAMPAIGN),
        errors=errors or {},
        typed=request.form if errors or lost else {},
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


def _may(view: CampaignView, permission: Permission) -> bool:
    thing = Thing(place=view.place, organisation=view.owner_id)
    return granted_by(actor(), permission, thing) is not None


def _standing(stage: StageView, today: date) -> tuple[Text, str]:
    """Return in words and as a tone where a stage stands."""
    if today < stage.starts:
        return T("未开始"), "neutral"
    if stage.total and stage.done == stage.total:
        return T("已完成"), "done"
    return (T("进行中"), "todo") if today <= stage.ends else (T("已到期"), "late")


@pages.post("/<int:campaign_id>/days")
@needs(Permission.MOVE_CAMPAIGN_DAY)
def move(campaign_id: int) -> Response:
    form = request.form

    def act(work: Work) -> Response:
        day = _day(form.get("day", ""))
        moving.move(work, campaign_id, form.get("key", ""), day, form.get("reason", ""))
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


@pages.get("/<int:campaign_id>/batches/<int:number>")
@needs(Permission.SEE_CAMPAIGN)
def members(campaign_id: int, number: int) -> Response:
    state, cursor = request.args.get("state", ""), request.args.get("cursor", "")
    with reading() as work:
        view = campaigns.get(work, campaign_id)
        batch, rows, following = campaigns.members(work, campaign_id, number, state, cursor)
    here: dict[str, Any] = {"campaign_id": campaign_id, "number": number}
    page = render_template(
        "campaign_batch.html",
        steps=steps(
            (TITLE, url_for("campaigns.find")),
            (view.row.name, url_for("campaigns.show", campaign_id=campaign_id)),
            (batch.title, None),
        ),
        view=view,
        batch=batch,
        rows=rows,
        statuses=STATUSES,
        may_tend=view.row.status == CaseStatus.RUNNING and _may(view, Permission.TEND_CAMPAIGN),
        tabs=[
            {
                "href": url_for("campaigns.members", **here, state=key or None),
                "title": title,
                "current": state == key,
            }
            for key, title in VIEWS
        ],
        first=url_for("campaigns.members", **here, state=state or None) if cursor else "",
        following=url_for("campaigns.members", **here, state=state or None, cursor=following)
        if following
        else "",
    )
    return Response(page)
