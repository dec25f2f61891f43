"""Pages and API of the ledger of hazards."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from app.models.people import Organisation
from tests.casework import PLANT, Play
from tests.findings import GAS
from tests.people import token

STAFF = "xingxian.staff1"


def linked(page, folder):
    return re.search(rf'href="/{folder}/(\d+)"', page)[1]


@pytest.fixture
def case(deps, actor):
    play = Play(deps, actor)
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", hazards=[GAS])
    play.do(STAFF, "serve_order")
    return case


def test_the_list_and_one_hazard(client, case):
    browser = client(STAFF)
    page = browser.get("/hazards/").text
    assert GAS["description"] in page
    assert "共 1 项" in page
    assert "整改中" in page
    assert "没有符合条件的隐患" in browser.get("/hazards/?state=closed").text
    number = linked(page, "hazards")
    page = browser.get(f"/hazards/{number}").text
    assert f'href="/cases/{case}"' in page
    assert GAS["basis"] in page
    assert "登记隐患" in page


@pytest.mark.usefixtures("case")
def test_a_zone_has_the_hazards_of_its_enterprises(client, deps):
    """They lie where the bureau does that follows them; its list goes by the enterprise."""
    browser = client(STAFF)
    assert "没有符合条件的隐患" in browser.get("/hazards/?division=141123K01").text
    with deps.system("test") as work:
        plants = work.session.scalars(select(Organisation).filter_by(name=PLANT))
        plants.one().place = "141123K01"
    assert GAS["description"] in browser.get("/hazards/?division=141123K01").text
    answer = browser.post("/hazards/export?division=141123K01", data={"format": "csv"})
    assert "兴县经济技术开发区" in answer.text


def test_nothing_found_yet(client):
    assert "台账里还没有隐患" in client(STAFF).get("/hazards/").text


def test_the_case_and_the_enterprise_show_theirs(client, case):
    browser = client(STAFF)
    assert GAS["description"] in browser.get(f"/cases/{case}").text
    plant = linked(browser.get("/enterprises/?q=蔚汾特种").text, "enterprises")
    page = browser.get(f"/enterprises/{plant}").text
    assert "未销号的隐患" in page
    assert f"发现一般隐患：{GAS['description']}" in page


def test_without_a_case_it_says_what_to_do(client, case):
    browser = client("xingxian.deputy")
    browser.post(f"/cases/{case}/cancel", data={"reason": "重复立案"})
    page = browser.get("/hazards/?mark=loose").text
    number = linked(page, "hazards")
    assert "没有案件跟进" in browser.get(f"/hazards/{number}").text


@pytest.mark.usefixtures("case")
def test_the_list_as_a_file(client):
    answer = client(STAFF).post("/hazards/export", data={"format": "xlsx"})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert "隐患描述" in rows[0]
    assert GAS["description"] in rows[1]
    assert PLANT in rows[1]
    answer = client(STAFF).post("/hazards/export?state=closed", data={"format": "csv"})
    assert GAS["description"] not in answer.text
    assert client(STAFF).get("/hazards/export").status_code == 303  # to look is not to take
    page = client("xingxian.auditor").get("/audit/?action=hazard.export").text
    assert page.count("导出了隐患台账") == 2 + 1  # and the choice of acts


def test_the_api(app, case):
    headers = token(app, STAFF)
    browser = app.test_client()
    (row,) = browser.get("/api/v1/hazards?state=unclosed&class=general", headers=headers).json[
        "items"
    ]
    assert (row["state"], row["case"], row["followed"]) == ("working", str(case), True)
    assert browser.get("/api/v1/hazards?due=late", headers=headers).json["items"] == []
    one = browser.get(f"/api/v1/hazards/{row['id']}", headers=headers).json
    assert [change["what"] for change in one["changes"]] == ["recorded", "moved"]
    assert one["basis"] == GAS["basis"]
    foreign = token(app, "fenyang.staff1")
    assert browser.get(f"/api/v1/hazards/{row['id']}", headers=foreign).status_code == 404


def test_a_hidden_id_travels_with_its_row(client, case):
    browser = client("xingxian.deputy")
    browser.post(f"/cases/{case}/cancel", data={"reason": "重复立案"})
    staff = client(STAFF)
    subject = linked(staff.get("/enterprises/?q=蔚汾特种").text, "enterprises")
    sent = {"subject": subject, "source": "inspection", "_op": "submit"}
    answer = staff.post("/procedures/rectification/start", data=sent)
    page = staff.get(answer.headers["Location"]).text
    item = linked(page, "tasks")
    page = staff.get(f"/tasks/{item}").text
    assert 'type="hidden" name="hazards.0.hazard_id" value="1"' in page
    assert "隐患编号" not in page


def test_the_clause_that_a_hazard_cites_is_named_with_its_version(client, deps, actor):
    play = Play(deps, actor)
    case = play.start(STAFF)
    basis = "违反《中华人民共和国安全生产法》第三十五条"
    play.do(STAFF, "draft_order", hazards=[{**GAS, "basis": basis}])
    play.do(STAFF, "serve_order")
    browser = client(STAFF)
    page = browser.get(f"/hazards/{linked(browser.get('/hazards/').text, 'hazards')}").text
    told = "《中华人民共和国安全生产法》第三十五条（第 1 版）"
    assert told in page
    assert 'href="/clauses/work_safety_law/versions/1"' in page
    assert browser.get("/clauses/work_safety_law/versions/1").status_code == 200
    assert told in browser.get(f"/cases/{case}").text
