"""What every request needs: who asks, one transaction, and a fitting answer when it fails.

Every view says who may call it: `@needs(permission)` or `@public(why)`; the application refuses to
start with a view that does not.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import HTTPException, Unauthorized

from app.domain import AppError, Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Actor, Permission, require_somewhere
from app.services import Deps, Work, answers, sessions
from app.services.answers import Answer
from app.services.sessions import Origin, SignedIn, TooMany
from app.web.language import read
from app.web.titles import TITLES

logger = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

STATUS: Mapping[type[AppError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
}
KEY_FIELD = "_key"
LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a view: holders of a permission, or everybody for a reason."""

    permission: Permission | None
    why: str = ""


def needs(permission: Permission) -> Callable[[View], View]:
    """Let only signed-in people call a view who may do this somewhere."""
    return _declare(Access(permission))


def public(why: str) -> Callable[[View], View]:
    """Let everybody call a view, for a reason."""
    return _declare(Access(None, why))


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.__dict__["access"] = access
        return view

    return mark


class User(UserMixin):  # type: ignore[misc]
    """The signed-in person as Flask-Login knows them; the cookie holds the session's secret."""

    def __init__(self, secret: str, signed_in: SignedIn) -> None:
        self.secret = secret
        self.signed_in = signed_in

    def get_id(self) -> str:
        return self.secret


def init_app(flask: Flask, deps: Deps) -> None:
    """Wire sign-in, permissions and error pages into the application."""
    flask.extensions["deps"] = deps
    login = LoginManager(flask)
    login.session_protection = None  # phones change their address; the secret is the protection
    login.user_loader(_by_cookie)
    login.request_loader(_by_token)
    flask.before_request(_check_access)
    flask.register_error_handler(AppError, refuse)
    flask.register_error_handler(HTTPException, _http_error)
    flask.register_error_handler(Exception, _unforeseen)


def check_views(flask: Flask) -> None:
    """Refuse to start with a view that does not say who may call it."""
    undeclared = [
        name
        for name, view in flask.view_functions.items()
        if not isinstance(getattr(view, "access", None), Access)
    ]
    if undeclared:
        raise RuntimeError(f"Views without @needs or @public: {undeclared}")


def deps() -> Deps:
    found: Deps = current_app.extensions["deps"]
    return found


def origin() -> Origin:
    return Origin(request.remote_addr or "", request.user_agent.string)


def in_api() -> bool:
    return request.path.startswith("/api/")


def _by_cookie(secret: str) -> User | None:
    # A cookie is worth nothing in the API: there, another site could make a browser send it.
    found = None if in_api() else sessions.whoever(deps(), secret, token=False)
    return User(secret, found) if found else None


def _by_token(incoming: Any) -> User | None:
    kind, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    if not in_api() or kind.lower() != "bearer" or not secret:
        return None
    found = sessions.whoever(deps(), secret, token=True)
    return User(secret, found) if found else None


def me() -> SignedIn | None:
    """Return the signed-in person, or None."""
    return current_user.signed_in if current_user.is_authenticated else None


def actor() -> Actor:
    """Return who asks.

    :raises Unauthorized: if nobody is signed in
    """
    person = me()
    if person is None:
        raise Unauthorized
    return person.actor


def reading() -> AbstractContextManager[Work]:
    """Open the request's transaction for reading, as its actor."""
    return deps().reading(actor())


def _check_access() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    access = getattr(view, "access", None)
    if not isinstance(access, Access) or access.permission is None:
        return None
    person = me()
    if person is None:
        raise Unauthorized
    if person.change_password and not (request.endpoint or "").startswith(
        ("profile.", "sessions.")
    ):
        if in_api():
            raise Forbidden(sessions.MUST_CHANGE)
        return _see_other(url_for("profile.password"))
    require_somewhere(person.actor, access.permission)
    return None


def once(act: Callable[[Work], Response]) -> Response:
    """Run a write in one transaction, at most once for each idempotency key.

    The key comes in the header `Idempotency-Key` or, from a form, in a hidden field. The answer is
    kept in the transaction of the write.
    """
    key = (request.headers.get("Idempotency-Key") or request.form.get(KEY_FIELD, ""))[:LONGEST_KEY]
    with deps().transaction(actor()) as work:
        if not key:
            return act(work)
        digest = _digest()
        if (prior := answers.given(work, key, digest)) is not None:
            return _unpack(prior)
        response = act(work)
        answers.keep(work, key, digest, _pack(response))
        return response


def _digest() -> bytes:
    """Return what a repetition must have in common: method, path, and everything sent."""
    summed = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.is_json:
        summed.update(request.get_data())
    else:
        for name, value in sorted(request.form.items(multi=True)):
            if name not in ("csrf_token", KEY_FIELD):
                summed.update(orjson.dumps([name, value]))
    return summed.digest()


def _pack(response: Response) -> Answer:
    kept = {
        "type": response.content_type,
        "location": response.headers.get("Location"),
        "body": response.get_data(as_text=True),
    }
    return Answer(response.status_code, orjson.dumps(kept))


def _unpack(answer: Answer) -> Response:
    kept = orjson.loads(answer.body)
    response = Response(kept["body"], answer.status, content_type=kept["type"])
    if kept["location"]:
        response.headers["Location"] = kept["location"]
    return response


def see_other(endpoint: str, **values: Any) -> Response:
    """Send the browser on after a write."""
    return _see_other(url_for(endpoint, **values))


def _see_other(url: str) -> Response:
    response = redirect(url, 303)
    assert isinstance(response, Response)  # noqa: S101  (redirect promises less than it gives)
    return response


def refused(invalid: Invalid) -> dict[str, str]:
    """Return what is wrong, by the name of the field, in the reader's language."""
    return {pointer.lstrip("/"): read(text) for pointer, text in invalid.errors.items()}


def number(field: str) -> int:
    """Return a whole number from the form; 0, which is nothing's id, if there is none."""
    value = request.form.get(field, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0  # noqa: PLR2004


def refuse(error: AppError) -> Response:
    """Answer a failure that the application expects."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    pointers = error.errors if isinstance(error, Invalid) else {}
    messages = [{"pointer": at, "message": read(text)} for at, text in pointers.items()]
    response = answer_error(status, read(error.text), messages)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status == Unauthorized.code and not in_api():
        return see_other("sessions.sign_in", next=request.full_path.rstrip("?"))
    return answer_error(status, "")


def _unforeseen(error: Exception) -> Response:
    logger.error("Unforeseen failure at %s", request.path, exc_info=error)
    return answer_error(500, "")


def answer_error(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    """Return an error as the caller reads it: a page, or RFC 9457 problem details in the API."""
    if not in_api():
        page = render_template("error.html", status=status, message=detail)
        return Response(page, status)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": read(TITLES.get(status, TITLES[500])),
        "status": status,
        "detail": detail,
    }
    if errors:
        problem["errors"] = errors
    return Response(orjson.dumps(problem), status, content_type="application/problem+json")
