"""The press: real papers, opened and read back."""

import contextlib
import io
import re
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pypdfium2
import pytest

from app.adapters import MissingGlyphs, Order, PapersOff
from app.adapters.pdf import Press, PressEnded, TypesetFailed
from app.adapters.pdf.pictures import NoSuchPage, picture
from app.domain.documents import canonical
from app.services.pdf.typesetting import RECORD
from config import ROOT
from tests import documents_made as made

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
PAGE = """<html lang="zh"><head><title>一</title><style>@page { size: A4; margin: 30mm }
html { font: 13pt "Bihuan FangSong" } p { text-align: justify }</style></head><body>%s</body></html>"""


def typeset(body, **data):
    return made.press().typeset(Order({"t.html": PAGE % body}, "t.html", data))


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_the_text_of_a_paper_is_what_it_was_given():
    paper = typeset("<p>{{ said }}</p>", said="责令限期整改〔2026〕1号 <b>&")
    assert text_of(paper.pdf) == "责令限期整改〔2026〕1号 <b>&"
    page = pypdfium2.PdfDocument(paper.pdf)[0]
    assert [round(side) for side in page.get_size()] == [595, 842]


@pytest.mark.parametrize("rare", ["镕", "喆", "堃", "䶮", "埇", "𬭎"])
def test_rare_characters_are_printed_by_another_font(rare):
    assert text_of(typeset("<p>甲{{ rare }}乙</p>", rare=rare).pdf) == f"甲{rare}乙"
    assert made.press().lacking(rare) == ""


def test_a_character_that_no_font_has_refuses_the_paper():
    with pytest.raises(MissingGlyphs) as refused:
        typeset("<p>{{ name }}</p>", name="王\U000323af和\U000323ae")
    assert refused.value.characters == "\U000323ae\U000323af"
    assert made.press().lacking("王\U000323af") == "\U000323af"
    assert text_of(typeset("<p>还能用</p>").pdf) == "还能用"


def test_the_same_order_gives_the_same_bytes():
    order = Order({"t.html": PAGE % "<p>一</p>"}, "t.html", {}, attached={RECORD: b"{}"})
    first, second = made.press().typeset(order), Press(made.Path("/elsewhere")).typeset(order)
    assert first.pdf == second.pdf


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:1/x", "asset:other", "//host/x"]
)
def test_a_paper_fetches_nothing(address):
    with pytest.raises(TypesetFailed):
        typeset(f'<img src="{address}">')


SECRET = "机密文件的内容"
DRAWN = (
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
    "width='9' height='9'>%s</svg>\">"
)
WAYS = [
    '<style>@import url("%s");</style>',
    '<link rel="stylesheet" href="%s">',
    '<style>@font-face { font-family: X; src: url("%s") } p { font-family: X }</style><p>甲</p>',
    '<p style="background: url(%s)">甲</p>',
    '<style>p::before { content: url("%s") }</style><p>甲</p>',
    '<ul style="list-style-image: url(%s)"><li>甲</li></ul>',
    '<object data="%s">甲</object>',
    '<embed src="%s">',
    '<link rel="attachment" href="%s"><p>甲</p>',
    '<a rel="attachment" href="%s">甲</a>',
    '<svg width="9" height="9"><image width="9" height="9" href="%s"/></svg>',
    '<svg width="9" height="9"><use href="%s#a"/></svg>',
    '<svg width="9" height="9"><style>@import url("%s");</style><rect width="9" height="9"/></svg>',
    '<svg width="9" height="9"><rect width="9" height="9" style="fill: url(%s#a)"/></svg>',
    DRAWN % "<image width='9' height='9' href='%s'/>",
    '<iframe src="%s"></iframe>',
    '<meta http-equiv="refresh" content="0; url=%s">',
    '<base href="%s"><img src="x">',
]


