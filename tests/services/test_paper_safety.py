"""What a paper prints is what was typed, what is signed is what was shown; a killed press goes on."""

import re

import pytest

from app.adapters.pdf.pictures import picture
from app.domain import Invalid
from app.domain.documents import unseen
from app.services import incidents
from app.services.demo.people import PIN
from app.services.documents import reading
from tests import documents_made as made
from tests import fakes
from tests.casework import ANSWERS, Play

STAFF, SECOND, ADMIN = "xingxian.staff1", "xingxian.staff2", "xingxian.admin"
real = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def drafted(play, **changes):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **{**ANSWERS["draft_order"], **changes})
    return play.papers(STAFF, case)[-1]


@pytest.mark.parametrize(
    ("hidden", "code"),
    [
        ("罚款\u202e00001元", "U+202E"),
        ("\u2066甲\u2069", "U+2066、U+2069"),
        ("安\u200b全", "U+200B"),
        ("安\ufeff全", "U+FEFF"),
        ("安\xad全", "U+00AD"),
        ("安\x07全", "U+0007"),
        ("安\u2028全", "U+2028"),
    ],
)
def test_what_nobody_sees_is_refused(hidden, code):
    assert unseen(hidden) == code
    assert unseen("第一行\n第二行\t〔2026〕1号　镕䶮𬭎") == ""


def test_and_told_at_its_field_before_anything_is_numbered(play):
    case = play.start(STAFF)
    spoken = {"place": "打磨车间", "description": "罚款\u202e00001元", "basis": "《安全生产法》"}
    with pytest.raises(Invalid) as wrong:
        play.do(STAFF, "draft_order", **{**ANSWERS["draft_order"], "hazards": [spoken]})
    assert list(wrong.value.errors) == ["/hazards/0/description"]
    assert "U+202E" in str(wrong.value.errors["/hazards/0/description"])
    assert play.papers(STAFF, case) == []


@real
def test_a_paper_whose_press_was_killed_is_made_by_the_next_try(play, deps, clock, monkeypatch):
    """kill -9 while it typesets: an incident that ends by itself, and one file under one number."""
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    with monkeypatch.context() as patched:
        killed = made.kill_while_typesetting(patched)
        paper = drafted(play)
    assert len(killed) == 2  # each job is done twice
    assert (paper.state, paper.sha256) == ("issued", None)
    (row,) = play.run(ADMIN, incidents.find)
    assert (row.command, row.attempts) == ("document.render", 2)
    assert row.fault.startswith("PressEnded ")
    clock.advance(minutes=6)
    play.sweep()
    view = play.run(STAFF, reading.get, paper.id)
    assert (view.row.state, view.row.number, len(view.revisions)) == ("signing", paper.number, 1)
    assert play.run(ADMIN, incidents.find) == []


def shown(page):
    """What the page of signing shows: the digest that comes back, and of which file the pictures are."""
    digests = set(re.findall(r'name="_?sha256" value="([0-9a-f]{64})"', page))
    pictures = re.findall(r"/documents/\d+/page/\d+\?v=([0-9a-f]+)", page)
    return digests, set(pictures)


def test_what_is_signed_is_the_very_revision_that_is_shown(play, client):
    paper = drafted(play)
    first, second = client(STAFF), client(SECOND)
    (item,) = [row.id for row in play.todo(STAFF) if row.node == "sign_order"]
    page = first.get(f"/tasks/{item}").text
    digests, pictures = shown(page)
    assert digests == {paper.sha256}
    assert pictures == {paper.sha256[:16]}
    file = play.run(STAFF, reading.file, paper.id).data
    url = f"/documents/{paper.id}/page/1?v={paper.sha256[:16]}"
    assert first.get(url).data == picture(file, 1)

    # Meanwhile the other officer signs: what the first was shown is not there any more.
    old = {"document": paper.id, "sha256": paper.sha256, "checked": "1", "pin": PIN}
    assert second.post(f"/tasks/{item}/sign", data=old).status_code == 303
    assert first.get(url).status_code == 404
    late = first.post(f"/tasks/{item}/sign", data=old)
    assert late.status_code == 409
    assert "文书已有变化" in late.text
    (paper,) = play.papers(STAFF, paper.case_id)
    assert len(play.run(STAFF, reading.get, paper.id).signatures) == 1

    (item,) = [row.id for row in play.todo(STAFF) if row.node == "countersign_order"]
    again = shown(first.get(f"/tasks/{item}").text)
    assert again == ({paper.sha256}, {paper.sha256[:16]})
    done = first.post(f"/tasks/{item}/sign", data={**old, "sha256": paper.sha256})
    assert done.status_code == 303
    view = play.run(STAFF, reading.get, paper.id)
    files = [play.deps.files.get(one.sha256) for one in view.revisions]
    assert files[-1].startswith(files[-2])  # all that was shown, and the signature behind it


def test_who_checked_another_file_has_not_checked_this_one(play, client):
    """A wrong PIN shows the page again; by then the paper may be another one."""
    paper = drafted(play)
    first, second = client(STAFF), client(SECOND)
    (item,) = [row.id for row in play.todo(STAFF) if row.node == "sign_order"]
    ticked = re.compile(r'name="checked" value="1" checked')
    told = {"document": paper.id, "sha256": paper.sha256, "checked": "1"}
    again = first.post(f"/tasks/{item}/sign", data=told | {"pin": "000000"})
    assert again.status_code == 422
    assert ticked.search(again.text)
    assert second.post(f"/tasks/{item}/sign", data=told | {"pin": PIN}).status_code == 303
    (other,) = [row.id for row in play.todo(STAFF) if row.node == "countersign_order"]
    later = first.post(f"/tasks/{other}/sign", data=told | {"pin": "000000"})
    assert later.status_code == 422
    assert shown(later.text)[0] != {paper.sha256}
    assert not ticked.search(later.text)
