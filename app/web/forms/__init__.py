"""Forms on pages: what the browser sent becomes answers, and answers become controls again."""

from flask import Flask, Response, request

from app.web.forms.nodes import Node, Problem, Row, Sheet
from app.web.forms.posted import Posted, receive
from app.web.forms.sheet import lay_out, read_only

__all__ = [
    "Node",
    "Posted",
    "Problem",
    "Row",
    "Sheet",
    "init_app",
    "lay_out",
    "read_only",
    "receive",
    "redirect_script",
]


def init_app(app: Flask) -> None:
    """Let scripts follow redirects as a browser would."""
    app.after_request(redirect_script)


def redirect_script(response: Response) -> Response:
    """Tell a script where to go instead of letting it fetch that page unseen.

    A followed redirect would use up the flash messages of a page that nobody has looked at.
    """
    if request.headers.get("HX-Request") and response.status_code in (302, 303):
        response.status_code = 204
        response.set_data(b"")
        response.headers["HX-Redirect"] = response.headers.pop("Location")
    return response
