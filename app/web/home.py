"""The home page."""

from flask import Blueprint, Response, render_template

from app.domain.access import ROLE_NAMES, Permission
from app.services import organisations, profile
from app.web.request import actor, needs, reading

pages = Blueprint("home", __name__)


@pages.get("/")
@needs(Permission.OWN_ACCOUNT)
def show() -> Response:
    grants = actor().grants
    with reading() as work:
        names = organisations.named(work, [grant.organisation for grant in grants])
        leaders = profile.leaders(work)
    page = render_template(
        "home.html", grants=grants, names=names, leaders=leaders, roles=ROLE_NAMES
    )
    return Response(page)
