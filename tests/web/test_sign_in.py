"""Signing in through a browser: cookies, forged requests, where one goes on, the first password."""

import re
from dataclasses import replace

import pytest

from app.services import accounts
from app.services.demo.people import PASSWORD
from app.web import create_app
from config import Config
from tests.people import actor_of, signed_in
from tests.web.routes import account_of

USER = "xingxian.staff1"


@pytest.fixture
def guarded(deps, tmp_path, database_url):
    """The application as it is served: forged requests are refused."""
    made = create_app(Config(data=tmp_path, database_url=database_url, secret_key="test"), deps)
    made.config.update(TESTING=True)
    return made


def csrf(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def cookie(client):
    found = client.get_cookie("bihuan")
    return found and found.value


def sign_in(client, **more):
    page = client.get("/sign-in")
    form = {"username": USER, "password": PASSWORD, "csrf_token": csrf(page), **more}
    return client.post("/sign-in", data=form)


def test_a_forged_request_is_refused(guarded):
    client = guarded.test_client()
    form = {"username": USER, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 400
    assert sign_in(client).status_code == 303
    assert client.post("/me/pin", data={}).status_code == 400
    assert client.post("/sign-out", data={}).status_code == 400
    assert client.get("/").status_code == 200


def test_a_token_of_another_session_is_refused(guarded):
    other, client = guarded.test_client(), guarded.test_client()
    sign_in(client)
    stolen = csrf(other.get("/sign-in"))
    assert client.post("/sign-out", data={"csrf_token": stolen}).status_code == 400


def test_the_api_takes_no_cookie(guarded):
    client = guarded.test_client()
    sign_in(client)
    assert client.get("/api/v1/me").status_code == 401


def test_pages_take_no_token(app):
    body = {"username": USER, "password": PASSWORD}
    found = app.test_client().post("/api/v1/tokens", json=body).json["token"]
    answer = app.test_client().get("/", headers={"Authorization": f"Bearer {found}"})
    assert answer.status_code == 303


def test_the_session_is_a_new_one_after_signing_in(guarded):
    """Whoever planted a cookie before knows nothing of the session after."""
    client = guarded.test_client()
    client.get("/sign-in")
    planted = cookie(client)
    with client.session_transaction() as session:
        session["planted"] = "x"
    sign_in(client)
    assert cookie(client) != planted
    with client.session_transaction() as session:
        assert "planted" not in session


def test_a_stolen_cookie_is_worthless_after_signing_out(app):
    client = signed_in(app, USER)
    stolen = cookie(client)
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("bihuan", stolen)
    assert thief.get("/").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(app):
    answer = app.test_client().post("/sign-in", data={"username": USER, "password": PASSWORD})
    (header,) = [h for h in answer.headers.getlist("Set-Cookie") if h.startswith("bihuan=")]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_behind_https_the_cookie_is_secure(deps, tmp_path, database_url):
    config = Config(
        data=tmp_path, database_url=database_url, secret_key="test", secure_cookies=True
    )
    made = create_app(config, deps)
    made.config["WTF_CSRF_ENABLED"] = False
    answer = made.test_client().post("/sign-in", data={"username": USER, "password": PASSWORD})
    assert all("Secure" in h for h in answer.headers.getlist("Set-Cookie") if "bihuan" in h)


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example"),
        *("\\\\evil", "javascript:alert(1)", "http:evil", "///evil.example", "/\n/evil.example"),
        *("evil.example", ""),
    ],
)
def test_nobody_is_sent_to_another_site(app, target):
    form = {"username": USER, "password": PASSWORD, "next": target}
    assert app.test_client().post("/sign-in", data=form).location == "/"
    away = app.test_client().get("/language/en", query_string={"next": target})
    assert away.location == "/"


def test_one_goes_on_where_one_wanted_to(app):
    client = app.test_client()
    asked = client.get("/me/?before=3")
    assert asked.location == "/sign-in?next=/me/?before%3D3"
    assert 'value="/me/?before=3"' in client.get(asked.location).text
    form = {"username": USER, "password": PASSWORD, "next": "/me/?before=3"}
    assert client.post("/sign-in", data=form).location == "/me/?before=3"
    assert client.get("/sign-in?next=/me/").location == "/me/"


@pytest.mark.parametrize(
    ("act", "page"),
    [("/tasks/7", "/tasks/7"), ("/documents/7/void", "/documents/7"), ("/sign-out", None)],
)
def test_who_sent_a_form_after_the_session_ended_goes_back_to_its_page(app, act, page):
    """There the draft of what was typed is offered; that nothing was done, is told."""
    client = app.test_client()
    sent = client.post(act, data={"course": "听证经过"})
    assert sent.location == ("/sign-in" if page is None else f"/sign-in?next={page}")
    assert "刚才的操作没有完成" in client.get(sent.location).text
    assert "刚才的操作没有完成" not in client.get(sent.location).text


def test_what_was_posted_is_not_gone_on_to(app):
    """Its page is, not the act."""
    assert app.test_client().post("/me/pin", data={}).location == "/sign-in?next=/me/"


def test_a_wrong_password_says_no_more_than_that(app):
    texts = []
    for username in (USER, "nobody.at.all"):
        client = app.test_client()
        answer = client.post("/sign-in", data={"username": username, "password": "wrong"})
        assert answer.status_code == 422
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
        texts.append(page.replace(f'value="{username}"', ""))
    assert texts[0] == texts[1]
    assert "用户名或密码不正确" in texts[0]


def test_too_many_guesses(app):
    client = app.test_client()
    for _ in range(5):
        client.post("/sign-in", data={"username": USER, "password": "wrong"})
    answer = client.post("/sign-in", data={"username": USER, "password": PASSWORD})
    assert answer.status_code == 429
    assert "秒后再试" in answer.text
    api = app.test_client().post("/api/v1/tokens", json={"username": USER, "password": PASSWORD})
    assert api.status_code == 429
    assert int(api.headers["Retry-After"]) > 0
    assert api.json["status"] == 429


def test_the_first_password_must_be_changed(app, deps):
    with deps.transaction(actor_of(deps, "xingxian.admin")) as work:
        accounts.reset_password(work, account_of(deps, USER), "a first password")
    client = app.test_client()
    client.post("/sign-in", data={"username": USER, "password": "a first password"})
    for path in ("/", "/tasks/", "/cases/"):
        assert client.get(path).location == "/me/password"
    page = client.get("/me/password")
    assert "初始密码" in page.text
    new = {"old": "a first password", "new": "my own long one", "again": "my own long one"}
    assert client.post("/me/password", data=new).status_code == 303
    assert client.get("/").status_code == 200


def test_with_the_first_password_the_api_does_nothing(app, deps):
    with deps.transaction(actor_of(deps, "xingxian.admin")) as work:
        accounts.reset_password(work, account_of(deps, USER), "a first password")
    body = {"username": USER, "password": "a first password"}
    found = app.test_client().post("/api/v1/tokens", json=body).json["token"]
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {found}"})
    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/sign-in", "/me/", "/nothing", "/api/v1/openapi.json"])
def test_headers_that_protect(app, path):
    headers = signed_in(app, USER).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store" or path == "/sign-in"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_demo_shows_its_accounts_and_a_real_installation_does_not(app, deps):
    assert "data-fill-username" in app.test_client().get("/sign-in").text
    real = replace(deps)
    real.__dict__["installation"] = replace(deps.installation, demo=False)
    app.extensions["deps"] = real
    page = app.test_client().get("/sign-in").text
    assert "data-fill-username" not in page
    assert PASSWORD not in page
    assert app.test_client().get("/api/v1/demo/accounts").status_code == 404
