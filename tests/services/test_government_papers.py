"""Papers of a government: numbered, signed, sealed and served as its own, whoever keeps the case."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain import Forbidden, Invalid, NotFound
from app.domain.access import Role
from app.models.documents import SigningKey
from app.models.people import Account, Organisation, RoleGrant
from app.services import offering
from app.services.documents import reading, settings, voiding
from app.services.tasks import commands
from tests.casework import Play
from tests.findings import CLERKS, OFFICERS
from tests.paper_samples import SHORT
from tests.services.test_chain import ASKED

STAFF, HEAD, PLANT = "xingxian.staff1", "xingxian.head", "xingxian.plant"
CLERK, LEADER, KEEPER = "xingxian.gov", "xingxian.govhead", "xingxian.govseal"
GOVERNMENT = "兴县人民政府"
GOV, HEARING, MAKE = "closure_government_", "government_hearing_", "government_paper_"
HOST, LEGALITY = "xingxian.justice2", "xingxian.justice"
REASON = "文种和引用的条款须再核对"
CLOSED = {**ASKED, f"{GOV}decide": {"answer": "closed", "close_by": "2027-01-31"}}
HEARD = {
    **CLOSED,
    f"{GOV}respond": {"reply": "hearing", "public": "public"},
    f"{HEARING}call": {"hearing_on": "2026-12-15"},
}
PARTY = {"person": "陈静", "post": "主要负责人", "objection": "笔录没有记全我方的意见"}
AT_HAND = {"by_hand": "pad", "signer": "李律师", "signer_post": "委托代理人", "agrees": True}
WHY = {"unsigned": "refused", "refusal_reason": "对笔录的内容没有异议，拒绝签字"}
RETURNED = {"paper_state": "returned", "reason": REASON}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def drafted(play, task, **answers):
    """Draft the paper of a task, and have it typeset."""
    play.complete(CLERK, task.id, **answers)
    play.deps.jobs.drain(play.deps)


def signed(play):
    play.sign_task(LEADER, f"{MAKE}sign", paper_state="made")


def sealed(play):
    """Have the paper in hand signed by the leader and sealed."""
    signed(play)
    play.do(KEEPER, f"{MAKE}approve")
    play.deps.jobs.drain(play.deps)


def of_kind(play, case, kind):
    return [row for row in play.papers(STAFF, case) if row.kind == kind]


def told(play, paper, who=STAFF):
    return play.run(who, reading.get, paper)


def test_notice_call_and_decision_are_the_governments_own(play, clock):
    """From the notice to the decision, each drafted anew once, until its leader takes it back."""
    case = play.start(STAFF, "closure_request")
    notice = made(play, case, HEARD, f"{GOV}draft_notice", "closure_notice", "兴政关告〔2026〕{}号")
    with pytest.raises(Invalid) as wrong:  # who serves it is of the government
        play.complete(CLERK, play.open_of(case)[0].id, officers=OFFICERS)
    assert list(wrong.value.errors) == ["/officers/0/certificate", "/officers/1/certificate"]
    served(play, case, notice)
    call = made(
        play, case, HEARD, f"{HEARING}draft_call", "closure_hearing", "兴政关听〔2026〕{}号"
    )
    served(play, case, call)
    (hold,) = play.open_of(case)  # it is heard before the leaders discuss
    assert (hold.node, str(hold.due_at)[:10]) == (f"{HEARING}hold", "2026-12-15")
    clock.now = clock.now.replace(month=12, day=15)
    record = recorded(play, case)
    (task,) = play.walk(case, f"{GOV}draft_decision", **HEARD)
    for who in (CLERK, LEADER):  # it was before them who proposed, and who decided
        assert told(play, record, who).row.state == "sealed"
    begins = play.task(CLERK, task.id).prefill
    assert begins["request"].endswith("（兴应急发〔2026〕1号）")
    other = {"until": "2030-01-01", "basis": "另一部法律"}  # the leaders decided ground and day
    decision = made(
        play,
        case,
        HEARD,
        f"{GOV}draft_decision",
        "closure_decision",
        "兴政关决〔2026〕{}号",
        **other,
    )
    stated = told(play, decision).data
    assert (stated["until"], stated["basis"]) == ("2027-01-31", begins["basis"])
    assert (stated["review_organ"], stated["court"]) == ("吕梁市人民政府", "吕梁市中级人民法院")
    served(play, case, decision)
    assert str(play.case(STAFF, case).row.ended) == "政府决定关闭"
    assert holders_of_seals(play) == {"兴县应急管理局", GOVERNMENT}
    read_by_whom_and_taken_back(play, decision)


def recorded(play, case):
    """Have the hearing recorded, returned by the host, recorded anew and signed; return its id."""
    (task,) = play.open_of(case)
    with pytest.raises(Forbidden):  # who reviewed the legality of the request holds no hearing
        play.complete(LEGALITY, task.id, course="承办人员提出建议")
    play.complete(HOST, task.id, course="承办人员提出建议")
    play.deps.jobs.drain(play.deps)
    (task,) = play.open_of(case)
    play.run(HOST, commands.return_to, task.id, f"{HEARING}hold", REASON)
    (task,) = play.open_of(case)
    assert play.task(HOST, task.id).prefill["course"] == "承办人员提出建议"
    play.complete(HOST, task.id)
    play.sign_task(HOST, f"{HEARING}sign_record", party_signs="online")
    play.sign_task(PLANT, f"{HEARING}party", signature="objected", **PARTY)
    void, record = (told(play, row.id) for row in of_kind(play, case, "closure_record"))
    assert (void.row.state, void.row.number) == ("void", "兴政关笔〔2026〕1号")
    assert (record.row.state, record.row.number) == ("sealed", "兴政关笔〔2026〕2号")
    assert (record.data["organ"], record.data["series"]) == (GOVERNMENT, GOVERNMENT)
    assert [one.slot for one in record.signatures] == ["host", "principal"]
    (task,) = play.open_of(case)
    assert (task.node, play.task(CLERK, task.id).paper) == (f"{GOV}propose", record.row.id)
    return record.row.id


@pytest.mark.parametrize("how", ["refused", "silent", "absent", "by_hand", "not_by_hand"])
def test_a_record_that_the_party_does_not_sign_says_why(play, clock, how):
    case = play.start(STAFF, "closure_request")
    play.walk(case, f"{HEARING}hold", **HEARD)
    clock.now = clock.now.replace(month=12, day=15)
    play.do(HOST, f"{HEARING}hold")
    ways = {"refused": "online", "silent": "online", "absent": "absent"}
    play.sign_task(HOST, f"{HEARING}sign_record", party_signs=ways.get(how, "by_hand"))
    if how == "refused":
        play.do(PLANT, f"{HEARING}party", signature="refused", **PARTY)
    elif how == "silent":
        clock.now += timedelta(days=5)
        play.sweep()
    elif how == "by_hand":
        play.sign_task(HOST, f"{HEARING}hand", **AT_HAND)
    elif how == "not_by_hand":
        play.do(HOST, f"{HEARING}hand", by_hand="refused")
    if how != "by_hand":
        (note,) = play.open_of(case)
        with pytest.raises(Forbidden):
            play.sign_task(LEGALITY, f"{HEARING}note", **WHY)
        assert note.node == f"{HEARING}note"
        if how == "refused":
            assert play.task(HOST, note.id).prefill["refusal_reason"] == PARTY["objection"]
        play.sign_task(HOST, f"{HEARING}note", **WHY)
    (row,) = of_kind(play, case, "closure_record")
    record = told(play, row.id)
    assert (row.state, record.row.organisation) == ("sealed", GOVERNMENT)
    assert {one.slot: one.instead for one in record.signatures} == {
        "host": False,
        "principal": how != "by_hand",
    }
    assert [task.node for task in play.open_of(case)] == [f"{GOV}propose"]


def made(play, case, answers, node, kind, number, **more):
    """Have a paper drafted, returned, drafted anew, signed and sealed; return its id."""
    (task,) = play.walk(case, node, **answers)
    assert task.organisation_id == office(play)
    drafted(play, task, **more)
    if kind == "closure_hearing":
        signed(play)
        play.do(KEEPER, f"{MAKE}approve", **RETURNED)
    else:
        play.do(LEADER, f"{MAKE}sign", **RETURNED)
    (task,) = play.open_of(case)
    assert task.node == node
    drafted(play, task, **more)
    sealed(play)
    void, paper = (told(play, row.id) for row in of_kind(play, case, kind))
    assert [void.row.number, paper.row.number] == [number.format(one) for one in (1, 2)]
    assert (void.row.state, void.void_reason, paper.row.state) == ("void", REASON, "sealed")
    assert (paper.row.organisation, paper.data["organ"]) == (GOVERNMENT, GOVERNMENT)
    assert (paper.drafted_by, paper.approval.by) == ("白承办（演示）", "白执中（演示）")
    assert {one.slot: one.by for one in paper.signatures}["seal"] == "白守印（演示）"
    return paper.row.id


def served(play, case, paper):
    """Serve a paper, which the plant sees from then on, with a proof of the government's."""
    with pytest.raises(NotFound):
        told(play, paper, PLANT)
    (task,) = play.open_of(case)
    play.complete(CLERK, task.id, officers=CLERKS)
    play.deps.jobs.drain(play.deps)
    view = told(play, paper, PLANT)
    receipt = told(play, view.service.receipt_id)
    assert (receipt.row.organisation, receipt.row.state) == (GOVERNMENT, "sealed")
    assert receipt.row.number.startswith("兴政送达〔2026〕")
    assert receipt.data["served_number"] == view.row.number
    assert receipt.data["series"] == GOVERNMENT  # no paper of a bureau's enforcement


