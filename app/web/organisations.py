"""Administration of divisions and organisations."""

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Permission
from app.domain.text import T
from app.services import Work, accounts, organisations
from app.services.organisations import OrganisationForm
from app.web.frame import steps
from app.web.language import chosen, read
from app.web.request import needs, number, once, reading, refused, see_other

pages = Blueprint("organisations", __name__, url_prefix="/organisations")
TITLE = T("单位")


@pages.get("/")
@needs(Permission.MANAGE_ORGANISATIONS)
def tree() -> Response:
    return _tree()


def _tree(part: str = "", errors: dict[str, str] | None = None) -> Response:
    with reading() as work:
        page = render_template(
            "organisations.html",
            steps=steps((TITLE, None)),
            tree=organisations.tree(work),
            kind_options=[
                (kind.code, kind.name if chosen() == "zh" else kind.name_en)
                for kind in organisations.kinds(work)
            ],
            part=part,
            typed=request.form if part else {},
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


@pages.post("/")
@needs(Permission.MANAGE_ORGANISATIONS)
def create() -> Response:
    form = request.form

    def add(work: Work) -> Response:
        created = organisations.create(work, form.get("place", ""), form.get("kind", ""), _typed())
        return see_other("organisations.show", organisation_id=created)

    try:
        return once(add)
    except Invalid as invalid:
        return _tree("organisation", refused(invalid))


def _typed() -> OrganisationForm:
    return OrganisationForm(request.form.get("name", ""), request.form.get("short", ""))


@pages.post("/zones")
@needs(Permission.MANAGE_ORGANISATIONS)
def create_zone() -> Response:
    form = request.form

    def add(work: Work) -> Response:
        organisations.create_zone(work, form.get("place", ""), form.get("name", ""))
        return see_other("organisations.tree")

    try:
        return once(add)
    except Invalid as invalid:
        return _tree("zone", refused(invalid))


@pages.get("/<int:organisation_id>")
@needs(Permission.MANAGE_ORGANISATIONS)
def show(organisation_id: int) -> Response:
    return _show(organisation_id)


def _show(organisation_id: int, part: str = "", errors: dict[str, str] | None = None) -> Response:
    with reading() as work:
        organisation = organisations.get(work, organisation_id)
        page = render_template(
            "organisation.html",
            steps=steps((TITLE, url_for("organisations.tree")), (organisation.name, None)),
            organisation=organisation,
            people=accounts.of(work, organisation_id),
            roles=ROLE_NAMES,
            part=part,
            typed=request.form if part else {},
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


@pages.post("/<int:organisation_id>")
@needs(Permission.MANAGE_ORGANISATIONS)
def update(organisation_id: int) -> Response:
    def change(work: Work) -> Response:
        organisations.update(work, organisation_id, number("revision"), _typed())
        return see_other("organisations.show", organisation_id=organisation_id)

    try:
        answer = once(change)
    except Invalid as invalid:
        return _show(organisation_id, "update", refused(invalid))
    flash(read(T("已保存")), "success")
    return answer


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

    try:
        return once(change)
    except Invalid as invalid:
        return _show(organisation_id, "active", refused(invalid))


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

    try:
        return once(add)
    except Invalid as invalid:
        return _show(organisation_id, "account", refused(invalid))
