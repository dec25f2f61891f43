"""The home page."""

from flask import Blueprint, Response, render_template

from app.domain import NotFound
from app.domain.access import ROLE_NAMES, Permission, may_somewhere
from app.domain.text import T
from app.services import messages, organisations, profile
from app.services.tasks import lists
from app.web.forms import sample
from app.web.frame import business_now
from app.web.request import actor, deps, needs, reading
from app.web.words import MESSAGES

pages = Blueprint("home", __name__)
MESSAGES_SHOWN = 8


@pages.get("/")
@needs(Permission.OWN_ACCOUNT)
def show() -> Response:
    grants = actor().grants
    works = may_somewhere(actor(), Permission.SEE_CASE)
    with reading() as work:
        page = render_template(
            "home.html",
            grants=grants,
            names=organisations.named(work, [grant.organisation for grant in grants]),
            leaders=profile.leaders(work),
            roles=ROLE_NAMES,
            works=works,
            counts=lists.counts(work) if works else None,
            urgent=lists.urgent(work) if works else [],
            messages=messages.find(work, MESSAGES_SHOWN) if works else [],
            says=MESSAGES,
            now=work.now,
        )
    return Response(page)


@pages.get("/styleguide")
@needs(Permission.OWN_ACCOUNT)
def styleguide() -> Response:
    """Show every component with sample data, in a demo."""
    found = deps()
    if not found.installation.demo:
        raise NotFound(T("此系统不是演示环境"))
    return Response(render_template("styleguide.html", **sample.context(business_now(found))))
