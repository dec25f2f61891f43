"""The registry of enterprises: the list, the dossier, and the form of what is known of one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid
from app.domain.access import ROLE_NAMES, Permission, may_somewhere
from app.domain.deadlines import BEIJING
from app.domain.enterprises import (
    CARDS,
    CONTACT,
    LIVES,
    PRODUCTIONS,
    TITLES,
    Life,
    TermKind,
    contact_form,
)
from app.domain.forms import Form
from app.domain.measures import MEASURES
from app.domain.serving import CHANNELS
from app.domain.text import T, Text
from app.services import Stale, Work, dossier
from app.services.enterprises import exporting, registry, terms, writing
from app.services.enterprises.registry import SORTS, Wanted
from app.web import exports
from app.web.facts import facts_shown
from app.web.forms.posted import receive
from app.web.forms.sheet import lay_out, read_only
from app.web.frame import steps
from app.web.hazards import WORDS
from app.web.language import read
from app.web.request import actor, narrowing, needs, number, once, reading, see_other
from app.web.told import told

pages = Blueprint("enterprises", __name__, url_prefix="/enterprises")
TITLE = T("企业台账")
FLAGS: Mapping[str, Text] = {
    "key": T("重点监管对象"),
    "worrisome": T("不放心企业"),
    "idle": T("长期停产"),
    "catalogued": T("列入淘汰目录"),
    "blacklisted": T("严重失信名单"),
    "codeless": T("待补码"),
}
TONES = {
    Life.SUSPENDED: "soon",
    Life.STOPPED: "late",
    Life.CLOSING: "late",
    Life.CLOSED: "neutral",
    Life.BANNED: "neutral",
    Life.RESUMED: "done",
}
FIRST_EVENTS = 30
# What an office wants to know of every enterprise.
WISHED = (
    *("credit_code", "longitude", "ownership", "principal", "phone", "production"),
    *("electricity_account", "grade", "insurer", "permits"),
)


def asked() -> Wanted:
    """Return what the address asks the list for."""
    args = request.args
    sort = args.get("sort", "")
    return Wanted(
        q=args.get("q", ""),
        division=args.get("division", ""),
        sector=args.get("sector", ""),
        tag=args.get("tag", ""),
        card=args.get("card", ""),
        status=args.get("status", ""),
        production=args.get("production", ""),
        flag=args.get("flag", ""),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "name",
        down=sort.startswith("-"),
    )


@pages.get("/")
@needs(Permission.SEE_ENTERPRISES)
def find() -> Response:
    wanted = asked()
    cursor = request.args.get("cursor", "")
    with reading() as work:
        listed = registry.find(work, wanted, cursor)
        known = terms.everything(work)
        places = terms.places(work)
    kept = narrowing()
    page = render_template(
        "enterprises.html",
        steps=steps((TITLE, None)),
        listed=listed,
        wanted=wanted,
        narrowed=any(key != "sort" for key in kept),
        kept=kept,
        columns={sort: _column(sort, wanted, kept) for sort in SORTS},
        known=known,
        kinds=TermKind,
        sectors=[(term.code, term.name) for term in known.active(TermKind.SECTOR)],
        tags=[(term.code, term.name) for term in known.active(TermKind.TAG)],
        divisions=[(place.place, place.name) for place in places],
        cards=[(card.value, name) for card, name in CARDS.items()],
        flags=list(FLAGS.items()),
        lives=LIVES,
        tones=TONES,
        productions=PRODUCTIONS,
        may_keep=_may_keep(),
        first=url_for("enterprises.find", **kept) if cursor else "",
        following=url_for("enterprises.find", **{**kept, "cursor": listed.following})
        if listed.following
        else "",
    )
    return Response(page)


def _may_keep() -> bool:
    return may_somewhere(actor(), Permission.MANAGE_ENTERPRISES)


def _column(sort: str, wanted: Wanted, kept: dict[str, Any]) -> dict[str, str]:
    """Return how a column is sorted now, and the address that sorts by it, or the other way."""
    here = wanted.sort == sort
    turned = f"-{sort}" if here and not wanted.down else sort
    return {
        "sort": ("descending" if wanted.down else "ascending") if here else "none",
        "href": url_for("enterprises.find", **{**kept, "sort": turned}),
    }


@pages.post("/export")
@needs(Permission.SEE_ENTERPRISES)
def export() -> Response:
    """Hand out all that the list finds, as a file."""
    wanted = asked()
    with reading() as work:
        rows = exporting.everything(work, wanted)
        known = terms.everything(work)
        names = terms.names(work, [row["place"] for row in rows])
        day = work.now.astimezone(BEIJING).date()
    body = exports.lines(rows, known, names)
    title = str(read(T("企业台账")))
    kind = exports.wanted_kind(request.form.get("format"))
    return exports.recorded("enterprise.export", wanted, kind, title, exports.heading(), body, day)


@pages.get("/<int:enterprise_id>")
@needs(Permission.SEE_ENTERPRISES)
def show(enterprise_id: int) -> Response:
    whole = request.args.get("all") == "1"
    with reading() as work:
        found = dossier.get(work, enterprise_id)
        known = terms.everything(work)
        names = terms.names(work)
        now = work.now
    shown = found.events if whole else found.events[:FIRST_EVENTS]
    page = render_template(
        "enterprise.html",
        steps=steps((TITLE, url_for("enterprises.find")), (found.row.name, None)),
        dossier=found,
        row=found.row,
        sections=facts_shown(found.form, found.facts),
        lacking=[read(TITLES[key]) for key in WISHED if key not in found.facts],
        sector=known.name(TermKind.SECTOR, found.row.sector),
        tags=[known.name(TermKind.TAG, tag) for tag in found.row.tags],
        events=[told(event, known, names, found.form) for event in shown],
        more=len(found.events) - len(shown),
        cards=CARDS,
        lives=LIVES,
        measures=MEASURES,
        channels=CHANNELS,
        tones=TONES,
        productions=PRODUCTIONS,
        **WORDS,
        roles=ROLE_NAMES,
        now=now,
    )
    return Response(page)


@pages.get("/new")
@needs(Permission.MANAGE_ENTERPRISES)
def new() -> Response:
    with reading() as work:
        form = terms.form(work)
    places = form.schema["properties"]["place"].get("oneOf", [])
    given = {"supervision": "county"} | ({"place": places[0]["const"]} if places else {})
    return _sheet(form, given)


def _sheet(
    form: Form,
    typed: Mapping[str, Any],
    errors: Mapping[str, Text] | None = None,
    *,
    open_row: str = "",
    status: int = 0,
    resembling: bool = False,
    **more: Any,
) -> Response:
    """Show the form of an enterprise; without `name` it is a new one."""
    enterprise_id = more.get("enterprise_id")
    here = T("修改企业信息") if enterprise_id else T("新增企业")
    way: list[tuple[Text | str, str | None]] = [(TITLE, url_for("enterprises.find"))]
    if enterprise_id:
        address = url_for("enterprises.show", enterprise_id=enterprise_id)
        way.append((more["name"], address))
    key = f"enterprise-{enterprise_id or 'new'}"
    version = str(more.get("revision", ""))
    page = render_template(
        "enterprise_form.html",
        steps=steps(*way, (here, None)),
        title=here,
        sheet=lay_out(form, typed, errors=errors, open_row=open_row, key=key, version=version),
        resembling=resembling,
        **{"enterprise_id": None, "contact": False, "overtaken": None, **more},
    )
    return Response(page, status or (422 if errors else 200))


@pages.post("/new")
@needs(Permission.MANAGE_ENTERPRISES)
def create() -> Response:
    with reading() as work:
        form = terms.form(work)
    posted = receive(form, request.form)
    if posted.again:
        return _sheet(form, posted.answers, open_row=posted.open_row)
    distinct = request.form.get("distinct") == "1"

    def add(work: Work) -> Response:
        created = writing.create(work, posted.answers, distinct=distinct)
        return see_other("enterprises.show", enterprise_id=created)

    try:
        answer = once(add)
    except Invalid as invalid:
        alike = set(invalid.errors) == {"/name"} and "{address}" in invalid.text.wording
        return _sheet(form, posted.answers, invalid.errors, resembling=alike)
    flash(read(T("企业已录入台账")), "success")
    return answer


@pages.get("/<int:enterprise_id>/edit")
@needs(Permission.MANAGE_ENTERPRISES)
def edit(enterprise_id: int) -> Response:
    with reading() as work:
        facts, revision = dossier.facts(work, enterprise_id)
        form = terms.form(work, facts, changing=True)
    return _sheet(form, facts, enterprise_id=enterprise_id, name=facts["name"], revision=revision)


@pages.post("/<int:enterprise_id>/edit")
@needs(Permission.MANAGE_ENTERPRISES)
def update(enterprise_id: int) -> Response:
    with reading() as work:
        facts, revision = dossier.facts(work, enterprise_id)
        form = terms.form(work, facts, changing=True)
    posted = receive(form, request.form)
    seen = number("revision")
    here = {"enterprise_id": enterprise_id, "name": facts["name"]}
    if posted.again:
        return _sheet(form, posted.answers, open_row=posted.open_row, revision=seen, **here)

    def change(work: Work) -> Response:
        writing.update_facts(work, enterprise_id, seen, posted.answers)
        return see_other("enterprises.show", enterprise_id=enterprise_id)

    try:
        answer = once(change)
    except Invalid as invalid:
        return _sheet(form, posted.answers, invalid.errors, revision=seen, **here)
    except Stale:
        overtaken = _differing(form, facts, posted.answers)
        # Whoever sends it again has seen what the other one wrote.
        return _sheet(
            form, posted.answers, status=409, revision=revision, overtaken=overtaken, **here
        )
    flash(read(T("已保存")), "success")
    return answer


def _differing(form: Form, now: Mapping[str, Any], typed: Mapping[str, Any]) -> list[Any]:
    """Return what stands in the registry where something else was typed."""
    stored = read_only(form, now)
    theirs = {
        node.name: node for group in stored.groups for node in group.nodes if node.kind == "field"
    }
    cleaned = form.clean(typed)
    return [
        (node.title, read(node.shown) or "—")
        for name, node in theirs.items()
        if now.get(name) != cleaned.get(name) and (now.get(name) or cleaned.get(name))
    ]


@pages.get("/<int:enterprise_id>/contact")
@needs(Permission.EDIT_OWN_ENTERPRISE)
def contact(enterprise_id: int) -> Response:
    here, facts, revision = _contact(enterprise_id)
    return _sheet(contact_form(), facts, revision=revision, **here)


def _contact(enterprise_id: int) -> tuple[dict[str, Any], dict[str, Any], int]:
    """Return what the page shows beside the fields, all facts, and their revision."""
    with reading() as work:
        facts, revision = dossier.contact(work, enterprise_id)
        form = terms.form(work, facts)
    kept = {key: value for key, value in facts.items() if key not in CONTACT}
    here = {"enterprise_id": enterprise_id, "name": facts["name"], "contact": True}
    return {**here, "sections": facts_shown(form, kept)}, facts, revision


@pages.post("/<int:enterprise_id>/contact")
@needs(Permission.EDIT_OWN_ENTERPRISE)
def update_contact(enterprise_id: int) -> Response:
    here, facts, revision = _contact(enterprise_id)
    form = contact_form()
    posted = receive(form, request.form)

    def change(work: Work) -> Response:
        writing.update_contact(work, enterprise_id, number("revision"), posted.answers)
        return see_other("enterprises.show", enterprise_id=enterprise_id)

    try:
        answer = once(change)
    except Invalid as invalid:
        return _sheet(form, posted.answers, invalid.errors, revision=number("revision"), **here)
    except Stale:
        overtaken = _differing(form, facts, posted.answers)
        return _sheet(
            form, posted.answers, status=409, revision=revision, overtaken=overtaken, **here
        )
    flash(read(T("已保存")), "success")
    return answer
