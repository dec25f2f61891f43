"""What the frame of every page shows: who is signed in, where one can go, the demo's clock."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, get_flashed_messages, request, url_for

from app.domain.access import Actor, Permission, may_somewhere
from app.domain.lanes import ENGLISH
from app.domain.text import T, Text
from app.services import Deps
from app.web.failures import unreachable
from app.web.request import deps, me

DIST = Path(__file__).parent / "static" / "dist"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere the navigation leads."""

    endpoint: str
    title: Text
    icon: str
    permission: Permission


WITHIN = {"issuing": "documents", "unserved": "documents"}
"""Pages that lie below those of another place."""
NAVIGATION: tuple[tuple[Text, tuple[Place, ...]], ...] = (
    (
        T("办理"),
        (
            Place("home.show", T("首页"), "home", Permission.OWN_ACCOUNT),
            Place("tasks.find", T("待办"), "tasks", Permission.SEE_CASE),
            Place("cases.find", T("案件"), "case", Permission.SEE_CASE),
            Place("enterprises.find", T("企业台账"), "plant", Permission.SEE_ENTERPRISES),
            Place("campaigns.find", T("专项行动"), "campaign", Permission.SEE_CAMPAIGN),
            Place("reports.find", T("定期报送"), "calendar", Permission.SEE_REPORTS),
            Place("hazards.find", T("隐患台账"), "hazard", Permission.SEE_HAZARDS),
            Place("draws.find", T("双随机抽查"), "draw", Permission.SEE_DRAWS),
            Place("documents.find", T("文书"), "paper", Permission.SEE_DOCUMENT),
            Place("procedures.find", T("流程"), "flow", Permission.SEE_PROCEDURES),
            Place("checklists.find", T("检查清单"), "shield", Permission.SEE_CHECKLISTS),
            Place("clauses.find", T("法条"), "audit", Permission.SEE_CLAUSES),
        ),
    ),
    (
        T("管理"),
        (
            Place("incidents.find", T("故障"), "warning", Permission.SEE_INCIDENT),
            Place("audit.find", T("操作记录"), "audit", Permission.SEARCH_HISTORY),
            Place("workdays.show", T("工作日历"), "calendar", Permission.PUBLISH_CALENDAR),
            Place("organisations.tree", T("单位"), "users", Permission.MANAGE_ORGANISATIONS),
            Place("scoring.show", T("评分办法"), "draw", Permission.MANAGE_SCORING),
            Place("wordings.find", T("文书用语"), "paper", Permission.MANAGE_WORDING),
            Place("terms.home", T("台账词表"), "words", Permission.MANAGE_TERMS),
            Place("accounts.find", T("用户"), "user", Permission.MANAGE_ACCOUNTS),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Who:
    """The signed-in person as the frame shows them."""

    username: str
    name: str
    initial: str
    organisation: str


def init_app(flask: Flask) -> None:
    """Give every template what the frame needs."""
    flask.jinja_env.globals.update(lanes=ENGLISH, asset=asset, new_key=new_key)
    flask.context_processor(_context)


def _context() -> dict[str, Any]:
    if unreachable():
        return {"me": None, "navigation": [], "demo": False, "flashes": []}
    person = me()
    found = deps()
    demo = found.installation.demo
    return {
        "me": person
        and Who(person.username, person.actor.name, person.actor.name[:1], person.home),
        "navigation": _navigation(person.actor) if person else [],
        "demo": demo,
        "business_now": business_now(found) if demo else None,
        "flashes": get_flashed_messages(with_categories=True),
        "sign_out_url": url_for("sessions.sign_out"),
    }


def business_now(found: Deps) -> datetime:
    """Return the time by which cases run."""
    with found.system_reading("the clock is public") as work:
        return work.now


def _navigation(actor: Actor) -> list[dict[str, Any]]:
    groups = []
    for title, places in NAVIGATION:
        items = [_item(place) for place in places if may_somewhere(actor, place.permission)]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _item(place: Place) -> dict[str, Any]:
    blueprint = place.endpoint.partition(".")[0]
    return {
        "href": url_for(place.endpoint),
        "title": place.title,
        "icon": place.icon,
        "current": blueprint in (request.blueprint, WITHIN.get(request.blueprint or "")),
        "count": 0,
    }


def asset(name: str) -> str:
    """Return the address of a built asset; its name changes with its content."""
    return url_for("static", filename=f"dist/{_manifest()[name]}")


@cache
def _manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return found


def new_key() -> str:
    """Return a fresh idempotency key for a form."""
    return secrets.token_urlsafe(18)


def steps(*pairs: tuple[Text | str, str | None]) -> Sequence[tuple[Text | str, str | None]]:
    """Return the way to a page, from the home page on."""
    return [(T("首页"), url_for("home.show")), *pairs]
