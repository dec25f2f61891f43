"""Strokes on a paper: lines within their place, no picture, the name to be found."""

import io
import re

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from app.adapters.signature import handwriting
from app.adapters.signature.signing import Look, Slot, add_fields, sign
from app.adapters.signature.verifying import check
from tests import fakes
from tests.documents_made import NOW, Authority

STROKES = (((100, 200), (400, 210), (700, 180)), ((400, 100), (410, 800)), ((900, 500),))
BOX = fakes.Press.BOXES["officer1"]
point = st.tuples(st.integers(0, 3000), st.integers(0, 1000))


@given(st.lists(st.lists(point, min_size=1, max_size=12).map(tuple), min_size=1, max_size=5))
def test_every_line_stays_within_the_place(strokes):
    drawn = handwriting.written(tuple(strokes), 113, 28).decode()
    ends = re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml]\b", drawn)
    assert len(ends) >= 2 * len(strokes)  # a dot is a line, too
    assert all(-1 <= float(x) <= 114 and -1 <= float(y) <= 29 for x, y in ends)


@pytest.fixture(scope="module")
def signed():
    ours = Authority()
    blank = add_fields(fakes._empty_page(), [Slot("officer1", BOX, "officer1")])
    drawn = handwriting.written(STROKES, 113, 28) + handwriting.said("张伟", 28)
    look = Look(drawn, 113, 28, words="张伟")
    stamp = ours.identity("时间戳", "stamp")
    pdf = sign(blank, "officer1", ours.identity("张伟"), stamp, look, "签名", NOW, first=True)
    return ours, pdf


def test_they_are_lines_that_the_signature_covers(signed):
    ours, pdf = signed
    (found,) = check(pdf, ours.trust(), NOW)
    assert (found.good, found.signer) == (True, "张伟")
    field = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0].sig_field
    look = field["/AP"]["/N"]
    drawn = re.findall(rb"[\d.]+ [\d.]+ m [\d. l]+ S", look.data)
    assert len(drawn) == len(STROKES)
    kept = look.encoded_data
    wider = pdf.replace(kept, kept[:-6] + bytes([kept[-6] ^ 1]) + kept[-5:], 1)
    assert wider != pdf
    (changed,) = check(wider, ours.trust(), NOW)
    assert not changed.good
    assert not changed.intact


@pytest.fixture(scope="module")
def page(signed):
    """The page as a reader shows it, signatures drawn into it."""
    document = pypdfium2.PdfDocument(signed[1])
    document.init_forms()
    document[0].flatten()
    yield document[0]
    document.close()


def test_no_picture_of_them_travels_along(signed, page):
    assert list(page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])) == []
    assert b"/Image" not in signed[1]


def test_they_are_seen_and_the_name_is_found(page):
    assert "张伟" in page.get_textpage().get_text_range()
    _page, left, bottom, right, top = BOX
    drawn = page.render(scale=2).to_pil().convert("L")
    place = drawn.crop([round(side * 2) for side in (left, 842 - top, right, 842 - bottom)])
    dark = sum(place.histogram()[:128])
    assert 50 < dark < place.width * place.height / 4
    assert sum(drawn.histogram()[:128]) == dark  # nowhere else
