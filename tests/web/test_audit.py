"""The auditor's page: found, read in words, taken away, and that written down."""

import ast
import io

import pytest
from openpyxl import load_workbook

from app.domain.history import Stream
from app.services import accounts, audit
from app.services.accounts import AccountForm
from app.services.cases import ending
from app.services.documents import voiding
from app.services.jobs import HANDLERS
from app.web.words import ACTIONS, ACTS
from config import ROOT
from tests.casework import PLANT, Play

AUDITOR, ABROAD, STAFF = "xingxian.auditor", "fenyang.auditor", "xingxian.staff1"


@pytest.fixture
def case(deps, actor):
    play = Play(deps, actor)
    found = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.run("xingxian.head", ending.cancel, found, "=企业已停产")
    return found


def test_a_line_is_read_in_words(case, client):
    page = client(AUDITOR).get(f"/audit/?number={case}").text
    for words in (
        "终止案件",
        "原因：=企业已停产",
        "编号制作文书",
        "办理：制作责令限期整改指令书",
        PLANT,
    ):
        assert words in page
    assert f'href="/cases/{case}"' in page
    assert "没有符合条件的记录" in client(ABROAD).get(f"/audit/?number={case}").text


def test_what_was_changed_of_a_person_is_told(deps, actor, client):
    person = actor("xingxian.staff2").id
    with deps.transaction(actor("xingxian.admin")) as work:
        was = accounts.get(work, person)
        changed = AccountForm(was.username, was.name, was.phone, was.email, "14-777777")
        accounts.update(work, person, was.revision, changed)
    page = client(AUDITOR).get("/audit/?action=account.update").text
    assert "修改了：执法证号" in page


def test_acts_on_papers_say_which_paper_it_was(deps, actor, client):
    play = Play(deps, actor)
    case = play.start(STAFF)
    play.through("draft_order", "serve_order")
    deps.jobs.drain(deps)
    order = play.papers(STAFF, case)[0]
    play.run("xingxian.head", voiding.void, order.id, "适用条款有误")
    named = "《责令限期整改指令书》（兴）应急责改〔2026〕1号"
    file = client(AUDITOR).post(f"/audit/export?number={case}", data={"format": "xlsx"})
    head, *rows = load_workbook(io.BytesIO(file.data)).active.iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    notes = {}
    for line in lines:
        notes.setdefault(line["操作"], []).append(line["说明"])
    receipt = "《文书送达回证》（兴）应急送达〔2026〕1号"
    assert set(notes["编号制作文书"]) == {named, receipt}
    assert set(notes["登记文书文件"]) == {named, receipt}
    assert notes["签署文书"] == [named, named]
    assert notes["文书作废"] == [f"{named} · 原因：适用条款有误"]
    served = f"{named} · 直接送达 · 送达日期 2026年11月20日"
    assert notes["送达文书"] == [served]
    for page in (f"/audit/?number={case}&action=document.serve", f"/cases/{case}"):
        assert served in client(AUDITOR if "audit" in page else STAFF).get(page).text


def test_a_deadline_that_moves_leaves_a_line_of_its_own(deps, actor, client):
    play = Play(deps, actor)
    case = play.start(STAFF)
    play.through("draft_order", "serve_order", "plan")
    play.do("xingxian.plant", "rectify", request="extension", extension_to="2026-12-25")
    granted = {"extension": "granted", "extended_to": "2026-12-25"}
    play.walk(case, "rectify_final", decide_extension=granted)
    first, moved = [x for x in play.case(STAFF, case).history if x.action == "case.deadline"]
    assert first.detail == {"until": "2026-12-20"}
    assert moved.detail == {"from": "2026-12-20", "until": "2026-12-25"}
    assert (moved.node, moved.role) == ("set_extension", "staff")
    for address in (f"/cases/{case}", f"/audit/?number={case}&action=case.deadline"):
        page = client(AUDITOR).get(address).text
        assert "确定整改期限：" in page
        assert "调整整改期限：更新整改期限" in page
        assert "由 2026年12月20日 改为 2026年12月25日" in page


@pytest.mark.parametrize(("kind", "ending"), [("xlsx", "xlsx"), ("csv", "csv"), ("exe", "xlsx")])
def test_what_was_found_is_taken_away_and_that_is_written_down(case, client, kind, ending):
    browser = client(AUDITOR)
    file = browser.post(f"/audit/export?number={case}&action=case.cancel", data={"format": kind})
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].endswith(f"2026-11-20.{ending}")
    if ending == "csv":
        lines = file.get_data(as_text=True).splitlines()
        assert len(lines) == 2
        assert "原因：=企业已停产" in lines[1]
    else:
        head, line = load_workbook(io.BytesIO(file.data)).active.iter_rows(values_only=True)
        told = dict(zip(head, line, strict=True))
        assert (told["编号"], told["操作"], told["用户名"]) == (case, "终止案件", "xingxian.head")
        assert len(told["校验值"]) == 64
    page = browser.get("/audit/?action=history.export").text
    assert "导出了操作记录" in page
    assert "1 行" in page


def test_too_many_lines_are_refused_and_nothing_is_written_down(case, client, monkeypatch):
    monkeypatch.setattr(audit, "MOST", 1)
    browser = client(AUDITOR)
    answer = browser.post(f"/audit/export?number={case}", data={"format": "csv"})
    assert answer.status_code == 422
    assert "请缩小查询范围" in answer.text
    assert "没有符合条件的记录" in browser.get("/audit/?action=history.export").text


def test_the_way_there_is_the_auditors_only(client):
    assert 'href="/audit/"' in client(AUDITOR).get("/").text
    assert 'href="/audit/"' not in client(STAFF).get("/").text
    assert client(STAFF).get("/audit/").status_code == 403
    assert client(STAFF).post("/audit/export").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        *("since=x", "number=-1", "stream=secret", "action=x&until=9999-12-31"),
        *("since=0001-01-01", "until=0001-01-01", "since=9999-12-31"),
    ],
)
def test_what_makes_no_sense_is_passed_over(client, query):
    assert client(AUDITOR).get(f"/audit/?{query}").status_code == 200


def test_every_act_that_is_recorded_has_words():
    """Whatever the code writes into a history, the reader is told in words."""
    recorded = set()
    for path in ROOT.glob("app/services/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                noun, dot, verb = node.value.partition(".")
                if dot and noun.isalpha() and verb.isalpha() and node.value.islower():
                    recorded.add(node.value)
    nouns = {act.partition(".")[0] for act in ACTIONS}
    recorded = {act for act in recorded if act.partition(".")[0] in nouns} - set(HANDLERS)
    assert recorded - set(ACTIONS) == set()
    assert set(ACTIONS) - recorded == set()
    assert set(ACTS) == set(Stream)
