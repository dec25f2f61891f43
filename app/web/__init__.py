"""Pages and the JSON API: translate HTTP into one use case and its result into a response."""

from flask import Flask, Request, Response
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.routing import MapAdapter

from app.services import Deps
from app.web import (
    accounts,
    attached,
    audit,
    campaigns,
    casefiles,
    cases,
    certificates,
    checklists,
    clauses,
    clock,
    consents,
    documents,
    draws,
    enterprises,
    failures,
    forms,
    frame,
    hazards,
    home,
    imports,
    incidents,
    issuing,
    language,
    organisations,
    previews,
    procedures,
    profile,
    rankings,
    reports,
    request,
    scoring,
    sessions,
    settings,
    tables,
    tasks,
    terms,
    unserved,
    verify,
    wordings,
    workdays,
)
from app.web.api import api
from config import Config

PAGES = (
    sessions,
    home,
    tasks,
    cases,
    casefiles,
    campaigns,
    reports,
    scoring,
    tables,
    documents,
    issuing,
    unserved,
    draws,
    rankings,
    enterprises,
    consents,
    imports,
    hazards,
    procedures,
    checklists,
    clauses,
    attached,
    incidents,
    audit,
    profile,
    organisations,
    previews,
    settings,
    certificates,
    accounts,
    terms,
    wordings,
    verify,
    workdays,
    clock,
)

# A hazard ledger of 200 rows is a large form, and photos travel in it.
MAX_FIELDS, MAX_FORM, MAX_UPLOAD = 20_000, 8 * 2**20, 64 * 2**20

# No address of ours names a host.
NOWHERE = "localhost"

# bpmn-js places its labels by style attributes; nothing else is let in.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Site(Flask):
    """An application that makes no address of the `Host` of a request: anybody can forge it."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(None)
        return self.url_map.bind_to_environ(request.environ, server_name=NOWHERE, subdomain="")


def create_app(config: Config, deps: Deps) -> Flask:
    """Return the application on `deps`; fails when a view does not say who may call it."""
    flask = Site(__name__, template_folder=str(config.templates / "web"))
    flask.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="bihuan",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a form filled in for hours on site must still be accepted
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
        MAX_FORM_PARTS=MAX_FIELDS,
        COMPRESS_ALGORITHM=["gzip"],
    )
    flask.before_request(request.bound_plain_form)  # before anything reads the form
    csrf = CSRFProtect(flask)
    csrf.exempt(api)  # it takes no cookies
    Compress(flask)
    request.init_app(flask, deps)
    failures.init_app(flask)
    language.init_app(flask, _preference)
    forms.init_app(flask)
    frame.init_app(flask)
    for module in PAGES:
        flask.register_blueprint(module.pages)
    flask.register_blueprint(api)
    flask.view_functions["static"] = request.public("built assets")(flask.view_functions["static"])
    flask.after_request(_harden)
    request.check_views(flask)
    return flask


def _preference() -> str | None:
    person = request.me()
    return person.language if person else None


def _harden(response: Response) -> Response:
    headers = response.headers
    if location := headers.get("Location"):
        headers["Location"] = failures.here(location)
        if headers["Location"] != location:
            response.set_data(b"")  # it names the same address
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if response.mimetype in ("text/html", "application/json", "application/problem+json"):
        headers.setdefault("Cache-Control", "no-store")
    return response
