"""Files that a stranger hands in to keep us busy: none takes longer than a paper of ours may."""

import time

import pytest
from pyhanko.pdf_utils import generic

from app.adapters.signature import apart
from app.adapters.signature.apart import check_apart
from app.adapters.signature.signing import sign
from app.adapters.signature.verifying import MOST_READS, NotAPaper, check, keywords_of
from tests.adapters.test_tampering import LATER, LOOK, blank, incremental, made_by
from tests.documents_made import NOW, Authority


@pytest.fixture(scope="module")
def paper():
    return made_by(Authority())


def holding(thing):
    """A PDF that says of itself what somebody made up."""
    head = b"%PDF-1.7\n"
    body = head + b"1 0 obj\n" + thing + b"\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n%010d 00000 n \n" % len(head)
    trailer = b"trailer\n<</Size 2/Root 1 0 R/Info 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + table + trailer


MANY = 2 * MOST_READS


@pytest.mark.parametrize(
    "thing",
    [
        b"1" * 100_000,
        b"1." + b"1" * 100_000,
        b"(" * MANY,
        b"[" + b"1 0 R " * MANY,
        b"<" + b"a" * MANY,
    ],
    ids=["digits", "fraction", "brackets", "references", "odd"],
)
def test_a_file_is_read_so_often_and_no_more(paper, thing):
    for read in (keywords_of, lambda pdf: check(pdf, paper.ours.trust(), LATER)):
        with pytest.raises(NotAPaper, match="longer to read"):
            read(holding(thing))


def with_many_ways(layers):
    """A file signed by whoever made it, with 8 ways to each layer of objects from the next."""

    def add(writer):
        node = writer.add_object(generic.DictionaryObject())
        for _ in range(layers):
            node = writer.add_object(generic.ArrayObject([node] * 8))
        writer.root[generic.pdf_name("/Ways")] = node
        writer.update_root()

    theirs = Authority()
    signer, stamp = theirs.identity("某人"), theirs.identity("时间戳", "stamp")
    pdf = incremental(blank("(a) Tj"), add)
    pdf = sign(pdf, "officer1", signer, stamp, LOOK, "签名", NOW, first=True)
    return incremental(pdf, lambda writer: writer.add_object(generic.NumberObject(1)))


def test_a_file_with_more_ways_than_anybody_can_go_is_given_up(paper, monkeypatch):
    monkeypatch.setattr(apart, "LONGEST", 3)
    began = time.monotonic()
    with pytest.raises(NotAPaper):
        check_apart(with_many_ways(20), paper.ours.trust(), LATER)
    assert time.monotonic() - began < 3 * apart.LONGEST * 4


def test_a_process_of_its_own_tells_the_same(paper):
    for pdf in (paper.whole, paper.states[-2], with_many_ways(1)):
        here = check(pdf, paper.ours.trust(), LATER)
        assert here
        assert check_apart(pdf, paper.ours.trust(), LATER) == here


def test_who_finds_no_place_to_read_is_told_so_and_waits_for_nobody(paper, monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE", 0.01)
    for _ in range(apart.AT_ONCE):
        apart._places.acquire()
    try:
        with pytest.raises(NotAPaper, match="Too many"):
            check_apart(paper.whole, paper.ours.trust(), LATER)
    finally:
        for _ in range(apart.AT_ONCE):
            apart._places.release()
    assert check_apart(paper.whole, paper.ours.trust(), LATER)
