"""Pages of the registry: list, dossier, form, imports, exports."""

import io
import re

import openpyxl
import pytest

from app.domain.measures import Measure
from app.services import dossier
from app.services.enterprises import registry, standing
from app.services.enterprises.registry import Wanted
from app.services.imports import taking
from app.services.tasks import commands
from tests import lists
from tests.casework import PLANT, Play
from tests.people import token

STAFF = "xingxian.staff1"
FACTS = {
    "name": "兴县试验铸造有限公司（演示）",
    "place": "141123",
    "address": "蔚汾镇试验路 3 号",
    "sector": "steel",
}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def browser(client):
    return client(STAFF)


def enterprise_of(play, name=FACTS["name"]):
    return play.run(STAFF, registry.find, Wanted(q=name)).rows[0].id


def revision_in(page):
    return re.search(r'name="revision" value="(\d+)"', page)[1]


def test_the_list_shows_filters_sorts_and_pages(browser):
    page = browser.get("/enterprises/").text
    assert page.count("待补码") >= 19
    assert "共 60 家" in page
    following = re.search(r'href="([^"]*cursor=\d+[^"]*)"', page)[1].replace("&amp;", "&")
    assert "上一页" in browser.get(following).text
    page = browser.get("/enterprises/?flag=worrisome&sort=-name").text
    assert "共 4 家" in page
    assert 'aria-sort="descending"' in page
    assert "flag=worrisome&amp;sort=name" in page.replace(
        "sort=name&amp;flag=worrisome", "flag=worrisome&amp;sort=name"
    )
    assert "没有符合条件的企业" in browser.get("/enterprises/?q=没有这家").text


def test_an_empty_registry_says_so(client):
    page = client("xingxian.power").get("/enterprises/").text
    assert "台账里还没有企业" in page
    assert "新增企业" not in page


def test_an_enterprise_is_entered_changed_and_shown(browser):
    assert "企业名称" in browser.get("/enterprises/new").text
    answer = browser.post("/enterprises/new", data={**FACTS, "equipment.0.name": "中频炉"})
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert FACTS["name"] in page
    assert "中频炉" in page
    assert "待补码" in page
    assert "录入企业台账" in page
    assert "尚未登记" in page
    form = browser.get(f"{answer.location}/edit").text
    data = {**FACTS, "revision": revision_in(form), "reason": "现场核实", "key": "true"}
    assert browser.post(f"{answer.location}/edit", data=data).status_code == 303
    page = browser.get(answer.location).text
    assert "原因：现场核实" in page
    assert "重点监管对象原为：否" in page
    assert "修改了：主要设备" in page


def test_what_was_typed_is_never_lost(browser):
    typed = {**FACTS, "credit_code": "91110000600037341X", "longitude": "38.4", "latitude": "111.1"}
    answer = browser.post("/enterprises/new", data={**typed, "equipment.0.model": "GW-9"})
    assert answer.status_code == 422
    for value in ("91110000600037341X", "38.4", "GW-9", FACTS["name"]):
        assert f'value="{value}"' in answer.text
    assert "不是有效的统一社会信用代码" in answer.text
    assert "请填写设备名称" in answer.text
    swapped = browser.post(
        "/enterprises/new", data={**FACTS, "longitude": "38.4", "latitude": "111.1"}
    )
    assert "经度和纬度填反了" in swapped.text


def test_a_row_more_is_only_shown(browser):
    answer = browser.post("/enterprises/new", data={**FACTS, "_op": "add:permits"})
    assert answer.status_code == 200
    assert "permits.0.name" in answer.text


def test_one_alike_is_entered_once_it_was_looked_at(browser):
    browser.post("/enterprises/new", data=FACTS)
    alike = {**FACTS, "name": "兴县试验铸造有限责任公司（演示）"}
    asked = browser.post("/enterprises/new", data=alike)
    assert asked.status_code == 422
    assert "已核对，是另一家企业" in asked.text
    assert browser.post("/enterprises/new", data={**alike, "distinct": "1"}).status_code == 303


def test_who_comes_second_sees_what_the_first_one_wrote(browser, play):
    browser.post("/enterprises/new", data=FACTS)
    address = f"/enterprises/{enterprise_of(play)}/edit"
    seen = revision_in(browser.get(address).text)
    first = {**FACTS, "revision": seen, "reason": "第一人", "principal": "张三"}
    assert browser.post(address, data=first).status_code == 303
    second = {**FACTS, "revision": seen, "reason": "第二人", "principal": "李四"}
    answer = browser.post(address, data=second)
    assert answer.status_code == 409
    assert "他人在此期间修改了企业信息" in answer.text
    assert "张三" in answer.text
    assert 'value="李四"' in answer.text
    again = {**second, "revision": revision_in(answer.text)}
    assert browser.post(address, data=again).status_code == 303
    assert play.run(STAFF, dossier.get, enterprise_of(play)).facts["principal"] == "李四"


