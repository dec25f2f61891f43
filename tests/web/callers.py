"""Clients that call pages and the API alike, signed in without spending time on passwords."""

import secrets

from app.models.people import LoginSession
from app.services import sessions
from app.services.sessions import _digest
from tests.web.routes import account_of


class Caller:
    """One person with a browser session and a token; None is a stranger."""

    def __init__(self, app, deps, username: str | None) -> None:
        self.client = app.test_client()
        self.headers: dict[str, str] = {}
        self.username = username
        if username is None:
            return
        account = account_of(deps, username)
        for token in (False, True):
            secret = secrets.token_hex()
            with deps.system("test") as work:
                work.session.add(
                    LoginSession(
                        digest=_digest(secret),
                        account_id=account,
                        token=token,
                        created_at=work.wall,
                        seen_at=work.wall,
                        expires_at=work.wall + sessions.BROWSER_LIFE,
                        address="192.0.2.1",
                        agent="pytest",
                    )
                )
            if token:
                self.headers = {"Authorization": f"Bearer {secret}"}
            else:
                with self.client.session_transaction() as cookie:
                    cookie["_user_id"] = secret
                    cookie["_fresh"] = True

    def call(self, method: str, url: str, **more):
        """Call a page with the cookie, the API with the token; writes carry a body of their kind."""
        if url.startswith("/api/"):
            more.setdefault("headers", self.headers)
            if method != "GET" and "data" not in more:
                more.setdefault("json", {})
        elif method != "GET" and "data" not in more:
            more["data"] = {}
        return self.client.open(url, method=method, buffered=True, **more)
