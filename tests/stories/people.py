"""The demo people as callers of the API, and the answers they give."""

import json
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial

from app.domain.forms import Form
from tests.answers import TODAY, answers_for
from tests.casework import picture
from tests.stories.words import words

PATIENCE = 60.0


class Refused(AssertionError):
    """The server did not do what a story asks for."""

    def __init__(self, method, path, status, problem):
        self.status, self.problem = status, problem
        super().__init__(f"{method} {path}: {status} {json.dumps(problem, ensure_ascii=False)}")


@dataclass
class Town:
    """Everybody in a demo: who they are, and a way to call the server as each of them."""

    address: str
    tokens: dict = field(default_factory=dict)
    today: date = TODAY
    """By the demo's clock, as it was last told."""

    @cached_property
    def accounts(self):
        return self.call(None, "GET", "/demo/accounts")["items"]

    def holders(self, role, organisation):
        """Return the usernames of those who hold a role in an organisation, by its id."""
        return [
            account["username"]
            for account in self.accounts
            for held in account["roles"]
            if (held["role"], held["organisation"]["code"]) == (role, organisation)
        ]

    def pin(self, username):
        return next(a["pin"] for a in self.accounts if a["username"] == username)

    def _token(self, username):
        if username not in self.tokens:
            password = next(a["password"] for a in self.accounts if a["username"] == username)
            body = {"username": username, "password": password}
            self.tokens[username] = self.call(None, "POST", "/tokens", body)["token"]
        return self.tokens[username]

    def call(self, username, method, path, body=None):
        """Return what the server answers somebody; raise what it refuses."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        return json.loads(self.send(username, method, path, data, kind) or b"null")

    def send(self, username, method, path, data=None, headers=None):
        headers = {"Accept-Language": "zh", **(headers or {})}
        if username is not None:
            headers["Authorization"] = f"Bearer {self._token(username)}"
        if method != "GET" and username is not None:
            headers["Idempotency-Key"] = secrets.token_urlsafe(18)
        url = f"{self.address}api/v1{path}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return answer.read()
        except urllib.error.HTTPError as refused:
            raise Refused(method, path, refused.code, json.loads(refused.read())) from None

    def hand_in(self, username, path, name, data, **fields):
        """Send a file with some fields, as a browser does."""
        line = secrets.token_hex()
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{line}--\r\n".encode()])
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return json.loads(self.send(username, "POST", path, body, kind))

    def upload(self, username):
        return self.hand_in(username, "/files", "现场.png", picture())["id"]

    def answers(self, username, task, wanted):
        """Return answers to a task: as its form begins, changed by what is wanted."""
        if task["form"] is None:
            return {}
        form, given = Form(task["form"]["schema"], task["form"]["ui"]), task["prefill"]
        whole = {**given, **wanted}
        for one in form.fields:
            if one.fixed and one.key in given:  # every row that is given is answered
                open_ = {field.key for field in one.fields if not field.read_only}
                begun = [{key: row[key] for key in open_ & set(row)} for row in given[one.key]]
                rows = [*wanted.get(one.key, []), *[{}] * len(begun)]
                whole[one.key] = [{**was, **new} for was, new in zip(begun, rows, strict=False)]
        return answers_for(
            form,
            whole,
            lambda: self.upload(username),
            words=partial(words, task.get("node")),
            today=self.today,
        )


def wait_for(condition, what):
    """Ask until the condition says something, and return that."""
    until = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > until:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(0.1)
    return found