def test_a_principal_changes_contact_and_nothing_else(client, play):
    principal, plant = client("xingxian.plant"), play.subject(PLANT)
    page = principal.get(f"/enterprises/{plant}").text
    assert "更新联系方式" in page
    assert f"/enterprises/{plant}/edit" not in page
    form = principal.get(f"/enterprises/{plant}/contact").text
    assert set(re.findall(r'name="([a-z]\w*)"', form.partition("data-sheet")[2])) == {
        *("csrf_token", "revision", "phone", "contact", "contact_phone")
    }
    for fact in ("统一社会信用代码", "所属行业", "兴县"):
        assert fact in form.partition("企业不能自行修改")[2], fact
    data = {"revision": revision_in(form), "phone": "12", "contact": "王五"}
    data |= {"name": "改名", "credit_code": "x", "worrisome": "", "key": "", "sector": "food"}
    wrong = principal.post(f"/enterprises/{plant}/contact", data=data)
    assert wrong.status_code == 422
    assert 'value="王五"' in wrong.text
    right = principal.post(f"/enterprises/{plant}/contact", data={**data, "phone": "13900000000"})
    assert right.status_code == 303
    facts = play.run(STAFF, dossier.get, plant).facts
    assert facts["name"] == PLANT
    assert facts["sector"] != "food"
    stale = principal.post(f"/enterprises/{plant}/contact", data={**data, "phone": "13900000001"})
    assert stale.status_code == 409
    assert principal.get(f"/enterprises/{plant}/edit").status_code == 403
    assert principal.get("/imports/").status_code == 403


def test_a_procedure_is_started_from_the_dossier(browser, play):
    plant = play.subject(PLANT)
    page = browser.get(f"/enterprises/{plant}").text
    link = f"/procedures/rectification/start?subject={plant}"
    assert link in page
    start = browser.get(link).text
    assert re.search(rf'id="s-{plant}"[^>]* checked', start)
    assert "蔚汾镇工业路1号" in start
    play.start(STAFF)
    page = browser.get(f"/enterprises/{plant}").text
    assert "启动案件：隐患整改闭环" in page
    assert "没有在办案件" not in page


def test_texts_of_lists_are_never_markup(browser, play):
    evil = "<script>alert(1)</script>&\"'"
    browser.post("/enterprises/new", data={**FACTS, "name": evil, "remark": evil})
    for address in ("/enterprises/", f"/enterprises/{enterprise_of(play, 'alert')}"):
        assert "<script>alert" not in browser.get(address).text


def test_the_list_is_exported_as_it_was_narrowed(browser):
    browser.post("/enterprises/new", data={**FACTS, "name": "=HYPERLINK(1)", "key": "true"})
    answer = browser.post("/enterprises/export?flag=key", data={"format": "xlsx"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][:3] == ("序号", "企业名称", "统一社会信用代码")
    assert len(lines) == 8
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == "=HYPERLINK(1)")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    text = browser.post("/enterprises/export?flag=key", data={"format": "csv"}).data.decode()
    assert text.startswith("\ufeff序号,企业名称")
    assert "'=HYPERLINK(1)" in text


def hand_in(browser, data, place="141123", name="名单.xlsx"):
    file = (io.BytesIO(data), name)
    return browser.post("/imports/", data={"place": place, "file": file})


def test_an_import_is_looked_through_confirmed_and_followed(browser, deps, play):
    assert "上传名单" in browser.get("/imports/").text
    bad = lists.row(2, sector="魔法")
    answer = hand_in(browser, lists.annex([lists.row(1), bad, lists.row(3)]))
    assert answer.status_code == 303
    waiting = browser.get(answer.location).text
    assert "正在读取并检查名单" in waiting
    assert "data-hx-trigger" in waiting
    deps.jobs.drain(deps)
    page = browser.get(answer.location).text
    assert "data-hx-trigger" not in page
    assert "行业“魔法”不在行业目录中" in page
    assert "只导入无误的 2 行" in page
    revision = revision_in(page)
    whole = browser.post(f"{answer.location}/confirm", data={"revision": revision, "whole": "1"})
    assert whole.status_code == 422
    good = {"revision": revision, "whole": "0"}
    assert browser.post(f"{answer.location}/confirm", data=good).status_code == 303
    running = browser.get(answer.location).text
    assert "导入进度" in running
    assert 'aria-valuenow="0"' in running
    deps.jobs.drain(deps)
    done = browser.get(answer.location).text
    assert "新增 2 家" in done
    assert browser.post(f"{answer.location}/confirm", data=good).status_code == 409
    assert browser.post(f"{answer.location}/drop").status_code == 409
    narrowed = browser.get(f"{answer.location}?rows=created").text
    assert "魔法" not in narrowed
    made = play.run(STAFF, taking.rows, int(answer.location.rsplit("/", 1)[1]), "created")[0][0]
    assert "由导入的表格第 4 行" in browser.get(f"/enterprises/{made.enterprise_id}").text


