"""Consent to electronic service (送达地址确认书): entered by staff, given by the party itself."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import Permission
from app.domain.text import T, Text
from app.services import Work, dossier, sessions
from app.services.enterprises import consents
from app.web.attached import describer, file_answer, sandboxed
from app.web.enterprises import TITLE as REGISTRY
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out
from app.web.frame import steps
from app.web.language import read
from app.web.request import deps, needs, once, origin, person, reading, see_other
from app.web.tasks import keep

pages = Blueprint("consents", __name__, url_prefix="/enterprises/<int:enterprise_id>/consents")
PASSWORD = "/password"  # noqa: S105  (where it stands in the form)


@pages.get("/new")
@needs(Permission.CONFIRM_SERVICE)
def new(enterprise_id: int) -> Response:
    return _sheet(enterprise_id)


def _sheet(
    enterprise_id: int,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
    status: int = 0,
) -> Response:
    """Show the form of a confirmation: the party's own, or that of a signed one."""
    with reading() as work:
        row = dossier.row_of(work, enterprise_id)
        blank = consents.blank(work, enterprise_id)
        given = blank.given if typed is None else typed
        describe = describer(work, [(blank.form, dict(given))])
    title = T("确认电子送达地址") if blank.own else T("登记送达地址确认书")
    here = url_for("enterprises.show", enterprise_id=enterprise_id)
    page = render_template(
        "consent_form.html",
        steps=steps((REGISTRY, url_for("enterprises.find")), (row.name, here), (title, None)),
        title=title,
        row=row,
        own=blank.own,
        sheet=lay_out(blank.form, given, errors=errors, describe=describe, key=f"consent-{row.id}"),
        error=read(errors[PASSWORD]) if errors and PASSWORD in errors else "",
    )
    return Response(page, status or (422 if errors else 200))


@pages.post("/new")
@needs(Permission.CONFIRM_SERVICE)
def enter(enterprise_id: int) -> Response:
    with reading() as work:
        blank = consents.blank(work, enterprise_id)
    posted = receive(blank.form, request.form, request.files, store=keep)
    typed = posted.answers
    if posted.again or posted.refused:
        return _sheet(enterprise_id, typed, posted.refused)

    def act(work: Work) -> Response:
        consents.enter(work, enterprise_id, typed)
        return see_other("enterprises.show", enterprise_id=enterprise_id)

    check = asked_for_password(request.form.get("password", "")) if blank.own else None
    try:
        answer = once(act, first=check)
    except Invalid as invalid:
        return _sheet(enterprise_id, typed, invalid.errors)
    except sessions.TooMany as wait:
        return _sheet(enterprise_id, typed, {PASSWORD: wait.text}, 429)
    flash(read(T("电子送达地址已登记")), "success")
    return answer


def asked_for_password(password: str) -> Callable[[], None]:
    """Return what makes sure that it is the party itself who gives its consent."""
    return lambda: sessions.confirm(deps(), person(), password, origin(), PASSWORD)


@pages.post("/<int:consent_id>/withdraw")
@needs(Permission.CONFIRM_SERVICE)
def withdraw(enterprise_id: int, consent_id: int) -> Response:
    def act(work: Work) -> Response:
        consents.withdraw(work, enterprise_id, consent_id, request.form.get("reason", ""))
        return see_other("enterprises.show", enterprise_id=enterprise_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        flash(read(invalid.text), "danger")
        return see_other("enterprises.show", enterprise_id=enterprise_id)
    flash(read(T("电子送达确认已撤回，此后不再以电子方式送达")), "success")
    return answer


@pages.get("/<int:consent_id>/papers/<int:number>")
@needs(Permission.SEE_ENTERPRISES)
def paper(enterprise_id: int, consent_id: int, number: int) -> Response:
    with reading() as work:
        found = consents.paper(work, enterprise_id, consent_id, number)
    return sandboxed(file_answer(found.data, found.media_type, found.name))
