"""Each kind of paper made as people make it: drafted, signed, sealed, read back, checked."""

import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from app.adapters.signature.verifying import check
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.documents import PATTERN, number_of
from app.domain.measures import Measure
from app.models.casework import Wait
from app.models.documents import NumberCounter
from app.services import letters, timers
from app.services.demo.people import PIN
from app.services.documents import organs, reading, voiding
from app.services.documents.cards import Card
from app.services.effects import Effect
from app.services.effects.table import EFFECTS, SIGNATURES
from app.services.pdf import keys, signing, verifying
from app.services.sessions import Origin
from app.services.tasks import commands
from tests import documents_made as made
from tests import fakes
from tests.casework import PLANT as PLANT_NAME
from tests.casework import STROKES, Play
from tests.findings import CLERKS
from tests.paper_samples import LONG, OFFICERS, SHORT, content
from tests.people import token

STAFF, SECOND, KEEPER, PLANT = (
    "xingxian.staff1",
    "xingxian.staff2",
    "xingxian.seal",
    "xingxian.plant",
)
DEPUTY, HEAD, LEGAL, HOST, GOVERNMENT = (
    "xingxian.deputy",
    "xingxian.head",
    "xingxian.legal",
    "xingxian.hearing",
    "xingxian.gov",
)
SIGNED = {"signature": "signed", "person": "陈静", "post": "主要负责人"}
HERE = Origin("203.0.113.9")
real = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")


@pytest.fixture
def play(deps, actor, monkeypatch):
    complete = Effect(SIGNATURES["check_closure_ground"], lambda _context, **_given: "complete")
    monkeypatch.setitem(EFFECTS, "check_closure_ground", complete)
    return Play(deps, actor)


@pytest.fixture
def printing(play):
    """A play whose papers are really typeset."""
    object.__setattr__(play.deps, "papers", fakes.papers(made.press()))
    return play


def newest(play, case, kind):
    return [row for row in play.papers(STAFF, case) if row.kind == kind][-1]


def said(play, paper):
    """Return what a paper says, without the spaces, and its file."""
    pdf = play.run(STAFF, reading.file, paper.id).data
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split()), pdf


def drawn_in(play, paper):
    """Return what stands in the places of a paper's signatures, as far as it is text."""
    document = pypdfium2.PdfDocument(play.run(STAFF, reading.file, paper.id).data)
    document.init_forms()
    pages = list(document)
    plain = [page.get_textpage().get_text_range() for page in pages]
    for page in pages:
        page.flatten()
    whole = [document[number].get_textpage().get_text_range() for number in range(len(pages))]
    added = [after.removeprefix(before) for before, after in zip(plain, whole, strict=True)]
    return "".join("".join(added).split())


def complete(play, paper, *slots):
    """Check that a paper is complete: who signed it, that the public is told so, what it keeps."""
    view = play.run(STAFF, reading.get, paper.id)
    assert view.row.state in ("sealed", "served")
    text, pdf = said(play, paper)
    found = check(pdf, keys.trust(play.deps), play.deps.clock())
    assert [(one.field, one.good) for one in found] == [(slot, True) for slot in slots]
    assert {s.slot for s in view.signatures} == set(slots)
    assert verifying.by_file(play.deps, pdf, HERE).verdict is verifying.Verdict.ORIGINAL
    assert b"/DocTimeStamp" in pdf or b"ETSI.RFC3161" in pdf  # made to last
    record = pypdfium2.PdfDocument(io.BytesIO(pdf)).get_attachment(0).get_data()
    assert json.loads(bytes(record)) == view.data
    return text


def stopped(play):
    case = play.start(STAFF, "stop_production", reason="检查发现重大事故隐患")
    play.do(STAFF, "choose", finding="unsafe", yellow_rule="no", officers=OFFICERS)
    return case


def test_no_two_kinds_are_numbered_alike():
    """Each kind is counted by itself: of two with one pattern and code, two papers had one number."""
    kinds = fakes.papers().templates.kinds.values()
    numbers = [number_of(kind.pattern or PATTERN, "兴", kind.code, 2026, 1) for kind in kinds]
    assert len(set(numbers)) == len(numbers)


@real
def test_an_order_on_a_report_of_the_plant_names_no_inspection():
    papers = fakes.papers(made.press())
    kind = papers.templates.kinds["rectification_order"]
    answers = {**SHORT[kind.id], "reported_on": "2026-11-18"}
    data = content(kind, {key: value for key, value in answers.items() if "check" not in key})
    page = pypdfium2.PdfDocument(made.typeset(papers, kind.id, data).pdf)[0]
    text = "".join(page.get_textpage().get_text_range().split())
    assert "经审核你单位2026年11月18日报送的企业自查情况，你单位存在下列问题：" in text
    assert "检查，你单位" not in text


@real
def test_a_measure_on_site_and_the_notice_of_supervision(printing):
    play = printing
    case = stopped(play)
    play.do(STAFF, "on_site_draft", **SHORT["on_site_measure"])
    play.finish_papers()
    text = complete(play, newest(play, case, "on_site_measure"), "officer1", "officer2", "seal")
    for part in (
        "现场处理措施决定书（兴）应急现决〔2026〕1号",
        "依据《中华人民共和国安全生产法》第六十五条第一款第三项的规定",
        "1．责令暂时停产停业。",
        "在60日内向兴县人民政府申请行政复议，或者在6个月内依法向兴县人民法院提起行政诉讼",
        "证号：14-000001证号：14-000002",
    ):
        assert part in text, text
    assert "行政处罚" not in text
    play.do(STAFF, "on_site_serve")
    play.do(STAFF, "supervision_list", **SHORT["supervision_notice"])
    play.finish_papers()
    text = complete(play, newest(play, case, "supervision_notice"), "seal")
    assert "重大事故隐患挂牌督办通知书兴应急督〔2026〕1号" in text
    assert "第四十一条第三款" in text
    play.do(STAFF, "supervision_serve")
    play.deps.jobs.drain(play.deps)
    states = [(row.kind, row.state) for row in play.papers(STAFF, case)]
    assert states == [
        ("on_site_measure", "served"),
        ("service_receipt", "sealed"),
        ("supervision_notice", "served"),
        ("service_receipt", "sealed"),
    ]


