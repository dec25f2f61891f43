"""Rules that need no database, no network and no clock.

This file holds the vocabulary of failure: every error raised on purpose is one of four kinds, and
`app.web` turns the kind, never the concrete class, into a status code.
"""

from collections.abc import Mapping

from app.domain.text import Text


class AppError(Exception):
    """A failure the application expects; `text` may be shown to the user, in their language."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class NotFound(AppError):
    """The thing does not exist, or the actor may not know that it exists."""


class Forbidden(AppError):
    """The actor may see the thing but may not do this to it."""


class Conflict(AppError):
    """The thing changed since the actor looked at it."""


class Invalid(AppError):
    """The input breaks a rule; `errors` maps a JSON Pointer into it to what is wrong there."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__(next(iter(errors.values()), Text("输入有误")))
        self.errors = dict(errors)
