"""Which language a reader gets; English pages hold no Chinese but data."""

import re

import pytest

from tests.people import signed_in
from tests.web.callers import Caller

USER = "xingxian.admin"


def lang(page):
    return re.search(r'<html lang="([^"]+)"', page.text)[1]


def test_chinese_comes_first(app):
    assert lang(app.test_client().get("/sign-in")) == "zh-CN"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr", "zh-CN"),
        ("en;q=0.1,zh;q=0.9", "zh-CN"),
        (";;;,", "zh-CN"),
    ],
)
def test_the_browser_is_asked(app, accepted, expected):
    page = app.test_client().get("/sign-in", headers={"Accept-Language": accepted})
    assert lang(page) == expected


def test_a_choice_is_kept_by_the_browser_and_by_the_account(app):
    client = signed_in(app, USER)
    assert client.get("/language/en?next=/me/").location == "/me/"
    assert lang(client.get("/me/")) == "en"
    elsewhere = signed_in(app, USER)
    assert lang(elsewhere.get("/me/")) == "en"
    client.get("/language/zh")
    assert lang(elsewhere.get("/me/")) == "zh-CN"


def test_an_unknown_language_changes_nothing(app):
    client = signed_in(app, USER)
    client.get("/language/fr")
    assert lang(client.get("/me/")) == "zh-CN"


def test_errors_of_the_api_are_in_the_callers_language(app):
    english = {"Accept-Language": "en"}
    answer = app.test_client().post("/api/v1/tokens", json={}, headers=english)
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 2
    assert not re.findall(r"[\u4e00-\u9fff]", answer.text)


NAMES = re.compile(r"(兴县|吕梁|山西|汾阳|[\u4e00-\u9fff]..?（演示）|>[白兴]<|\"兴\")[^<\"]*")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/me/", "/me/password", "/nothing"),
        *("/organisations/", "/organisations/1", "/organisations/?q=zz"),
        *("/accounts/", "/accounts/1", "/accounts/14", "/accounts/?q=nobody"),
    ],
)
def test_english_pages_hold_no_chinese_but_names(app, deps, path):
    person = Caller(app, deps, USER)
    person.call("GET", "/language/en")
    page = person.call("GET", path).text
    page = page.replace("中文", "").replace("兴）应急责改〔2026〕1号", "")
    page = re.sub(r'data-[a-z-]+="[^"]*"', "", page)
    text = NAMES.sub("", page)
    assert re.findall(r".{0,20}[\u4e00-\u9fff]+.{0,20}", text) == []


def test_reloading_a_refused_form_shows_its_page(app):
    """The address of a refused form is that of an act; a reload or the language link asks for it."""
    client = signed_in(app, USER)
    assert client.get("/me/pin").location == "/me/"
    assert client.get("/accounts/14/roles/remove").location == "/accounts/14"
    assert client.get("/organisations/zones").location == "/organisations/"
    assert client.get("/sign-out").location == "/"
    assert client.get("/language/en?next=/me/pin", follow_redirects=True).status_code == 200
