"""Lists as files: what is read, what is refused before it is unpacked, what is written."""

import contextlib
import csv
import io
import sys
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters import sheets
from tests import lists


def test_a_list_is_read_with_the_numbers_of_its_rows():
    sheet = sheets.read(lists.annex([lists.row(1), lists.row(2)]))
    assert sheet.name == "Sheet"
    assert [number for number, _cells in sheet.lines] == [1, 2, 3, 4, 5, 7]
    assert sheet.lines[3][1] == [
        "1",
        "兴县试验1号有限公司（演示）",
        "蔚汾镇试验路1号",
        "钢铁",
        "正常生产",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_plain_text_is_read_in_the_encodings_that_offices_use(encoding, mark):
    sheet = sheets.read(lists.csv_of([lists.row(1)], encoding, mark))
    assert sheet.lines[2][1][1] == "兴县试验1号有限公司（演示）"


def test_a_cell_merged_over_rows_stands_in_each_of_them():
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["标题"],
        ["企业名称", "行业"],
        ["甲", "钢铁"],
        ["乙", None],
        ["丙", None],
        ["丁", "水泥"],
    ):
        sheet.append(line)
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("B3:B5")
    read = sheets.read(lists.saved(book)).lines
    assert [cells for _n, cells in read[2:]] == [
        ["甲", "钢铁"],
        ["乙", "钢铁"],
        ["丙", "钢铁"],
        ["丁", "水泥"],
    ]
    assert read[0][1] == ["标题"]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: b"", "空的"),
        (lambda: b"PK\x03\x04 and then nothing", "损坏"),
        (lambda: lists.annex([lists.row(1)])[:-400], "损坏"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "XLS"),
        (lambda: b"%PDF-1.7 \xff\xfe", "只接受"),
        (lambda: b"a\0b", "只接受"),
        (lambda: bytes(range(128, 256)) * 3, "编码"),
        (lists.bomb, "解压后过大"),
        (lists.dense_bomb, "解压后过大"),
        (lists.with_macro, "宏"),
        (lists.crowded, "解压后过大"),
        (lists.from_the_future, "损坏"),
        (lambda: lists.with_part(lists.annex([]), "xl/../../evil", b"x")[:60], "损坏"),
    ],
)
def test_what_is_no_list_is_refused_without_unpacking(made, why):
    data = made()
    begun = time.perf_counter()
    with pytest.raises(sheets.Unreadable) as refused:
        sheets.read(data)
    assert why in str(refused.value)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "made",
    [
        lists.wide,
        lists.wide_by_another_name,
        lists.wide_in_utf_16,
        lists.with_entities,
        lists.lying,
    ],
)
def test_what_would_not_fit_into_memory_is_refused_before_it_is_parsed(made):
    data = made()
    sheets.weigh(data)
    begun = time.perf_counter()
    with pytest.raises(sheets.Unreadable):
        sheets.read(data)
    assert time.perf_counter() - begun < 5


def test_other_archives_are_no_lists():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(sheets.Unreadable):
        sheets.read(out.getvalue())


def test_columns_beyond_the_limit_are_left_and_rows_beyond_it_refused():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(range(300))
    assert len(sheets.read(lists.saved(book)).lines[0][1]) == sheets.MOST_COLUMNS
    text = "企业名称,所在地址\n" + "甲,乙\n" * (sheets.MOST_ROWS + 1)
    with pytest.raises(sheets.Unreadable, match="一次最多"):
        sheets.read(text.encode())


def test_far_empty_rows_end_the_list():
    sheet = lists.sheet_of("<row r='1'><c><v>1</v></c></row><row r='1048576'><c><v>2</v></c></row>")
    assert sheets.read(sheet).lines == [(1, ["1"])]


def test_formulas_are_not_computed():
    book = openpyxl.Workbook()
    book.active.append(["=1+1", '=HYPERLINK("http://evil")', "text"])
    assert sheets.read(lists.saved(book)).lines == [(1, ["", "", "text"])]


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1", "正常"]


def test_what_looks_like_a_formula_is_written_as_text():
    data = sheets.xlsx("台账", ["名称", "=标题"], [[text, 3] for text in HOSTILE])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in xml
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [line[0] for line in book.active.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(HOSTILE)
    assert [cell.quotePrefix for cell in cells] == [True] * (len(HOSTILE) - 1) + [False]
    assert book.active["B2"].value == 3


def test_a_column_is_as_wide_as_what_stands_in_it():
    name, told = "兴县蔚汾特种铸造有限公司（演示）", "未采取防爆措施" * 30
    data = sheets.xlsx("台账", ["企业", "项", "隐患"], [[name, 3, told], ["甲", 12, ""]])
    columns = openpyxl.load_workbook(io.BytesIO(data)).active.column_dimensions
    assert columns["A"].width > 2 * len(name)
    assert columns["B"].width == sheets.NARROWEST
    assert columns["C"].width == sheets.WIDEST


def test_a_text_file_gives_a_spreadsheet_nothing_to_compute():
    text = "".join(sheets.csv_lines([[value, 1] for value in HOSTILE]))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert all(row[0].startswith("'") for row in rows[:-1])
    assert rows[-1] == ["正常", "1"]


@given(st.text())
def test_no_text_becomes_a_formula(text):
    assert not sheets.plain(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(sheets.Unreadable):
        assert sheets.read(data).lines


@given(st.binary(max_size=200), st.integers(0, 5000))
def test_a_broken_spreadsheet_is_read_or_refused(junk, at):
    data = bytearray(GOOD)
    at %= len(data)
    data[at : at + len(junk)] = junk
    with contextlib.suppress(sheets.Unreadable):
        assert sheets.read(bytes(data)).lines


GOOD = lists.annex([lists.row(1)])


def test_ten_thousand_rows_are_read_within_seconds(capsys):
    data = lists.annex([lists.row(number) for number in range(10_000)])
    begun = time.perf_counter()
    assert len(sheets.read(data).lines) == 10_004
    taken = time.perf_counter() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n10 000 rows, {len(data) // 1000} kB of XLSX: read in {taken:.2f} s\n")
    assert taken < 20
