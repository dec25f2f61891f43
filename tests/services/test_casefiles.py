"""Case files: what stands in them, who gets them, and what becomes of a worker that dies."""

import json
import re

import pikepdf
import pypdfium2
import pytest

from app.adapters.papers import NoPress
from app.domain import Forbidden, NotFound
from app.domain.casefiles import RECORD, FileState, Part, contents
from app.domain.history import GENESIS, Stream, seal
from app.services import verifying
from app.services.casefiles import gathering, making, requesting
from app.services.casefiles.gathering import Words
from app.services.documents import reading as documents
from app.services.documents import voiding
from app.services.verifying import Tally
from tests import documents_made as made
from tests import fakes
from tests.casework import Play
from tests.findings import GAS

STAFF, HEAD, PLANT, AUDITOR = (
    "xingxian.staff1",
    "xingxian.head",
    "xingxian.plant",
    "xingxian.auditor",
)
real = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
WORDS = Words(
    line=lambda row, _names, node: (f"{row.action} {node or ''}".strip(), ""),
    answers=lambda form, said: [(str(f.title), str(said.get(f.key, ""))) for f in form.fields],
    hazard=lambda row: ("重大" if row.major else "一般", row.state.value),
    status=str,
)


@pytest.fixture
def play(deps, actor):
    """A play whose papers are really typeset."""
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, actor)


def ask(play, case, who=STAFF, *, whole=False):
    return play.run(who, requesting.request, case, WORDS, whole=whole)


def made_of(play, case, **how):
    """Have a case file made, and return its row and where it lies."""
    file = ask(play, case, **how)
    play.deps.jobs.drain(play.deps)
    row = play.run(STAFF, requesting.get, file)
    assert (row.state, row.done) == (FileState.READY, row.total)
    return row, play.run(STAFF, requesting.path, file)[1]


def pages(path):
    found = pypdfium2.PdfDocument(path)
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in found]


@real
def test_everything_of_a_case_stands_in_it(play):
    ended = play.start(STAFF)
    proof = {"request": "reinspection", "evidence": [play.upload(PLANT)]}
    assert play.walk(ended, "", rectify=proof) == []
    row, path = made_of(play, ended)
    texts = pages(path)
    assert row.pages == len(texts)
    for page in pypdfium2.PdfDocument(path):  # a date has room in its column
        lines = page.get_textpage().get_text_range().splitlines()
        assert "日" not in [line.strip() for line in lines]
    with pikepdf.open(path) as bound:
        kept = {name: bound.attachments[name].get_file() for name in bound.attachments}
        record = json.loads(kept[RECORD].read_bytes())
        (case,) = record["cases"]
        for paper in case["papers"]:
            (original,) = [name for name in kept if name.startswith(paper["number"])]
            assert kept[original].read_bytes() == play.deps.files.get(paper["sha256"])
            assert paper["signatures"]
            assert all(one["certificate"] for one in paper["signatures"])
        came = [kept[name].read_bytes() for name in kept]
        assert all(play.deps.files.get(file["sha256"]) in came for file in case["files"])
    # The contents send the reader to the page where a thing is.
    front = 2
    assert "卷内目录" in texts[front - 1]
    numbered = texts[front:]
    for at, text in enumerate(numbered, 1):
        assert text.endswith(f"卷内第{at}页")
    at = 1
    for paper in case["papers"]:
        number = re.sub(r"\s", "", paper["number"])
        assert re.search(rf"{re.escape(number)}\d+年\d+月\d+日{at}", texts[front - 1])
        assert number in numbered[at - 1]
        at += paper["pages"]
    for title in ("办理情况", "照片", "文书登记和签名", "办理记录", "卷内备考表"):
        assert any(text.startswith(title) for text in numbered), title
    assert any(file["sha256"] in text for file in case["files"] for text in numbered)
    titles = [paper["title"] for paper in case["papers"]]
    assert titles == ["责令限期整改指令书", "文书送达回证", "整改复查意见书", "文书送达回证"]
    # Who has the record alone can prove that no line of the history was changed.
    before = GENESIS
    for line in case["history"]:
        before = seal(before, Stream.CASE, ended, line["seq"], line["body"])
        assert before.hex() == line["hash"]
    acts = [line.action for line in play.case(STAFF, ended).history]
    assert acts[-2:] == ["casefile.request", "casefile.finish"]
    assert acts.count("casefile.finish") == 1  # though the job is done twice
    assert list(verifying.files(play.deps, Tally())) == []


