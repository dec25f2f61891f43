"""Where things stand on a paper, as an office expects it (GB/T 9704-2012)."""

from itertools import pairwise

import pypdfium2
import pytest

from tests import documents_made as made
from tests import fakes
from tests.paper_samples import LONG, content

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")

POINT = 72 / 25.4
NEAR = 4
"""Points within which two things are at the same height."""


def set_out(kind, **changes):
    """Return the pages of a kind's long sample, changed."""
    papers = fakes.papers(made.press())
    data = content(papers.templates.kinds[kind], LONG[kind] | changes) | {"demo": False}
    return list(pypdfium2.PdfDocument(made.typeset(papers, kind, data).pdf))


def characters(page):
    """Yield each character of a page with its left and its lower side."""
    text = page.get_textpage()
    for index in range(text.count_chars()):
        if said := text.get_text_range(index, 1).strip():
            left, bottom, _right, _top = text.get_charbox(index, loose=True)
            yield said, left, bottom


@pytest.mark.parametrize("many", [1, 6, 11])
@pytest.mark.parametrize("kind", ["closure_request", "partner_letter", "notice"])
def test_names_of_annexes_stand_below_each_other(kind, many):
    """A name that takes several lines goes on below its first character (7.3.4)."""
    pages = set_out(
        kind,
        body="现将有关情况报告如下，附有关材料，请予审阅。",
        annexes=[{"name": "甲" * 30}] * many,
    )
    lines = {}
    for number, page in enumerate(pages):
        for said, left, bottom in characters(page):
            if said == "甲":
                line = lines.setdefault((number, round(bottom / NEAR)), left)
                lines[number, round(bottom / NEAR)] = min(line, left)
    assert len(lines) == 2 * many
    assert max(lines.values()) - min(lines.values()) < 1


def test_who_gets_a_copy_of_a_letter_stands_at_its_end_without_rules():
    """The letter format (信函格式) has neither rules nor who printed it there (10.1)."""
    last = set_out("partner_letter")[-1]
    foot = min(bottom for said, _left, bottom in characters(last) if said == "。")
    assert 0 <= foot - 35 * POINT < 3 * POINT
    assert not [one for one in last.get_objects(filter=[2]) if one.get_bounds()[1] < foot + 99]


@pytest.mark.parametrize(
    ("kind", "field"), [("card_lifting", "lift_reason"), ("card_notice", "card_reason")]
)
def test_a_row_that_goes_on_overleaf_is_closed_on_both_pages(kind, field):
    first, second, *_more = set_out(kind, **{field: "打磨车间除尘系统未设置泄爆装置，" * 80})
    for page, edge in ((first, min), (second, max)):
        shapes = [one.get_bounds() for one in page.get_objects(filter=[2])]
        upright = [y for x, low, to, up in shapes if up - low > 9 > to - x for y in (low, up)]
        across = [low for x, low, to, up in shapes if to - x > 99 and up - low < NEAR]
        assert any(abs(edge(upright) - y) < NEAR for y in across)


@pytest.mark.parametrize("before", range(4))
def test_no_line_begins_with_the_day_that_the_last_one_counts(before):
    """What is filled in with a date breaks before a number: 19日, never 19 and 日 below it."""
    basis = "《安全生产严重失信主体名单管理办法》" + "甲" * before
    pages = set_out("blacklist_decision", basis=basis, until="2029-11-19")
    for page in pages:
        told = list(characters(page))
        for (number, before_it, _), (unit, left, _) in pairwise(told):
            assert not (number.isdigit() and unit in "年月日") or left > before_it


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        ("acceptance_opinion", "验收组"),
        ("dismantling_record", "监督人员"),
        ("inspection_record", "检查人员"),
        ("interview", "询问人、记录人"),
        ("talk_record", "约谈人"),
        ("rectification_order", "执法人员"),
    ],
)
def test_the_foot_of_a_page_calls_who_signs_it_as_the_last_one_does(kind, who):
    text = "".join(set_out(kind)[0].get_textpage().get_text_range().split())
    assert f"{who}：白建国、白志强（签名见末页）" in text
