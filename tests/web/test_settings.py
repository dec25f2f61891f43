"""What an office's papers say otherwise than usual: the page, and the papers that follow it."""

import re
import threading
import time

import pytest
from sqlalchemy import select

from app.domain import Invalid
from app.models.people import Organisation
from app.services.documents import settings
from tests import drawn
from tests.casework import ANSWERS, Play
from tests.web.routes import Things

ADMIN, STAFF = "xingxian.admin", "xingxian.staff1"


@pytest.fixture
def url(deps):
    return f"/organisations/{Things(deps).organisation}/papers"


def test_of_two_offices_with_one_pattern_the_second_is_told(deps, monkeypatch):
    """Both save at the same moment."""
    with deps.system_reading("test") as work:
        bureaus = select(Organisation.id).filter_by(kind="emergency_bureau")
        offices = work.session.scalars(bureaus.order_by(Organisation.id)).all()[-2:]
    unhurried = settings._shared

    def shared(*about):
        found = unhurried(*about)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(settings, "_shared", shared)
    told = []

    def save(office):
        try:
            with deps.transaction(drawn.NATIONAL) as work:
                seen = settings.get(work, office).chosen.digest
                form = settings.SettingForm("统一{code}〔{year}〕{number}号")
                settings.save(work, office, seen, form)
        except Invalid as refused:
            told.append(refused.errors)

    threads = [threading.Thread(target=save, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [list(errors) for errors in told] == [["/pattern"]]


@pytest.fixture
def save(client, url):
    """Open the page, type, and save."""

    def run(username=ADMIN, **typed):
        browser = client(username)
        page = browser.get(url).text
        seen = re.search(r'name="seen" value="(\w+)"', page)[1]
        return browser.post(url, data={"seen": seen, **typed})

    return run


def test_the_page_says_what_is_usual_and_the_next_number(client, url, deps, actor):
    play = Play(deps, actor)
    play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    page = client(ADMIN).get(url).text
    for part in (
        "（{short}）应急{code}〔{year}〕{number}号</span>",
        "默认 兴县人民政府",
        "默认 兴县人民法院",
        "（本单位：兴）",
        "（兴）应急责改〔2026〕2号",
        "（兴）应急送达〔2026〕1号",
    ):
        assert part in page, part
    assert "文书设置" in client(ADMIN).get(url.removesuffix("/papers")).text


def test_papers_say_what_was_set(client, save, url, deps, actor):
    pattern = "{short}应急罚{code}字[{year}]第{number}号"
    saved = save(pattern=f" {pattern} ", review="吕梁市应急管理局", court="离石区人民法院")
    assert saved.status_code == 303
    page = client(ADMIN).get(url).text
    assert "兴应急罚责改字[2026]第1号" in page
    play = Play(deps, actor)
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    (paper,) = play.papers(STAFF, case)
    assert paper.number == "兴应急罚责改字[2026]第1号"
    whole = client(STAFF).get(f"/documents/{paper.id}").text
    assert "兴应急罚责改字[2026]第1号" in whole
    history = client(ADMIN).get(url.removesuffix("/papers")).text
    assert "修改了文书设置" in history
    save(pattern="", review="", court="")
    assert f"原文号格式：{pattern}" in client(ADMIN).get(url.removesuffix("/papers")).text
    assert "（兴）应急责改〔2026〕2号" in client(ADMIN).get(url).text


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("（{short}）应急〔{year}〕{number}号", "缺少 {code}，不同文书会有相同的文号"),
        ("（{short}）应急{code}{number}号", "缺少 {year}"),
        ("（{short}）应急{code}〔{year}〕号", "缺少 {number}"),
        ("没有代号", "缺少 {code}、{year}、{number}"),
        ("{code}{year}{number}{number}", "{number} 只能出现一次"),
        ("{code.__class__}{year}{number}", "花括号里只能是"),
        ("{code!r}{year}{number}", "花括号里只能是"),
        ("{code}{year}{number:>99999999}", "花括号里只能是"),
        ("{code}{year}{}", "花括号里只能是"),
        ("{code}{year}{number", "花括号没有成对"),
        ("（汾）应急{code}〔{year}〕{number}号", "与“汾阳市应急管理局”的文号相同"),
        ("{code}〔{year}〕{number}号" + "长" * 40, "不能超过 60 个字"),
        ("{code}〔{year}〕\u200b{number}号", "含有不能打印的字符"),
    ],
)
def test_a_pattern_that_makes_no_numbers_is_refused_at_its_field(client, save, url, pattern, told):
    refused = save(pattern=pattern, review="吕梁市人民政府")
    assert refused.status_code == 422
    found = re.search(r'id="f-pattern-note">.*?<span>(.*?)</span>', refused.text)[1]
    assert told in found
    assert 'value="吕梁市人民政府"' in refused.text  # nothing typed is lost
    tried = client(ADMIN).get(url, query_string={"pattern": pattern})
    assert told in tried.text
    assert "（兴）应急责改〔2026〕1号" in client(ADMIN).get(url).text


def test_organs_of_remedy_are_names(save):
    refused = save(review="府", court="法院" * 40)
    assert refused.status_code == 422
    assert refused.text.count("应为 2 至 64 个字") >= 2


def test_two_who_set_at_once_do_not_undo_each_other(save, url, client):
    first = client(ADMIN)
    seen = re.search(r'name="seen" value="(\w+)"', first.get(url).text)[1]
    save(review="吕梁市人民政府")
    lost = first.post(url, data={"seen": seen, "court": "离石区人民法院"})
    assert lost.status_code == 409
    assert 'value="离石区人民法院"' in lost.text
    assert 'value="吕梁市人民政府"' in first.get(url).text


def test_only_administrators_of_the_area_set_papers(client, url, deps):
    assert client(STAFF).get(url).status_code == 403
    assert client("fenyang.admin").get(url).status_code == 404
    assert client("fenyang.admin").post(url, data={"review": "某某"}).status_code == 404
    assert client("lvliang.admin").get(url).status_code == 200
    enterprise = Things(deps).enterprise
    assert client(ADMIN).get(f"/organisations/{enterprise}/papers").status_code == 404