def planned(play, **answers):
    case = play.start(STAFF, "county_inspection", reason="年度检查计划")
    wanted = {**SHORT["inspection_plan"], "expert_wanted": "no", **answers}
    play.do(STAFF, "plan", **wanted)
    play.deps.jobs.drain(play.deps)
    return case


def visited(play):
    case = planned(play)
    play.sign_task(DEPUTY, "approve", approval="approved", opinion="同意")
    play.do(STAFF, "arrive", access="admitted", officers=OFFICERS)
    play.do(STAFF, "visit", **{**SHORT["inspection_record"], "danger": "no", "themes": ["duty"]})
    play.sign_task(STAFF, "site_record_sign", paper_state="made")
    play.sign_task(SECOND, "site_record_cosign", paper_state="made")
    return case


@real
def test_a_plan_is_complete_with_the_signature_of_the_deputy_head(printing):
    play = printing
    case = planned(play)
    with pytest.raises(Forbidden):
        play.sign(STAFF, newest(play, case, "inspection_plan"))
    play.sign_task(DEPUTY, "approve", approval="approved", opinion="同意")
    text = complete(play, newest(play, case, "inspection_plan"), "deputy")
    assert "检查方案（兴）应急检查〔2026〕1号" in text
    assert "兴县2026年度安全生产监督检查计划" in text
    assert play.case(STAFF, case).current == ["arrive"]
    paper = newest(play, case, "inspection_plan")
    pdf = play.run(STAFF, reading.file, paper.id).data
    play.run(HEAD, voiding.void, paper.id, "方案有误")
    assert verifying.by_file(play.deps, pdf, HERE).verdict is verifying.Verdict.REVOKED


def test_a_plan_that_is_not_approved_is_void(play):
    case = planned(play)
    play.do(DEPUTY, "approve", approval="cancelled", opinion="近期已检查")
    paper = newest(play, case, "inspection_plan")
    assert play.run(STAFF, reading.get, paper.id).void_reason == "近期已检查"
    again = planned(play)
    item = next(row.id for row in play.todo(DEPUTY) if row.node == "approve")
    play.run(DEPUTY, commands.return_to, item, "plan", "人员须调整")
    assert newest(play, again, "inspection_plan").state == "void"


@real
def test_a_record_is_complete_with_the_signature_of_the_plant(printing):
    play = printing
    case = visited(play)
    (item,) = [row for row in play.todo(PLANT) if row.node == "site_record_plant"]
    paper = play.paper(PLANT, item.id)  # it was not served, but is theirs to sign
    assert play.task(PLANT, item.id).prefill["summary"] == SHORT["inspection_record"]["summary"]
    with pytest.raises(Invalid):
        play.run(PLANT, commands.complete, item.id, SIGNED)
    play.sign(PLANT, paper, answers=SIGNED)
    done = newest(play, case, "inspection_record")
    text = complete(play, done, "officer1", "officer2", "principal")
    for part in (
        "现场检查记录（兴）应急检记〔2026〕1号",
        "证件号码为14-000001、14-000002",
        "9时00分",
    ):
        assert part in text, text
    assert play.run(PLANT, reading.get, done.id).row.state == "sealed"
    assert play.case(STAFF, case).current == ["classify"]


@real
@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_record_that_the_plant_does_not_sign_is_complete_without_it(printing, clock, how):
    play = printing
    case = visited(play)
    if how == "refused":
        answers = {**SIGNED, "signature": "refused", "objection": "不认可检查结果"}
        item = next(row.id for row in play.todo(PLANT) if row.node == "site_record_plant")
        play.run(PLANT, commands.complete, item, answers)
    else:
        clock.advance(days=7)
        with play.deps.system_reading("test") as work:
            seq = work.session.scalars(
                select(Wait.seq).filter_by(case_id=case, node="site_record_over")
            ).one()
        timers.fire(play.deps, case, seq)
    paper = newest(play, case, "inspection_record")
    assert paper.state == "signing"
    item = next(row.id for row in play.todo(STAFF) if row.node == "site_record_refusal")
    told = {
        "unsigned": "refused" if how == "refused" else "overdue",
        "refusal_reason": "现场负责人看过记录后拒绝签字，" + "认为检查结果不属实，" * 12,
        "witness": "王建军",
        "witness_unit": "蔚汾镇安监站站长",
        "officers": OFFICERS,
    }
    with pytest.raises(Invalid) as unsigned:
        play.complete(STAFF, item, **told)  # the record itself is to bear it
    assert "/pin" in unsigned.value.errors
    play.sign_task(STAFF, "site_record_refusal", **told)
    done = newest(play, case, "inspection_record")
    text = complete(play, done, "officer1", "officer2", "principal")
    day = "2026年11月20日" if how == "refused" else "2026年11月27日"
    assert text.count(day) == (2 if how == "refused" else 0)  # of the visit and the paper, no more
    written = drawn_in(play, done)
    title = "被检查单位拒绝签字" if how == "refused" else "被检查单位逾期未签字"
    for part in (
        f"{title}。情况和理由：现场负责人看过记录后拒绝签字，认为检查结果不属实，",
        "…见证人：王建军（蔚汾镇安监站站长）",
        f"记录人：白建国、白志强{day}",
    ):
        assert part in written, written
    signed = play.run(STAFF, reading.get, done.id).signatures[-1]
    assert (signed.slot, signed.instead) == ("principal", True)
    asked = verifying.by_code(play.deps, play.run(STAFF, reading.get, done.id).code, HERE)
    assert [one.instead for one in asked.known.signers] == [False, False, True]
    assert play.case(STAFF, case).current == ["classify"]


