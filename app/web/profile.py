"""One's own account: password, signing PIN, deputies, sessions."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, flash, render_template, request

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.deadlines import BEIJING
from app.domain.text import T
from app.services import Work, profile, sessions
from app.services.sessions import SignedIn
from app.web.devices import device
from app.web.language import read
from app.web.lines import timeline
from app.web.request import (
    deps,
    me,
    needs,
    number_asked,
    once,
    origin,
    reading,
    refused,
    see_other,
)

pages = Blueprint("profile", __name__, url_prefix="/me")
YEARS = range(2000, 2200)


def _person() -> SignedIn:
    person = me()
    assert person is not None  # noqa: S101  (the permission asks for somebody)
    return person


@pages.get("/")
@needs(Permission.OWN_ACCOUNT)
def show() -> Response:
    return _page()


def _page(part: str = "", errors: dict[str, str] | None = None) -> Response:
    """Show the account; `part` names the form that was refused, with what was typed in it."""
    before = number_asked("before")
    with reading() as work:
        page = render_template(
            "profile.html",
            this_session=sessions.key_of(_person().digest),
            pin=profile.pin(work),
            deputies=profile.deputies(work),
            sessions=sessions.mine(work),
            device=device,
            history=timeline(profile.history(work, before)),
            part=part,
            errors=errors or {},
            typed=request.form if part else {},
            today=work.now.astimezone(BEIJING).date().isoformat(),
        )
    return Response(page, 422 if errors else 200)


@pages.get("/password")
@needs(Permission.OWN_ACCOUNT)
def password() -> Response:
    return Response(render_template("password.html", person=_person(), errors={}))


@pages.post("/password")
@needs(Permission.OWN_ACCOUNT)
def change_password() -> Response:
    person, form = _person(), request.form
    old, new = form.get("old", ""), form.get("new", "")

    def check() -> None:
        if new != form.get("again"):
            raise Invalid({"/again": T("两次填写的新密码不一致")})
        sessions.confirm(deps(), person, old, origin(), "/old")

    def change(work: Work) -> Response:
        profile.change_password(work, old, new, person.digest)
        return see_other("profile.show")

    try:
        answer = once(change, first=check)
    except (Invalid, sessions.TooMany) as wrong:
        page = render_template("password.html", person=person, errors=_errors(wrong, "old"))
        return Response(page, 422 if isinstance(wrong, Invalid) else 429)
    flash(read(T("密码已修改，其他设备上的登录已退出")), "success")
    return answer


def _errors(wrong: Invalid | sessions.TooMany, field: str) -> dict[str, str]:
    return refused(wrong) if isinstance(wrong, Invalid) else {field: read(wrong.text)}


@pages.post("/pin")
@needs(Permission.OWN_ACCOUNT)
def change_pin() -> Response:
    person, form = _person(), request.form

    def check() -> None:
        if form.get("pin") != form.get("again"):
            raise Invalid({"/again": T("两次填写的签名口令不一致")})
        sessions.confirm(deps(), person, form.get("password", ""), origin(), "/password")
        profile.confirm_pin(deps(), person, form.get("old", ""), origin(), "/old")

    def change(work: Work) -> Response:
        profile.change_pin(work, form.get("pin", ""))
        return see_other("profile.show")

    try:
        answer = once(change, first=check)
    except (Invalid, sessions.TooMany) as wrong:
        return _page("pin", _errors(wrong, "password"))
    flash(read(T("签名口令已修改")), "success")
    return answer


@pages.post("/deputies")
@needs(Permission.OWN_ACCOUNT)
def name_deputy() -> Response:
    person, form = _person(), request.form

    def check() -> None:
        profile.confirm_pin(deps(), person, form.get("pin", ""), origin(), "/pin")

    def name(work: Work) -> Response:
        profile.name_deputy(
            work,
            form.get("username", ""),
            _start(form.get("since", ""), "/since"),
            # A deputy named until a day acts to its end.
            _start(form.get("until", ""), "/until") + timedelta(days=1),
            form.get("reason", ""),
        )
        return see_other("profile.show")

    try:
        answer = once(name, first=check)
    except (Invalid, sessions.TooMany) as wrong:
        return _page("deputy", _errors(wrong, "pin"))
    flash(read(T("授权代理已生效，记录在案")), "success")
    return answer


def _start(value: str, pointer: str) -> datetime:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise Invalid({pointer: T("请填写正确的日期，例如 2026-11-20")})
    return datetime.combine(day, time(), BEIJING)


@pages.post("/deputies/<int:deputy_row>/end")
@needs(Permission.OWN_ACCOUNT)
def end_deputy(deputy_row: int) -> Response:
    def end(work: Work) -> Response:
        profile.end_deputy(work, deputy_row)
        return see_other("profile.show")

    return once(end)


@pages.post("/sessions/<key>/close")
@needs(Permission.OWN_ACCOUNT)
def close_session(key: str) -> Response:
    def close(work: Work) -> Response:
        sessions.close(work, key)
        return see_other("profile.show")

    return once(close)


@pages.post("/sessions/close-others")
@needs(Permission.OWN_ACCOUNT)
def close_other_sessions() -> Response:
    person = _person()

    def close(work: Work) -> Response:
        sessions.close_others(work, person.digest)
        return see_other("profile.show")

    answer = once(close)
    flash(read(T("其他设备上的登录已全部退出")), "success")
    return answer
