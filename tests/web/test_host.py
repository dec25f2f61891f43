"""Nothing that is answered leads to the host that a request claims to be for."""

import pytest

from tests.people import signed_in

EVIL = "evil.example"
WITHOUT_SLASH = ["/me", "/tasks", "/accounts", "/enterprises?q=a%20b", "/hazards?x=1#y"]


@pytest.mark.parametrize("path", WITHOUT_SLASH)
@pytest.mark.parametrize("who", ["xingxian.admin", None])
def test_a_missing_slash_leads_to_the_same_site(app, who, path):
    browser = signed_in(app, who)
    answer = browser.get(path, headers={"Host": EVIL})
    assert answer.status_code in (301, 302, 303, 307, 308), "the test needs a redirect"
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith("//")
    assert EVIL not in str(answer.headers) + answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example/me", "//evil.example//tasks", "/\\evil.example/me", "/me//", "//"]
)
def test_an_address_of_two_slashes_leads_nowhere_else(app, path):
    answer = signed_in(app, "xingxian.admin").get(path)
    assert not answer.headers.get("Location", "/").startswith(("//", "/\\", "http"))


@pytest.mark.parametrize("host", [EVIL, "a b", "[::1", "x" * 300, "evil.example:port", "", "é"])
def test_no_host_breaks_a_page_or_is_repeated(app, host):
    for path in ("/sign-in", "/me", "/api/v1/me", "/nothing/here", "/api/v1/openapi.json"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert answer.status_code < 500
        assert EVIL not in str(answer.headers) + answer.text


def test_signing_in_leads_to_the_same_site(app):
    form = {"username": "xingxian.staff1", "password": "bihuan-demo"}
    answer = app.test_client().post("/sign-in", data=form, headers={"Host": EVIL})
    assert answer.status_code == 303
    assert EVIL not in str(answer.headers)
