"""Kinds of tampering with a sealed paper: each is done to the file, and each is found.

A file is checked as who has nothing but it and our root can: by `check`, and by knowing which
signatures its kind has. Beside that stands what poppler's `pdfsig` says of it, a program that has
nothing to do with ours: where it finds nothing, only our own check does.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from app.adapters.signature import authority
from app.adapters.signature.signing import Look, Slot, Trust, add_fields, put_seal, sign
from app.adapters.signature.verifying import NotAPaper, check
from tests import fakes
from tests.documents_made import NOW, Authority

LOOK = Look(b"0 0 10 10 re f", 100, 30)
PLACES = ("officer1", "officer2", "seal")
UNPACKED = Path(__file__).resolve().parents[2] / ".runtime/apt/poppler"
LATER = NOW + timedelta(days=1)


@dataclass
class Made:
    """A paper in all its states, and who made it."""

    states: list[bytes]
    ours: Authority
    signers: dict

    @property
    def whole(self) -> bytes:
        return self.states[-1]


def blank(text):
    """A page with a text on it, a record attached and empty places."""
    writer = IncrementalPdfFileWriter(io.BytesIO(fakes._empty_page()))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=text.encode()))
    writer.update_container(page)
    record = embed.EmbeddedFileObject.from_file_data(writer, b'{"number":"1"}', compress=False)
    spec = embed.FileSpec("record.json", embedded_data=record)
    embed.embed_file(writer, spec)
    info = {generic.pdf_name("/Keywords"): generic.pdf_string("AAAABBBBCCCCDDDD")}
    writer.set_info(writer.add_object(generic.DictionaryObject(info)))
    boxes = fakes.Press.BOXES
    slots = [Slot(name, boxes[name], name, closes=name == "seal") for name in PLACES]
    return add_fields(written(writer), slots)


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def made_by(ours, text="(a) Tj"):
    stamp = ours.identity("时间戳", "stamp")
    signers = {"officer1": ours.identity("张伟"), "officer2": ours.identity("王芳")}
    states = [blank(text)]
    for name, signer in signers.items():
        first = name == "officer1"
        states.append(sign(states[-1], name, signer, stamp, LOOK, "签名", NOW, first=first))
    signers["seal"] = ours.identity("兴县应急管理局", "seal")
    trust = ours.trust()
    states.append(put_seal(states[-1], "seal", signers["seal"], stamp, LOOK, "用印", NOW, trust))
    return Made(states, ours, signers)


@pytest.fixture(scope="module")
def paper():
    return made_by(Authority())


@pytest.fixture(scope="module")
def another(paper):
    return made_by(paper.ours, "(another paper) Tj")


def incremental(pdf, change):
    """Return a PDF with something added to its end."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    return written(writer)


def field_of(writer, name):
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(one.get_object() for one in fields if one.get_object()["/T"] == name)


def contents(pdf, name):
    """Return where the hexadecimal bytes of a signature stand."""
    signature = next(
        one for one in PdfFileReader(io.BytesIO(pdf)).embedded_signatures if one.field_name == name
    )
    start, length, then, _rest = (int(one) for one in signature.byte_range)
    return start + length + 1, then - 1


# -- what is done to the file ---------------------------------------------------------------------


def byte_flipped(paper, _another):
    at = paper.whole.index(b"(a) Tj") + 1
    return paper.whole[:at] + b"b" + paper.whole[at + 1 :]


def cut_back(paper, _another):
    return paper.states[-2]


def page_added(paper, _another):
    def add(writer):
        pages = writer.root["/Pages"]
        page = generic.DictionaryObject(pages["/Kids"][0].get_object())
        pages["/Kids"].append(writer.add_object(page))
        pages["/Count"] = generic.NumberObject(2)
        writer.update_container(pages)
        writer.update_container(pages["/Kids"])

    return incremental(paper.whole, add)


def text_laid_over(paper, _another):
    def add(writer):
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"(2030) Tj"))
        writer.update_container(page)

    return incremental(paper.whole, add)


def annotation_added(paper, _another):
    def add(writer):
        page = writer.root["/Pages"]["/Kids"][0]
        note = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                generic.pdf_name("/Rect"): generic.ArrayObject(
                    [generic.NumberObject(one) for one in (50, 700, 300, 720)]
                ),
                generic.pdf_name("/Contents"): generic.pdf_string("2030"),
            }
        )
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page["/Annots"])

    return incremental(paper.whole, add)


def seal_replaced(paper, _another):
    """Somebody else's seal, of the same name, on what our officers signed."""
    other = Authority()
    stamp, seal = other.identity("时间戳", "stamp"), other.identity("兴县应急管理局", "seal")
    return put_seal(paper.states[-2], "seal", seal, stamp, LOOK, "用印", NOW, other.trust())


def other_root(_paper, _another):
    return made_by(Authority("测试")).whole


def wrong_place(paper, _another):
    """The second officer's signature in the place of the first, who never signed."""
    ours = paper.ours
    stamp = ours.identity("时间戳", "stamp")
    second = paper.signers["officer2"]
    pdf = sign(paper.states[0], "officer1", second, stamp, LOOK, "签名", NOW, first=True)
    return put_seal(pdf, "seal", paper.signers["seal"], stamp, LOOK, "用印", NOW, ours.trust())


