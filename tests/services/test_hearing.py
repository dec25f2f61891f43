"""A hearing (听证): its record is signed by the party, or says why not; then comes the report (R17)."""

from datetime import timedelta

import pytest

from app.domain import Invalid
from app.services.documents import preceding, reading
from app.services.pdf import verifying
from app.services.sessions import Origin
from tests.casework import Play
from tests.findings import OFFICERS

STAFF, SECOND, PLANT, DEPUTY, HOST, LEGAL = (
    f"xingxian.{name}" for name in ("staff1", "staff2", "plant", "deputy", "hearing", "legal")
)
PART = "major_decision_"
HERE = Origin("203.0.113.9")
AT_HAND = {"by_hand": "pad", "signer": "李律师", "signer_post": "委托代理人", "agrees": True}
WHY = {"unsigned": "refused", "refusal_reason": "对笔录的内容没有异议，拒绝签字"}
PARTY = {"person": "陈静", "post": "主要负责人", "objection": "不认可听证的过程"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def held(play, clock):
    """A hearing that was held and recorded; the call and the report were drafted twice."""
    case = play.start(STAFF, "stop_production", reason="拒不执行停产指令")
    article = "《中华人民共和国安全生产法》第一百零二条"
    play.do(STAFF, "choose", finding="refused", article=article, officers=OFFICERS)
    play.do(STAFF, f"{PART}file_case", officers=OFFICERS)
    play.finish_papers()
    play.sign_task(DEPUTY, f"{PART}approve_filing", filing="approved")
    play.do(STAFF, f"{PART}investigate", proposal="none")
    play.deps.jobs.drain(play.deps)
    play.do(SECOND, "paper_sign", paper_state="returned", reason="处理建议不符合事实")
    play.do(STAFF, f"{PART}investigate", proposal="penalty", content="责令停产停业整顿")
    play.finish_papers()
    play.sign_task(DEPUTY, f"{PART}approve_notice", notice="proceed")
    play.do(STAFF, f"{PART}draft_notice", content="责令停产停业整顿")
    play.finish_papers()
    play.do(STAFF, f"{PART}serve_notice")
    play.do(PLANT, f"{PART}respond", reply="hearing", public="public")
    day = {"hearing_on": "2026-12-02"}
    play.do(HOST, "hearing_call", **day)
    play.deps.jobs.drain(play.deps)
    play.do("xingxian.seal", "paper_approve", paper_state="returned", reason="地点有误")
    play.do(HOST, "hearing_call", **day)
    play.finish_papers()
    play.do(STAFF, "hearing_serve")
    clock.now += timedelta(days=12)
    play.do(HOST, "hearing_hold")
    play.deps.jobs.drain(play.deps)
    return case


def of_kind(play, case, kind):
    return [row for row in play.papers(STAFF, case) if row.kind == kind][-1]


def places(play, paper):
    return {one.slot: one for one in play.run(STAFF, reading.get, paper.id).signatures}


@pytest.mark.parametrize(
    ("on", "how"),
    [
        ("sqlite", "refused"),
        ("sqlite", "silent"),
        ("sqlite", "not_by_hand"),
        ("sqlite", "by_hand"),
        ("postgresql", "by_hand"),  # what the ways differ by asks no database for anything new
    ],
    indirect=["on"],
)
def test_the_record_is_signed_or_the_host_notes_why_not(play, clock, held, how):
    by_hand = how in ("by_hand", "not_by_hand")
    signing = {"party_signs": "by_hand" if by_hand else "online"}
    play.sign_task(HOST, "hearing_sign_record", **signing)
    if how == "refused":
        with pytest.raises(Invalid) as both:  # nobody refuses to sign, and signs
            play.sign_task(PLANT, "hearing_party", signature="refused", **PARTY)
        assert list(both.value.errors) == ["/pin"]
        play.do(PLANT, "hearing_party", signature="refused", **PARTY)
    elif how == "silent":
        clock.now += timedelta(days=5)
        play.sweep()
    elif how == "by_hand":
        play.sign_task(HOST, "hearing_hand", **AT_HAND)
    else:
        play.do(HOST, "hearing_hand", by_hand="refused")
    if how != "by_hand":
        assert play.case(STAFF, held).current == ["hearing_note"]
        play.sign_task(HOST, "hearing_note", **WHY)
    record = of_kind(play, held, "hearing_record")
    signed = places(play, record)
    assert (record.state, set(signed)) == ("sealed", {"host", "principal"})
    assert signed["principal"].instead is (how != "by_hand")
    code = play.run(STAFF, reading.get, record.id).code
    told = verifying.by_code(play.deps, code, HERE).known.signers
    assert [one.instead for one in told] == [False, how != "by_hand"]
    reported(play, held)


def reported(play, case):
    """The report follows; the reviewer has it before them, who did not take part in the case."""
    play.do(HOST, "hearing_report", opinion="建议按照拟定的意见作出决定")
    play.sign_task(HOST, "hearing_sign_report")
    report = of_kind(play, case, "hearing_report")
    assert (report.state, set(places(play, report))) == ("sealed", {"host"})
    assert play.case(STAFF, case).current == [f"{PART}legal_review"]
    (item,) = [row for row in play.todo(LEGAL) if row.node == f"{PART}legal_review"]
    assert play.run(LEGAL, reading.get, report.id).row.state == "sealed"
    assert f"{PART}investigate" in dict(play.task(LEGAL, item.id).return_to)
    kinds = play.deps.papers.templates.kinds
    with play.deps.system_reading("test") as work:
        there = preceding.complete(work, case)
        for row in play.papers(STAFF, case):  # whatever comes before a paper was there
            assert preceding.missing(work, kinds[row.kind], there) == [], row.kind
