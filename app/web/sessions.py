"""Sign in, sign out, and the language."""

from flask import Blueprint, Response, render_template, request, session
from flask_login import login_user, logout_user

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Permission, Role
from app.services import profile, sessions
from app.services.demo import filling
from app.web import language
from app.web.language import LANGUAGES, is_local
from app.web.request import (
    User,
    actor,
    deps,
    me,
    needs,
    origin,
    public,
    see_other,
)

pages = Blueprint("sessions", __name__)


@pages.get("/sign-in")
@public("this is how one signs in")
def sign_in() -> Response:
    if me() is not None:
        return _onward()
    return _form("", {})


def _form(username: str, errors: dict[str, str], status: int = 200) -> Response:
    found = deps()
    demo = filling.accounts(found) if found.installation.demo else []
    page = render_template(
        "sign_in.html",
        username=username,
        errors=errors,
        accounts=[account for account in demo if not account.listed],
        listed=sorted(a.username for a in demo if a.listed and a.role is Role.PRINCIPAL),
        role_names=ROLE_NAMES,
        next=request.values.get("next", ""),
    )
    return Response(page, status)


@pages.post("/sign-in")
@public("this is how one signs in")
def open_session() -> Response:
    username = request.form.get("username", "")
    try:
        ticket = sessions.sign_in(
            deps(), username, request.form.get("password", ""), origin(), token=False
        )
    except (Invalid, sessions.TooMany) as refused:
        status = 422 if isinstance(refused, Invalid) else 429
        return _form(username, {"password": language.read(refused.text)}, status)
    found = sessions.whoever(deps(), ticket.secret, token=False)
    assert found is not None  # noqa: S101  (opened a moment ago)
    session.clear()  # nothing chosen before the sign-in survives it
    login_user(User(ticket.secret, found))
    return _onward()


def _onward() -> Response:
    target = request.values.get("next", "")
    if target and is_local(target):
        return Response(status=303, headers={"Location": target})
    return see_other("home.show")


@pages.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> Response:
    person = me()
    assert person is not None  # noqa: S101  (the permission asks for somebody)
    with deps().transaction(actor()) as work:
        sessions.sign_out(work, person.digest)
    logout_user()
    session.clear()
    return see_other("sessions.sign_in")


@pages.get("/language/<code>")
@public("whoever reads a page may choose its language")
def choose_language(code: str) -> Response:
    if me() is not None and code in LANGUAGES:
        with deps().transaction(actor()) as work:
            profile.set_language(work, code)
    answer: Response = language.switch(code, request.args.get("next"))  # type: ignore[assignment]
    return answer