@real
def test_a_procedure_may_close_a_record_without_the_optional_signature(printing):
    play = printing
    case = visited(play)
    paper = newest(play, case, "inspection_record")
    with play.deps.system("close a paper") as work:
        context = SimpleNamespace(work=work, case_id=case, seq=0)
        EFFECTS["close_document"].function(context, kind="inspection_record", paper=str(paper.id))
    play.deps.jobs.drain(play.deps)
    complete(play, newest(play, case, "inspection_record"), "officer1", "officer2")


def test_what_cannot_be_printed_is_not_written_into_a_record(play):
    case = visited(play)
    item = next(row.id for row in play.todo(PLANT) if row.node == "site_record_plant")
    refused = {**SIGNED, "signature": "refused", "objection": "不认可检查结果"}
    play.run(PLANT, commands.complete, item, refused)
    play.deps.papers.press.lacking = lambda text: "".join(c for c in text if c == "龘")
    with pytest.raises(Invalid) as odd:
        play.sign_task(STAFF, "site_record_refusal", refusal_reason="现场负责人龘某拒绝签字")
    assert set(odd.value.errors) == {"/refusal_reason"}
    with pytest.raises(Invalid) as short:
        play.sign_task(STAFF, "site_record_refusal", officers=OFFICERS[:1])
    assert set(short.value.errors) == {"/officers"}
    assert newest(play, case, "inspection_record").state == "signing"


def test_a_record_needs_both_inspectors(play):
    case = planned(play)
    play.sign_task(DEPUTY, "approve", approval="approved", opinion="同意")
    play.do(STAFF, "arrive", access="admitted", officers=OFFICERS)
    play.do(STAFF, "visit", **{**SHORT["inspection_record"], "danger": "no", "themes": ["duty"]})
    play.sign_task(STAFF, "site_record_sign", paper_state="made")
    with pytest.raises(Conflict):
        play.sign_task(STAFF, "site_record_cosign", paper_state="made")
    with pytest.raises(Forbidden):
        play.sign("xingxian.staff3", newest(play, case, "inspection_record"))


@real
def test_a_review_names_the_order_that_it_is_about(printing):
    play = printing
    case = play.start(STAFF)
    play.through("draft_order", "serve_order", "plan", "rectify")
    play.do(STAFF, "reinspect", **SHORT["rectification_review"])
    play.finish_papers()
    paper = newest(play, case, "rectification_review")
    text = complete(play, paper, "officer1", "officer2", "seal")
    for part in (
        "整改复查意见书（兴）应急复查〔2026〕1号",
        "作出了责令限期整改指令书〔（兴）应急责改〔2026〕1号〕",
        "1．存在的问题。已设置。复查合格。",
        "经复查，上述问题和隐患已经整改合格。",
    ):
        assert part in text, text
    play.do(STAFF, "serve_review")
    assert newest(play, case, "rectification_review").state == "served"
    assert play.case(STAFF, case).row.status.name == "FINISHED"


@pytest.mark.parametrize(
    ("kind", "place", "expected"),
    [
        ("emergency_bureau", "141123", ("兴县人民政府", "兴县人民法院")),
        ("government", "141123", ("吕梁市人民政府", "吕梁市中级人民法院")),
        ("government", "1411", ("山西省人民政府", "吕梁市中级人民法院")),
    ],
)
def test_a_government_is_reviewed_by_the_next_higher_one(play, kind, place, expected):
    """行政复议法 24, 行政诉讼法 15: a department's acts by the government of its level."""
    with play.deps.system_reading("test") as work:
        found = organs.usual(work, place, kind)
    assert (found.review, found.court) == expected


@real
def test_a_filing_is_complete_with_the_approval_of_the_deputy_head(printing):
    play = printing
    case = play.start(STAFF, "issue_paper", kind="case_filing")
    play.do(STAFF, "draft", **SHORT["case_filing"])
    play.deps.jobs.drain(play.deps)
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    play.sign_task(DEPUTY, "decide", filing="refused", opinion="违法行为轻微并已及时改正")
    text = complete(play, newest(play, case, "case_filing"), "officer1", "officer2", "deputy")
    assert "立案审批表（兴）应急立〔2026〕1号" in text
    assert "分管负责人签名即同意立案；不予立案的，在签名处写明。分管负责人（签名）：" in text
    assert "不予立案。违法行为轻微并已及时改正" in approved(play, case, "case_filing")


@real
def test_a_letter_is_signed_beside_its_code_and_sealed(printing):
    play = printing
    case = play.start(STAFF, "issue_paper", kind="partner_letter")
    play.do(STAFF, "draft", **SHORT["partner_letter"])
    play.deps.jobs.drain(play.deps)
    play.sign_task(HEAD, "head")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    text = complete(play, newest(play, case, "partner_letter"), "head", "seal")
    assert "兴应急函〔2026〕1号" in text
    assert "特此函告，请予支持。" in text


FILED = {"filing": "approved", "opinion": "事实清楚，有管辖权"}
AGREED = {"notice": "proceed", "opinion": "事实清楚，证据确凿"}


