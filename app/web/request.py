"""What every request needs: who asks, one transaction, and a fitting answer when it fails.

Every view says who may call it: `@needs(permission)` or `@public(why)`; the application refuses to
start with a view that does not.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, current_app, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.routing import IntegerConverter

from app.domain import AppError, Forbidden, Invalid
from app.domain.access import Actor, Permission, require_somewhere
from app.domain.entered import whole
from app.services import Deps, Work, answers, incidents, sessions
from app.services.answers import Answer
from app.services.sessions import Origin, SignedIn
from app.web.failures import in_api, unreachable
from app.web.language import read

View = TypeVar("View", bound=Callable[..., Any])

KEY_FIELD = "_key"
LONGEST_KEY = 64
MOST_PLAIN = 2**20
LARGEST_ID = 2**63 - 1


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


class IdConverter(IntegerConverter):
    """A row's id in an address; what no row can have is not found."""

    regex = "[0-9]+"

    def __init__(self, url_map: Any, **options: Any) -> None:
        super().__init__(url_map, **{"max": LARGEST_ID, **options})


def init_app(flask: Flask, deps: Deps) -> None:
    """Wire sign-in and permissions into the application."""
    flask.extensions["deps"] = deps
    flask.url_map.converters["int"] = IdConverter
    login = LoginManager(flask)
    login.session_protection = None  # phones change their address; the secret is the protection
    login.user_loader(_by_cookie)
    login.request_loader(_by_token)
    flask.before_request(_check_characters)
    flask.before_request(_check_access)


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
    return Origin((request.remote_addr or "")[:45], request.user_agent.string.replace("\0", ""))


def _by_cookie(secret: str) -> User | None:
    # A cookie is worth nothing in the API: there, another site could make a browser send it.
    known = not in_api() and not unreachable()
    found = sessions.whoever(deps(), secret, token=False) if known else None
    return User(secret, found) if found else None


def _by_token(incoming: Any) -> User | None:
    kind, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    if not in_api() or unreachable() or kind.lower() != "bearer" or not secret:
        return None
    found = sessions.whoever(deps(), secret, token=True)
    return User(secret, found) if found else None


def me() -> SignedIn | None:
    """Return the signed-in person, or None; nobody is known while the database is away."""
    if unreachable():
        return None
    return current_user.signed_in if current_user.is_authenticated else None


def person() -> SignedIn:
    """Return the signed-in person.

    :raises Unauthorized: if nobody is signed in
    """
    found = me()
    if found is None:
        raise Unauthorized
    return found


def actor() -> Actor:
    """Return who asks.

    :raises Unauthorized: if nobody is signed in
    """
    return person().actor


def reading() -> AbstractContextManager[Work]:
    """Open the request's transaction for reading, as its actor."""
    return deps().reading(actor())


def bound_plain_form() -> None:
    """Take less of what becomes many times larger in memory; large forms come in parts.

    The framework bounds the parts, and takes a plain form whole.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = MOST_PLAIN


def _check_characters() -> None:
    """Refuse the one character that no text of ours can hold."""
    parts = [request.path, *_texts(request.args), *_texts(request.form), *request.files]
    if any("\0" in part for part in parts):
        raise BadRequest


def _texts(fields: MultiDict[str, str]) -> Iterator[str]:
    for name, value in fields.items(multi=True):
        yield name
        yield value


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


def once(act: Callable[[Work], Response], first: Callable[[], None] | None = None) -> Response:
    """Run a write in one transaction, at most once for each idempotency key.

    The key comes in the header `Idempotency-Key` or, from a form, in a hidden field. The answer is
    kept in the transaction of the write. `first` is what must go before the transaction, such as
    asking for the password; a repetition skips it.
    """
    key = _key()
    digest = _digest() if key else b""
    if first is not None:
        if key and (prior := _prior(key, digest)) is not None:
            return prior
        first()
    try:
        with incidents.noting(deps()), deps().transaction(actor()) as work:
            if not key:
                return act(work)
            if (answer := answers.given(work, key, digest)) is not None:
                return _unpack(answer)
            response = act(work)
            answers.keep(work, key, digest, _pack(response))
            return response
    except AppError:
        # The very same request may have been faster: then this one failed by its effect.
        if key and (prior := _prior(key, digest)) is not None:
            return prior
        raise


def _key() -> str:
    key = request.headers.get("Idempotency-Key") or request.form.get(KEY_FIELD, "")
    if len(key) > LONGEST_KEY or "\0" in key:
        raise BadRequest
    return key


def _prior(key: str, digest: bytes) -> Response | None:
    with reading() as work:
        answer = answers.given(work, key, digest)
    return None if answer is None else _unpack(answer)


def _digest() -> bytes:
    """Return what a repetition must have in common: method, path, and everything sent.

    It is keyed, as what was sent may hold a password or a PIN, and a bare sum of six digits can be
    found by trying.
    """
    secret = current_app.secret_key
    assert isinstance(secret, str)  # noqa: S101  (the configuration has one)
    summed = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    summed.update(f"{request.method} {request.full_path}\n".encode())
    for name, value in sorted(request.form.items(multi=True)):
        if name not in ("csrf_token", KEY_FIELD):
            summed.update(orjson.dumps([name, value]))
    for name, file in request.files.items(multi=True):
        summed.update(orjson.dumps([name, file.filename]))
        summed.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]
        file.stream.seek(0)
    if not request.form and not request.files:
        summed.update(request.get_data())
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
    return whole(request.form.get(field)) or 0


def number_asked(name: str) -> int:
    """Return a whole number from the address; 0 if there is none."""
    return whole(request.args.get(name)) or 0


def narrowing() -> dict[str, Any]:
    """Return what the address narrows a list by, to make the addresses of its other pages of.

    What `url_for` takes for itself is left out: it would make another address, or none.
    """
    return {
        name: told
        for name, told in request.args.items()
        if told and name not in ("cursor", "endpoint") and not name.startswith("_")
    }
