"""The wrong rows of an import: taken away, mended, handed in again."""

import io

import pytest
from openpyxl import load_workbook

from app.domain.enterprises.annex import find_table
from app.services.enterprises import writing
from app.services.imports import taking
from tests import lists
from tests.casework import PLANT, Play

STAFF = "xingxian.staff1"
TALL = ["序号", "企业基本情况", "", "所属行业", "备注", "经办备忘"]
LOWER = ["", "企业名称", "所在地址", "", "", ""]


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def take(play, deps):
    def act(data, name="名单 一.xlsx"):
        batch = play.run(STAFF, taking.take, "141123", name, data)
        deps.jobs.drain(deps)
        return batch

    return act


def state(play, batch):
    return play.run(STAFF, taking.get, batch)


def returned(client, batch):
    """Return the file with the wrong rows, and its cells."""
    answer = client(STAFF).get(f"/imports/{batch}/errors")
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(io.BytesIO(answer.data)).active
    return answer, sheet, [list(row) for row in sheet.iter_rows(values_only=True)]


def mended(sheet, changes):
    """Write into cells of a sheet as a person would, and save it."""
    for place, value in changes.items():
        sheet[place] = value
    return lists.saved(sheet.parent)


def test_wrong_rows_go_back_in_the_same_layout_and_come_in_again(client, play, take):
    rows = [
        lists.row(1),
        lists.row(2, sector="魔法"),
        lists.row(3, remark="不知道"),
        [*lists.row(4, name=""), "留意"],
    ]
    batch = take(lists.annex(rows, heading=[*lists.HEADING, "经办备忘"]))
    assert (state(play, batch).good, state(play, batch).bad) == (1, 3)
    answer, sheet, cells = returned(client, batch)
    assert "%E5%90%8D%E5%8D%95%20%E4%B8%80-" in answer.headers["Content-Disposition"]
    assert cells[1][0] == "重点淘汰行业企业名单"
    assert cells[2] == [*lists.HEADING, "经办备忘", "错误说明", "原表行号"]
    second, third, fourth = cells[3:]
    assert second[:5] == [str(cell) for cell in lists.row(2, sector="魔法")]
    assert second[6] == "所属行业：行业“魔法”不在行业目录中"
    assert "应注明正常生产" in third[6]
    assert fourth[5] == "留意"  # a column that we do not know
    assert [row[7] for row in cells[3:]] == [5, 6, 7]
    assert sheet["D4"].fill.fgColor.rgb == "FFFFF2CC"
    assert sheet["B4"].fill.fgColor.rgb != "FFFFF2CC"

    changes = {"D4": "钢铁", "E5": "停产", "B6": "兴县试验4号有限公司（演示）"}
    again = take(mended(sheet, changes), "改正.xlsx")
    found = state(play, again)
    assert (found.total, found.good, found.bad) == (3, 3, 0)
    assert found.columns == state(play, batch).columns
    assert client(STAFF).get(f"/imports/{again}/errors").status_code == 404


def test_the_columns_do_not_pile_up(client, play, take):
    batch = take(lists.annex([lists.row(1, sector="魔法"), lists.row(2, sector="巫术")]))
    _answer, sheet, _cells = returned(client, batch)
    again = take(mended(sheet, {"D4": "钢铁"}))
    assert (state(play, again).good, state(play, again).bad) == (1, 1)
    _answer, _sheet, cells = returned(client, again)
    assert cells[2] == [*lists.HEADING, "错误说明", "原表行号"]
    assert len(cells) == 4
    assert "巫术" in cells[3][5]


def test_a_heading_of_two_rows_comes_back_whole(client, take):
    rows = [["1", "甲厂（演示）", "蔚汾镇1号", "魔法", "正常生产", ""]]
    batch = take(lists.annex([LOWER, *rows], heading=TALL))
    _answer, _sheet, cells = returned(client, batch)
    lines = [(n, [cell or "" for cell in map(str_or_nothing, row)]) for n, row in enumerate(cells)]
    table = find_table(lines)
    assert set(table.columns) == {"number", "name", "address", "sector", "remark"}
    assert len(table.lines) == 1


def str_or_nothing(cell):
    return "" if cell is None else str(cell)


def test_what_could_not_be_carried_out_goes_back_too(client, play, take, deps):
    code = "91141123MA0K4X7T4A"
    row = [*lists.row(1), code]
    batch = take(lists.annex([row], heading=[*lists.HEADING, "统一社会信用代码"]))
    assert state(play, batch).good == 1
    facts = {"name": "先来一步有限公司（演示）", "address": "别处", "place": "141123"}
    play.run(
        STAFF,
        writing.create,
        {**facts, "supervision": "county", "sector": "steel", "credit_code": code},
    )
    play.run(STAFF, taking.confirm, batch, whole=True)
    deps.jobs.drain(deps)
    assert state(play, batch).failed == 1
    _answer, _sheet, cells = returned(client, batch)
    assert code in cells[3]
    assert cells[3][6].startswith("统一社会信用代码：")


def test_a_text_list_and_a_formula_come_back_as_text(client, take):
    data = lists.csv_of([lists.row(1, sector="=1+1"), lists.row(2, name=PLANT)], "gb18030")
    batch = take(data, "名单.csv")
    answer, sheet, _cells = returned(client, batch)
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    assert sheet["D3"].value == "=1+1"
    assert sheet["D3"].data_type == "s"


def test_nobody_else_gets_them(client, take):
    batch = take(lists.annex([lists.row(1, sector="魔法")]))
    assert client("fenyang.staff1").get(f"/imports/{batch}/errors").status_code == 404
    assert client("xingxian.head").get(f"/imports/{batch}/errors").status_code == 403
    assert f"/imports/{batch}/errors" in client(STAFF).get(f"/imports/{batch}").text
