"""Move a demo's business clock ahead, and see what became due on the way."""

from flask import Blueprint, Response, render_template, request

from app.domain import AppError, NotFound
from app.domain.access import Permission
from app.domain.text import T, Text
from app.services import clock as clocks
from app.services.clock import Advanced
from app.web.frame import steps
from app.web.language import read
from app.web.request import actor, deps, needs, reading

pages = Blueprint("clock", __name__, url_prefix="/demo/clock")
SPANS = (
    ("P1D", T("向前一天")),
    ("P1W", T("向前一周")),
    ("P1M", T("向前一个月")),
    ("P3M", T("向前三个月")),
)
NEXT = "next"
KINDS: dict[str, tuple[Text, str]] = {
    "timer": (T("时限到期"), "info"),
    "reminder": (T("期限提醒"), "soon"),
    "overdue": (T("超过期限"), "late"),
}


@pages.get("/")
@needs(Permission.MOVE_CLOCK)
def show() -> Response:
    return _show()


def _show(done: Advanced | None = None, wrong: str = "", status: int = 200) -> Response:
    if not deps().installation.demo:
        raise NotFound(T("只有演示环境可以拨动时钟"))
    with reading() as work:
        page = render_template(
            "clock.html",
            steps=steps((T("演示时钟"), None)),
            now=work.now,
            following=clocks.upcoming(work),
            spans=SPANS,
            kinds=KINDS,
            done=done,
            wrong=wrong,
        )
    return Response(page, status)


@pages.post("/")
@needs(Permission.MOVE_CLOCK)
def advance() -> Response:
    span = request.form.get("span", "")
    try:
        if span == NEXT:
            done = clocks.advance_to_next(deps(), actor())
        else:
            done = clocks.advance(deps(), actor(), span)
    except NotFound:
        raise
    except AppError as refused:
        return _show(wrong=read(refused.text), status=409)
    return _show(done)