def read_by_whom_and_taken_back(play, paper):
    """The office that keeps the case reads it, none elsewhere; the government's leader voids it."""
    for who in (HEAD, CLERK, LEADER, KEEPER, PLANT):
        assert told(play, paper, who).row.state == "served"
    for who in ("fenyang.staff1", "fenyang.gov", "lvliang.gov", "xingxian.justice"):
        with pytest.raises(NotFound):
            told(play, paper, who)
    with pytest.raises(Forbidden):
        play.run(HEAD, voiding.void, paper, REASON)
    play.run(LEADER, voiding.void, paper, REASON)
    assert told(play, paper).row.state == "void"


def office(play, name=GOVERNMENT):
    with play.deps.system_reading("test") as work:
        return work.session.scalars(select(Organisation.id).filter_by(name=name)).one()


def holders_of_seals(play):
    with play.deps.system_reading("test") as work:
        return set(
            work.session.scalars(
                select(Organisation.name).join(
                    SigningKey, SigningKey.organisation_id == Organisation.id
                )
            )
        )


def test_the_seal_keeper_of_a_government_sees_no_area(play):
    """Unlike a bureau's, they see what their office takes part in alone."""
    case = play.start(STAFF)
    assert play.case("xingxian.seal", case).row.id == case
    with pytest.raises(NotFound):
        play.case(KEEPER, case)
    assert play.run(KEEPER, reading.find)[0] == []


