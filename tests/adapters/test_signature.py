"""Signatures: made, checked, and every kind of tampering told apart."""

import io
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from asn1crypto import core
from fontTools.ttLib import TTFont
from hypothesis import example, given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.adapters.signature import asn1, drawing, hexadecimal
from app.adapters.signature.signing import Look, Slot, add_fields, put_seal, sign
from app.adapters.signature.vault import Vault, WrongPin, fresh_key
from app.adapters.signature.verifying import NotAPaper, check, keywords_of
from tests import documents_made, fakes
from tests.documents_made import NOW, Authority

LOOK = Look(b"0 0 10 10 re f", 100, 30)


@pytest.fixture(scope="module")
def ours():
    return Authority()


def made(ours, people=("张伟", "王芳")):
    """Return the states of a paper: typeset, signed by each, sealed."""
    boxes = fakes.Press.BOXES
    slots = [Slot(name, box, name, closes=name == "seal") for name, box in boxes.items()]
    states = [add_fields(fakes._empty_page(), slots)]
    stamp = ours.identity("时间戳", "stamp")
    signers = [ours.identity(name) for name in people]
    for index, signer in enumerate(signers):
        slot = f"officer{index + 1}"
        states.append(sign(states[-1], slot, signer, stamp, LOOK, "签名", NOW, first=not index))
    seal = ours.identity("兴县应急管理局", "seal")
    states.append(put_seal(states[-1], "seal", seal, stamp, LOOK, "用印", NOW, ours.trust()))
    return states, signers


@pytest.fixture(scope="module")
def paper(ours):
    return made(ours)


def test_a_sealed_paper_is_good(ours, paper):
    found = check(paper[0][-1], ours.trust(), NOW)
    assert [(one.field, one.signer, one.good) for one in found] == [
        ("officer1", "张伟", True),
        ("officer2", "王芳", True),
        ("seal", "兴县应急管理局", True),
    ]
    assert all(one.at == NOW for one in found)


def test_each_signature_only_adds(paper):
    states = paper[0]
    assert all(later.startswith(earlier) for earlier, later in pairwise(states))


