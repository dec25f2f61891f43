"""A small site: the frame, the styleguide, one form of every kind of question, error pages."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, redirect, render_template, render_template_string, request
from flask_wtf import CSRFProtect

from app.domain import Invalid
from app.web import forms, language
from app.web.forms import sample
from tests.forms_samples import HERE, ROOT, form

DIST = ROOT / "app/web/static/dist"
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
)
GIVEN = {
    "case_number": "YH202600042",
    "orders": [{"text": "配电箱门未关闭"}, {"text": "积尘未清理"}],
}
TEMPLATE = """{% extends 'base.html' %}{% import '_form.html' as forms %}
{% block title %}{{ sheet.title|read }}{% endblock %}
{% block main %}{% call forms.form(sheet, request.path) %}<button class="btn btn-plain" name="_op" value="draft" formnovalidate>{{ _('暂存') }}</button>{% endcall %}{% endblock %}"""
DONE = """{% extends 'base.html' %}{% block title %}done{% endblock %}{% block main %}<pre id="answers">{{ answers }}</pre>{% endblock %}"""


@dataclass
class Person:
    username: str = "wang"
    name: str = "王建国"
    initial: str = "王"
    organisation: str = "兴县应急管理局"


@dataclass
class Site:
    """What the site has received."""

    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=lambda: dict(GIVEN))
    start: dict[str, Any] = field(default_factory=dict)

    def store(self, upload: Any) -> str:
        name = secrets.token_hex(8)
        self.files[name] = upload.read()
        self.names[name] = upload.filename
        return name

    def describe(self, name: str) -> Mapping[str, Any] | None:
        if name not in self.files:
            return None
        return {
            "name": self.names[name],
            "size": len(self.files[name]),
            "kind": "image/jpeg",
            "thumb": f"/files/{name}",
            "url": f"/files/{name}",
        }


def _navigation(current: str) -> list[dict[str, Any]]:
    def item(href: str, title: str, icon: str, count: int = 0) -> dict[str, Any]:
        return {
            "href": href,
            "title": title,
            "icon": icon,
            "count": count,
            "current": href == current,
        }

    return [
        {
            "title": "办理",
            "items": [
                item("/", "首页", "home"),
                item("/styleguide", "待办", "tasks", 23),
                item("/cases", "案件", "case"),
                item("/everything", "发起", "start"),
            ],
        },
        {
            "title": "监管",
            "items": [
                item("/plants", "企业", "plant"),
                item("/hazards", "隐患台账", "hazard", 4),
                item("/campaigns", "专项行动", "campaign"),
                item("/draws", "双随机", "draw"),
                item("/reports", "报表", "report"),
            ],
        },
        {
            "title": "管理",
            "items": [
                item("/people", "用户", "users"),
                item("/diagrams", "流程部署", "diagram"),
                item("/audit", "审计", "audit"),
            ],
        },
    ]


def make_site(*, csrf: bool = True) -> tuple[Flask, Site]:
    """Return the site and its memory."""
    flask = Flask(
        "site",
        template_folder=str(ROOT / "templates/web"),
        static_folder=str(DIST),
        static_url_path="/static",
    )
    flask.config.update(
        SECRET_KEY="site",
        WTF_CSRF_ENABLED=csrf,
        MAX_FORM_PARTS=20_000,
        MAX_FORM_MEMORY_SIZE=8 * 2**20,
    )
    CSRFProtect(flask)
    site = Site()
    manifest = json.loads((DIST / "manifest.json").read_text()) if DIST.exists() else {}
    language.init_app(flask)
    forms.init_app(flask)
    flask.jinja_env.globals["asset"] = lambda name: f"/static/{manifest.get(name, name)}"
    flask.jinja_env.globals["new_key"] = lambda: secrets.token_urlsafe(12)
    flask.context_processor(
        lambda: {
            "me": Person(),
            "navigation": _navigation(request.path),
            "demo": True,
            "business_now": NOW,
            "flashes": [],
        }
    )

    for endpoint, path in (("clauses.find", "/clauses/"), ("clauses.search", "/clauses/search")):
        flask.add_url_rule(
            path, endpoint, lambda: ""
        )  # forms in which a hazard is written lead there
    _add_pages(flask)
    _add_deeds(flask, site)
    _add_forms(flask, site)
    return flask, site


def _add_pages(flask: Flask) -> None:
    @flask.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @flask.get("/styleguide")
    def styleguide() -> str:
        state = {
            "done": ["start", "f1", "draft_order", "f2", "serve", "f3"],
            "now": ["plan"],
            "badges": {"plan": {"open": 41, "late": 9}},
        }
        return render_template(
            "styleguide.html",
            **sample.context(NOW),
            diagram_href="/diagram.bpmn",
            diagram_state=state,
        )

    @flask.get("/diagram.bpmn")
    def diagram() -> Response:
        return Response((HERE / "diagram.bpmn").read_bytes(), mimetype="application/xml")

    @flask.get("/error/<int:status>")
    def error(status: int) -> tuple[str, int]:
        return render_template("error.html", status=status, detail="", errors=[]), status


def _add_deeds(flask: Flask, site: Site) -> None:
    @flask.get("/files/<name>")
    def file(name: str) -> Response:
        return Response(site.files[name], mimetype="image/jpeg")

    @flask.get("/language/<wanted>")
    def switch(wanted: str) -> Any:
        return language.switch(wanted, request.args.get("next"))

    @flask.get("/me/", endpoint="profile.show")
    def profile() -> Any:
        return redirect("/done", 303)

    @flask.post("/sign-out")
    def sign_out() -> Any:
        return redirect("/done", 303)

    @flask.get("/done")
    def done() -> str:
        return render_template_string(DONE, answers=json.dumps(site.accepted, ensure_ascii=False))


def _add_forms(flask: Flask, site: Site) -> None:
    @flask.get("/<name>")
    def show(name: str) -> Any:
        sheet = forms.lay_out(
            form(name),
            {**site.given, **site.start},
            describe=site.describe,
            key=f"task:{name}",
            version="1",
        )
        return render_template_string(TEMPLATE, sheet=sheet)

    @flask.post("/<name>")
    def send(name: str) -> Any:
        asked = form(name)
        posted = forms.receive(
            asked, request.form, request.files, store=site.store, given=site.given
        )
        site.posts.append(posted.command)
        site.keys.append(request.form.get("_key", ""))
        errors: Mapping[str, Any] = posted.refused
        if not posted.again and posted.command == "submit":
            try:
                site.accepted.append(asked.check(posted.answers, given=site.given))
            except Invalid as invalid:
                errors = {**errors, **invalid.errors}
            if not errors:
                return redirect("/done", 303)
        sheet = forms.lay_out(
            asked,
            posted.answers,
            errors=errors,
            describe=site.describe,
            open_row=posted.open_row,
            key=f"task:{name}",
            version="1",
        )
        return render_template_string(TEMPLATE, sheet=sheet), 422 if errors else 200