def test_a_governments_numbers_are_told_apart_from_its_bureaus(play):
    government, bureau = office(play), office(play, "兴县应急管理局")
    admin = "xingxian.admin"
    usual = play.run(admin, settings.get, government).pattern
    assert usual == "{short}政{code}〔{year}〕{number}号"
    with pytest.raises(Invalid) as wrong:
        play.run(admin, settings.samples, bureau, usual)
    assert GOVERNMENT in str(wrong.value.errors["/pattern"])
    form = settings.SettingForm(pattern="{short}府{code}〔{year}〕{number}号")
    seen = play.run(admin, settings.get, government).chosen.digest
    play.run(admin, settings.save, government, seen, form)
    case = play.start(STAFF, offering.PROCEDURE, kind="resumption_reply")
    drafted(play, play.open_of(case)[0], **SHORT["resumption_reply"])
    assert of_kind(play, case, "resumption_reply")[0].number == "兴府批复〔2026〕1号"


# A reply that no procedure of its own makes

ORGANS = [{"name": "兴县应急管理局", "part": "main"}, {"name": "兴县供电公司", "part": "copy"}]
SENDING = {"organs": ORGANS, "manner": "online"}
RECEIVED = {"docket": "兴应急收〔2026〕8号", "receiver": "王芳", "answer": "none"}


