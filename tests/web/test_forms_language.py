"""The reader's language, and how it writes dates, deadlines and numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.domain.text import T, Term
from app.web import language
from app.web.translations import compile_catalogue, faults

NOW = datetime(2026, 11, 20, 7, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def flask():
    compile_catalogue()
    made = Flask("languages")
    made.config["wish"] = None
    language.init_app(made, lambda: made.config["wish"])
    return made


@pytest.fixture
def english(flask):
    with flask.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def chinese(flask):
    with flask.test_request_context():
        yield


def test_every_wording_has_its_english():
    found = "\n".join(map(str, faults()))
    assert not found, f"python -m app.web.translations update, then translate:\n{found}"


@pytest.mark.parametrize(
    ("wish", "cookie", "header", "chosen"),
    [
        (None, "", "", "zh"),
        (None, "", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "", "en-GB,en;q=0.9", "en"),
        (None, "", "fr", "zh"),
        (None, "en", "zh-CN", "en"),
        (None, "xx", "en", "en"),
        ("zh", "en", "en", "zh"),
    ],
)
def test_own_choice_before_cookie_before_browser(flask, wish, cookie, header, chosen):
    flask.config["wish"] = wish
    headers = {"Accept-Language": header, "Cookie": f"language={cookie}"}
    try:
        with flask.test_request_context(headers=headers):
            assert language.chosen() == chosen
    finally:
        flask.config["wish"] = None


def test_outside_a_request_it_is_chinese():
    assert language.chosen() == "zh"


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("/tasks?box=done", True),
        ("//evil.example", False),
        ("https://evil.example", False),
        ("/\\evil.example", False),
        ("javascript:alert(1)", False),
        ("/a\r\nSet-Cookie: x", False),
        ("tasks", False),
        ("http:///evil.example", False),
        ("/[", True),
    ],
)
def test_only_addresses_of_this_site_are_gone_back_to(flask, target, local):
    assert language.is_local(target) is local
    with flask.test_request_context():
        answer = language.switch("en", target)
        assert answer.headers["Location"] == (target if local else "/")
        assert "language=en" in answer.headers["Set-Cookie"]


def test_an_unknown_language_is_not_remembered(flask):
    with flask.test_request_context():
        assert "Set-Cookie" not in language.switch("xx", None).headers


@pytest.mark.usefixtures("chinese")
def test_dates_in_chinese():
    assert language.moment(NOW) == "2026年11月20日 15:04"
    assert language.moment("2026-11-20T15:04:00+08:00") == "2026年11月20日 15:04"
    assert language.day(date(2026, 1, 5)) == "2026年1月5日"
    assert language.day("2026-01-05") == "2026年1月5日"
    assert language.day(datetime(2026, 11, 20, 16, 30, tzinfo=UTC)) == "2026年11月21日"
    assert language.deadline(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "2026年11月20日 24:00"
    assert language.deadline(NOW) == "2026年11月20日 15:04"
    assert language.moment(None) == language.day(None) == language.deadline(None) == ""


@pytest.mark.usefixtures("english")
def test_dates_in_english():
    assert language.moment(NOW) == "20 Nov 2026, 15:04"
    assert language.day("2026-01-05") == "5 Jan 2026"
    assert language.deadline(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "20 Nov 2026, 24:00"


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(days=10, hours=5), "还剩 10 天", "todo"),
        (timedelta(days=2), "还剩 2 天", "soon"),
        (timedelta(days=1, hours=23), "还剩 2 天", "soon"),  # the day after tomorrow
        (timedelta(days=1, hours=8), "还剩 1 天", "soon"),
        (timedelta(days=3, hours=8), "还剩 3 天", "soon"),
        (timedelta(days=3, hours=9), "还剩 4 天", "todo"),
        (timedelta(hours=23, minutes=59), "还剩 23 小时", "soon"),
        (timedelta(hours=5, minutes=59), "还剩 5 小时", "soon"),
        (timedelta(hours=1), "还剩 1 小时", "soon"),
        (timedelta(minutes=5), "不足 1 小时", "soon"),
        (timedelta(0), "不足 1 小时", "soon"),
        (timedelta(minutes=-5), "刚刚逾期", "late"),
        (timedelta(hours=-1), "已逾期 1 小时", "late"),
        (timedelta(hours=-5), "已逾期 5 小时", "late"),
        (timedelta(days=-1), "已逾期 1 天", "late"),
        (timedelta(days=-12), "已逾期 12 天", "late"),
    ],
)
@pytest.mark.usefixtures("chinese")
def test_how_near_a_deadline_is(left, words, tone):
    assert language.due(NOW + left, NOW) == language.Due(words, tone)


@pytest.mark.usefixtures("english")
def test_one_day_is_singular_in_english():
    assert language.due(NOW + timedelta(days=1), NOW).text == "1 day left"
    assert language.due(NOW + timedelta(days=2), NOW).text == "2 days left"


def test_numbers():
    assert language.number(1234567) == "1,234,567"
    assert language.number(3.0) == "3"
    assert language.number(1234.5) == "1,234.5"
    assert language.number(1234.5, 2) == "1,234.50"
    assert language.percent(0.914) == "91.4%"
    assert (language.percent(9999 / 10_000), language.percent(1.0)) == ("99.9%", "100%")
    assert language.number(None) == language.percent(None) == ""
    assert [language.size(n) for n in (7, 7_400, 7_400_000)] == ["7 B", "7 kB", "7.4 MB"]


@pytest.mark.usefixtures("english")
def test_texts_are_read_in_english_with_the_terms_in_them():
    assert language.read(Term("整改期限", english="Deadline")) == "Deadline"
    assert language.read(T("请填写{field}", field=Term("整改期限", english="Deadline"))) == (
        "Fill in “Deadline”"
    )
    assert language.read("plain") == "plain"
    assert language.read(None) == ""