def filed(play):
    """A case of a stop as a penalty up to the notice served and left unanswered."""
    case = play.start(STAFF, "stop_production", reason="拒不执行停产指令")
    choice = {"finding": "refused", "article": "《中华人民共和国安全生产法》第一百零二条"}
    play.do(STAFF, "choose", yellow_rule="yes", officers=OFFICERS, **choice)
    play.do(STAFF, "major_decision_file_case", officers=OFFICERS)
    play.finish_papers()
    play.sign_task(DEPUTY, "major_decision_approve_filing", **FILED)
    play.do(STAFF, "major_decision_investigate", proposal="penalty", content="责令停产停业整顿")
    play.finish_papers()
    play.sign_task(DEPUTY, "major_decision_approve_notice", **AGREED)
    play.do(STAFF, "major_decision_draft_notice", **SHORT["hearing_notice"])
    play.finish_papers()
    play.do(STAFF, "major_decision_serve_notice")
    return case


def approved(play, case, kind):
    """Return what stands where the deputy head signed a paper that two officers had signed."""
    paper = newest(play, case, kind)
    complete(play, paper, "officer1", "officer2", "deputy")
    return drawn_in(play, paper)


@real
def test_a_refused_filing_is_complete_and_says_why(printing):
    """What is returned before is void; the refusal itself is signed, and nothing follows."""
    play = printing
    case = play.start(STAFF, "stop_production", reason="拒不执行停产指令")
    choice = {"finding": "refused", "article": "《中华人民共和国安全生产法》第一百零二条"}
    play.do(STAFF, "choose", yellow_rule="yes", officers=OFFICERS, **choice)
    wrong = {"officers": OFFICERS, "penalty_article": "《安全生产法》第六十五条"}
    with pytest.raises(Invalid) as refused:  # a penalty stands on no measure on site
        play.do(STAFF, "major_decision_file_case", **wrong)
    assert list(refused.value.errors) == ["/penalty_article"]
    play.do(STAFF, "major_decision_file_case", officers=OFFICERS)
    play.deps.jobs.drain(play.deps)
    play.do(SECOND, "paper_sign", paper_state="returned", reason="案由不准确")
    assert newest(play, case, "case_filing").state == "void"
    play.do(STAFF, "major_decision_file_case", officers=OFFICERS)
    play.finish_papers()
    (item,) = [row.id for row in play.todo(DEPUTY) if row.case_id == case]
    why = {"filing": "refused", "opinion": "违法事实不成立，" * 20}
    play.sign(DEPUTY, play.paper(DEPUTY, item), answers=why, strokes=STROKES)
    written = approved(play, case, "case_filing")
    assert "不予立案。违法事实不成立，违法事实不成立，" in written
    assert "违…签名人：白永刚" in written  # strokes tell no name
    assert play.case(STAFF, case).row.ended.wording == "未责令停产"


def heard(play, case):
    """Record a hearing whose record the party does not sign, and report on it."""
    course = "调查人员：提出违法事实、证据和处罚建议。\n当事人：请求从轻处罚。"
    play.do(HOST, "hearing_hold", span="9时00分至10时30分", course=course)
    play.sign_task(HOST, "hearing_sign_record", party_signs="refused")
    why = {"unsigned": "refused", "refusal_reason": "对处罚建议有异议，拒绝签字"}
    play.sign_task(HOST, "hearing_note", **why)
    record = newest(play, case, "hearing_record")
    assert "听证笔录（兴）应急听笔〔2026〕1号" in complete(play, record, "host", "principal")
    noted = drawn_in(play, record)
    assert "当事人拒绝签字。情况和理由：对处罚建议有异议，拒绝签字" in noted
    assert "见证人" not in noted  # art. 64 (8): the host alone notes it
    (item,) = [row for row in play.todo(HOST) if row.node == "hearing_report"]
    begun = play.task(HOST, item.id).prefill
    assert (begun["held_on"], begun["matter"]) == ("2026-12-02", "案由" * 2)
    play.do(HOST, "hearing_report", claims="当事人请求从轻处罚", opinion="建议按拟定意见处理")
    play.sign_task(HOST, "hearing_sign_report")
    assert "建议按拟定意见处理。" in complete(play, newest(play, case, "hearing_report"), "host")


def decided(play, case):
    play.do(LEGAL, "major_decision_legal_review", **SHORT["legal_review"])
    play.sign_task(LEGAL, "major_decision_sign_review")
    play.do(HEAD, "major_decision_name_panel", members=["白立新", "白秀兰", "白海涛"])
    for panel in ("panel1", "panel2", "panel3"):
        play.do(f"xingxian.{panel}", "major_decision_discuss", opinion="agree")
    play.do(SECOND, "major_decision_minute", **SHORT["panel_minutes"])
    decision = {"verdict": "pass", "content": "停产停业整顿六个月", "until": "2027-05-20"}
    with pytest.raises(Invalid):  # no measure on site by the way of a penalty
        play.sign_task(
            HEAD, "major_decision_decide", article="《安全生产法》第六十五条", **decision
        )
    article = SHORT["stop_decision"]["penalty_article"]
    play.sign_task(HEAD, "major_decision_decide", article=article, **decision)
    return case


