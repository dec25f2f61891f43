"""Forms on pages: what the browser sent becomes answers, and answers become controls again."""

import secrets

from flask import Flask, Response, request


def init_app(app: Flask) -> None:
    """Give templates `new_key()`, and let scripts follow redirects as a browser would."""
    app.jinja_env.globals["new_key"] = new_key
    app.after_request(redirect_script)


def new_key() -> str:
    """Return an idempotency key for one rendered form."""
    return secrets.token_urlsafe(18)


def redirect_script(response: Response) -> Response:
    """Tell a script where to go instead of letting it fetch that page unseen.

    A followed redirect would use up the flash messages of a page that nobody has looked at.
    """
    if request.headers.get("HX-Request") and response.status_code in (302, 303):
        response.status_code = 204
        response.set_data(b"")
        response.headers["HX-Redirect"] = response.headers.pop("Location")
    return response