def test_a_reply_on_resumption_is_drafted_signed_and_sent_by_the_government(play):
    case = play.start(STAFF, offering.PROCEDURE, kind="resumption_reply")
    (task,) = play.open_of(case)
    assert (task.node, task.organisation_id) == ("government_draft", office(play))
    with pytest.raises(Forbidden):
        play.complete(STAFF, task.id, **SHORT["resumption_reply"])
    play.complete(CLERK, task.id, **SHORT["resumption_reply"])
    play.deps.jobs.drain(play.deps)
    play.do(LEADER, f"{MAKE}sign", **RETURNED)
    (task,) = play.open_of(case)
    begins = play.task(CLERK, task.id).prefill
    assert begins == SHORT["resumption_reply"]
    drafted(play, task)
    sealed(play)
    first, second = of_kind(play, case, "resumption_reply")
    assert (first.state, second.number) == ("void", "兴政批复〔2026〕2号")
    play.do(CLERK, "government_send", **SENDING)
    assert told(play, second.id, "xingxian.power").row.organisation == GOVERNMENT
    play.do(STAFF, "receive", **RECEIVED)
    assert str(play.case(STAFF, case).row.ended) == "对方已收文"
    assert told(play, second.id).row.state == "received"


def test_a_reply_for_offices_to_know_waits_for_no_receipt(play):
    case = play.start(STAFF, offering.PROCEDURE, kind="resumption_reply")
    copies = {"organs": ORGANS[1:], "manner": "online"}
    said = {"government_draft": SHORT["resumption_reply"], "government_send": copies}
    play.walk(case, "nothing", **said)
    assert str(play.case(STAFF, case).row.ended) == "已发送"


def test_nobody_lets_out_or_seals_what_they_drafted(play):
    """Though one person may hold every role of an office."""
    case = play.start(STAFF, offering.PROCEDURE, kind="resumption_reply")
    grant(play, CLERK, Role.GOVERNMENT_LEADER, Role.GOVERNMENT_SEAL_KEEPER)
    grant(play, LEADER, Role.GOVERNMENT_SEAL_KEEPER)
    drafted(play, play.open_of(case)[0], **SHORT["resumption_reply"])
    (task,) = play.open_of(case)
    assert "您起草了该文书" in str(play.task(CLERK, task.id).barred)
    with pytest.raises(Forbidden):
        play.sign(CLERK, play.paper(CLERK, task.id), answers={"paper_state": "made"})
    signed(play)
    (task,) = play.open_of(case)
    for who in (CLERK, LEADER):
        with pytest.raises(Forbidden):
            play.complete(who, task.id)
    with pytest.raises(Forbidden):  # nor is it the bureau's own keeper's
        play.complete("xingxian.seal", task.id)
    play.do(KEEPER, f"{MAKE}approve")
    play.deps.jobs.drain(play.deps)
    assert [task.node for task in play.open_of(case)] == ["government_send"]


def grant(play, username, *roles):
    with play.deps.system("test") as work:
        account = work.session.scalars(select(Account).filter_by(username=username)).one()
        for role in roles:
            held = {"organisation_id": account.home_id, "role": role}
            work.session.add(RoleGrant(account_id=account.id, **held))
