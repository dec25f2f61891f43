"""Checklists: shipped, edited version by version, read from sheets, and what a case then uses."""

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select, update

from app.models.checklists import Checklist, ChecklistItem
from app.models.enterprises import Enterprise
from app.services import procedures
from app.services.checklists import keeping
from app.services.checklists.reading import applying
from config import ROOT
from tests import drawn, lists
from tests.casework import Play
from tests.engine.draw import FORM, Drawing, bundle
from tests.findings import OFFICERS

TOP, COUNTY, STAFF, AUDITOR = (
    "shanxi.admin",
    "xingxian.admin",
    "xingxian.staff1",
    "shanxi.auditor",
)
NEW = {
    "code": "ammonia",
    "name": "涉氨制冷",
    "source": "示例标准",
    "items.0._row": "1",
    "items.0.text": "快速冻结装置未设置在单独的作业间内",
    "items.0.basis": "示例标准第一条",
    "items.0.tag": "ammonia",
    "seen": "0",
    "_op": "submit",
}


@pytest.fixture
def browser(client):
    return client(TOP)


@pytest.fixture
def plant(deps, actor):
    return Play(deps, actor).subject()


def looked_for(deps, plant, at=None):
    with deps.system_reading("test") as work:
        return applying(work, plant, at or work.now)


def become(deps, plant, **facts):
    with deps.system("test") as work:
        work.session.execute(update(Enterprise).where(Enterprise.id == plant).values(**facts))


def test_what_the_notices_name_is_shipped(client, deps):
    page = client(STAFF).get("/checklists/").text
    for name in ("钢铁五种情形", "粉尘涉爆除尘系统", "有限空间作业", "重大危险源管控"):
        assert name in page
    page = client(STAFF).get("/checklists/steel").text
    assert "未使用固定式龙门钩" in page
    assert "文山州2017年通知三" in page
    assert "编辑新版本" not in page
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(ChecklistItem)) == 24


def test_every_shipped_item_stands_in_a_notice_or_law():
    for one in keeping.shipped():
        for item in one["items"]:
            assert "通知" in item["basis"] or "兴应急发〔2022〕18号" in item["basis"]
            assert item["text_en"]
            assert item["basis_en"]
    assert len({one["code"] for one in keeping.shipped()}) == 9


def test_what_is_looked_for_follows_from_sector_and_tags(deps, plant):
    become(deps, plant, sector="paper", tags=[])
    everywhere = {row["list"] for row in looked_for(deps, plant)}
    assert "钢铁五种情形" not in everywhere
    assert "主要负责人责任和事故直报" in everywhere
    become(deps, plant, sector="steel", tags=["dust"])
    rows = looked_for(deps, plant)
    assert [row["item"] for row in rows if row["list"] == "钢铁五种情形"] == [
        f"steel/1/{number}" for number in range(1, 6)
    ]
    assert "dust/1/1" in {row["item"] for row in rows}
    become(deps, plant, sector="chemical", tags=[])
    assert "source/1/4" in {row["item"] for row in looked_for(deps, plant)}


def test_a_new_version_is_for_what_begins_later(browser, deps, plant, clock, client):
    become(deps, plant, sector="steel", tags=[])
    with deps.system_reading("test") as work:
        begun = work.now
    clock.advance(hours=1)
    page = browser.get("/checklists/steel/edit")
    assert "未使用固定式龙门钩" in page.text
    form = {
        "name": "钢铁情形",
        "source": "某通知",
        "items.0._row": "1",
        "items.0.text": "新的检查内容",
        "items.0.basis": "新的依据",
        "items.0.sector": "steel",
        "items.0.hazard_class": "major",
        "seen": "1",
        "code": "elsewhere",
        "_op": "submit",
    }
    assert browser.post("/checklists/steel/edit", data=form).location == "/checklists/steel"
    late = browser.post("/checklists/steel/edit", data=form)
    assert late.status_code == 409
    assert "新的检查内容" in late.text
    now = [row for row in looked_for(deps, plant) if row["item"].startswith("steel")]
    assert now == [
        {
            "item": "steel/2/1",
            "list": "钢铁情形",
            "text": "新的检查内容",
            "basis": "新的依据",
            "hazard_class": "major",
        }
    ]
    then = [row["item"] for row in looked_for(deps, plant, begun)]
    assert "steel/1/5" in then
    assert "steel/2/1" not in then
    old = client(STAFF).get("/checklists/steel/versions/1").text
    assert "未使用固定式龙门钩" in old
    assert "这是旧版本" in old
    told = client(AUDITOR).get("/audit/?action=checklist.publish").text
    assert "钢铁情形" in told
    assert "第 2 版" in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "steel"}, "此代码已被使用"),
        ({"code": "Ä"}, "代码"),
        ({"name": ""}, "清单名称"),
        ({"source": ""}, "依据文件"),
        ({"items.0.text": "", "items.0.basis": ""}, "检查项"),
        ({"items.0.basis": ""}, "法律依据"),
        ({"items.0.sector": "magic"}, "适用行业"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_published(browser, deps, changes, words):
    answer = browser.post("/checklists/new", data=NEW | changes)
    assert answer.status_code == 422
    assert words in answer.text[answer.text.index("data-problems") :]
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(Checklist)) == 9