def test_a_flipped_byte_is_found(ours, paper):
    whole = bytearray(paper[0][-1])
    whole[len(paper[0][0]) // 2] ^= 1
    try:
        found = check(bytes(whole), ours.trust(), NOW)
    except NotAPaper:
        return
    assert not any(one.good for one in found)
    assert not found[0].intact


def test_an_added_page_of_text_is_found(ours, paper):
    writer = IncrementalPdfFileWriter(io.BytesIO(paper[0][-1]))
    page = writer.root["/Pages"]["/Kids"][0]
    stream = writer.add_object(generic.StreamObject(stream_data=b"BT (2030) Tj ET"))
    page["/Contents"] = stream
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    found = check(out.getvalue(), ours.trust(), NOW)
    assert all(one.intact and one.trusted for one in found)  # this is why `good` is what counts
    assert not any(one.good for one in found)
    assert all(one.changed for one in found)


def test_a_paper_cut_back_is_perfect_in_itself(ours, paper):
    found = check(paper[0][1], ours.trust(), NOW)
    assert [(one.field, one.good) for one in found] == [("officer1", True)]


def test_a_foreign_authority_is_not_trusted(ours):
    states, _signers = made(Authority("他人"))
    assert not any(one.trusted or one.good for one in check(states[-1], ours.trust(), NOW))


def test_a_revoked_certificate_is_not_trusted(ours, paper):
    states, signers = paper
    first, second, seal = check(states[-1], ours.trust(signers[0]), NOW + timedelta(days=1))
    assert not first.trusted
    assert not first.good
    assert second.good
    assert seal.good


def test_nothing_can_be_signed_after_the_seal(ours, paper):
    stamp = ours.identity("时间戳", "stamp")
    with pytest.raises(Exception, match=r"(?i)permission|signature|field"):
        sign(paper[0][-1], "officer1", ours.identity("某人"), stamp, LOOK, "", NOW, first=False)


@pytest.mark.parametrize(
    "junk", [b"", b"%PDF-1.7\n", b"x" * 1000, b"%PDF-1.4\nstartxref\n9\n%%EOF"]
)
def test_junk_is_no_paper(ours, junk):
    for read in (lambda: check(junk, ours.trust(), NOW), lambda: keywords_of(junk)):
        with pytest.raises(NotAPaper):
            read()


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not here")
def test_qpdf_finds_nothing_wrong(paper, tmp_path):
    (tmp_path / "a.pdf").write_bytes(paper[0][-1])
    subprocess.run(["qpdf", "--check", tmp_path / "a.pdf"], check=True)


def test_asn1_writes_a_length_that_ends_in_0x80_at_once():
    asn1.install()
    nested = core.SetOf(spec=core.OctetString)
    nested.append(core.OctetString(b"y" * 0x7E))
    written = nested.dump()
    assert written[:3] == b"\x31\x81\x80"
    again = core.SetOf.load(written, spec=core.OctetString)
    started = time.process_time()
    assert again.dump() == written
    assert time.process_time() - started < 0.1


def test_a_length_of_0x80_is_not_taken_for_an_unknown_one():
    """Unrepaired, each level is encoded anew twice: forty levels would take for ever."""
    content = b"\x04\x7e" + b"z" * 0x7E
    for _ in range(40):
        content = b"\x30\x81\x80" + content[:0x80].ljust(0x80, b"\x05")
    sequence = core.Sequence.load(content)
    started = time.process_time()
    assert sequence.dump() == content
    assert time.process_time() - started < 0.1


@given(st.binary(max_size=40), st.binary(max_size=10))
@example(b"<>", b"")
@example(b"<4 1\n4>", b">")
@example(b"<41" * 9, b"")
@example(b"<" + b"ab" * 2000 + b">", b" x")
@example(b"<" + b"ab" * 2000, b"")
@example(b"<41%a>\n42>", b"")
@example(b"<FEFF8D23>", b"")
def test_hexadecimal_strings_are_read_as_pyhanko_reads_them(text, more):
    for content in (text, b"<" + text + b">" + more):
        told = []
        for read in (hexadecimal.read, hexadecimal._plain):
            stream = io.BytesIO(content)
            try:
                found = read(stream)
            except Exception as wrong:  # noqa: BLE001
                told.append(repr(wrong))
            else:
                told.append((type(found), found, stream.tell()))
        assert told[0] == told[1]


class TestVault:
    VAULT = Vault(b"m" * 32, cost=2)

    def test_a_key_opens_with_its_pin(self):
        key = fresh_key()
        sealed = self.VAULT.seal(key, "person 7", "260518")
        assert self.VAULT.open(sealed, "person 7", "260518").private_numbers() == (
            key.private_numbers()
        )

    @pytest.mark.parametrize(
        ("owner", "pin"), [("person 7", "260519"), ("person 8", "260518"), ("person 7", "")]
    )
    def test_and_with_nothing_else(self, owner, pin):
        sealed = self.VAULT.seal(fresh_key(), "person 7", "260518")
        with pytest.raises(WrongPin):
            self.VAULT.open(sealed, owner, pin)
        with pytest.raises(WrongPin):
            Vault(b"n" * 32, cost=2).open(sealed, "person 7", "260518")


def test_seals_and_names_are_drawn_without_fonts_too(tmp_path):
    missing = tmp_path / "none.ttf"
    assert b" c " in drawing.seal("兴县应急管理局", missing, "演示专用")
    assert drawing.name("张伟", missing, 100, 30)


@pytest.mark.skipif(not documents_made.READY, reason="manage.py papers brings fonts and pango")
def test_seals_drawn_at_once_are_drawn_alike(monkeypatch):
    """A font unpacks each glyph when it is first asked for, here by many threads at the same time."""
    path = fakes.papers(documents_made.press()).engraving
    name = "兴县应急管理局吕梁市人民政府安全生产委员会办公室"
    whole = drawing.seal(name, path, "")
    for _ in range(5):
        drawing._outline.cache_clear()
        drawing._advance.cache_clear()
        with TTFont(path, lazy=True) as font:
            fresh = (font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm)
            monkeypatch.setattr(drawing, "_font", lambda _path, fresh=fresh: fresh)
            with ThreadPoolExecutor(8) as pool:
                drawn = list(pool.map(lambda _turn: drawing.seal(name, path, ""), range(16)))
        assert set(drawn) == {whole}