@pytest.fixture(scope="module")
def listening():
    """An address where everybody who asks is counted."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x", asked
    server.shutdown()
    server.server_close()


def test_whoever_listens_is_heard(listening):
    """Else the next test could not fail."""
    address, asked = listening
    with urllib.request.urlopen(address) as answer:  # noqa: S310  (our own)
        assert SECRET in answer.read().decode()
    assert asked.pop() == "/x"


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_out_of_a_paper(way, listening, tmp_path):
    """Neither over the network nor into a file: it is refused, or passed over."""
    address, asked = listening
    secret = tmp_path / "secret.svg"
    secret.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text id="a">{SECRET}</text></svg>')
    for target in (address, secret.as_uri()):
        with contextlib.suppress(TypesetFailed):
            pdf = typeset(way % target).pdf
            assert SECRET not in text_of(pdf)
            assert not pypdfium2.PdfDocument(pdf).count_attachments()
            assert b"/EmbeddedFile" not in pdf
    assert asked == []


@pytest.mark.parametrize(
    "said",
    [
        '<img src="http://127.0.0.1:1/x"><script>alert(1)</script>',
        "</p></body><style>* { display: none }</style>",
        "&lt;b&gt; &amp; &#29579; 完",
        "{{ 7 * 7 }}{% include 'base.css' %}{# 甲 #}",
        'url("file:///etc/passwd") @import attr(x); counter(page)',
        "<svg><image href='file:///etc/passwd'/></svg>",
        "%s %(a)s {d} {0} $x \\n",
    ],
)
def test_what_somebody_typed_is_text_and_nothing_else(said):
    paper = typeset("<h1>{{ t|sentence }}</h1><p>{{ said }}</p>", said=said, t=said)
    plain = "".join(said.split())
    assert "".join(text_of(paper.pdf).split()).count(plain) == 2


def test_a_template_reaches_nothing_but_its_data():
    for trick in ("{{ ''.__class__.__mro__ }}", "{{ missing }}", "{% include 'other' %}"):
        with pytest.raises(TypesetFailed):
            typeset(trick)


def test_chinese_lines_end_flush():
    paper = typeset("<p>" + "安全生产，人人有责" * 20 + "</p>")
    page = pypdfium2.PdfDocument(paper.pdf)[0].get_textpage()
    ends = {}
    for index in range(page.count_chars()):
        _left, bottom, right, _top = page.get_charbox(index, loose=True)
        line = round(bottom / 8)
        ends[line] = max(ends.get(line, 0), right)
    *full, _last = [right for _line, right in sorted(ends.items(), reverse=True)]
    assert len(full) >= 3
    assert max(full) - min(full) < 6  # a line that is not stretched ends up to 13 points short


def in_its_process(code, *arguments, given=""):
    """Run code where WeasyPrint may be imported: its libraries and fonts may be our own.

    Returns what it printed.
    """
    start = (
        "import sys\nfrom pathlib import Path\nfrom app.adapters.fonts import RUNTIME, activate\n"
    )
    start += 'activate(Path("/nowhere"), RUNTIME)\n'
    command = [sys.executable, "-c", start + code, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


REPLACED = """
from app.adapters.pdf import justify, subsetting
from weasyprint.layout import inline
def refuses(check, told):
    try:
        check()
    except RuntimeError as wrong:
        assert told in str(wrong), wrong
    else:
        raise AssertionError("not refused")
justify.check()
subsetting.check()
inline.justify_line = justify.check
refuses(justify.check, "justify_line")
subsetting.fonts.Font.subset = lambda _self, _characters: None
refuses(subsetting.check, "subset")
"""


def test_what_is_replaced_of_weasyprint_looks_as_expected():
    in_its_process(REPLACED)


SAME = """
import io
from fontTools.ttLib import TTFont
from app.adapters import Order
from app.adapters.pdf import typesetter
from app.adapters.pdf.pictures import picture
from weasyprint.pdf import fonts
families = ("FangSong", "Song", "Hei", "Kai", "XiaoBiaoSong")
lines = [f"<p style='font-family: Bihuan {name}'>责令〔2026〕1号 镕䶮𬭎 ABC</p>" for name in families]
order = Order({"t.html": sys.argv[1] % "".join(lines)}, "t.html", {}, attached={"a.json": b"{}"})
own = fonts.Font.subset, fonts.get_hb_object_data
config = typesetter.prepare()
def made():
    kept, subset = {}, fonts.Font.subset
    def keeping(font, *arguments):
        subset(font, *arguments)
        kept[font.name] = font.file_content
    fonts.Font.subset = keeping
    paper = typesetter.typeset(order, config).pdf
    return paper, kept
