"""Answers to what fails: a page for people, RFC 9457 problem details in the API."""

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
from flask import Flask, Response, current_app, flash, g, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, Unauthorized
from werkzeug.routing import RequestRedirect

from app.domain import AppError, Conflict, Forbidden, Invalid
from app.domain import NotFound as Unknown
from app.domain.text import T
from app.services import Unavailable
from app.services.sessions import TooMany
from app.web.language import read
from app.web.titles import TITLES

logger = logging.getLogger(__name__)

STATUS: Mapping[type[AppError], int] = {
    Unknown: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
}
FIRST_FAULT = 500
AWAY, RETRY_AFTER = 503, 30


def init_app(flask: Flask) -> None:
    flask.register_error_handler(AppError, refuse)
    flask.register_error_handler(Unavailable, _unavailable)
    flask.register_error_handler(HTTPException, _http_error)
    flask.register_error_handler(Exception, _unforeseen)


def unreachable() -> bool:
    """Test whether this request has found that the database is away."""
    return bool(g.get("unreachable"))


def in_api() -> bool:
    return request.path.startswith("/api/")


def refuse(error: AppError) -> Response:
    """Answer a failure that the application expects."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    pointers = error.errors if isinstance(error, Invalid) else {}
    messages = [{"pointer": at, "message": read(text)} for at, text in pointers.items()]
    response = answer_error(status, read(error.text), messages)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _unavailable(_error: Unavailable) -> Response:
    """Answer while the database is away: nobody is known, and the page is that of a stranger."""
    g.unreachable = True
    told = T("数据库暂时不能访问或正忙，刚才的操作可能没有保存。")
    response = answer_error(AWAY, read(told))
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or FIRST_FAULT
    if not in_api():
        if isinstance(error, Unauthorized):
            if request.method != "GET":  # a session that ended while a form was filled in
                flash(
                    read(T("登录已失效，刚才的操作没有完成。请重新登录，回到原来的页面继续。")),
                    "warning",
                )
            return _go(current_app.url_for("sessions.sign_in", next=_wanted()))
        if isinstance(error, MethodNotAllowed) and request.method == "GET" and (page := _page()):
            return _go(page)
    response = answer_error(status, "")
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if status == Unauthorized.code:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _wanted() -> str | None:
    """Return where to go on after the sign-in: a page, never an act.

    Who sent a form goes back to its page, where the draft of it is offered.
    """
    page = request.full_path.rstrip("?") if request.method == "GET" else _page()
    return page if page != "/" else None


def _page() -> str | None:
    """Return the page that the address of a form belongs to.

    A form that was refused is shown at the address it was sent to. Whoever reloads that address, or
    switches the language there, means the page.
    """
    urls = current_app.url_map.bind("")
    parts = request.path.rstrip("/").split("/")
    for end in range(len(parts), 0, -1):
        path = "/".join(parts[:end])
        for candidate in (path, path + "/") if path else ("/",):
            with suppress(NotFound, MethodNotAllowed, RequestRedirect):
                urls.match(candidate, method="GET")
                return candidate
    return None


def here(location: str) -> str:
    """Return where a redirect leads without scheme and host: no page sends anybody elsewhere.

    The framework builds some of them from the request's `Host`, which anybody can forge.
    """
    parts = urlsplit(location)
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, parts.fragment))


def _go(url: str) -> Response:
    return Response(status=303, headers={"Location": url})


def _unforeseen(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    logger.error("Unforeseen failure %s at %s", reference, request.path, exc_info=error)
    try:
        return answer_error(FIRST_FAULT, "", reference=reference)
    except Exception:  # what failed may be what every page needs
        logger.exception("No page for failure %s", reference)
        plain = f"{TITLES[FIRST_FAULT]} · 500 · {reference}"
        return Response(plain, FIRST_FAULT, content_type="text/plain; charset=utf-8")


def answer_error(
    status: int, detail: str, errors: list[dict[str, str]] | None = None, reference: str = ""
) -> Response:
    """Return an error as the caller reads it."""
    if not in_api():
        page = render_template(
            "error.html", status=status, detail=detail, errors=errors, reference=reference
        )
        return Response(page, status)
    fallback = TITLES[FIRST_FAULT] if status >= FIRST_FAULT else TITLES[400]
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": read(TITLES.get(status, fallback)),
        "status": status,
        "detail": detail,
    }
    if errors:
        problem["errors"] = errors
    if reference:
        problem["instance"] = f"urn:bihuan:failure:{reference}"
    return Response(orjson.dumps(problem), status, content_type="application/problem+json")