@real
def test_the_papers_of_a_stop_as_a_penalty(printing, clock):
    play = printing
    case = filed(play)
    assert "准予立案。事实清楚，有管辖权" in approved(play, case, "case_filing")
    assert "同意，告知当事人。事实清楚" in approved(play, case, "investigation_report")
    text = complete(play, newest(play, case, "hearing_notice"), "seal")
    assert "听证告知书（兴）应急听告〔2026〕1号" in text
    assert "自收到本告知书之日起5个工作日内" in text
    play.do(PLANT, "major_decision_respond", reply="hearing")
    call = {**SHORT["hearing_call"], "notified_on": "2026-11-20"}
    with pytest.raises(Invalid):  # seven working days lie between the call and the hearing
        play.do(HOST, "hearing_call", **call | {"hearing_on": "2026-12-01"})
    play.do(HOST, "hearing_call", **call)
    play.finish_papers()
    text = complete(play, newest(play, case, "hearing_call"), "seal")
    assert "时间：2026年12月2日9时00分。" in text
    play.do(STAFF, "hearing_serve")
    with pytest.raises(Invalid) as refused:  # nobody records a hearing before its day
        play.do(HOST, "hearing_hold")
    assert "/held_on" in refused.value.errors
    clock.advance(days=12)
    heard(play, case)
    decided(play, case)
    assert "法制审核意见书" in complete(play, newest(play, case, "legal_review"), "reviewer")
    assert "集体讨论记录" in complete(play, newest(play, case, "panel_minutes"), "head")
    other = {"penalty_article": "《安全生产法》第九十九条", "until": "2030-12-31"}
    play.do(STAFF, "major_decision_draft_decision", **SHORT["stop_decision"] | other)
    play.deps.jobs.drain(play.deps)
    play.do(KEEPER, "paper_approve", paper_state="returned", reason="整顿范围不明确")
    play.do(STAFF, "major_decision_draft_decision", **SHORT["stop_decision"] | other)
    play.finish_papers()
    text = complete(play, newest(play, case, "stop_decision"), "seal")
    for part in (
        "责令停产停业整顿决定书（兴）应急停决〔2026〕2号",
        "依据《中华人民共和国安全生产法》第一百零二条的规定，经集体讨论",
        "2027年5月20日",  # as the head decided, whatever the drafter typed
        "60日内向兴县人民政府申请行政复议，或者在6个月内依法向兴县人民法院提起行政诉讼",
    ):
        assert part in text, text
    assert "第六十五条" not in text
    play.do(STAFF, "major_decision_serve_stop")
    play.do(STAFF, "major_decision_publish")
    for early in ("2026-12-03", "2026-12-08"):  # five working days to object
        with pytest.raises(Invalid) as refused:
            play.do(STAFF, "draft_card", **SHORT["card_notice"] | {"objection_until": early})
        assert list(refused.value.errors) == ["/objection_until"]
    play.do(STAFF, "draft_card", **SHORT["card_notice"] | {"objection_until": "2026-12-09"})
    play.finish_papers()
    text = complete(play, newest(play, case, "card_notice"), "seal")
    assert "安全生产“黄牌”企业公示" in text
    play.do(STAFF, "publish_card")
    play.deps.jobs.drain(play.deps)
    assert play.case(STAFF, case).current == ["supervision_list"]
    unfinished = {row.kind: row.state for row in play.papers(STAFF, case)}
    assert set(unfinished.values()) <= {"sealed", "served"}


def test_minutes_that_go_back_are_void(play):
    case = filed(play)
    play.do(PLANT, "major_decision_respond", reply="none")
    play.do(LEGAL, "major_decision_legal_review", **SHORT["legal_review"])
    play.deps.jobs.drain(play.deps)
    item = next(row.id for row in play.todo(LEGAL) if row.node == "major_decision_sign_review")
    play.run(LEGAL, commands.return_to, item, "major_decision_legal_review", "遗漏一项")
    assert newest(play, case, "legal_review").state == "void"


def requested(play, ground="refused"):
    case = play.start(STAFF, "closure_request", reason="经停产停业整顿仍不具备安全生产条件")
    play.do(STAFF, "gather", ground=ground, officers=OFFICERS)
    play.do(LEGAL, "legal_review", **SHORT["legal_review"])
    play.sign_task(LEGAL, "sign_review")
    play.do(HEAD, "name_panel", members=["白立新", "白秀兰", "白海涛"])
    for panel in ("panel1", "panel2", "panel3"):
        play.do(f"xingxian.{panel}", "discuss", opinion="agree")
    minutes = {key: value for key, value in SHORT["panel_minutes"].items() if key != "conclusion"}
    play.do(HEAD, "decide", **minutes, verdict="request", opinion="同意提请关闭")
    play.sign_task(HEAD, "sign_minutes")
    play.do(STAFF, "draft_card", **{**SHORT["card_notice"], "colour": "red"})
    play.finish_papers()
    play.do(STAFF, "tell_party")
    begun = play.task(STAFF, play.todo(STAFF)[0].id).prefill
    assert begun["title"] == f"兴县应急管理局关于提请关闭{PLANT_NAME}的请示"
    assert begun["addressee"] == "兴县人民政府"
    play.do(STAFF, "draft_request", **SHORT["closure_request"])
    play.deps.jobs.drain(play.deps)
    return case


