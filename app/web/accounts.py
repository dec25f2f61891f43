"""Administration of accounts and roles."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Permission
from app.domain.text import T
from app.services import Work, accounts, organisations, pins, roles
from app.services.accounts import AccountForm
from app.web.frame import steps
from app.web.language import read
from app.web.lines import timeline
from app.web.organisations import role_typed
from app.web.request import (
    me,
    needs,
    number,
    number_asked,
    once,
    reading,
    refused,
    see_other,
)

pages = Blueprint("accounts", __name__, url_prefix="/accounts")
TITLE = T("用户")


@pages.get("/")
@needs(Permission.MANAGE_ACCOUNTS)
def find() -> Response:
    q, after = request.args.get("q", ""), request.args.get("cursor", "")
    with reading() as work:
        rows, following = accounts.find(work, q, after)
    page = render_template(
        "accounts.html",
        steps=steps((TITLE, None)),
        rows=rows,
        q=q,
        first=not after,
        following=following,
        roles=ROLE_NAMES,
    )
    return Response(page)


@pages.get("/<int:account_id>")
@needs(Permission.MANAGE_ACCOUNTS)
def show(account_id: int) -> Response:
    return _show(account_id)


def _show(account_id: int, part: str = "", errors: dict[str, str] | None = None) -> Response:
    person = me()
    with reading() as work:
        account = accounts.get(work, account_id)
        home = organisations.get(work, account.home_id)
        page = render_template(
            "account.html",
            steps=steps((TITLE, url_for("accounts.find")), (account.name, None)),
            account=account,
            oneself=person is not None and person.actor.id == account_id,
            place=home.place,
            seats=roles.seats(work, home.place),
            roles=ROLE_NAMES,
            history=timeline(accounts.history(work, account_id, number_asked("before"))),
            part=part,
            typed=request.form if part else {},
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


def _write(account_id: int, part: str, change: Callable[[Work], None]) -> Response:
    """Do one change of an account and show it again, with what was wrong at its field."""

    def act(work: Work) -> Response:
        change(work)
        return see_other("accounts.show", account_id=account_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(account_id, part, refused(invalid))
    flash(read(T("已保存")), "success")
    return answer


@pages.post("/<int:account_id>")
@needs(Permission.MANAGE_ACCOUNTS)
def update(account_id: int) -> Response:
    form = request.form
    typed = AccountForm(
        "",
        form.get("name", ""),
        form.get("phone", ""),
        form.get("email", ""),
        form.get("licence", ""),
    )
    revision = number("revision")
    return _write(
        account_id, "update", lambda work: accounts.update(work, account_id, revision, typed)
    )


@pages.post("/<int:account_id>/active")
@needs(Permission.MANAGE_ACCOUNTS)
def set_active(account_id: int) -> Response:
    active, reason = request.form.get("active") == "1", request.form.get("reason", "")
    return _write(
        account_id,
        "active",
        lambda work: accounts.set_active(work, account_id, active=active, reason=reason),
    )


@pages.post("/<int:account_id>/password")
@needs(Permission.MANAGE_ACCOUNTS)
def reset_password(account_id: int) -> Response:
    password = request.form.get("password", "")
    return _write(
        account_id, "password", lambda work: accounts.reset_password(work, account_id, password)
    )


@pages.post("/<int:account_id>/pin/release")
@needs(Permission.MANAGE_KEYS)
def release_pin(account_id: int) -> Response:
    reason, revoke = request.form.get("reason", ""), request.form.get("revoke") == "1"
    return _write(
        account_id,
        "pin",
        lambda work: pins.release(work, account_id, reason, revoke=revoke),
    )


@pages.post("/<int:account_id>/roles")
@needs(Permission.MANAGE_ACCOUNTS)
def add_role(account_id: int) -> Response:
    organisation = number("organisation")
    return _write(
        account_id, "role", lambda work: roles.add(work, account_id, role_typed(), organisation)
    )


@pages.post("/<int:account_id>/roles/remove")
@needs(Permission.MANAGE_ACCOUNTS)
def remove_role(account_id: int) -> Response:
    organisation = number("organisation")
    return _write(
        account_id, "role", lambda work: roles.remove(work, account_id, role_typed(), organisation)
    )
