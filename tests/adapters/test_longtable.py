"""Long tables: what is drawn into kept places looks as if WeasyPrint had laid each cell out."""

import json

import pytest

from tests import documents_made as made
from tests.adapters.test_press import in_its_process

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
STYLE = """@page { size: A4 landscape; margin: 16mm 18mm 18mm; @bottom-center { content: counter(page) } }
html { font: 10.5pt/16pt "Bihuan FangSong"; font-kerning: none } body { margin: 0 }
table { width: 100%; border-collapse: collapse; table-layout: fixed; font: 7pt/9.5pt "Bihuan Song" }
td { border: .5pt solid #000; padding: .7mm .2mm; text-align: center; vertical-align: middle;
  overflow-wrap: anywhere } .wide { text-align: left; padding: .7mm .8mm }
tr, tbody.whole { break-inside: avoid }"""
PAGE = f"""<!doctype html><html lang="zh"><head><title>一</title><style>{STYLE}</style></head><body>
<h1>统计表</h1><table><colgroup><col style="width: 12mm"><col style="width: 30mm"></colgroup>
<thead><tr><td rowspan="2">序号</td><td rowspan="2">单位</td><td colspan="3">隐患</td></tr>
<tr><td>数</td><td>内容</td><td>期限</td></tr></thead>
{{% for line in lines %}}<tbody class="whole">{{% for row in line.rows %}}<tr>
{{%- if loop.first %}}<td rowspan="{{{{ line.rows|length }}}}">{{{{ line.number }}}}</td>
<td class="wide" rowspan="{{{{ line.rows|length }}}}">{{{{ line.name }}}}</td>
<td rowspan="{{{{ line.rows|length }}}}">{{{{ line.figure }}}}</td>{{% endif %}}
<td class="wide">{{{{ row }}}}</td><td>{{% if line.marked %}}<b>期</b>{{% endif %}}</td></tr>{{% endfor %}}</tbody>
{{% endfor %}}</table><p id="end">以上。</p></body></html>"""
LETTER = PAGE.replace(
    "</body>",
    '{% if gap %}<div style="height: {{ gap.height }}px{{ "; break-before: page" if gap.over }}">'
    '</div>{% endif %}<p id="imprint">印发</p></body>',
)
SAME = """
import io
import json
import traceback
import pikepdf
import pypdfium2
from PIL import ImageChops
from app.adapters import Order
from app.adapters.pdf import longtable, typesetter
config = typesetter.prepare()
used, lay_out = [], longtable.lay_out
def watched(*arguments):
    used.append(lay_out(*arguments))
    return used[-1]
longtable.lay_out = watched
def places(page):
    text, found = page.get_textpage(), {}
    for index in range(text.count_chars()):
        left, bottom, _right, _top = text.get_charbox(index)
        found.setdefault(text.get_text_range(index, 1), []).append((left, bottom))
    return {letter: list(zip(*at)) for letter, at in found.items() if letter.strip()}
def compare(page, sources, lines, drawn):
    order = Order({"t.html": page} | sources, "t.html", {"lines": lines})
    longtable.MANY, typesetter.EMPTY = 30, .2
    quick = typesetter.typeset(order, config)
    assert (used[-1] is not None) is drawn
    assert typesetter.typeset(order, config).pdf == quick.pdf
    longtable.MANY, typesetter.EMPTY = 10**6, 1  # and whatever is empty stays so
    plain = typesetter.typeset(order, config)
    assert plain.pages == quick.pages >= 3, (plain.pages, quick.pages)
    one, other = (pypdfium2.PdfDocument(paper.pdf) for paper in (quick, plain))
    for mine, theirs in zip(one, other, strict=True):
        ours, wanted = places(mine), places(theirs)
        assert ours.keys() == wanted.keys()
        for letter, sides in wanted.items():
            for have, want in zip(ours[letter], sides, strict=True):
                for x, y in zip(sorted(have), sorted(want), strict=True):
                    assert abs(x - y) < .5, (letter, x, y)
        pictures = [page.render(scale=2).to_pil().convert("L") for page in (mine, theirs)]
        differing = ImageChops.difference(*pictures).point(lambda value: 255 * (value > 128))
        assert sum(differing.histogram()[128:]) < differing.width * differing.height / 500
    with pikepdf.open(io.BytesIO(quick.pdf)) as paper:  # PDF/A: no font is left to the reader
        fonts = [it for it in paper.objects if isinstance(it, pikepdf.Dictionary) and it.get("/Type") == "/Font"]
        simple = [it for it in fonts if it["/Subtype"] != "/Type0"]
        assert len(simple) >= 2 + drawn
        assert all({"/FontFile2", "/FontFile3"} & it["/FontDescriptor"].keys() for it in simple)
faults = {}
for name, case in json.loads(sys.stdin.read()).items():
    try:
        compare(*case)
    except AssertionError:
        faults[name] = traceback.format_exc()
print(json.dumps(faults))
"""


def lines(many, *, rows=1, marked=0):
    """Return lines of which every fifth has `rows` rows, and every `marked`th a cell of another kind."""
    said = "未按规定设置固定式可燃气体报警装置，且（煤气柜区）ABC-1234 型阀门泄漏；期限未定。"
    names = ("兴县", "兴县华东铸造有限责任公司第一分公司煤气柜区 ABCDE")
    return [
        {
            "number": number,
            "name": names[number % 2],
            "figure": number * 37 % 1000 if number % 4 else "",
            "rows": [said * (1 + n % 2) for n in range(rows if number % 5 == 0 else 1)],
            "marked": bool(marked) and number % marked == 0,
        }
        for number in range(1, many + 1)
    ]


def with_much(many, *, at, times, rows=1):
    """Return lines of which one says very much: no page, or not the first one, has room for it."""
    found = lines(many)
    found[at]["rows"] = ["除尘系统未设置泄爆装置。" * times] * rows
    return found


STYLED = {"t.css": ""}
"""A kind with a style sheet of its own; without one much emptiness is filled by another leading."""
CASES = {
    "the first has no room on the first page": (PAGE, STYLED, with_much(60, at=0, times=90), True),
    "the first has no room on any": (PAGE, STYLED, with_much(60, at=0, times=400), True),
    "one has no room on any": (PAGE, STYLED, with_much(60, at=30, times=400), True),
    "one in several rows has none": (PAGE, STYLED, with_much(60, at=30, times=90, rows=5), True),
    "the last has no room on any": (PAGE, STYLED, with_much(60, at=59, times=400), True),
    "plain": (PAGE, STYLED, lines(80), True),
    "spanned": (PAGE, STYLED, lines(60, rows=3), True),
    "some of another kind": (PAGE, STYLED, lines(90, marked=30), True),
    "all of another kind": (PAGE, STYLED, lines(60, rows=2, marked=1), False),
    "without a style sheet of its own": (PAGE, {}, lines(80), True),
    "with an imprint": (LETTER, STYLED, lines(80), True),
    "with an imprint, spanned": (LETTER, STYLED, lines(61, rows=3), True),
}


@pytest.fixture(scope="module")
def faults():
    """What differs in each case, all in one process: it takes longer to start than to typeset."""
    return json.loads(in_its_process(SAME, given=json.dumps(CASES)))


@pytest.mark.parametrize("case", CASES)
def test_a_long_table_looks_as_if_it_had_been_laid_out_cell_by_cell(faults, case):
    assert faults.get(case) is None, faults[case]