@real
def test_the_papers_of_a_request_to_close(printing):
    play = printing
    case = requested(play)
    assert "拟提请关闭“红牌”企业公示" in said(play, newest(play, case, "card_notice"))[0]
    text = complete(play, newest(play, case, "panel_minutes"), "head")
    assert "讨论结论：提请人民政府关闭。同意提请关闭。" in text
    text = complete(play, newest(play, case, "legal_review"), "reviewer")
    provision = "《中华人民共和国安全生产法》第一百一十三条第四项"
    assert f"审核事项提请依法关闭{PLANT_NAME}（依据：{provision}）" in text
    draft = newest(play, case, "closure_request")
    with pytest.raises(NotFound):  # the government does not see what was not sent
        play.run(GOVERNMENT, reading.get, draft.id)
    play.sign_task(HEAD, "sign_request", opinion="同意", signed_on="2026-11-20")
    play.do(KEEPER, "seal_request")
    play.deps.jobs.drain(play.deps)
    paper = newest(play, case, "closure_request")
    text = complete(play, paper, "head", "seal")
    for part in (
        "兴县应急管理局文件兴县应急管理局关于提请关闭兴县蔚汾特种铸造有限公司的请示兴县人民政府：",
        "兴应急发〔2026〕1号签发人：",
        "依据《中华人民共和国安全生产法》第一百一十三条第四项的规定，现提请依法关闭",
        "妥否，请批示。附件：责令停产停业整顿决定书和送达回证（联系人：白建国，电话：0358-6321000）",
        "兴县应急管理局办公室",
        "2026年11月20日印发",
    ):
        assert part in text, text
    play.do(STAFF, "send_request")
    (item,) = [row for row in play.todo(GOVERNMENT) if row.node == "closure_government_receive"]
    assert play.paper(GOVERNMENT, item.id).id == paper.id
    assert play.run(GOVERNMENT, reading.file, paper.id).data
    play.do(GOVERNMENT, item.node, answer="accepted", officers=CLERKS)
    play.do("xingxian.justice", "closure_government_legality", legality="lawful", passed=LAWFUL)
    play.do(GOVERNMENT, "closure_government_draft_notice", **SHORT["closure_notice"])
    play.sign_task("xingxian.govhead", "government_paper_sign", paper_state="made")
    play.do("xingxian.govseal", "government_paper_approve")
    play.deps.jobs.drain(play.deps)
    text = complete(play, newest(play, case, "closure_notice"), "leader", "seal")
    for part in (
        "兴政关告〔2026〕1号",
        "兴县人民政府文件关于拟依法关闭兴县蔚汾特种铸造有限公司的告知书",
        "《兴县应急管理局关于提请关闭兴县蔚汾特种铸造有限公司的请示》（兴应急发〔2026〕1号）收悉。",
        "自收到本告知书之日起5个工作日内向本机关提出",
        "签发人：",
        "兴县人民政府办公室",
        "2026年11月20日印发",
    ):
        assert part in text, text


LAWFUL = ["body", "ground", "evidence", "course", "draft"]


def refused(play):
    """A request to close that the government received and refused, up to the head's settling."""
    case = requested(play)
    sent(play)
    play.do(GOVERNMENT, "closure_government_receive", answer="refused", officers=CLERKS)
    return case


def sent(play):
    """Sign and seal a request and send it to the government."""
    play.sign_task(HEAD, "sign_request", opinion="同意", signed_on="2026-11-20")
    play.do(KEEPER, "seal_request")
    play.deps.jobs.drain(play.deps)
    play.do(STAFF, "send_request")


def test_a_request_tells_what_became_of_it_at_the_government(play):
    case = requested(play)
    sent(play)
    first = newest(play, case, "closure_request")

    def told(paper=first):
        view = play.run(STAFF, reading.get, paper.id)
        return view.row.state, play.run(STAFF, letters.of, view.row)

    state, letter = told()
    assert (state, letter.received_on, letter.answer) == ("sealed", None, None)
    with pytest.raises(NotFound):  # a letter to the government is never served on the plant
        play.run(PLANT, reading.get, first.id)
    wanted = {"received_on": "2026-11-20", "docket": "兴政收〔2026〕118号", "officers": CLERKS}
    play.do(GOVERNMENT, "closure_government_receive", answer="evidence", **wanted)
    state, letter = told()
    assert (state, letter.received_on.isoformat()) == ("answered", "2026-11-20")
    assert (letter.docket, str(letter.answer)) == ("兴政收〔2026〕118号", "补充证据后再报")
    assert letter.renewed is None
    play.do(STAFF, "draft_request", **SHORT["closure_request"])
    play.deps.jobs.drain(play.deps)
    second = newest(play, case, "closure_request")
    assert told()[1].renewed.id == second.id
    sent(play)
    play.do(GOVERNMENT, "closure_government_receive", answer="accepted", **wanted)
    state, letter = told(second)
    assert (state, letter.answer, letter.renewed) == ("received", None, None)
    play.do("xingxian.justice", "closure_government_legality", legality="unlawful")
    play.do(GOVERNMENT, "closure_government_settle", answer="refused")
    state, letter = told(second)
    assert (state, str(letter.answer)) == ("answered", "不同意关闭，退回")
    with pytest.raises(NotFound):
        play.run(PLANT, reading.get, second.id)
    acts = [line.action for line in play.case(STAFF, case).history]
    assert acts.count("document.receive") == acts.count("document.answer") == 2


def asked(play, paper):
    """Return what the public is told of a paper by its code."""
    return verifying.by_code(play.deps, play.run(STAFF, reading.get, paper.id).code, HERE).known


def published(play):
    """Draft, make and publish the notice that a card is lifted."""
    play.do(STAFF, "card_lifting_draft")
    play.finish_papers()
    play.do(STAFF, "card_lifting_publish")
    play.deps.jobs.drain(play.deps)


