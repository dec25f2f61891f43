"""A seal service outside: slow, failing, answering twice, answering what nobody asked for."""

import json

import pytest
from sqlalchemy import select

from app.adapters.signature.verifying import check
from app.models.documents import SignatureRecord, SigningKey
from app.services import incidents, sessions
from app.services.documents import reading
from app.services.pdf import certificates, keys, sealing, verifying
from app.services.pdf.verifying import Verdict
from tests import seals
from tests.casework import ANSWERS, Play

STAFF = "xingxian.staff1"
ADMIN = "xingxian.admin"
HERE = sessions.Origin("203.0.113.9")


@pytest.fixture
def double(deps):
    made = seals.Double(now=deps.clock)
    yield made
    made.close()


@pytest.fixture
def play(deps, actor, double):
    deps.papers.seals[seals.ORGAN] = double.service()
    return Play(deps, actor)


def approved(play):
    """An order whose seal was approved; the job has been tried once."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    (paper,) = play.papers(STAFF, case)
    return paper


def found(play):
    return play.run(ADMIN, incidents.find)


def test_a_paper_is_sealed_outside_and_stamped_here(play, double, deps):
    paper = approved(play)
    assert paper.state == "sealed"
    ((told, sent, _does),) = double.asked
    assert told["Seal-Field"] == "seal"
    assert told["Authorization"] == f"Bearer {seals.SECRET}"
    file = play.run(STAFF, reading.file, paper.id).data
    assert file.startswith(sent)
    assert verifying.by_file(deps, file, HERE).verdict is Verdict.ORIGINAL
    three = check(file, keys.trust(deps), deps.clock())
    assert [(one.field, one.good) for one in three] == [
        ("officer1", True),
        ("officer2", True),
        ("seal", True),
    ]
    with deps.system_reading("test") as work:
        key = work.session.execute(
            select(SigningKey.id, SigningKey.certificate)
            .join(SignatureRecord, SignatureRecord.key_id == SigningKey.id)
            .where(SignatureRecord.slot == "seal")
        ).one()
    assert key.certificate == double.seals[seals.ORGAN].der
    history = json.dumps([line.detail for line in play.case(STAFF, paper.case_id).history])
    assert seals.SECRET not in history
    # Taken back here, its seal counts no more, and it seals nothing more.
    play.run(ADMIN, certificates.revoke, key.id, "印章遗失")
    assert verifying.by_file(deps, file, HERE).verdict is Verdict.REVOKED
    assert approved(play).state == "signing"


@pytest.mark.parametrize("first", ["busy", "slow", "broken off", "elsewhere"])
def test_what_fails_is_one_incident_until_the_service_answers(play, double, deps, first):
    deps.papers.seals[seals.ORGAN] = double.service(patience=0.6)
    double.does = [first, first, "seal"]
    paper = approved(play)  # each job is done twice
    assert paper.state == "signing"
    (row,) = found(play)
    assert row.fault.startswith("SealService")
    trace = incidents.trace(deps, row.id)
    assert "SealService" in trace
    assert seals.SECRET not in trace
    play.run(ADMIN, incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert found(play) == []
    view = play.run(STAFF, reading.get, paper.id)
    assert (view.row.state, [one.made_by for one in view.revisions].count("seal")) == ("sealed", 1)
    # However often it was asked, it sealed one paper once.
    assert len({told["Idempotency-Key"] for told, _pdf, _does in double.asked}) == 1
    assert len(double.sealed) == 1
    assert not sealing.seal(deps, paper.id)


@pytest.mark.parametrize("way", ["changed first", "other organ"])
def test_a_manipulated_answer_is_not_registered(play, double, way):
    double.does = [way]
    paper = approved(play)
    assert paper.state == "signing"
    (row,) = found(play)
    assert row.fault.startswith("SealNotOfThisPaper ")
    assert len(play.run(STAFF, reading.get, paper.id).revisions) == 3