def test_each_paper_is_read_once(play, monkeypatch):
    case = play.start(STAFF)
    for node in ("draft_order", "serve_order"):
        play.do(STAFF, node)
    read, get = [], documents.get
    monkeypatch.setattr(documents, "get", lambda work, id_: read.append(id_) or get(work, id_))
    (found,) = play.run(STAFF, gathering.gather, case, WORDS, whole=False)["cases"]
    assert [paper["title"] for paper in found["papers"]] == ["责令限期整改指令书", "文书送达回证"]
    assert read == sorted(set(read))


@real
def test_with_the_cases_that_came_of_it(play):
    case = play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
    play.do(PLANT, "self_check_inspect", found="yes", remaining="yes")
    found = {"hazards": [{**GAS, "fixed": "later", "owner": "张伟", "checker": "陈静"}]}
    play.do(PLANT, "self_check_ledger", **found, hazard_class="general", remaining="yes")
    play.do(STAFF, "acknowledge", accepted="yes")
    play.deps.jobs.drain(play.deps)
    children = play.case(STAFF, case).children
    alone, _path = made_of(play, case)
    together, path = made_of(play, case, whole=True)
    assert children
    assert together.pages > alone.pages
    with pikepdf.open(path) as bound:
        record = json.loads(bound.attachments[RECORD].get_file().read_bytes())
    assert {one["id"] for one in record["cases"]} >= {case, *(child.id for child in children)}
    assert f"案件{children[0].id}" in pages(path)[0]


@real
def test_a_void_paper_keeps_its_line_and_is_not_bound(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.finish_papers()
    (paper,) = play.papers(STAFF, case)
    play.run(HEAD, voiding.void, paper.id, "引用法条有误")
    row, path = made_of(play, case)
    texts = pages(path)
    assert any("已作废：引用法条有误" in text for text in texts)
    assert not any(text.startswith("演示文书") for text in texts)
    with pikepdf.open(path) as bound:
        assert not [name for name in bound.attachments if name.startswith(paper.number)]
    assert row.pages == len(texts)


def test_who_does_not_see_all_of_a_case_gets_no_file(play):
    case = play.start(STAFF)
    with pytest.raises(NotFound):
        ask(play, case, who="fenyang.staff1")
    with pytest.raises((Forbidden, NotFound)):
        ask(play, case, who=PLANT)
    file = ask(play, case, who=AUDITOR)
    assert play.run(HEAD, requesting.get, file).by == play.actor(AUDITOR).name
    with pytest.raises(NotFound):
        play.run("fenyang.staff1", requesting.get, file)
    with pytest.raises(NotFound):  # there is nothing to take away yet
        play.run(STAFF, requesting.path, file)


@real
def test_a_worker_that_dies_is_followed_by_another(play, monkeypatch):
    file = ask(play, play.start(STAFF))
    with monkeypatch.context() as dying:
        dying.setattr(making, "bind", lambda _volume: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            making.make(play.deps, file)
    row = play.run(STAFF, requesting.get, file)
    assert row.state is FileState.MAKING
    assert 0 < row.done < row.total
    play.deps.jobs.drain(play.deps)
    assert play.run(STAFF, requesting.get, file).state is FileState.READY


@real
def test_what_cannot_be_made_says_so_and_may_be_asked_for_again(play):
    case = play.start(STAFF)
    press = play.deps.papers
    object.__setattr__(play.deps, "papers", fakes.papers(NoPress()))
    file = ask(play, case)
    play.deps.jobs.drain(play.deps)
    assert play.run(STAFF, requesting.get, file).state is FileState.FAILED
    object.__setattr__(play.deps, "papers", press)
    made_of(play, case)
    states = [row.state for row in play.run(STAFF, requesting.of_case, case)]
    assert states == [FileState.READY, FileState.FAILED]


def test_the_contents_count_pages_from_one():
    parts = [Part("甲", "", "", "", 2), Part("乙", "", "", "", 0), Part("丙", "", "", "", 1)]
    entries = contents(parts)
    assert [(one.part.title, one.first, one.last) for one in entries] == [
        ("甲", 1, 2),
        ("丙", 3, 3),
    ]
