"""Who signs by hand, on the print or on the officer's device: the officer certifies it, nobody else."""

import io
from dataclasses import replace

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from app.adapters.signature.verifying import check
from app.domain import Conflict, Invalid
from app.domain.documents import Manner
from app.models.documents import SignatureRecord
from app.services import sessions
from app.services.casefiles import gathering
from app.services.demo.people import PIN
from app.services.documents import reading
from app.services.pdf import keys, signing, verifying
from app.services.pdf.verifying import Verdict
from tests.casework import ANSWERS, STROKES, Play, picture

STAFF, SECOND = "xingxian.staff1", "xingxian.staff2"
OFFICERS = ANSWERS["draft_order"]["officers"]
OFFICER = "白建国（演示）"
HERE = sessions.Origin("203.0.113.9")
SIGNER = {"signer": "陈静", "signer_post": "生产厂长", "agrees": True}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def recorded(play):
    """An inspection whose record the plant's principal is about to sign by hand."""
    case = play.start(STAFF, "county_inspection")
    walk = {
        "plan": {"officers": OFFICERS, "expert_wanted": "no"},
        "arrive": {"officers": OFFICERS, "access": "admitted"},
        "visit": {"officers": OFFICERS, "danger": "no", "clean": True},
        "site_record_cosign": {"plant_signs": "by_hand"},
    }
    (task,) = play.walk(case, "site_record_hand", **walk)
    return case, task


def sign(play, task, strokes=None, **answers):
    """Certify the signature with these answers, as the first officer."""
    paper = play.paper(STAFF, task.id)
    signed = signing.prepare(
        play.deps, play.actor(STAFF), paper.id, PIN, paper.sha256, answers, strokes
    )
    play.run(STAFF, signing.register, signed, answers)
    return next(row for row in play.papers(STAFF, task.case_id) if row.id == paper.id)


def facts(play, paper):
    """What the register says of the signature, what the public is told, what the file proves."""
    view = play.run(STAFF, reading.get, paper.id)
    told = verifying.by_code(play.deps, view.code, HERE)
    assert told.verdict is Verdict.ORIGINAL
    file = play.run(STAFF, reading.file, paper.id).data
    found = check(file, keys.trust(play.deps), play.deps.clock())
    assert all(one.good for one in found)
    return view.signatures[-1], told.known.signers[-1], found[-1], file


def reason_of(file):
    return str(
        PdfFileReader(io.BytesIO(file)).embedded_regular_signatures[-1].sig_object["/Reason"]
    )


def test_a_print_signed_by_hand_is_scanned_and_certified(play, recorded):
    case, task = recorded
    first, second = play.upload(STAFF), play.upload(STAFF, picture((50, 60), "JPEG"))
    paper = sign(play, task, by_hand="scan", scans=[first, second], **SIGNER)
    assert paper.state == "sealed"
    ours, public, proved, file = facts(play, paper)
    assert (ours.slot, ours.name, ours.by, ours.manner) == ("principal", "陈静", OFFICER, "scan")
    assert (list(ours.scans), ours.instead, ours.handwritten) == ([first, second], False, False)
    assert (public.name, public.checked_by, public.manner) == ("陈＊", "白＊", Manner.SCAN)
    assert not public.instead
    # Whose electronic signature it is: never that of who signed by hand.
    assert (proved.field, proved.signer) == ("principal", OFFICER)
    bound = play.run(STAFF, lambda work: gathering._paper(work, reading.get(work, paper.id)))
    told = bound["signatures"][-1]  # as the case file says it
    assert (told["name"], told["by"], told["manner"]) == ("陈静", OFFICER, "scan")
    (line,) = [one for one in play.case(STAFF, case).history if one.action == "document.scan"]
    assert len(line.detail["scans"]) == 2
    assert all(digest in reason_of(file) for digest in line.detail["scans"])
    assert "手写签名扫描件，由白建国核对" in reason_of(file)


def test_a_name_written_on_the_officers_device_is_certified(play, recorded):
    _case, task = recorded
    paper = sign(play, task, STROKES, by_hand="pad", **SIGNER)
    ours, public, proved, file = facts(play, paper)
    assert (ours.name, ours.by, ours.manner, ours.handwritten) == ("陈静", OFFICER, "pad", True)
    assert (public.checked_by, public.manner) == ("白＊", Manner.PAD)
    assert proved.signer == OFFICER
    assert "当面手写签名，由白建国核对" in reason_of(file)


def test_what_is_not_there_or_there_twice_is_said_at_its_place(play, recorded, deps):
    _case, task = recorded
    scan, other = play.upload(STAFF), play.upload(STAFF, picture(kind="WEBP"))
    for answers, strokes, at in (
        ({"by_hand": "pad", **SIGNER}, None, "/strokes"),
        ({"by_hand": "scan", "scans": [scan], **SIGNER}, STROKES, "/strokes"),
        ({"by_hand": "scan", **SIGNER}, None, "/scans"),
        ({"by_hand": "scan", "scans": [scan, other], **SIGNER}, None, "/scans/1"),
        ({"by_hand": "scan", "scans": ["0" * 32], **SIGNER}, None, "/scans/0"),
        ({"by_hand": "pad", **SIGNER, "agrees": False}, STROKES, "/agrees"),
        ({"by_hand": "pad", "agrees": True}, STROKES, "/signer"),
    ):
        with pytest.raises(Invalid) as refused:
            sign(play, task, strokes, **answers)
        assert at in refused.value.errors
    with deps.system_reading("test") as work:
        assert len(work.session.scalars(select(SignatureRecord.slot)).all()) == 3  # of plan, record


def test_only_where_the_kind_lets_somebody_sign_by_hand(play, recorded, monkeypatch):
    _case, task = recorded
    kind = play.deps.papers.templates.kinds["inspection_record"]
    assert [signer.id for signer in kind.signers if signer.by_hand] == ["principal"]
    monkeypatch.setitem(
        play.deps.papers.templates.kinds,
        "inspection_record",
        replace(kind, signers=tuple(replace(one, by_hand=False) for one in kind.signers)),
    )
    with pytest.raises(Conflict):
        sign(play, task, STROKES, by_hand="pad", **SIGNER)


def test_who_then_refuses_is_recorded_as_always(play, recorded):
    case, task = recorded
    play.sign_with(STAFF, task.id, by_hand="refused")
    assert [one.node for one in play.open_of(case)] == ["site_record_refusal"]