def test_a_new_checklist_and_its_end(browser, deps, plant, clock):
    become(deps, plant, sector="food", tags=["ammonia"])
    clock.advance(hours=1)
    assert browser.post("/checklists/new", data=NEW).location == "/checklists/ammonia"
    with deps.system_reading("test") as work:
        begun = work.now
    assert "ammonia/1/1" in {row["item"] for row in looked_for(deps, plant)}
    removed = browser.post("/terms/tag/ammonia/remove", data={"reason": "误建"})
    assert removed.status_code == 409
    clock.advance(hours=1)
    assert browser.post("/checklists/ammonia/retire", data={"reason": ""}).status_code == 422
    assert browser.post("/checklists/ammonia/retire", data={"reason": "废止"}).status_code == 303
    assert browser.post("/checklists/ammonia/retire", data={"reason": "废止"}).status_code == 409
    assert "ammonia/1/1" not in {row["item"] for row in looked_for(deps, plant)}
    assert "ammonia/1/1" in {row["item"] for row in looked_for(deps, plant, begun)}


def test_a_sheet_is_read_into_the_form_and_goes_round(browser):
    file = browser.get("/checklists/source/export")
    sheet = load_workbook(io.BytesIO(file.data)).active
    assert [cell.value for cell in sheet[1]][:3] == ["检查内容", "检查内容（英文）", "法律依据"]
    sheet["G2"] = "重大"
    sheet["E2"] = "魔法"
    form = {"name": "重大危险源管控", "source": "依据", "seen": "1", "_op": "load"}
    sent = {**form, "file": (io.BytesIO(lists.saved(sheet.parent)), "清单.xlsx")}
    page = browser.post("/checklists/source/edit", data=sent).text
    assert "已读入 4 项" in page
    assert "未依法进行安全评价" in page
    sheet["E2"] = "化工"
    sent = {**form, "file": (io.BytesIO(lists.saved(sheet.parent)), "清单.xlsx")}
    page = browser.post("/checklists/source/edit", data=sent).text
    assert 'value="major" checked' in page
    none = {**form, "file": (io.BytesIO(lists.annex([lists.row(1)])), "名单.xlsx")}
    refused = browser.post("/checklists/source/edit", data=none)
    assert refused.status_code == 422
    assert "没有找到表头" in refused.text
    assert "重大危险源管控" in refused.text


def test_an_older_installation_gets_what_ships_later(deps, plant):
    with deps.system("test") as work:
        ids = select(Checklist.id).where(Checklist.code == "duty").scalar_subquery()
        work.session.execute(delete(ChecklistItem).where(ChecklistItem.checklist_id == ids))
        work.session.execute(delete(Checklist).where(Checklist.code == "duty"))
    assert keeping.install(deps) == ["duty"]
    assert keeping.install(deps) == []
    with deps.system_reading("test") as work:
        first = work.session.scalar(select(func.min(Checklist.published_at)))
    assert "duty/1/1" in {row["item"] for row in looked_for(deps, plant, first)}


def test_who_may(client):
    for username in (COUNTY, STAFF):
        assert client(username).get("/checklists/steel").status_code == 200
        assert client(username).post("/checklists/new", data=NEW).status_code == 403
        retired = client(username).post("/checklists/steel/retire", data={"reason": "x"})
        assert retired.status_code == 403
    assert client(STAFF).get("/checklists/nothing").status_code == 404
    assert client(STAFF).get("/checklists/steel/versions/9").status_code == 404


PATH = "self_check/inspect"


@pytest.fixture
def looking(deps, actor):
    """A case whose only task has the form of a self-inspection, done by the bureau's staff."""
    drawing = Drawing("looking")
    drawing.start(props=FORM)
    form = {"formJsonSchemaFilename": f"{PATH}-schema.json"}
    drawing.user("look", **form, formUiSchemaFilename=f"{PATH}-uischema.json")
    drawing.end()
    files = {
        f"forms/{PATH}-{kind}.json": (ROOT / f"forms/{PATH}-{kind}.json").read_bytes()
        for kind in ("schema", "uischema")
    }
    with deps.transaction(drawn.NATIONAL) as work:
        made = bundle(drawing.chain("start", "look", "end"), more={**drawn.FORMS, **files})
        procedures.deploy(work, made)
    play = Play(deps, actor)
    become(deps, play.subject(), sector="steel", tags=["dust"])
    case = play.start(STAFF, "looking", ok="")
    return play, case, play.todo(STAFF)[0].id


