"""Bound volumes, opened and read back."""

import json
import re
import subprocess
import sys
from dataclasses import asdict

import pikepdf
import pypdfium2
import pytest

from app.adapters import Order
from app.adapters.pdf.binding import LETTERS, BindingFailed, Original, Piece, Volume, bind
from config import ROOT
from tests import documents_made as made

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
PAGE = """<html lang="zh"><head><title>一</title><style>@page { size: A4 }
html { font: 13pt "Bihuan FangSong" } p { break-after: page }
</style></head><body>%s</body></html>"""
MOST_MEMORY = 450
"""Megabytes for a thousand pages: the worker and the press need theirs, too."""


def paper(path, body):
    order = Order({"t.html": PAGE % body}, "t.html", {})
    path.write_bytes(made.press().typeset(order).pdf)
    return str(path)


def volume(folder, pieces, originals=()):
    target = str(folder / "bound.pdf")
    return Volume(
        *(target, "案卷", "兴县应急管理局", "2026-11-20T09:00:00+08:00", pieces),
        letters=paper(folder / "letters.pdf", LETTERS),
        originals=originals,
    )


def texts(path):
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def test_pages_follow_one_another_and_are_numbered(tmp_path):
    front = paper(tmp_path / "a.pdf", "封面")
    two = paper(tmp_path / "b.pdf", "<p>甲</p>乙")
    one = paper(tmp_path / "c.pdf", "丙")
    pieces = [Piece(front, "目录", numbered=False), Piece(two, "文书"), Piece(one)]
    wanted = volume(tmp_path, pieces)
    assert bind(wanted) == 4
    found = [re.sub(r"\s", "", text) for text in texts(wanted.target)]
    assert found == ["封面", "甲卷内第1页", "乙卷内第2页", "丙卷内第3页"]
    with pikepdf.open(wanted.target) as bound, bound.open_outline() as outline:
        assert [item.title for item in outline.root] == ["目录", "文书"]
        metadata = bound.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
        assert metadata["dc:title"] == "案卷"
        assert len(bound.Root.OutputIntents) == 1


def test_what_was_signed_stays_to_be_seen_and_is_attached_as_it_was(tmp_path):
    path = paper(tmp_path / "a.pdf", "甲")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        shape = pdf.make_stream(
            b"1 0 0 rg 0 0 100 100 re f", BBox=[0, 0, 100, 100], Subtype=pikepdf.Name.Form
        )
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T="seal",
                F=132,
                Rect=[100, 100, 200, 200],
                AP=pikepdf.Dictionary(N=shape),
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
        pdf.save(path)
    signed = (tmp_path / "a.pdf").read_bytes()
    original = Original(path, "（兴）应急责改〔2026〕1号 责令.pdf", "application/pdf", "Source")
    wanted = volume(tmp_path, [Piece(path, "文书")], [original])
    bind(wanted)
    image = pypdfium2.PdfDocument(wanted.target)[0].render(scale=1).to_pil().convert("RGB")
    assert image.getpixel((150, image.height - 150)) == (255, 0, 0)
    with pikepdf.open(wanted.target) as bound:
        assert "/AcroForm" not in bound.Root
        assert "/Annots" not in bound.pages[0]
        assert bound.attachments[original.name].get_file().read_bytes() == signed
        assert [spec.AFRelationship for spec in bound.Root.AF] == [pikepdf.Name.Source]


def test_a_table_across_bears_its_number_in_its_own_corner(tmp_path):
    path = paper(tmp_path / "a.pdf", "<style>@page { size: A4 landscape }</style>横")
    wanted = volume(tmp_path, [Piece(path)])
    bind(wanted)
    page = pypdfium2.PdfDocument(wanted.target)[0]
    words = page.get_textpage()
    assert page.get_width() > page.get_height()
    found = words.search("卷内第 1 页").get_next()
    left, bottom, _right, _top = words.get_charbox(found[0])
    assert left > page.get_width() - 160
    assert bottom > page.get_height() - 60


def test_a_file_that_is_none_refuses_the_volume(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(BindingFailed):
        bind(volume(tmp_path, [Piece(str(tmp_path / "a.pdf"))]))


def test_a_thousand_pages_take_little_memory(tmp_path):
    path = paper(tmp_path / "a.pdf", "<p>甲</p><p>乙</p><p>丙</p>丁")
    originals = [Original(path, f"{n}.pdf", "application/pdf", "Source") for n in range(250)]
    wanted = volume(tmp_path, [Piece(path, f"{n}") for n in range(250)], originals)
    code = (
        "import re, sys; from app.adapters.pdf import binding; binding.main();"
        # What the kernel calls the most of a process includes the one that started it.
        "print('', re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    told = json.dumps(asdict(wanted)).encode()
    done = subprocess.run(
        [sys.executable, "-c", code], input=told, capture_output=True, cwd=ROOT, check=True
    )
    pages, memory = map(int, done.stdout.split())
    assert pages == 1000
    assert memory // 1024 < MOST_MEMORY