quick, ours = made()
fonts.Font.subset, fonts.get_hb_object_data = own
typesetter._pack = None
plain, theirs = made()
assert len(ours) == len(families) and ours.keys() == theirs.keys()
# Before 11, HarfBuzz leaves tables behind that it does not know and that no PDF needs.
LEFT = {"FFTM", "bsln", "feat", "prop"}
for name, content in ours.items():
    one, two = (TTFont(io.BytesIO(each)).reader for each in (content, theirs[name]))
    assert set(two.keys()) - set(one.keys()) <= LEFT, name
    for table in set(one.keys()) - LEFT:
        start = 12 if table == "head" else 0  # behind the sum over the whole file
        assert one[table][start:] == two[table][start:], (name, table)
assert picture(quick, 1) == picture(plain, 1)
assert quick == plain or any(ours[name] != theirs[name] for name in ours)
"""


def test_what_is_quicker_keeps_of_a_font_what_weasyprint_keeps_by_itself():
    in_its_process(SAME, PAGE)


def test_papers_are_off_without_fonts(tmp_path):
    off = Press(tmp_path, runtime=tmp_path)
    assert not off.ready
    with pytest.raises(PapersOff) as told:
        off.typeset(Order({"t.html": ""}, "t.html", {}))
    assert told.value.command == "python3 manage.py papers"


def test_a_press_that_hangs_is_ended():
    slow = Press(made.Path("/nowhere"), longest=0.01)
    with pytest.raises(TypesetFailed):
        slow.typeset(Order({"t.html": PAGE % "<p>一</p>"}, "t.html", {}))


def test_a_press_whose_process_is_killed_goes_on_with_another(monkeypatch):
    own, order = Press(made.Path("/nowhere")), Order({"t.html": PAGE % "<p>一</p>"}, "t.html", {})
    with monkeypatch.context() as patched:
        killed = made.kill_while_typesetting(patched)
        with pytest.raises(PressEnded):
            own.typeset(order)
    assert len(killed) == 1
    assert own.typeset(order).pdf == made.press().typeset(order).pdf
    own.close()


def test_places_and_pictures():
    paper = typeset('<div id="seal" style="width: 42mm; height: 42mm"></div>')
    page, left, bottom, right, top = paper.boxes["seal"]
    assert page == 0
    assert (right - left, top - bottom) == pytest.approx((119.06, 119.06), abs=0.1)
    assert picture(paper.pdf, 1).startswith(b"\x89PNG")
    with pytest.raises(NoSuchPage):
        picture(paper.pdf, 2)


def test_data_travel_inside_the_paper():
    record = canonical({"b": "镕", "a": 1})
    order = Order({"t.html": PAGE % ""}, "t.html", {}, attached={RECORD: record})
    document = pypdfium2.PdfDocument(io.BytesIO(made.press().typeset(order).pdf))
    assert re.fullmatch(r"record\.json", document.get_attachment(0).get_name())
    assert bytes(document.get_attachment(0).get_data()) == record


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于提请关闭某厂的请示", ["关于提请关闭某厂的请示"]),
        (
            "关于提请关闭兴县蔚汾特种铸造有限公司的请示",
            ["关于提请关闭", "兴县蔚汾特种铸造有限公司的请示"],
        ),
        (
            "关于兴县蔚汾特种铸造有限公司恢复生产的批复",
            ["关于兴县蔚汾特种铸造有限公司", "恢复生产的批复"],
        ),
        (
            "兴县应急管理局关于提请关闭兴县蔚汾特种铸造有限公司的请示",
            ["兴县应急管理局关于提请关闭", "兴县蔚汾特种铸造有限公司的请示"],
        ),
        ("一" * 21, ["一" * 11, "一" * 10]),
        ("一" * 45, ["一" * 15] * 3),
    ],
)
@pytest.mark.parametrize("kept", ["", "（演示）"])
def test_a_title_breaks_where_sense_does(title, lines, kept):
    """Never within a name, also where the title leaves out what stands behind it in brackets."""
    name = f"兴县蔚汾特种铸造有限公司{kept}"
    paper = typeset("<h1>{{ t|headline(n)|join('<br>'|safe) }}</h1>", t=title, n=name)
    assert text_of(paper.pdf).splitlines() == lines