def sent(page, state, **more):
    """Return what a browser sends: each row's key, and the same result for all."""
    keys = re.findall(r'name="(checklist\.\d+)\._key" value="([^"]+)"', page)
    rows = {f"{name}._key": key for name, key in keys}
    rows |= {f"{name}._row": "1" for name, _key in keys}
    rows |= {f"{name}.state": state for name, _key in keys}
    plain = {"checked_on": "2026-11-20", "leader": "白建国", "people": "白志强", "found": "no"}
    return {**plain, **rows, **more, "_op": "submit"}


def test_a_task_asks_what_applies_to_its_enterprise(client, looking):
    play, case, item = looking
    page = client(STAFF).get(f"/tasks/{item}").text
    assert "未使用固定式龙门钩" in page
    assert "文山州2017年通知三" in page
    assert "dust/1/3" in page
    assert "source/1/1" not in page
    refused = client(STAFF).post(f"/tasks/{item}", data=sent(page, "yes"))
    assert refused.status_code == 422
    assert "清单中有“存在”的项目" in refused.text
    done = client(STAFF).post(f"/tasks/{item}", data=sent(page, "no"))
    assert done.status_code == 303, done.text
    (opinion,) = [o for o in play.case(STAFF, case).opinions if o.node == "look"]
    rows = opinion.answers["checklist"]
    assert rows[0]["item"] == "steel/1/1"
    assert rows[0]["basis"] == "文山州2017年通知三"
    assert {row["state"] for row in rows} == {"no"}
    assert "未使用固定式龙门钩" in client(STAFF).get(f"/cases/{case}").text


def lists_of(rows):
    return {row["item"].partition("/")[0] for row in rows}


@pytest.mark.parametrize(
    ("planned", "added", "asked"),
    [
        (["duty"], [], {"duty"}),
        (["duty", "dust"], [], {"duty", "dust"}),
        (["duty"], ["steel", "duty"], {"duty", "steel"}),
        (["source"], [], set()),
    ],
)
def test_an_inspection_asks_for_the_themes_of_its_plan(deps, actor, client, planned, added, asked):
    play = Play(deps, actor)
    become(deps, play.subject(), sector="steel", tags=["dust", "ammonia"])
    assert client(TOP).post("/checklists/new", data=NEW).status_code == 303
    case = play.start(STAFF, "county_inspection")
    plan = {"themes": planned, "officers": OFFICERS, "expert_wanted": "no"}
    arrival = {"themes": added or None, "access": "admitted", "officers": OFFICERS}
    (visit,) = play.walk(case, "visit", plan=plan, arrive=arrival)
    rows = play.task(STAFF, visit.id).prefill["checklist"]
    assert lists_of(rows) == asked | {NEW["code"]}  # the office's own is always asked


def test_a_later_version_leaves_a_running_case_alone(client, looking, clock):
    _play, _case, item = looking
    page = client(STAFF).get(f"/tasks/{item}").text
    clock.advance(hours=1)
    assert client(TOP).post("/checklists/steel/retire", data={"reason": "废止"}).status_code == 303
    assert client(STAFF).post(f"/tasks/{item}", data=sent(page, "na")).status_code == 303


def test_no_row_takes_the_answer_of_another(client, looking, deps):
    """The enterprise gets another tag while somebody fills the form in."""
    play, case, item = looking
    page = client(STAFF).get(f"/tasks/{item}").text
    become(deps, play.subject(), sector="steel", tags=["dust", "major_source"])
    answer = client(STAFF).post(f"/tasks/{item}", data=sent(page, "no"))
    assert answer.status_code == 422
    assert "source/1/1" in answer.text  # the new rows are there to be answered
    again = client(STAFF).post(f"/tasks/{item}", data=sent(answer.text, "no"))
    assert again.status_code == 303
    become(deps, play.subject(), sector="paper", tags=[])
    (opinion,) = [o for o in play.case(STAFF, case).opinions if o.node == "look"]
    assert len(opinion.answers["checklist"]) == len(re.findall(r"\._key", answer.text))


def test_rows_that_apply_no_more_are_left_out(client, looking, deps):
    play, case, item = looking
    page = client(STAFF).get(f"/tasks/{item}").text
    become(deps, play.subject(), sector="paper", tags=[])
    form = sent(page, "no") | {"checklist.0.state": "yes"}  # a condition of steel
    assert client(STAFF).post(f"/tasks/{item}", data=form).status_code == 303
    (opinion,) = [o for o in play.case(STAFF, case).opinions if o.node == "look"]
    assert not any(row["item"].startswith("steel") for row in opinion.answers["checklist"])
