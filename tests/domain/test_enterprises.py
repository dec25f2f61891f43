"""What the registry knows of an enterprise: the form, codes, positions, likeness, lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from app.domain import Invalid
from app.domain.enterprises import CONTACT, FIELDS, SCHEMA, TITLES, UI, contact_form, facts_form
from app.domain.enterprises.annex import (
    HEADINGS,
    Known,
    Words,
    find_table,
    known,
    read_row,
)
from app.domain.enterprises.likeness import address_key, alike, name_key, same_address
from app.domain.enterprises.positions import in_china, position_fault
from app.domain.forms import faults
from tests import lists

CHOICES = {
    "place": [{"const": "141123", "title": "兴县", "x-en": {"title": "Xing"}}],
    "sector": [{"const": "steel", "title": "钢铁", "x-en": {"title": "Steel"}}],
    "tags": [{"const": "dust", "title": "粉尘涉爆", "x-en": {"title": "Dust"}}],
    "ownership": [],
}
FACTS = {"name": "兴县试验有限公司", "place": "141123", "address": "工业路", "sector": "steel"}
WORDS = Words(
    sectors=[
        Known("steel", ("钢铁", "炼钢")),
        Known("nonferrous", ("有色金属",)),
        Known("coal", ("煤炭", "洗煤")),
    ],
    tags=[Known("dust", ("粉尘涉爆", "粉尘")), Known("gas", ("煤气",))],
    ownerships=[Known("private", ("民营", "私营"))],
    places={"兴县": "141123"},
    zones={"兴县经济技术开发区": "141123K01"},
)


def check(**changes):
    return facts_form(CHOICES).check({**FACTS, **changes})


def wrong(**changes):
    with pytest.raises(Invalid) as refused:
        check(**changes)
    return set(refused.value.errors)


def test_the_form_is_sound_and_has_english():
    form = facts_form({**CHOICES, "ownership": CHOICES["sector"]}, changing=True)
    assert faults(form.schema, form.ui) == []
    assert set(FIELDS) == set(SCHEMA["properties"]) == set(TITLES)
    assert [key for group in UI["ui:groups"] for key in group["fields"]] == list(FIELDS)
    assert [field.key for field in contact_form().fields] == list(CONTACT)


def test_facts_are_judged():
    unticked = dict.fromkeys(("idle", "catalogued", "key", "worrisome", "unified"), False)
    assert check() == {**FACTS, **unticked}
    assert wrong(name="") == {"/name"}
    assert wrong(place="141124") == {"/place"}
    assert wrong(sector="magic") == {"/sector"}
    assert wrong(tags=["dust", "nothing"]) == {"/tags/1"}
    assert wrong(phone="12") == {"/phone"}
    assert wrong(dust_workers=-1) == {"/dust_workers"}
    assert wrong(insured_until="2026-02-30") == {"/insured_until"}
    assert wrong(equipment=[{"model": "5T"}]) == {"/equipment/0/name"}
    assert wrong(electricity_account="12a") == {"/electricity_account"}
    assert check(phone="0358-6322222")["phone"] == "0358-6322222"


BODIES = st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9)


@given(st.integers(0, 99_999_999), BODIES)
def test_every_code_with_its_check_is_taken_and_every_slip_refused(head, body):
    first = f"{head:08d}{body}"
    code = first + uscc.calc_check_digit(first)
    assert check(credit_code=code)["credit_code"] == code
    slip = ("1" if code[0] == "0" else "0") + code[1:]
    assert wrong(credit_code=slip) == {"/credit_code"}
    swapped = code[1] + code[0] + code[2:]
    if swapped != code:
        assert wrong(credit_code=swapped) == {"/credit_code"}


@given(st.text(max_size=20))
def test_no_other_text_is_a_code(text):
    if text.strip() and not uscc.is_valid(text):
        assert "/credit_code" in wrong(credit_code=text)


TOWNS = {
    "喀什": (75.99, 39.47),
    "漠河": (122.5, 53.5),
    "抚远": (134.3, 48.4),
    "三沙": (112.3, 16.8),
    "瑞丽": (97.85, 24.0),
    "东兴": (107.97, 21.5),
    "珲春": (130.4, 42.9),
    "兴县": (111.127, 38.462),
    "台北": (121.5, 25.0),
}
ABROAD = {"Seoul": (127, 37.5), "Hanoi": (105.8, 21.0), "Ulan Bator": (106.9, 47.9), "sea": (0, 0)}


@pytest.mark.parametrize("town", TOWNS)
def test_towns_at_the_border_are_in_china(town):
    assert in_china(*TOWNS[town])
    assert position_fault(*TOWNS[town]) == {}


@pytest.mark.parametrize("town", ABROAD)
def test_neighbours_are_not(town):
    assert "不在中国境内" in str(position_fault(*ABROAD[town])["/longitude"])


def test_a_swapped_or_half_position_is_named_as_such():
    assert "填反了" in str(position_fault(38.462, 111.127)["/longitude"])
    assert set(position_fault(111.0, None)) == {"/latitude"}
    assert set(position_fault(None, 38.0)) == {"/longitude"}
    assert position_fault(None, None) == {}


def test_the_same_plant_is_known_however_it_is_written():
    assert name_key("兴县 蔚汾铸造（集团）有限责任公司") == name_key("兴县蔚汾铸造(集团)有限公司")
    assert name_key("ＡＢＣ 有限公司") == name_key("abc有限公司")
    around = ("中华人民共和国", "山西省", "吕梁市", "兴县")
    assert address_key("山西省吕梁市兴县蔚汾镇工业路 1 号", around) == address_key(
        "蔚汾镇工业路1号", around
    )
    assert same_address("蔚汾镇工业路1", "工业路1")
    assert not same_address("蔚汾镇工业路1", "康宁镇沿黄路88")
    assert alike("兴县蔚汾铸造有限公司", "兴县蔚汾铸钢有限公司")
    assert not alike("", "")


def table(lines):
    return find_table([(n, [str(cell) for cell in cells]) for n, cells in enumerate(lines, 1)])


def test_the_heading_is_found_below_titles_whatever_it_is_called():
    assert table([["附件1"], ["名单"]]) is None
    found = table([["附件1"], ["", "名单"], lists.HEADING, lists.row(1)])
    assert {key: index for key, (index, _title) in found.columns.items()} == {
        "number": 0,
        "name": 1,
        "address": 2,
        "sector": 3,
        "remark": 4,
    }
    other = table(
        [
            ["单位名称*", "统一社会信用代码", "详 细 地 址", "行业类别（小类）", "生产\n状态"],
            ["甲", "", "乙"],
        ]
    )
    assert set(other.columns) == {"name", "credit_code", "address", "sector", "production"}


def test_a_heading_may_be_two_rows_high():
    found = table(
        [
            ["序号", "企业基本情况", "", "备注"],
            ["", "企业名称", "所在地址", ""],
            ["1", "甲厂", "乙路", "停产"],
        ]
    )
    assert found.columns["address"][0] == 2
    assert found.columns["remark"][0] == 3
    assert [cells for _n, cells in found.lines] == [["1", "甲厂", "乙路", "停产"]]


def test_notes_sums_blank_numbers_and_repeated_headings_are_no_enterprises():
    lines = [
        lists.HEADING,
        lists.row(1),
        lists.HEADING,
        ["2"],
        lists.row(3, name="注塑机械制造有限公司"),
        ["合计", "3", "", "", "2"],
        ["注：1.本表5月11日前报送"],
        ["填表人：甲", "", "审核人：乙", "", "联系电话：1"],
        ["以上企业名单由县应急管理局会同有关部门核定"],
    ]
    assert [cells[1] for _n, cells in table(lines).lines] == [
        "兴县试验1号有限公司（演示）",
        "注塑机械制造有限公司",
    ]


def read(**changes):
    found = table([lists.HEADING, lists.row(7, **changes)])
    return read_row(found.lines[0], found.columns, WORDS)


@pytest.mark.parametrize(
    ("remark", "facts"),
    [
        ("正常生产", {"production": "normal"}),
        ("局部生产（一条线停产）", {"production": "partial"}),
        ("停产；长期停产", {"production": "stopped", "idle": True}),
        ("正常，重点监管", {"production": "normal", "key": True}),
        ("停产，不放心企业", {"production": "stopped", "worrisome": True}),
    ],
)
def test_the_remark_says_how_far_it_produces_and_what_marks_it_carries(remark, facts):
    found = read(remark=remark)
    assert found.errors == {}
    assert {key: found.facts.get(key) for key in facts} == facts


def test_what_cannot_be_read_is_told_at_its_cell():
    found = read(sector="魔法", remark="待核实")
    assert {key: str(text) for key, text in found.errors.items()} == {
        "sector": "行业“魔法”不在行业目录中",
        "remark": "备注应注明正常生产、局部生产或停产",
    }


def test_an_address_in_a_zone_gives_the_enterprise_to_the_zone():
    assert read(address="兴县经济技术开发区创业路1号").facts["place"] == "141123K01"
    assert "place" not in read().facts


def test_words_are_known_by_every_name_and_by_the_longest():
    assert known("炼钢", WORDS.sectors) == "steel"
    assert known("钢铁行业", WORDS.sectors) == "steel"
    assert known("有色金属（镁冶炼）", WORDS.sectors) == "nonferrous"
    assert known("", WORDS.sectors) is None
    assert known("业", WORDS.sectors) is None


def test_further_columns_are_read_where_a_list_has_them():
    heading = [
        *(
            "企业名称",
            "统一社会信用代码",
            "所在地址",
            "所属行业",
            "生产状态",
            "专项标签",
            "企业性质",
        ),
        *("监管层级", "涉粉作业人数", "经度", "纬度", "联系电话", "标准化等级", "所属区划"),
    ]
    cells = [
        *("甲", "9114 1123 MADE M000 14", "乙路", "钢铁", "停产", "粉尘、煤气", "私营企业"),
        *("县直管", "１２人", "111.1°", "38.4", "１３９ 0000 0000", "三级", "兴县"),
    ]
    found = table([heading, cells])
    row = read_row(found.lines[0], found.columns, WORDS)
    assert row.errors == {}
    assert row.facts == {
        "name": "甲",
        "credit_code": "91141123MADEM00014",
        "place": "141123",
        "address": "乙路",
        "longitude": 111.1,
        "latitude": 38.4,
        "supervision": "county",
        "ownership": "private",
        "sector": "steel",
        "tags": ["dust", "gas"],
        "phone": "13900000000",
        "production": "stopped",
        "grade": "third",
        "dust_workers": 12,
    }
    bad = [
        "甲",
        "暂无",
        "乙",
        "钢铁",
        "停产",
        "魔法",
        "x",
        "村管",
        "多",
        "a",
        "b",
        "",
        "特级",
        "汾阳市",
    ]
    row = read_row((2, bad), found.columns, WORDS)
    assert set(row.errors) == {
        *("tags", "ownership", "supervision", "dust_workers", "longitude", "latitude", "grade"),
        "place",
    }
    assert "credit_code" not in row.facts


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=12))
def test_any_rows_are_read_without_failing(lines):
    found = table([lists.HEADING, *lines])
    for line in found.lines:
        read_row(line, found.columns, WORDS)


def test_no_heading_means_two_things():
    spelled = [title for titles in HEADINGS.values() for title in titles]
    assert len(spelled) == len(set(spelled))
