"""Administration of divisions and organisations."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Family, Permission, Role, code_of
from app.domain.text import T, Text
from app.services import Work, accounts, divisions, organisations, roles
from app.services.divisions import DivisionPage
from app.services.organisations import OrganisationForm
from app.web.frame import steps
from app.web.language import chosen, read
from app.web.lines import timeline
from app.web.request import needs, number, number_asked, once, reading, refused, see_other

pages = Blueprint("organisations", __name__, url_prefix="/organisations")
TITLE = T("单位")


@pages.get("/")
@needs(Permission.MANAGE_ORGANISATIONS)
def tree() -> Response:
    return _division(request.args.get("place"))


def _division(place: str | None, part: str = "", errors: dict[str, str] | None = None) -> Response:
    q = request.args.get("q", "").strip()
    with reading() as work:
        division = divisions.get(work, place)
        here = division.here
        page = render_template(
            "organisations.html",
            steps=_way(division),
            division=division,
            code=code_of(here.place) if here and here.place else "",
            rows=_rows(work, division, q),
            q=q,
            kind_options=[
                (kind.code, kind.name if chosen() == "zh" else kind.name_en)
                for kind in organisations.kinds(work)
            ],
            zones_possible=here is not None and here.place and not here.zone,
            part=part,
            typed=request.form if part else {},
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


def _rows(work: Work, division: DivisionPage, q: str) -> Any:
    if q:
        return organisations.find(work, q)
    return organisations.of(work, division.here.place) if division.here else []


def _way(division: DivisionPage) -> Any:
    above = [(d.name, url_for("organisations.tree", place=d.place)) for d in division.above]
    here = [(division.here.name, None)] if division.here else []
    top = url_for("organisations.tree") if here else None
    return steps((TITLE, top), *above, *here)


def _write(
    change: Callable[[Work], Response], again: Callable[[dict[str, str]], Response]
) -> Response:
    """Do one change; if it is refused, show the form again with what is wrong at its fields."""
    try:
        answer = once(change)
    except Invalid as invalid:
        return again(refused(invalid))
    flash(read(T("已保存")), "success")
    return answer


@pages.post("/")
@needs(Permission.MANAGE_ORGANISATIONS)
def create() -> Response:
    form, place = request.form, request.form.get("place", "")

    def add(work: Work) -> Response:
        created = organisations.create(work, place, form.get("kind", ""), _typed())
        return see_other("organisations.show", organisation_id=created)

    return _write(add, lambda errors: _division(place, "organisation", errors))


def _typed() -> OrganisationForm:
    return OrganisationForm(request.form.get("name", ""), request.form.get("short", ""))


@pages.post("/divisions")
@needs(Permission.MANAGE_ORGANISATIONS)
def create_division() -> Response:
    form, parent = request.form, request.form.get("place", "")

    def add(work: Work) -> Response:
        place = divisions.create(work, parent, form.get("name", ""), form.get("code", ""))
        return see_other("organisations.tree", place=place)

    return _write(add, lambda errors: _division(parent, "division", errors))


@pages.post("/zones")
@needs(Permission.MANAGE_ORGANISATIONS)
def create_zone() -> Response:
    form, parent = request.form, request.form.get("place", "")

    def add(work: Work) -> Response:
        place = divisions.create_zone(work, parent, form.get("name", ""))
        return see_other("organisations.tree", place=place)

    return _write(add, lambda errors: _division(parent, "zone", errors))


@pages.get("/<int:organisation_id>")
@needs(Permission.MANAGE_ORGANISATIONS)
def show(organisation_id: int) -> Response:
    return _show(organisation_id)


def _show(organisation_id: int, part: str = "", errors: dict[str, str] | None = None) -> Response:
    after = request.args.get("cursor", "")
    with reading() as work:
        organisation = organisations.get(work, organisation_id)
        people, following = accounts.find(work, after=after, home_id=organisation_id)
        page = render_template(
            "organisation.html",
            steps=way_to(organisation),
            organisation=organisation,
            kept_here=organisation.kind.family is not Family.ENTERPRISE,
            people=people,
            first=not after,
            following=following,
            roles=ROLE_NAMES,
            role_options=[
                (r.value, ROLE_NAMES[r]) for r in roles.of_kind(work, organisation.kind.code)
            ],
            history=timeline(organisations.history(work, organisation_id, number_asked("before"))),
            part=part,
            typed=request.form if part else {},
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


def way_to(organisation: organisations.OrganisationRow, *further: Text) -> Any:
    """Return the way to an organisation's page, or to a page `further` on."""
    division = url_for("organisations.tree", place=organisation.place)
    here = url_for("organisations.show", organisation_id=organisation.id) if further else None
    return steps(
        (TITLE, url_for("organisations.tree")),
        (organisation.division, division),
        (organisation.name, here),
        *((title, None) for title in further),
    )


@pages.post("/<int:organisation_id>")
@needs(Permission.MANAGE_ORGANISATIONS)
def update(organisation_id: int) -> Response:
    def change(work: Work) -> Response:
        organisations.update(work, organisation_id, number("revision"), _typed())
        return see_other("organisations.show", organisation_id=organisation_id)

    return _write(change, lambda errors: _show(organisation_id, "update", errors))


@pages.post("/<int:organisation_id>/active")
@needs(Permission.MANAGE_ORGANISATIONS)
def set_active(organisation_id: int) -> Response:
    def change(work: Work) -> Response:
        organisations.set_active(
            work,
            organisation_id,
            active=request.form.get("active") == "1",
            reason=request.form.get("reason", ""),
        )
        return see_other("organisations.show", organisation_id=organisation_id)

    return _write(change, lambda errors: _show(organisation_id, "active", errors))


@pages.post("/<int:organisation_id>/accounts")
@needs(Permission.MANAGE_ACCOUNTS)
def create_account(organisation_id: int) -> Response:
    form = request.form

    def add(work: Work) -> Response:
        created = accounts.create(
            work,
            organisation_id,
            accounts.AccountForm(
                form.get("username", ""),
                form.get("name", ""),
                form.get("phone", ""),
                form.get("email", ""),
                form.get("licence", ""),
            ),
            form.get("password", ""),
        )
        return see_other("accounts.show", account_id=created)

    return _write(add, lambda errors: _show(organisation_id, "account", errors))


@pages.post("/<int:organisation_id>/roles")
@needs(Permission.MANAGE_ACCOUNTS)
def add_role(organisation_id: int) -> Response:
    form = request.form

    def add(work: Work) -> Response:
        organisations.managed(work, organisation_id)
        roles.add_by_name(work, form.get("username", ""), role_typed(), organisation_id)
        return see_other("organisations.show", organisation_id=organisation_id)

    return _write(add, lambda errors: _show(organisation_id, "role", errors))


def role_typed() -> Role:
    """Return the role that the form names.

    :raises Invalid: if there is none such
    """
    try:
        return Role(request.form.get("role", ""))
    except ValueError as unknown:
        raise Invalid({"/role": T("请选择角色")}) from unknown
