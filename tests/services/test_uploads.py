"""Files that people hand in."""

import io
import zipfile

import pytest
from PIL import Image

from app.domain import Invalid, NotFound
from app.services import uploads
from app.services.cases import files
from app.services.tasks import commands
from tests.answers import answers_for
from tests.casework import ANSWERS, Play, picture

STAFF, OTHER, STRANGER = "xingxian.staff1", "xingxian.staff2", "fenyang.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def docx(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return out.getvalue()


def test_evidence_is_kept_as_it_came_beside_a_copy_to_show(play):
    image = Image.new("RGB", (3000, 1000), "red")
    exif = image.getexif()
    exif[0x010E] = "secret place"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    name = play.upload(STAFF, out.getvalue())

    original = play.run(STAFF, files.content, name, shown=False)
    shown = play.run(STAFF, files.content, name, shown=True)
    assert original.data == out.getvalue()
    drawn = Image.open(io.BytesIO(shown.data))
    assert (drawn.format, drawn.size) == ("JPEG", (2000, 667))
    assert b"secret" not in shown.data
    assert not drawn.getexif()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\x00",
        b"#!/bin/sh\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n broken",
        b"PK\x03\x04 broken",
        docx("evil/macro.txt"),
        docx("word/document.xml", "word/vbaProject.bin"),
        b"\xff\xd8\xff" + b"0" * (20 * 2**20),
    ],
    ids=["empty", "exe", "script", "svg", "png", "zip", "other", "macro", "large"],
)
def test_what_is_not_taken_is_said(play, data):
    with pytest.raises(Invalid) as refused:
        play.run(STAFF, uploads.store, "x.png", data)
    assert list(refused.value.errors) == ["/file"]


def test_a_picture_too_large_to_draw_is_refused(play):
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(Invalid):
        play.run(STAFF, uploads.store, "x.png", out.getvalue())


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "CMYK", "1"])
def test_every_kind_of_picture_is_shown(play, mode):
    out = io.BytesIO()
    Image.new(mode, (10, 10)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    name = play.upload(STAFF, out.getvalue())
    assert play.run(STAFF, files.content, name, shown=True).media_type == "image/jpeg"


def test_papers_have_no_copy_to_show(play):
    name = play.run(STAFF, uploads.store, "a/../报告\u202e.pdf", b"%PDF-1.7 x").id
    row = play.run(STAFF, files.described, [name])[name]
    assert (row.name, row.image) == ("a_.._报告_.pdf", False)
    with pytest.raises(NotFound):
        play.run(STAFF, files.content, name, shown=True)
    assert play.run(STAFF, uploads.store, "x", docx("word/document.xml")).media_type.endswith(
        "wordprocessingml.document"
    )


def test_a_file_is_its_owners_until_an_answer_names_it(play):
    name = play.upload(STAFF)
    with pytest.raises(NotFound):
        play.run(OTHER, files.content, name, shown=True)

    case = play.start(STAFF)
    play.do(STAFF, "draft_order", hazards=[{"photos": [name]}])
    for reader in (OTHER, "xingxian.head", "lvliang.staff1"):
        assert play.run(reader, files.content, name, shown=True).data
    for reader in (STRANGER, "fenyang.auditor"):
        with pytest.raises(NotFound):
            play.run(reader, files.content, name, shown=True)
    assert play.case(STAFF, case).opinions[-1].answers["hazards"][0]["photos"] == [name]


def test_nobody_hands_in_anothers_file(play):
    name = play.upload(OTHER)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    form = play.task(STAFF, item).form
    wanted = {**ANSWERS["draft_order"], "hazards": [{"photos": [name]}]}
    answers = answers_for(form, wanted, lambda: play.upload(STAFF))
    with pytest.raises(Invalid) as refused:
        play.run(STAFF, commands.complete, item, answers)
    assert list(refused.value.errors) == ["/hazards/0/photos/0"]


def test_the_same_bytes_are_kept_once(play, tmp_path):
    first, second = play.upload(STAFF, picture((50, 50))), play.upload(OTHER, picture((50, 50)))
    assert first != second
    kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(kept) == 2  # the original and its copy


def test_a_changed_file_is_noticed(play, deps):
    name = play.upload(STAFF)
    row = play.run(STAFF, files.described, [name])[name]
    path = deps.files.path(row.sha256)
    path.write_bytes(b"something else")
    with pytest.raises(OSError, match="was changed"):
        play.run(STAFF, files.content, name, shown=False)