@real
def test_a_card_is_lifted_by_a_notice_and_the_notice_of_the_card_says_so(printing):
    play = printing
    case = refused(play)
    red = newest(play, case, "card_notice")
    assert (asked(play, red).unit, asked(play, red).lifted) == (PLANT_NAME, None)
    assert (
        "＊" in asked(play, newest(play, case, "closure_request")).unit
    )  # not meant for everybody
    play.do(HEAD, "settle", card_after="yellow")
    assert (asked(play, red).lifted.colour, asked(play, red).lifted.number) == ("red", "")
    begun = play.task(STAFF, play.todo(STAFF)[0].id).prefill
    assert begun["number"] == red.number
    assert begun["contact"] == SHORT["card_notice"]["contact"]
    published(play)
    lifting = newest(play, case, "card_lifting")
    assert asked(play, red).lifted.number == lifting.number == "（兴）应急解牌〔2026〕1号"
    text = complete(play, lifting, "seal")
    for part in (
        "撤销“红牌”改列“黄牌”企业公示",
        f"企业名称{PLANT_NAME}",
        f"原公示2026年11月20日{red.number}",
        "现牌色黄牌",
    ):
        assert part in text, text
    assert asked(play, lifting).lifted is None  # the yellow card it publishes is in force
    assert asked(play, red).cards == [Card(Measure.RED, red.number, lifted=False)]
    assert asked(play, lifting).cards == [
        Card(Measure.RED, red.number, lifted=True),
        Card(Measure.YELLOW, lifting.number, lifted=False),
    ]
    assert play.case(STAFF, case).row.status.name == "FINISHED"

    child = play.child(case, "rectification")
    play.walk(child, "card_lifting_draft")
    play.do(STAFF, "card_lifting_draft")
    play.deps.jobs.drain(play.deps)
    play.do(KEEPER, "paper_approve", paper_state="returned", reason="牌色写错")
    published(play)
    last = newest(play, child, "card_lifting")
    assert (asked(play, lifting).lifted.colour, asked(play, lifting).lifted.number) == (
        "yellow",
        last.number,
    )
    text = complete(play, last, "seal")
    assert "解除安全生产“黄牌”企业公示" in text
    assert f"原公示2026年11月20日{lifting.number}" in text
    assert asked(play, last).cards == [Card(Measure.YELLOW, lifting.number, lifted=True)]
    assert "现牌色" not in text
    assert play.case(STAFF, child).row.status.name == "FINISHED"


def test_where_no_card_was_given_none_is_published(play):
    case = play.start(STAFF)
    play.walk(case, "none")
    assert play.case(STAFF, case).row.status.name == "FINISHED"
    assert "card_lifting" not in {row.kind for row in play.papers(STAFF, case)}


@pytest.mark.parametrize(
    ("ground", "basis"),
    [
        ("refused", "《中华人民共和国安全生产法》第一百一十三条第四项"),
        ("still_unsafe", "《中华人民共和国安全生产法》第一百一十三条第二项"),
    ],
)
def test_a_request_states_the_ground_that_was_checked(play, ground, basis):
    case = requested(play, ground)

    def data(kind):
        return play.run(STAFF, reading.get, newest(play, case, kind).id).data

    assert data("closure_request")["basis"] == basis  # whatever the drafter sent
    matter = f"提请依法关闭{PLANT_NAME}（依据：{basis}）"
    assert data("legal_review")["matter"] == matter


def test_a_request_names_who_drafted_it_and_the_leader_who_signed_it(play):
    case = requested(play)
    draft = play.run(STAFF, reading.get, newest(play, case, "closure_request").id)
    assert (draft.drafted_by, draft.approval) == ("白建国（演示）", None)
    play.sign_task(HEAD, "sign_request", opinion="同意", signed_on="2026-11-20")
    signed = play.run(STAFF, reading.get, draft.row.id)
    assert (signed.approval.slot, signed.approval.name) == ("head", signed.approval.by)
    assert signed.approval.name != signed.drafted_by
    minutes = play.run(STAFF, reading.get, newest(play, case, "panel_minutes").id)
    assert minutes.signatures  # signed by the head too, but not as what sends it out
    assert minutes.approval is None


def test_the_head_sends_a_request_back(play):
    case = requested(play)
    item = next(row.id for row in play.todo(HEAD) if row.node == "sign_request")
    play.run(HEAD, commands.return_to, item, "draft_request", "事实部分应当补充")
    assert newest(play, case, "closure_request").state == "void"


def waiting_for_the_head(play, clock):
    """A request that was drafted the day before it is to be signed."""
    case = requested(play)
    before = play.run(STAFF, reading.get, newest(play, case, "closure_request").id)
    assert before.data["date"] == "2026-11-20"
    clock.advance(days=1)
    return case, before


SIGN_REQUEST = {"opinion": "同意", "signed_on": "2026-11-21"}


@real
def test_a_request_bears_the_day_on_which_it_is_signed(printing, clock):
    play = printing
    case, before = waiting_for_the_head(play, clock)
    with pytest.raises(Invalid) as told:
        play.sign_task(HEAD, "sign_request", **SIGN_REQUEST)
    assert str(told.value.errors["/pin"]) == "文书日期已改为今天，请查看新的文书后再签署"
    with pytest.raises(Conflict):  # the old file cannot be signed any more
        play.sign(HEAD, before.row, answers=SIGN_REQUEST)
    play.deps.jobs.drain(play.deps)
    after = play.run(STAFF, reading.get, before.row.id)
    assert after.row.sha256 != before.row.sha256
    assert (after.row.state, after.row.number, after.code) == (
        "signing",
        before.row.number,
        before.code,
    )
    assert after.data == before.data | {"date": "2026-11-21"}
    (line,) = [x for x in play.case(STAFF, case).history if x.action == "document.redate"]
    assert (line.detail["was"], line.detail["data"]) == (before.data_sha256, after.data_sha256)
    assert (line.detail["from"], line.detail["becomes"]) == ("2026-11-20", "2026-11-21")
    play.sign_task(HEAD, "sign_request", **SIGN_REQUEST)
    play.do(KEEPER, "seal_request")
    play.deps.jobs.drain(play.deps)
    text = complete(play, newest(play, case, "closure_request"), "head", "seal")
    assert "2026年11月21日印发" in text
    assert "2026年11月20日" not in text
    made = [one.made_by for one in play.run(STAFF, reading.get, before.row.id).revisions]
    assert made == ["", "", "head", "seal"]


