"""The rule by which counties are scored: its versions, and the form in which the next is made."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import Permission, may_somewhere
from app.domain.scoring import EMPTIES
from app.domain.scoring.editing import edit_form
from app.domain.text import T, Text
from app.services import Stale, Work
from app.services.rankings import rules
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import read
from app.web.request import actor, needs, number, once, reading, see_other

pages = Blueprint("scoring", __name__, url_prefix="/rankings/rule")
TITLE = T("评分办法")


def _way(*more: tuple[Text | str, str | None]) -> Any:
    if may_somewhere(actor(), Permission.SEE_DRAWS):
        return steps((T("县级排名"), url_for("rankings.find")), *more)
    return steps(*more)


@pages.get("")
@needs(Permission.SEE_SCORING)
def show() -> Response:
    with reading() as work:
        found = rules.find(work)
        may_keep = rules.may_keep(work)
    page = render_template(
        "ranking_rule.html",
        steps=_way((TITLE, None)),
        rows=found,
        may_keep=may_keep,
        empties=EMPTIES,
    )
    return Response(page)


@pages.get("/edit")
@needs(Permission.MANAGE_SCORING)
def edit() -> Response:
    with reading() as work:
        first, seen = rules.answers(work)
    return _sheet(first, seen)


def _sheet(
    typed: Mapping[str, Any],
    seen: int,
    errors: Mapping[str, Text] | None = None,
    *,
    lost: Text | None = None,
) -> Response:
    page = render_template(
        "ranking_rule_form.html",
        steps=_way((TITLE, url_for("scoring.show")), (T("编辑新版本"), None)),
        seen=seen,
        sheet=lay_out(edit_form(), typed, errors=errors, key="scoring", version=str(seen)),
        lost=lost,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("/edit")
@needs(Permission.MANAGE_SCORING)
def publish() -> Response:
    with reading() as work:
        first, _newest = rules.answers(work)
    typed, seen = receive(edit_form(), request.form, given=first).answers, number("seen")

    def act(work: Work) -> Response:
        rules.publish(work, typed, seen)
        return see_other("scoring.show")

    try:
        answer = once(act)
    except Invalid as invalid:
        return _sheet(typed, seen, invalid.errors)
    except Stale as stale:
        return _sheet(typed, seen, lost=stale.text)
    flash(read(T("评分办法已发布，自施行日期起统计得分使用新版本")), "success")
    return answer
