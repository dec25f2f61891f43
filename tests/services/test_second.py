"""Papers with a second signature (国密 SM2/SM3), where the installation makes one."""

import io
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.adapters.signature import sm2
from app.adapters.signature.vault import WrongPin
from app.adapters.signature.verifying import check
from app.domain.documents import KeyUse
from app.models.documents import SigningKey
from app.models.people import Organisation
from app.services import incidents, sessions
from app.services.documents import reading
from app.services.pdf import certificates, keys, organs, verifying
from app.services.pdf.verifying import Verdict
from config import Config
from tests import seals, second
from tests.casework import ANSWERS, Play

pytestmark = second.needed
STAFF, ADMIN = "xingxian.staff1", "xingxian.admin"
HERE = sessions.Origin("203.0.113.9")
MADE = ["", "officer1", "officer2", "sm2", "seal"]


@pytest.fixture
def play(deps, actor):
    object.__setattr__(deps, "papers", replace(deps.papers, second=True))
    return Play(deps, actor)


def approved(play):
    """An order whose seal was approved, and put on it if that went well."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    (paper,) = play.papers(STAFF, case)
    return paper


def made_by(play, paper):
    return [one.made_by for one in play.run(STAFF, reading.get, paper.id).revisions]


def good(deps, data):
    return {one.field: one.good for one in check(data, keys.trust(deps), deps.clock())}


def key_of(deps):
    with deps.system_reading("test") as work:
        wanted = select(SigningKey).where(SigningKey.use == KeyUse.SM2)
        return work.session.scalars(wanted.options(undefer(SigningKey.sealed))).one()


def asked(app, data, language="zh"):
    browser = app.test_client()
    browser.get(f"/language/{language}")
    return browser.post("/verify", data={"file": (io.BytesIO(data), "a.pdf")}).text


def test_a_sealed_paper_bears_it_and_all_signatures_stay_good(app, play, deps, client):
    paper = approved(play)
    assert made_by(play, paper) == MADE
    file = play.run(STAFF, reading.file, paper.id).data
    assert good(deps, file) == dict.fromkeys(("officer1", "officer2", "sm2", "seal"), True)
    assert verifying.by_file(deps, file, HERE).verdict is Verdict.ORIGINAL
    said = asked(app, file)
    assert "国密 SM2/SM3 签名由本系统自设的签发机构制作" in said
    assert "不是 GB/T 38540 电子签章" in said
    assert "只有本页能核验" in said
    assert "It is no GB/T 38540" in asked(app, file, "en")
    assert (
        "国密 SM2/SM3 签名，本系统自设签发机构" in client(STAFF).get(f"/documents/{paper.id}").text
    )
    revisions = play.run(STAFF, reading.get, paper.id).revisions
    assert verifying.by_file(deps, deps.files.get(revisions[3].sha256), HERE).verdict is (
        Verdict.CUT_BACK
    )
    flipped = bytearray(file)
    flipped[600] ^= 1
    assert not any(good(deps, bytes(flipped)).values())


def test_its_key_is_kept_sealed_and_opens_for_nobody_else(play, deps):
    approved(play)
    row = key_of(deps)
    _id, identity = organs.of_second(deps, row.organisation_id)
    assert identity.der == row.certificate
    assert identity.key.secret not in row.sealed
    with pytest.raises(WrongPin):
        deps.papers.vault.unwrap(row.sealed, f"seal {row.organisation_id}")
    approved(play)
    assert key_of(deps).id == row.id  # the same key again


def test_a_certificate_that_is_taken_back_takes_its_papers_along(play, deps):
    paper = approved(play)
    file = play.run(STAFF, reading.file, paper.id).data
    listed, _more = play.run(ADMIN, certificates.of_organisation, key_of(deps).organisation_id)
    assert KeyUse.SM2 in {one.use for one in listed}
    play.run(ADMIN, certificates.revoke, key_of(deps).id, "密钥泄露")
    assert verifying.by_file(deps, file, HERE).verdict is Verdict.REVOKED
    deps.clock.advance(minutes=1)
    assert good(deps, file) == {"officer1": True, "officer2": True, "sm2": False, "seal": True}


def test_without_its_library_a_paper_waits_as_an_incident(play, deps, monkeypatch, client):
    monkeypatch.setattr(sm2, "LIBRARY", "no_such_library")
    paper = approved(play)
    assert made_by(play, paper) == MADE[:3]
    (row,) = play.run(ADMIN, incidents.find)
    assert row.fault.startswith("Sm2Missing ")
    assert "requirements-sm2.txt" in client(ADMIN).get("/incidents/").text
    monkeypatch.undo()
    play.run(ADMIN, incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert made_by(play, paper) == MADE
    assert play.run(ADMIN, incidents.find) == []


def test_a_service_outside_is_sent_the_same_file_again(play, deps):
    double = seals.Double(now=deps.clock)
    try:
        deps.papers.seals[seals.ORGAN] = double.service()
        double.does = ["busy", "busy", "seal"]
        paper = approved(play)
        assert made_by(play, paper) == MADE[:4]
        (row,) = play.run(ADMIN, incidents.find)
        play.run(ADMIN, incidents.retry, row.id)
        deps.jobs.drain(deps)
    finally:
        double.close()
    assert made_by(play, paper) == MADE
    assert len({sent for _told, sent, _does in double.asked}) == 1
    assert all(good(deps, play.run(STAFF, reading.file, paper.id).data).values())


def test_it_is_off_unless_the_installation_says_so(tmp_path, client, deps):
    assert not Config.load(tmp_path, {}).papers().second
    assert Config.load(tmp_path, {"BIHUAN_SM2": "1"}).papers().second
    with deps.system_reading("test") as work:
        organisation = work.session.scalar(select(Organisation.id).filter_by(name=seals.ORGAN))
    page = client(ADMIN).get(f"/organisations/{organisation}/papers").text
    assert "未启用" in page
    assert "不是 GB/T 38540 电子签章" in page
