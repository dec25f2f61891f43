"""Clauses of law: shipped, edited version by version, read from sheets, found where a hazard is written."""

import io
import re
import threading
import time
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import delete, func, select, update

from app.models.clauses import Clause, Law
from app.services import Stale
from app.services.clauses import keeping, reading
from config import ROOT
from tests import lists
from tests.casework import Play
from tests.people import token
from tests.web.test_tasks import posted

TOP, COUNTY, STAFF, OWNER, AUDITOR = (
    "shanxi.admin",
    "xingxian.admin",
    "xingxian.staff1",
    "xingxian.plant",
    "shanxi.auditor",
)
NEW = {
    "code": "dust_criteria",
    "name": "示例行业重大隐患判定标准",
    "number": "示例令第1号",
    "clauses.0._row": "1",
    "clauses.0.article": "第十一条",
    "clauses.0.usage": "criterion",
    "clauses.0.hazard": "除尘系统未设置泄爆装置",
    "clauses.0.demand": "停用除尘系统，加装泄爆装置",
    "seen": "0",
    "_op": "submit",
}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def browser(client):
    return client(TOP)


def sheet(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return lists.saved(book)


def found(client, words, who=STAFF):
    page = client(who).get("/clauses/search", query_string={"q": words})
    assert page.status_code == 200
    return re.findall(r"<b>(.*?)</b>", page.text)


def test_what_the_notices_name_is_shipped(client):
    page = client(STAFF).get("/clauses/").text
    assert "中华人民共和国安全生产法" in page
    assert "新建法律、标准" not in page
    page = client(STAFF).get("/clauses/work_safety_law").text
    assert "第四十三条" in page
    named = (ROOT / "app/services/checklists/notices.json").read_text("utf-8")
    for law in keeping.shipped():
        for clause in law["clauses"]:
            if clause["usage"] == "basis":
                assert clause["hazard"] in named
                assert clause["article"] in named


def test_words_find_the_clauses_a_hazard_is_based_on(client):
    for who in (STAFF, OWNER):
        assert found(client, "警示 空间", who) == ["《中华人民共和国安全生产法》第三十五条"]
    assert len(found(client, "安全生产法")) == reading.MOST_FOUND
    assert found(client, "警示 没有的词") == []
    assert found(client, "   ") == []
    # A measure is no basis of a hazard; the page finds it.
    assert found(client, "第六十五条") == []
    assert (
        "《中华人民共和国安全生产法》第六十五条" in client(STAFF).get("/clauses/?q=第六十五条").text
    )


@pytest.mark.parametrize(
    "words", ["%", "_", "\\", "'", '"><script>alert(1)</script>', "a" * 5000, "{{7*7}}", "\u202e"]
)
def test_hostile_words_find_nothing(client, words):
    assert found(client, words) == []
    page = client(STAFF).get("/clauses/", query_string={"q": words})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_a_new_law_is_found_in_its_newest_version(browser, client):
    assert browser.post("/clauses/new", data=NEW).location == "/clauses/dust_criteria"
    assert found(client, "泄爆") == ["《示例行业重大隐患判定标准》第十一条"]
    next_one = {**NEW, "seen": "1", "clauses.0.article": "第十二条", "until": "2030-01-01"}
    assert browser.post("/clauses/dust_criteria/edit", data=next_one).status_code == 303
    assert found(client, "泄爆") == ["《示例行业重大隐患判定标准》第十二条"]
    late = browser.post("/clauses/dust_criteria/edit", data=next_one)
    assert late.status_code == 409
    assert "第十二条" in late.text
    assert "第十一条" in client(STAFF).get("/clauses/dust_criteria/versions/1").text
    told = client(AUDITOR).get("/audit/?action=law.publish").text
    assert "示例行业重大隐患判定标准" in told
    answer = browser.post("/clauses/dust_criteria/retire", data={"reason": "废止"})
    assert answer.status_code == 303
    assert found(client, "泄爆") == []
    assert "废止" in client(AUDITOR).get("/audit/?action=law.retire").text


@pytest.mark.parametrize(
    ("since", "until", "seen"),
    [("2026-11-21", "", 0), ("", "2026-11-19", 0), ("2026-11-20", "2026-11-20", 1)],
)
def test_only_what_is_in_force_today_is_found(browser, client, since, until, seen):
    assert browser.post("/clauses/new", data={**NEW, "since": since, "until": until}).location
    assert len(found(client, "泄爆")) == seen


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "work_safety_law"}, "此代码已被使用"),
        ({"code": "Ä"}, "代码"),
        ({"name": ""}, "名称"),
        ({"clauses.0.article": ""}, "条款"),
        ({"clauses.0.usage": "magic"}, "用途"),
        ({"clauses.0.sector": "magic"}, "适用行业"),
        ({"since": "2027-01-01", "until": "2026-01-01"}, "失效日期不能早于施行日期"),
        ({"since": "yesterday"}, "施行日期"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(browser, changes, words):
    answer = browser.post("/clauses/new", data={**NEW, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert "除尘系统未设置泄爆装置" in answer.text


def test_a_list_is_read_into_the_form_and_judged_there(browser):
    rows = [
        ["条款", "用途", "适用行业", "条文", "隐患表述", "整改要求"],
        ["第三条", "重大隐患判定", "", "", "未设置监测装置", "立即设置"],
        ["第四条", "别的用途", "", "", "未设置报警装置", ""],
    ]
    data = {**NEW, "_op": "load", "file": (io.BytesIO(sheet(rows)), "条款.xlsx")}
    page = browser.post("/clauses/new", data=data)
    assert page.status_code == 200
    assert "已读入 2 项" in page.text
    assert "未设置监测装置" in page.text
    assert "除尘系统未设置泄爆装置" not in page.text
    wrong = browser.post(
        "/clauses/new",
        data={**NEW, "clauses.0.usage": "别的用途"},
    )
    assert wrong.status_code == 422
    for content in (b"PK\x03\x04nothing", b"", sheet([["a", "b"]])):
        data = {**NEW, "_op": "load", "file": (io.BytesIO(content), "条款.xlsx")}
        assert browser.post("/clauses/new", data=data).status_code == 422


def test_of_two_at_the_same_moment_one_is_told(deps, actor, monkeypatch):
    unhurried = keeping._add

    def add(*about):
        time.sleep(0.3)
        return unhurried(*about)

    monkeypatch.setattr(keeping, "_add", add)
    told = []

    def act(article):
        given = {
            "code": "work_safety_law",
            "name": "安全生产法",
            "clauses": [{"article": article, "usage": "basis"}],
        }
        try:
            with deps.transaction(actor(TOP)) as work:
                told.append(keeping.publish(work, given, 1))
        except Stale:
            told.append("stale")

    both = [threading.Thread(target=act, args=(text,)) for text in ("第一条", "第二条")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told) == ["stale", "work_safety_law"]
    with deps.system_reading("test") as work:
        assert len(work.session.scalars(select(Law.version)).all()) == 2


def test_only_the_topmost_administrators_keep_them(client):
    for username in (COUNTY, STAFF, OWNER):
        assert client(username).post("/clauses/new", data=NEW).status_code == 403, username
        answer = client(username).post("/clauses/work_safety_law/retire", data={"reason": "x"})
        assert answer.status_code == 403, username


def test_the_search_stands_where_a_hazard_is_written(client, deps, actor):
    play = Play(deps, actor)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    page = client(STAFF).get(f"/tasks/{item}").text
    assert 'data-clauses="/clauses/search"' in page
    # The blank row that is added brings it along, and it is no field of the form.
    assert page.count('data-clauses="/clauses/search"') >= 2
    assert not re.search(r'<input[^>]*type="search"[^>]*name=', page)


def test_the_api_does_the_same(app):
    api, keys = app.test_client(), token(app, TOP)
    rows = api.get("/api/v1/clauses?q=警示", headers=keys).json["items"]
    assert [row["citation"] for row in rows] == ["《中华人民共和国安全生产法》第三十五条"]
    assert api.get("/api/v1/clauses?q=警示&use=magic", headers=keys).status_code == 422
    measures = api.get("/api/v1/clauses?q=安全生产法&use=measure", headers=keys).json["items"]
    assert [row["article"] for row in measures] == ["第六十五条", "第六十七条", "第七十条"]
    body = {
        "seen": 0,
        "code": "one",
        "name": "示例标准",
        "clauses": [{"article": "1", "usage": "basis"}],
    }
    made = api.post("/api/v1/laws", headers={**keys, "Idempotency-Key": "c-1"}, json=body)
    assert made.status_code == 201
    assert made.json["clauses"][0]["citation"] == "《示例标准》1"
    again = api.post("/api/v1/laws", headers={**keys, "Idempotency-Key": "c-2"}, json=body)
    assert again.status_code == 422
    assert len(api.get("/api/v1/laws", headers=keys).json["items"]) == 2
    assert api.get("/api/v1/laws/one", headers=token(app, STAFF)).json["version"] == 1
    assert api.get("/api/v1/laws/none", headers=keys).status_code == 404


LIST = (
    "条款,用途,适用行业,条文,隐患表述,整改要求\n"
    "第三条,重大隐患判定,,,未设置监测装置,立即设置\n"
    "第四条,别的用途,不存在的行业,,未设置报警装置,\n"
    f",隐患依据,,只有条文,{'长' * 301},\n"
)
"""The first line is right; the second has an unknown use and sector, the third no article."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_plain_list_is_read_and_each_wrong_line_is_told_at_its_fields(
    browser, client, play, encoding
):
    content = LIST.encode(encoding)
    data = {**NEW, "_op": "load", "file": (io.BytesIO(content), "条款.csv")}
    page = browser.post("/clauses/new", data=data)
    assert page.status_code == 200
    assert "已读入 3 项" in page.text
    rows = play.run(TOP, keeping.read, content)
    assert rows[0] == {
        "article": "第三条",
        "usage": "criterion",
        "hazard": "未设置监测装置",
        "demand": "立即设置",
    }
    head = {key: NEW[key] for key in ("code", "name", "number", "seen", "_op")}
    wrong = browser.post("/clauses/new", data={**head, **posted({"clauses": rows})})
    assert wrong.status_code == 422
    told = re.findall(r'href="#(f-clauses-[^"]+)"', wrong.text)
    assert sorted(told) == [
        "f-clauses-1-sector",
        "f-clauses-1-usage",
        "f-clauses-2-article",
        "f-clauses-2-hazard",
    ]
    assert "未设置报警装置" in wrong.text  # nothing that was read is lost
    right = browser.post("/clauses/new", data={**head, **posted({"clauses": rows[:1]})})
    assert right.status_code == 303
    assert found(client, "监测装置") == ["《示例行业重大隐患判定标准》第三条"]


def test_a_plain_list_of_another_encoding_is_refused(browser):
    data = {**NEW, "_op": "load", "file": (io.BytesIO(b"\xff\xfe\x81\xff" * 9), "条款.csv")}
    refused = browser.post("/clauses/new", data=data)
    assert refused.status_code == 422
    assert "除尘系统未设置泄爆装置" in refused.text


def test_the_shipped_law_says_since_when_it_holds(client):
    assert "2021年9月1日" in client(STAFF).get("/clauses/work_safety_law").text


@pytest.mark.parametrize(
    ("of", "otherwise"),
    [
        (Law, {"since": None}),  # as it was shipped before the amendment of 2021
        (Law, {"number": "主席令第13号"}),
        (Law, {"until": date(2026, 12, 31)}),
        (Law, {"name": "安全生产法"}),
        (Clause, {"hazard": "原来的表述"}),
        (Clause, None),  # which lacked one
    ],
)
def test_an_installation_of_an_earlier_edition_gets_the_shipped_law_as_a_version(
    deps, of, otherwise
):
    with deps.system("an earlier edition") as work:
        changed = update(of).values(**otherwise) if otherwise else delete(of).filter_by(position=1)
        work.session.execute(changed)
    keeping.install(deps)
    keeping.install(deps)
    with deps.system_reading("test") as work:
        rows = work.session.scalars(select(Law).order_by(Law.version)).all()
        told = [(row.version, row.source, row.published_by) for row in rows]
        assert told[1:] == [(2, "随产品更新", None)]
        (shipped,) = keeping.shipped()
        newest = rows[-1]
        assert (newest.name, newest.number, newest.until) == (shipped["name"], "", None)
        assert newest.since == date(2021, 9, 1)
        kept = select(Clause.hazard).filter_by(law_id=newest.id).order_by(Clause.position)
        said = [clause.get("hazard", "") for clause in shipped["clauses"]]
        assert work.session.scalars(kept).all() == said


def test_what_is_shipped_unchanged_makes_no_version(deps):
    keeping.install(deps)
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(Law.version)).all() == [1]


def test_what_an_office_published_is_not_replaced(browser, deps):
    own = {**NEW, "code": "work_safety_law", "name": "中华人民共和国安全生产法", "seen": "1"}
    assert browser.post("/clauses/work_safety_law/edit", data=own).status_code == 303
    keeping.install(deps)
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(func.max(Law.version))).one() == 2