def attachment_stripped(paper, _another):
    def strip(writer):
        del writer.root["/Names"]
        writer.update_root()

    return incremental(paper.whole, strip)


def attachment_changed(paper, _another):
    return paper.whole.replace(b'{"number":"1"}', b'{"number":"2"}', 1)


def signature_replayed(paper, another):
    """A signature of the same officer from another paper, byte for byte, in its place."""
    here, there = contents(paper.whole, "officer1"), contents(another.whole, "officer1")
    size = here[1] - here[0]
    moved = another.whole[there[0] : there[1]][:size].ljust(size, b"0")
    return paper.whole[: here[0]] + moved + paper.whole[here[1] :]


def metadata_changed(paper, _another):
    def change(writer):
        told = generic.DictionaryObject(
            {generic.pdf_name("/Keywords"): generic.pdf_string("EEEEFFFFGGGGHHHH")}
        )
        root_info = writer.trailer.raw_get("/Info")
        writer.objects[0, root_info.idnum] = told

    return incremental(paper.whole, change)


def signature_emptied(paper, _another):
    def empty(writer):
        place = field_of(writer, "officer2")
        del place["/V"]
        writer.update_container(place)

    return incremental(paper.whole, empty)


def look_changed(paper, _another):
    """What is drawn in a signature's place is another's name."""

    def change(writer):
        place = field_of(writer, "officer1")
        drawn = place["/AP"]["/N"]
        fake = generic.StreamObject(dict_data=drawn, stream_data=b"0 0 99 9 re f")
        for key in ("/Filter", "/Length", "/DecodeParms"):
            fake.pop(key, None)
        place["/AP"][generic.pdf_name("/N")] = writer.add_object(fake)
        writer.update_container(place["/AP"])

    return incremental(paper.whole, change)


Tamper = Callable[[Made, Made], bytes]
KINDS: list[Tamper] = [
    byte_flipped,
    cut_back,
    page_added,
    text_laid_over,
    annotation_added,
    seal_replaced,
    other_root,
    wrong_place,
    attachment_stripped,
    attachment_changed,
    signature_replayed,
    metadata_changed,
    signature_emptied,
    look_changed,
]
SEEN_BY_ALL = (byte_flipped, attachment_changed, signature_replayed)
"""What was done to bytes that were signed; the rest only adds, takes away whole or signs anew, and
each signature there is remains valid in itself: any reader but ours is content."""


def poppler(pdf, folder):
    """Return what pdfsig says of each signature; of time stamps alone it says nothing."""
    program = shutil.which("pdfsig") or str(UNPACKED / "usr/bin/pdfsig")
    if not Path(program).exists():
        pytest.skip("NO PDFSIG: `manage.py test` brings it; nothing was compared with poppler")
    (folder / "a.pdf").write_bytes(pdf)
    libraries = {str(path.parent) for path in UNPACKED.glob("**/*.so*")}
    told = subprocess.run(
        [program, "-nocert", folder / "a.pdf"],
        env={**os.environ, "HOME": str(folder), "LD_LIBRARY_PATH": ":".join(sorted(libraries))},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return [
        line for line in re.findall("Signature Validation: (.+)", told) if "not yet" not in line
    ]


def genuine(pdf, paper, trust=None, now=LATER):
    """Test what whoever has the file and our root can: each place, by whom it must be, all good."""
    try:
        found = check(pdf, trust or paper.ours.trust(), now)
    except NotAPaper:
        return False
    wanted = [("officer1", "张伟"), ("officer2", "王芳"), ("seal", "兴县应急管理局")]
    return [(one.field, one.signer) for one in found] == wanted and all(one.good for one in found)


def test_nothing_is_found_in_what_nobody_touched(paper, tmp_path):
    assert genuine(paper.whole, paper)
    assert poppler(paper.whole, tmp_path) == ["Signature is Valid."] * 3


@pytest.mark.parametrize("tamper", KINDS)
def test_tampering_is_found(paper, another, tamper, tmp_path):
    changed = tamper(paper, another)
    assert changed[:5] == b"%PDF-"
    assert hashlib.sha256(changed).digest() != hashlib.sha256(paper.whole).digest()
    assert not genuine(changed, paper)
    said = poppler(changed, tmp_path)
    if tamper in SEEN_BY_ALL:
        assert "Digest Mismatch." in said
    else:
        assert set(said) == {"Signature is Valid."}


def revoked(paper):
    return paper.ours.trust(paper.signers["officer2"]), LATER


def ended(paper):
    """Six years on, when the signers' certificates have ended: the plain check does not prove it."""
    day = NOW + 6 * authority.YEAR
    ours = paper.ours
    lists = tuple(authority.list_revoked(one, [], day) for one in (ours.root, ours.issuing))
    return Trust([ours.root.certificate], [ours.issuing.certificate], lists), day


@pytest.mark.parametrize("stand", [revoked, ended])
def test_a_file_nobody_touched_may_have_lost_its_worth(paper, stand):
    trust, day = stand(paper)
    assert not genuine(paper.whole, paper, trust, day)
