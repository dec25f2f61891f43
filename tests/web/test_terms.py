"""The registry's word lists: who keeps them, what is refused, what the registry then offers."""

import re

import pytest
from sqlalchemy import select

from app.domain.enterprises import TermKind
from app.models.enterprises import Enterprise, Term
from app.services.enterprises import terms
from app.services.imports import taking
from tests import lists
from tests.casework import Play

TOP, COUNTY, STAFF, AUDITOR = (
    "shanxi.admin",
    "xingxian.admin",
    "xingxian.staff1",
    "shanxi.auditor",
)
NEW = {"name": "粮食加工", "name_en": "Grain", "aliases": "磨面、面粉 , 面粉", "code": "grain"}


@pytest.fixture
def browser(client):
    return client(TOP)


def offered(deps, actor, kind=TermKind.SECTOR):
    with deps.reading(actor(STAFF)) as work:
        return [row.code for row in terms.everything(work).active(kind)]


def word(deps, code, kind=TermKind.SECTOR):
    with deps.system_reading("test") as work:
        return work.session.scalars(select(Term).filter_by(kind=kind, code=code)).one_or_none()


def test_a_new_word_is_offered_and_read_in_lists(browser, deps, actor, client):
    assert browser.post("/terms/sector", data=NEW).status_code == 303
    assert offered(deps, actor)[-1] == "grain"
    assert word(deps, "grain").aliases == "磨面 面粉"
    assert "粮食加工" in client(STAFF).get("/enterprises/new").text
    play = Play(deps, actor)
    data = lists.annex([lists.row(1, sector="面粉"), lists.row(2, sector="粮食加工")])
    batch = play.run(STAFF, taking.take, "141123", "名单.xlsx", data)
    deps.jobs.drain(deps)
    assert play.run(STAFF, taking.get, batch).good == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": "steel"}, "code", "此代码已被使用"),
        ({"code": "钢"}, "code", "以字母开头"),
        ({"code": "1a"}, "code", "以字母开头"),
        ({"code": ""}, "code", "以字母开头"),
        ({"name": ""}, "name", "请填写名称"),
        ({"name": "钢铁"}, "name", "“钢铁”已是“钢铁”的名称"),
        ({"name": "炼钢"}, "name", "“炼钢”已是“钢铁”的名称"),
        ({"aliases": "麦 水泥"}, "aliases", "“水泥”已是“水泥”的名称"),
        ({"name": "长" * 33}, "name", "不能超过 32 个字"),
        ({"name_en": "x" * 65}, "name_en", "不能超过 64 个字"),
        ({"aliases": " ".join(f"名{n}" for n in range(99))}, "aliases", "不能超过 200 个字"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(browser, deps, changes, field, words):
    answer = browser.post("/terms/sector", data=NEW | changes)
    assert answer.status_code == 422
    note = re.search(rf'id="f-{field}-note">(.*?)</div>', answer.text, re.DOTALL)
    assert words in note[1]
    assert word(deps, "grain") is None


def test_a_word_is_renamed_and_the_history_says_what_it_was(browser, deps, client):
    form = {"name": "钢铁冶炼", "name_en": "Steel", "aliases": "炼钢", "revision": "1"}
    assert browser.post("/terms/sector/steel", data=form).status_code == 303
    assert (word(deps, "steel").name, word(deps, "steel").revision) == ("钢铁冶炼", 2)
    late = browser.post("/terms/sector/steel", data=form | {"name": "另一个"})
    assert late.status_code == 409
    assert "另一个" in late.text  # what was typed is not lost
    assert word(deps, "steel").name == "钢铁冶炼"
    told = client(AUDITOR).get("/audit/?action=term.update").text
    assert "修改了台账词条" in told
    assert "原名称：钢铁" in told
    # The same again changes nothing, and nothing is written down.
    browser.post("/terms/sector/steel", data=form | {"revision": "2"})
    assert word(deps, "steel").revision == 2


def test_what_is_used_is_retired_and_not_removed(browser, deps, actor, client):
    refused = browser.post("/terms/sector/steel/remove", data={"reason": "不要了"})
    assert refused.status_code == 409
    assert "只能停用，不能删除" in refused.text
    assert browser.post("/terms/sector/steel/active", data={"active": "0"}).status_code == 422
    gone = browser.post("/terms/sector/steel/active", data={"active": "0", "reason": "合并"})
    assert gone.status_code == 303
    assert "steel" not in offered(deps, actor)
    plant = Play(deps, actor).subject()
    assert "钢铁" in client(STAFF).get(f"/enterprises/{plant}").text
    back = browser.post("/terms/sector/steel/active", data={"active": "1", "reason": "恢复"})
    assert back.status_code == 303
    assert "steel" in offered(deps, actor)


@pytest.mark.parametrize(("kind", "code"), [("ownership", "foreign"), ("sector", "grain")])
def test_a_word_nobody_has_is_removed(browser, deps, kind, code):
    browser.post("/terms/sector", data=NEW)
    assert browser.post(f"/terms/{kind}/{code}/remove", data={"reason": ""}).status_code == 422
    answer = browser.post(f"/terms/{kind}/{code}/remove", data={"reason": "误建"})
    assert answer.status_code == 303
    assert word(deps, code, TermKind(kind)) is None
    assert browser.get(f"/terms/{kind}/{code}").status_code == 404


def test_tags_are_counted_one_by_one(browser, deps, actor):
    with deps.system("test") as work:
        plant = work.session.get_one(Enterprise, Play(deps, actor).subject())
        plant.tags = ["dust", "gas"]
    for code in ("dust", "gas"):
        assert browser.post(f"/terms/tag/{code}/remove", data={"reason": "x"}).status_code == 409


def test_the_order_is_that_of_every_choice(browser, deps, actor):
    first, second, third = offered(deps, actor)[:3]
    assert browser.post(f"/terms/sector/{second}/move", data={"to": "up"}).status_code == 303
    assert offered(deps, actor)[:3] == [second, first, third]
    browser.post(f"/terms/sector/{second}/move", data={"to": "up"})  # it is the first already
    browser.post(f"/terms/sector/{second}/move", data={"to": "down"})
    assert offered(deps, actor)[:3] == [first, second, third]


def test_who_may(client, deps):
    page = client(COUNTY).get("/terms/").text
    assert "这里仅供查看" in page
    assert "新增词条" not in page
    assert client(COUNTY).get("/terms/sector/steel").status_code == 200
    for path, form in (
        ("/terms/sector", NEW),
        ("/terms/sector/steel", {"name": "x", "revision": "1"}),
        ("/terms/sector/steel/active", {"active": "0", "reason": "x"}),
        ("/terms/sector/steel/move", {"to": "down"}),
        ("/terms/tag/casting/remove", {"reason": "x"}),
    ):
        assert client(COUNTY).post(path, data=form).status_code == 403
        assert client(STAFF).post(path, data=form).status_code == 403
    assert client(STAFF).get("/terms/").status_code == 403
    assert word(deps, "steel").name == "钢铁"


@pytest.mark.parametrize("path", ["/terms/secret", "/terms/sector/nothing", "/terms/secret/steel"])
def test_what_is_not_there(browser, path):
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"name": "x"}).status_code in (404, 422)