def test_the_wrong_file_is_refused_where_it_was_chosen(browser):
    for data in (b"", b"%PDF-1.4", lists.dense_bomb()):
        answer = hand_in(browser, data)
        assert answer.status_code == 422
        assert 'id="f-file-note"' in answer.text
    assert browser.post("/imports/", data={"place": "141123"}).status_code == 422
    assert "请选择名单所属的区划" in hand_in(browser, lists.annex([lists.row(1)]), place="").text


def test_an_import_that_was_given_up_is_gone(browser, deps):
    answer = hand_in(browser, lists.annex([lists.row(1)]))
    deps.jobs.drain(deps)
    assert browser.post(f"{answer.location}/drop").status_code == 303
    assert "已放弃" in browser.get("/imports/").text


def test_long_lists_have_pages(browser, deps):
    answer = hand_in(browser, lists.annex([lists.row(number) for number in range(1, 121)]))
    deps.jobs.drain(deps)
    page = browser.get(answer.location).text
    following = re.search(r'href="([^"]*after=\d+[^"]*)"', page)[1].replace("&amp;", "&")
    assert "试验51号" in browser.get(following).text


def test_the_sample_can_be_taken_away(browser):
    answer = browser.get("/imports/sample")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert "演示数据" in sheet["A2"].value


@pytest.mark.parametrize("path", ["/enterprises/", "/enterprises/new", "/imports/"])
def test_pages_are_whole_in_english(browser, play, path):
    browser.get("/language/en")
    for address in (path, f"/enterprises/{play.subject(PLANT)}"):
        page = re.sub(r"<(script|style).*?</\1>", "", browser.get(address).text, flags=re.DOTALL)
        heads = re.findall(r"<(?:th|label|dt|h1|h2|h3|legend)\b[^>]*>(.*?)</", page, re.DOTALL)
        chinese = [
            head for head in heads if re.search("[\u4e00-\u9fff]", head) and "演示" not in head
        ]
        assert chinese == []


def test_measures_name_the_cases_that_gave_went_on_with_and_lifted_them(app, deps, play, browser):
    plant = play.subject()
    first = play.start(STAFF, "stop_production", reason="检查发现重大事故隐患")
    second = play.start(STAFF)

    def given():
        found = app.test_client().get(f"/api/v1/enterprises/{plant}", headers=token(app, STAFF))
        (measure,) = found.json["measures"]
        return measure["case"], measure["goes_on_in"], measure["lifted_in"]

    with deps.system("test") as work:
        standing.give(work, plant, Measure.YELLOW, "存在重大事故隐患", first, None)
    assert given() == (str(first), None, None)
    assert "跟进" not in browser.get(f"/enterprises/{plant}").text
    with deps.system("test") as work:
        standing.take_over(work, plant, second, first)
    assert given() == (str(first), str(second), None)
    page = browser.get(f"/enterprises/{plant}").text
    assert f'<a href="/cases/{first}">停产停业整顿与黄牌</a>' in page
    assert f'<a href="/cases/{second}">由“隐患整改闭环”跟进</a>' in page
    with deps.system("test") as work:
        standing.lift(work, plant, [Measure.YELLOW], "整改合格", second, None)
    assert given() == (str(first), None, str(second))
    page = browser.get(f"/enterprises/{plant}").text
    assert f'<a href="/cases/{second}">由“隐患整改闭环”解除</a>' in page
    assert "跟进" not in page


def test_the_time_line_marks_papers_that_are_void(browser, play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    number = play.papers(STAFF, case)[-1].number
    where = f"/enterprises/{play.subject()}"
    assert f"{number}，待签署" in browser.get(where).text
    item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
    play.run(STAFF, commands.return_to, item, "draft_order", "期限有误")
    page = browser.get(where).text
    assert f"{number}，已作废：期限有误" in page
    browser.get("/language/en")
    assert f"{number}, void: 期限有误" in browser.get(where).text