def test_a_request_of_last_year_gets_a_number_of_this_year(play, clock):
    case = requested(play)
    old = newest(play, case, "closure_request")
    assert old.number == "兴应急发〔2026〕1号"
    clock.now = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    (item,) = [row for row in play.todo(HEAD) if row.node == "sign_request"]
    with pytest.raises(Invalid) as told:
        play.sign_task(HEAD, "sign_request", **SIGN_REQUEST)
    assert "兴应急发〔2026〕1号是往年的文号" in str(told.value.errors["/pin"])
    assert newest(play, case, "closure_request") == old  # nothing was dated anew
    play.run(HEAD, commands.return_to, item.id, "draft_request", "跨年，重新编号")
    play.do(STAFF, "draft_request")
    play.sign_task(HEAD, "sign_request", opinion="同意", signed_on="2027-01-01")
    void, new = [row for row in play.papers(STAFF, case) if row.kind == "closure_request"]
    assert (void.number, void.state) == (old.number, "void")
    assert new.number == "兴应急发〔2027〕1号"
    assert play.run(STAFF, reading.get, new.id).data["date"] == "2027-01-01"
    # What was not signed in its year leaves no gap there: the next number follows on it.
    counters = select(NumberCounter.year, NumberCounter.last).where(
        NumberCounter.kind == "closure_request"
    )
    with play.deps.system_reading("test") as work:
        assert dict(work.session.execute(counters).all()) == {2026: 1, 2027: 1}


def test_a_signature_of_yesterday_is_not_registered_today(play, clock):
    case = requested(play)
    paper = newest(play, case, "closure_request")
    signed = signing.prepare(play.deps, play.actor(HEAD), paper.id, PIN, paper.sha256)
    clock.advance(days=1)
    with pytest.raises(Conflict):
        play.run(HEAD, signing.register, signed, SIGN_REQUEST)
    assert newest(play, case, "closure_request").state == "signing"


def test_a_paper_that_is_dated_anew_survives_a_failing_press(play, clock, monkeypatch):
    case, _ = waiting_for_the_head(play, clock)
    press = play.deps.papers.press
    with monkeypatch.context() as broken:
        broken.setattr(type(press), "typeset", lambda *_: 1 / 0)
        with pytest.raises(Invalid):
            play.sign_task(HEAD, "sign_request", **SIGN_REQUEST)
        play.deps.jobs.drain(play.deps)
    assert newest(play, case, "closure_request").state == "issued"
    acts = [line.action for line in play.case(STAFF, case).history]
    assert acts[-1] == "incident.open"
    play.sweep()
    assert play.case(STAFF, case).history[-1].action == "incident.close"
    play.sign_task(HEAD, "sign_request", **SIGN_REQUEST)
    assert play.case(STAFF, case).current == ["seal_request"]


def test_the_signer_is_told_that_the_paper_is_made_anew(play, clock, app, client):
    _, before = waiting_for_the_head(play, clock)
    (item,) = [row.id for row in play.todo(HEAD) if row.node == "sign_request"]
    url = f"/api/v1/documents/{before.row.id}/sign"
    body = {"pin": PIN, "sha256": before.row.sha256, "answers": SIGN_REQUEST}
    refused = app.test_client().post(url, json=body, headers=token(app, HEAD))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["/pin"]
    page = client(HEAD).get(f"/tasks/{item}").text
    assert "文书正在制作" in page
    assert "_pin" not in page
    play.deps.jobs.drain(play.deps)
    page = client(HEAD).get(f"/tasks/{item}").text
    assert "文书正在制作" not in page
    assert f'name="_sha256" value="{play.run(HEAD, reading.get, before.row.id).row.sha256}"' in page


def test_other_papers_keep_the_day_of_their_draft(play, clock):
    case = planned(play)
    clock.advance(days=1)
    play.sign_task(DEPUTY, "approve", approval="approved", opinion="同意")
    paper = newest(play, case, "inspection_plan")
    assert play.run(STAFF, reading.get, paper.id).data["date"] == "2026-11-20"


def test_an_imprint_ends_the_last_even_page():
    papers = fakes.papers(made.press())
    kind = papers.templates.kinds["closure_request"]
    for answers in (SHORT, LONG):
        done = made.typeset(papers, kind.id, content(kind, answers[kind.id]))
        page, _left, bottom, _right, _top = done.boxes["imprint"]
        assert page + 1 == done.pages
        assert done.pages % 2 == 0
        assert abs(bottom - 35 / 25.4 * 72) < 3


def test_a_measure_never_stands_on_a_provision_for_penalties(play):
    stopped(play)
    with pytest.raises(Invalid) as wrong:
        play.do(STAFF, "on_site_draft", officers=OFFICERS, basis="《安全生产法》第一百零二条")
    assert list(wrong.value.errors) == ["/basis"]


@real
def test_a_table_of_many_pages_is_closed_by_a_rule_on_each():
    """A row that goes on overleaf leaves no open end: the foot of the table is repeated."""
    papers = fakes.papers(made.press())
    kind = "campaign_statistics"
    done = made.typeset(papers, kind, content(papers.templates.kinds[kind], LONG[kind]))
    pages = list(pypdfium2.PdfDocument(done.pdf))
    assert "（2026年10月24日至2026年11月23日）" in pages[0].get_textpage().get_text_range()
    for page in pages[:-1]:
        grey = page.render(scale=2).to_pil().convert("L")
        dark = grey.point([255 * (level < 128) for level in range(256)])
        share = dark.resize((1, dark.height), Image.Resampling.BOX).tobytes()
        last = max(y for y, ink in enumerate(share) if ink > 200)
        below = dark.crop((0, last + 3, dark.width, last + 15))
        assert below.getbbox() is None, "the table has no end"
