"""Papers that no procedure of their own makes: chosen, drafted, signed, sealed, served or sent."""

import dataclasses
import io
import json
from datetime import timedelta
from itertools import pairwise

import pytest
from lxml import etree
from sqlalchemy import func, select, update

from app.adapters.templates import Signer
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.domain.deadlines import last_day
from app.models.casework import Case, WorkItem
from app.models.documents import Document, DocumentCopy
from app.models.people import Account, Organisation, RoleGrant
from app.services import letters, offering, procedures
from app.services.cases import starting
from app.services.demo.people import PIN
from app.services.documents import course, earlier, preceding, reading, registered, voiding
from app.services.pdf import signing
from app.services.tasks import commands
from app.services.tasks import reading as tasks
from config import ROOT
from tests import counting, drawn, fakes
from tests.casework import Play
from tests.diagrams.picture import SPIFF
from tests.lasting import LONGER, PROLONGED, prolonged, seized, to_be_prolonged
from tests.paper_samples import OFFICERS, SHORT

STAFF, SECOND, KEEPER, PLANT = (
    "xingxian.staff1",
    "xingxian.staff2",
    "xingxian.seal",
    "xingxian.plant",
)
EXPERT = "xingxian.expert"
DEPUTY, HEAD, HOST = "xingxian.deputy", "xingxian.head", "xingxian.hearing"
ISSUE = offering.PROCEDURE
SIGNED = {"signature": "signed", "person": "陈静", "post": "主要负责人"}
SENDING = {
    "organs": [
        {"name": "兴县人民政府", "part": "main"},
        {"name": "吕梁市生态环境局兴县分局", "part": "copy"},
    ],
    "manner": "online",
}
RECEIVED = {"docket": "兴政收〔2026〕8号", "receiver": "王芳", "answer": "none"}
REFUSAL = {
    "unsigned": "refused",
    "refusal_reason": "对约谈要求有异议，拒绝签字",
    "witness": "李春生",
    "witness_unit": "蔚汾镇人民政府",
    "officers": OFFICERS,
}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def begun(play, kind="talk_record", **more):
    return play.start(STAFF, ISSUE, kind=kind, **more)


def drafted(play, kind="talk_record", **more):
    case = begun(play, kind, **more)
    play.do(STAFF, "draft", **SHORT[kind])
    play.deps.jobs.drain(play.deps)
    return case


def paper_of(play, case):
    return play.papers(STAFF, case)[-1]


def open_nodes(play, case):
    return [task.node for task in play.open_of(case)]


def ended(play, case):
    return play.case(STAFF, case).row.ended.wording


def columns(play, case):
    with play.deps.system_reading("test") as work:
        rows = work.session.execute(
            select(WorkItem.node, WorkItem.choice)
            .where(WorkItem.case_id == case, WorkItem.seq > 0)
            .order_by(WorkItem.id)
        )
        return [tuple(row) for row in rows]


def test_the_form_and_the_paper_are_those_of_the_kind_that_was_chosen(play):
    talk, letter = begun(play), begun(play, "transfer_letter")
    titles = {}
    for row in play.todo(STAFF):
        view = play.task(STAFF, row.id)
        titles[row.case_id] = view.form.schema["title"]
        assert view.papers == ({talk: "talk_record", letter: "transfer_letter"}[row.case_id],)
    assert titles == {talk: "约谈记录", letter: "案件移送书"}
    assert columns(play, talk) == [("draft", "talk_record")]


def test_a_record_of_a_talk_is_signed_by_two_and_by_the_principal_and_filed(play):
    case = drafted(play)
    assert open_nodes(play, case) == ["sign"]
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    assert open_nodes(play, case) == ["party"]
    play.sign_task(PLANT, "party", **SIGNED)
    assert ended(play, case) == "存档"
    paper = reading_of(play, paper_of(play, case).id)
    assert paper.row.state == "sealed"
    assert {signature.slot for signature in paper.signatures} == {
        "officer1",
        "officer2",
        "principal",
    }
    assert columns(play, case)[1:] == [("sign", None), ("cosign", None), ("party", None)]


def reading_of(play, paper):
    return play.run(STAFF, reading.get, paper)


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_who_does_not_sign_is_recorded_and_the_paper_is_complete(play, clock, how):
    case = drafted(play)
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    if how == "refused":
        play.do(PLANT, "party", **SIGNED | {"signature": "refused", "objection": "不认可约谈要求"})
    else:
        clock.now += timedelta(days=7)
        play.sweep()
    assert open_nodes(play, case) == ["refusal"]
    play.sign_task(STAFF, "refusal", **REFUSAL)
    assert ended(play, case) == "存档"
    view = reading_of(play, paper_of(play, case).id)
    assert [one.instead for one in view.signatures if one.slot == "principal"] == [True]


def test_a_letter_is_signed_sealed_sent_and_received(play):
    case = drafted(play, "transfer_letter")
    assert open_nodes(play, case) == ["deputy"]
    play.sign_task(DEPUTY, "deputy")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    assert open_nodes(play, case) == ["send"]
    item = next(row for row in play.todo(STAFF) if row.node == "send")
    told = play.task(STAFF, item.id).prefill["organs"]
    assert told == [{"name": "吕梁市生态环境局兴县分局", "part": "main"}]
    paper = paper_of(play, case).id
    with pytest.raises(NotFound):
        play.run("xingxian.gov", reading.get, paper)
    play.do(STAFF, "send", **SENDING)
    assert play.run("xingxian.gov", reading.get, paper).row.state == "sealed"
    assert [row.key for row in play.messages("xingxian.gov")] == ["paper_sent"]
    with pytest.raises(NotFound):
        play.run("xingxian.gov", tasks.get, item.id)  # of the case they see nothing but the paper
    assert open_nodes(play, case) == ["receive"]
    play.do(STAFF, "receive", **RECEIVED)
    assert ended(play, case) == "对方已收文"
    view = reading_of(play, paper)
    assert view.row.state == "received"
    letter = play.run(STAFF, letters.of, view.row)
    assert (letter.docket, letter.answer) == ("兴政收〔2026〕8号", None)


def test_a_letter_for_organs_to_know_waits_for_no_receipt(play):
    case = sealed(play)
    copies = [{"name": "吕梁市生态环境局兴县分局", "part": "copy"}]
    play.do(STAFF, "send", **SENDING | {"organs": copies})
    assert ended(play, case) == "已发送"
    with play.deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(DocumentCopy)) == 0


def test_a_reply_is_noted_with_the_receipt(play):
    case = sealed(play)
    play.do(STAFF, "send", **SENDING)
    play.do(STAFF, "receive", **RECEIVED | {"answer": "answered", "reply": "已立案办理"})
    letter = play.run(STAFF, letters.of, reading_of(play, paper_of(play, case).id).row)
    assert str(letter.answer) == "已书面答复"


def sealed(play, **more):
    case = drafted(play, "transfer_letter", **more)
    play.sign_task(DEPUTY, "deputy")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    return case


def test_one_officer_host_deputy_and_head_sign_before_the_seal_and_it_is_served(play, monkeypatch):
    """A kind that asks for all there is, but for the party."""
    places = dict.fromkeys(("officer2", "reviewer"), fakes.Press.BOXES["officer2"])
    monkeypatch.setattr(fakes.Press, "BOXES", fakes.Press.BOXES | places)
    signers = (
        Signer("officer1", 0),
        Signer("reviewer", None, ("hearing_host",)),
        Signer("deputy", None, ("deputy_head",)),
        Signer("head", None, ("head",), approves=True),
    )
    changed(play, monkeypatch, signers=signers, sealed=True, served=True)
    case = drafted(play)
    play.sign_task(STAFF, "sign")
    for who, node in ((HOST, "host"), (DEPUTY, "deputy"), (HEAD, "head")):
        assert open_nodes(play, case) == [node]
        play.sign_task(who, node)
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    assert open_nodes(play, case) == ["serve"]
    play.do(STAFF, "serve", officers=OFFICERS)
    assert ended(play, case) == "已送达"
    paper, receipt = play.papers(STAFF, case)
    assert (paper.state, receipt.kind) == ("served", "service_receipt")


def test_an_expert_signs_the_opinion_that_names_them_and_sees_nothing_else(play):
    case = begun(play, "expert_opinion")
    (draft,) = play.open_of(case)
    assert play.task(STAFF, draft.id).prefill["expert"] == "白博学（演示）"
    with pytest.raises(Invalid) as wrong:
        play.do(STAFF, "draft", **SHORT["expert_opinion"] | {"expert": "王无名"})
    assert "白博学" in str(wrong.value.errors["/expert"])
    play.do(STAFF, "draft", **SHORT["expert_opinion"] | {"expert": "白博学"})
    play.deps.jobs.drain(play.deps)
    (task,) = play.open_of(case)
    assert (task.node, task.assignee) == ("expert", "白博学（演示）")
    other = drafted(play)
    play.sign_task(EXPERT, "expert")
    assert ended(play, case) == "存档"
    mine = paper_of(play, case).id
    assert play.run(EXPERT, reading.get, mine).row.state == "sealed"
    assert [row.id for row in play.run(EXPERT, reading.find)[0]] == [mine]
    with pytest.raises(NotFound):
        play.run(EXPERT, reading.get, paper_of(play, other).id)


def test_a_kind_that_nobody_signs_is_numbered_and_filed(play, monkeypatch):
    changed(play, monkeypatch, signers=())
    case = drafted(play)
    assert (ended(play, case), paper_of(play, case).state) == ("存档", "sealed")


def test_a_kind_that_is_signed_in_a_role_without_a_step_is_not_offered(play, monkeypatch):
    changed(play, monkeypatch, signers=(Signer("head", None, ("legality_reviewer",)),))
    assert "talk_record" not in {offer.kind for offer in play.run(STAFF, offering.offers)}
    assert list(refused(play, kind="talk_record")) == ["/kind"]


ISSUED = sorted(
    name
    for path in (ROOT / "forms/issue_paper").glob("*-schema.json")
    if (name := path.name.removesuffix("-schema.json")) in SHORT
)


@pytest.mark.parametrize("kind", ISSUED)
def test_every_kind_goes_its_way_to_the_end(play, monkeypatch, clock, kind):
    """Each paper that has a form here is drafted from it, signed by all it names, and goes out."""
    if "applied_on" in SHORT[kind]:  # somebody applied for it, a month from now
        clock.now += timedelta(days=31)
    changed(play, monkeypatch, kind, after=())
    known = play.deps.papers.templates.kinds[kind]
    way = course.of(known)
    offered = {offer.kind for offer in play.run(STAFF, offering.offers)}
    assert kind in offered
    case = begun(play, kind)
    organs = SENDING["organs"]
    said = SHORT[kind] | ({"expert": "白博学"} if way.expert else {})
    play.walk(
        case,
        "",
        draft=said,
        government_draft=said,
        party=SIGNED,
        serve={"officers": OFFICERS},
        send={"organs": organs},
        government_send={"organs": organs},
        receive=RECEIVED,
    )
    ends = {"served": "已送达", "sent": "对方已收文", "filed": "存档"}
    assert ended(play, case) == ("期限已处理" if way.lasts else ends[way.goes])
    paper = play.papers(STAFF, case)[0]
    assert paper.state == {"served": "served", "sent": "received", "filed": "sealed"}[way.goes]
    signed = {one.slot for one in reading_of(play, paper.id).signatures}
    assert signed == {*known.places, *(["seal"] if known.sealed else [])}


def test_what_a_diagram_serves_is_a_kind_that_counts_once_it_is_served(play):
    kinds = play.deps.papers.templates.kinds
    words = {word for path in (ROOT / "bpmn").rglob("*.bpmn") for word in _papers(path)}
    served = {word.removesuffix(":serve") for word in words if word.endswith(":serve")} - {"*"}
    assert served
    assert [kind for kind in sorted(served) if not kinds[kind].served] == []
    assert [kind.id for kind in kinds.values() if kind.served and not kind.sealed] == []
    assert {kind.group for kind in kinds.values()} <= {"", *offering.GROUPS}


WAYS = {
    "sign": ("talk_record", []),
    "cosign": ("talk_record", ["sign"]),
    "refusal": ("talk_record", ["sign", "cosign", "party"]),
    "deputy": ("transfer_letter", []),
    "approve_seal": ("transfer_letter", ["deputy"]),
}
BY = {
    "sign": STAFF,
    "cosign": SECOND,
    "party": PLANT,
    "refusal": STAFF,
    "deputy": DEPUTY,
    "approve_seal": KEEPER,
}


@pytest.mark.parametrize("node", WAYS)
def test_each_signer_may_return_it_and_the_number_stays_taken(play, node):
    kind, before = WAYS[node]
    case = drafted(play, kind)
    for step in before:
        if step == "party":
            play.do(PLANT, step, **SIGNED | {"signature": "refused", "objection": "不认可约谈要求"})
        else:
            play.sign_task(BY[step], step)
    item = next(row for row in play.todo(BY[node]) if row.node == node)
    play.run(BY[node], commands.return_to, item.id, "draft", "事实表述不清")
    assert open_nodes(play, case) == ["draft"]
    first = paper_of(play, case)
    assert first.state == "void"
    view = play.task(STAFF, next(row.id for row in play.todo(STAFF) if row.node == "draft"))
    assert view.papers == (kind,)
    play.do(STAFF, "draft", **SHORT[kind])
    play.deps.jobs.drain(play.deps)
    second = paper_of(play, case)
    assert (first.number, second.number) == (
        second.number.replace("〕2号", "〕1号"),
        first.number.replace("〕1号", "〕2号"),
    )
    assert second.state == "signing"


def test_the_plant_returns_no_paper_of_the_bureau(play):
    drafted(play)
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    item = next(row for row in play.todo(PLANT) if row.node == "party")
    with pytest.raises(Invalid):
        play.run(PLANT, commands.return_to, item.id, "draft", "不同意")


def test_nobody_signs_twice_nor_seals_what_they_made(play):
    drafted(play)
    play.sign_task(STAFF, "sign")
    item = next(row for row in play.todo(SECOND) if row.node == "cosign")
    assert "complete" not in play.task(STAFF, item.id).operations
    with pytest.raises((Forbidden, Conflict)):
        play.sign(STAFF, play.paper(SECOND, item.id))


def test_two_signers_at_once_sign_one_place_once(play):
    """The second of two who read the same file is told that it has changed."""
    drafted(play)
    item = next(row for row in play.todo(STAFF) if row.node == "sign")
    paper = play.paper(STAFF, item.id)
    both = [
        signing.prepare(play.deps, play.actor(who), paper.id, PIN, paper.sha256)
        for who in (STAFF, SECOND)
    ]
    play.run(STAFF, signing.register, both[0])
    with pytest.raises(Conflict):
        play.run(SECOND, signing.register, both[1])


# What may be made at all


def refused(play, subject=None, who=STAFF, **answers):
    with pytest.raises(Invalid) as wrong:
        play.run(who, starting.start, ISSUE, subject or play.subject(), answers)
    return {at: str(text) for at, text in wrong.value.errors.items()}


@pytest.mark.parametrize(
    "kind",
    ["ghost", "start", "service_receipt", "sign", "../talk_record", "x" * 64],
)
def test_a_kind_that_there_is_not_cannot_be_made(play, kind):
    assert list(refused(play, kind=kind)) == ["/kind"]


def test_a_kind_that_another_procedure_makes_is_never_offered(play):
    """However it came into the bundle: what some deployed diagram drafts is drafted there."""
    offered = {offer.kind for offer in play.run(STAFF, offering.offers)}
    assert {"talk_record", "transfer_letter"} <= offered
    drafts = {
        word
        for path in (ROOT / "bpmn").rglob("*.bpmn")
        for word in _papers(path)
        if ":" not in word and "{" not in word
    }
    assert {"rectification_order", "legal_review", "panel_minutes", "stop_decision"} <= drafts
    kinds = play.deps.papers.templates.kinds
    assert {kind for kind in offered & drafts if not kinds[kind].singly} == set()
    assert {"hearing_record", "hearing_report"} <= drafts - offered
    assert offered | drafts == set(kinds)  # none is out of reach


def test_a_penalty_without_a_procedure_is_filed_here_and_no_decision_to_stop(play):
    """Where the diagram of a case drafts its filing and its report, they are drafted there alone."""
    fine, stop = play.start(STAFF), play.start(STAFF, "stop_production", reason="拒不执行停产指令")
    for case, there in ((None, True), (fine, True), (stop, False)):
        offered = {offer.kind for offer in play.run(STAFF, offering.offers, case)}
        assert ({"case_filing", "investigation_report"} <= offered) is there
        assert {"penalty_notice", "case_closing"} <= offered
    assert list(refused(play, kind="case_filing", case=str(stop))) == ["/kind"]
    filing = begun(play, "case_filing", case=str(fine))
    assert play.case(STAFF, filing).row.parent_id == fine


DECIDED = {
    "case_filing": ({"filing": "approved"}, {"filing": "refused"}),
    "investigation_report": ({"notice": "proceed"}, {"notice": "drop"}),
}
"""By what the deputy head approves, and declines, what a paper proposes."""


def decided(play, kind, case, answers):
    """Have a filing or a report drafted for a case, and decided on by the deputy head."""
    made = drafted(play, kind, case=str(case))
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    assert open_nodes(play, made) == ["decide"]
    play.sign_task(DEPUTY, "decide", **answers, opinion="违法行为轻微并已及时改正")
    assert ended(play, made) == "存档"
    return paper_of(play, made)


def faults(play):
    """Return what of the register is not as its history tells."""
    with play.deps.system_reading("test") as work:
        return [found for _number, some in registered.checked(work) for found in some]


def lacking(play, kind, case):
    (offer,) = [one for one in play.run(STAFF, offering.offers, case) if one.kind == kind]
    return [str(one) for one in offer.missing]


def test_the_deputy_head_declines_a_filing_in_writing_and_nothing_follows_from_it(play):
    """不予立案 is a complete paper, and no ground for a report; nor is a report for a penalty."""
    case = play.start(STAFF)
    for kind, after in (
        ("case_filing", "investigation_report"),
        ("investigation_report", "penalty_notice"),
    ):
        approved, declined = DECIDED[kind]
        title = str(play.deps.papers.templates.title(kind))
        assert decided(play, kind, case, declined).state == "sealed"
        assert f"{title}（经批准）" in lacking(play, after, case)
        assert title in refused(play, kind=after, case=str(case))["/kind"]
        assert decided(play, kind, case, approved).state == "sealed"
        assert lacking(play, after, case) == []
    assert faults(play) == []
    with play.deps.system("test") as work:
        work.session.execute(update(Document).values(declined=False))
    assert [found for found in faults(play) if "declined" not in found] == []
    assert len(faults(play)) == len(DECIDED)


def test_a_kind_on_which_a_leader_decides_has_a_form_for_it():
    kinds = {
        path.name.removesuffix(".schema.json")
        for path in (ROOT / "templates/documents").glob("*.schema.json")
        if '"decides": true' in path.read_text("utf-8")
    }
    assert kinds == set(DECIDED)
    for part in ("schema", "uischema"):
        found = (ROOT / "forms/decision").glob(f"*-{part}.json")
        assert {path.name.removesuffix(f"-{part}.json") for path in found} == kinds


def test_who_drafted_a_filing_does_not_decide_on_it(play):
    """A deputy head who holds the staff's role too is kept from deciding on what they drafted."""
    with play.deps.system("test") as work:
        me = work.session.scalars(select(Account.id).filter_by(username=STAFF)).one()
        office = work.session.scalars(select(RoleGrant).filter_by(account_id=me)).first()
        work.session.add(
            RoleGrant(account_id=me, organisation_id=office.organisation_id, role=Role.DEPUTY_HEAD)
        )
    drafted(play, "case_filing")
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    with pytest.raises((Conflict, Forbidden)):
        play.sign_task(STAFF, "decide", filing="approved")


def _papers(path):
    for found in etree.parse(path).iter(f"{SPIFF}property"):
        if found.get("name") == "papers":
            yield from found.get("value").split()


def test_no_way_round_the_order_of_a_decision_to_stop(play):
    """Even with a form for it in the bundle, a kind of another procedure is refused (R17, R18)."""
    form = (ROOT / "forms/issue_paper/talk_record-schema.json").read_bytes()
    with play.deps.system_reading("test") as work:
        bundle = procedures.running(work, procedures.find_newest(work, ISSUE).id).bundle
    more = {
        "forms/issue_paper/stop_decision-schema.json": form,
        "forms/issue_paper/stop_decision-uischema.json": b"{}",
    }
    with play.deps.transaction(drawn.NATIONAL) as work:
        procedures.deploy(work, type(bundle)({**bundle.files, **more}))
    with play.deps.system_reading("test") as work:
        running = procedures.running(work, procedures.find_newest(work, ISSUE).id)
    assert "stop_decision" in running.choices("draft")
    assert "stop_decision" not in {offer.kind for offer in play.run(STAFF, offering.offers)}
    assert list(refused(play, kind="stop_decision")) == ["/kind"]


def test_a_running_case_stays_on_its_bundle(play):
    """A kind that gets a form later is in the newer bundle alone."""
    case = begun(play)
    with play.deps.system_reading("test") as work:
        bundle = procedures.running(work, procedures.find_newest(work, ISSUE).id).bundle
    files = {path: data for path, data in bundle.files.items() if "/talk_record-" not in path}
    with play.deps.transaction(drawn.NATIONAL) as work:
        procedures.deploy(work, type(bundle)(files))
    assert list(refused(play, kind="talk_record")) == ["/kind"]
    play.do(STAFF, "draft", **SHORT["talk_record"])
    play.deps.jobs.drain(play.deps)
    assert open_nodes(play, case) == ["sign"]


# The case it belongs to


def test_it_belongs_to_the_case_that_was_named(play):
    parent = play.start(STAFF)
    case = begun(play, case=str(parent))
    assert play.case(STAFF, case).row.parent_id == parent
    assert [row.id for row in play.case(STAFF, parent).children] == [case]


def test_a_case_of_another_county_or_plant_or_of_nobody_is_refused(play):
    foreign = play.run(
        "fenyang.staff1",
        starting.start,
        "rectification",
        _plant(play, "141182"),
        play.answers(
            "fenyang.staff1",
            "start",
            _form(play, "rectification"),
            {"source": "inspection"},
        ),
    ).case_id
    for told in (foreign, 987_654_321, "0", "9" * 18):
        assert list(refused(play, kind="talk_record", case=str(told))) == ["/case"]
    mine = play.start(STAFF)
    with play.deps.system_reading("test") as work:
        other = work.session.scalars(
            select(Organisation.id)
            .where(Organisation.kind == "enterprise", Organisation.place.startswith("141123"))
            .where(Organisation.id != play.subject())
        ).first()
    assert list(refused(play, other, kind="talk_record", case=str(mine))) == ["/case"]


def _plant(play, place):
    with play.deps.system_reading("test") as work:
        return work.session.scalars(
            select(Organisation.id)
            .where(Organisation.kind == "enterprise", Organisation.place.startswith(place))
            .order_by(Organisation.id)
        ).first()


def _form(play, procedure):
    with play.deps.system_reading("test") as work:
        running = procedures.running(work, procedures.find_newest(work, procedure).id)
        return running.form(running.definition.start.id)


def test_an_office_is_written_about_only_where_no_plant_is_needed(play):
    office = play.actor(STAFF).grants[0].organisation
    for kind in ("talk_record", "transfer_letter", "case_filing"):  # they name whom they are about
        assert list(refused(play, office, kind=kind)) == ["/subject"]
    moved = play.run(STAFF, starting.start, ISSUE, office, {"kind": "notice"})
    assert play.case(STAFF, moved.case_id).row.subject_id == office


@pytest.mark.parametrize("who", [DEPUTY, KEEPER, PLANT, "xingxian.legal"])
def test_only_staff_start_one(play, who):
    with pytest.raises((Forbidden, NotFound)):
        play.run(who, starting.start, ISSUE, play.subject(), {"kind": "talk_record"})


# What has to come before


def changed(play, monkeypatch, kind="talk_record", **fields):
    """Have a kind say something else of itself."""
    kinds = play.deps.papers.templates.kinds
    monkeypatch.setitem(kinds, kind, dataclasses.replace(kinds[kind], **fields))


@pytest.fixture(name="_after")
def after(play, monkeypatch):
    """A record of a talk that comes after an order, and after either of two other papers."""
    wanted = (("rectification_order",), ("transfer_letter", "panel_minutes"))
    changed(play, monkeypatch, after=wanted)


@pytest.mark.usefixtures("_after")
def test_what_has_to_come_before_is_told_in_words(play):
    assert refused(play, kind="talk_record") == {
        "/case": "请选择所属案件：制发此文书前，案件中须先有"
        "责令限期整改指令书（已送达）、案件移送书或者集体讨论记录"
    }
    parent = play.start(STAFF)
    assert refused(play, kind="talk_record", case=str(parent)) == {
        "/kind": "制发此文书前，所属案件中须先有"
        "责令限期整改指令书（已送达）、案件移送书或者集体讨论记录"
    }
    (offer,) = [
        one for one in play.run(STAFF, offering.offers, parent) if one.kind == "talk_record"
    ]
    assert [str(one) for one in offer.missing] == [
        "责令限期整改指令书（已送达）",
        "案件移送书或者集体讨论记录",
    ]


@pytest.mark.usefixtures("_after")
def test_a_paper_of_the_case_counts_once_it_is_served_and_one_made_for_it_too(play):
    parent = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.finish_papers()
    assert "责令限期整改指令书" in refused(play, kind="talk_record", case=str(parent))["/kind"]
    play.do(STAFF, "serve_order")
    assert "责令限期整改指令书" not in refused(play, kind="talk_record", case=str(parent))["/kind"]
    letter = drafted(play, "transfer_letter", case=str(parent))
    assert refused(play, kind="talk_record", case=str(parent))
    play.sign_task(DEPUTY, "deputy")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    case = drafted(play, case=str(parent))
    assert open_nodes(play, case) == ["sign"]
    # It is asked again when the paper gets its number: what went before may be void by then.
    other = begun(play, case=str(parent))
    play.run(HEAD, voiding.void, paper_of(play, letter).id, "移送有误")
    with pytest.raises(Invalid) as wrong:
        play.do(STAFF, "draft", **SHORT["talk_record"])
    assert list(wrong.value.errors) == ["/kind"]
    assert open_nodes(play, other) == ["draft"]


def test_what_was_served_before_the_case_counts_where_it_is_reviewed_later(play):
    """An order that a case came from can be prolonged in it; what was discussed there cannot."""
    parent = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.finish_papers()
    play.do(STAFF, "serve_order")
    child = play.start(STAFF, "county_inspection")
    with play.deps.system("a case that another one started") as work:
        work.session.get_one(Case, child).parent_id = parent
    lacking = {
        offer.kind: [str(one) for one in offer.missing]
        for offer in play.run(STAFF, offering.offers, child)
    }
    assert lacking["extension_reply"] == []
    filing = sealed(play, case=str(parent))
    assert play.case(STAFF, filing).row.parent_id == parent
    with play.deps.system_reading("test") as work:
        kinds = work.deps.papers.templates.kinds
        after = dataclasses.replace(kinds["talk_record"], after=(("transfer_letter",),))
        assert preceding.missing(work, after, preceding.complete(work, parent)) == []
        assert len(preceding.missing(work, after, preceding.complete(work, child))) == 1


def test_what_is_there_is_asked_once_however_far_a_case_came(play):
    cases = [play.start(STAFF) for _ in range(4)]
    with play.deps.system("cases of which each came from the last") as work:
        for before, case in pairwise(cases):
            work.session.get_one(Case, case).parent_id = before
    for case in (cases[0], cases[-1]):
        with counting.statements(play.deps, "document", "RECURSIVE") as asked:
            assert play.run(STAFF, offering.offers, case)
        assert len(asked) == 2
        with counting.statements(play.deps, "document", "RECURSIVE") as asked:
            assert play.run(STAFF, earlier.orders, case) == {}
        assert len(asked) == 2


def test_what_was_served_nearest_counts(play):
    """What a case goes by is its own order, or that of the nearest case that it came from."""
    ordered, numbers = [], []
    for _ in range(2):
        ordered.append(play.start(STAFF))
        play.do(STAFF, "draft_order")
        play.do(STAFF, "serve_order")
        papers = play.papers(STAFF, ordered[-1])
        numbers += [one.number for one in papers if one.kind == "rectification_order"]
    (first, second), third = ordered, play.start(STAFF, "county_inspection")
    with play.deps.system("cases of which each came from the last") as work:
        work.session.get_one(Case, first).parent_id = second
        work.session.get_one(Case, third).parent_id = first
    told = play.run(STAFF, earlier.orders, third)
    assert told["term"]["number"] == numbers[0] != numbers[1]


def test_what_a_task_was_chosen_by_is_kept_on_both_databases(play):
    case = begun(play)
    with play.deps.system_reading("test") as work:
        item = work.session.scalars(
            select(WorkItem).where(WorkItem.case_id == case, WorkItem.status == ItemStatus.OPEN)
        ).one()
        assert (item.node, item.choice) == ("draft", "talk_record")
        assert work.session.scalar(select(func.count()).select_from(Document)) == 0


def test_the_data_of_a_paper_are_the_answers_of_its_form(play):
    case = drafted(play)
    data = reading_of(play, paper_of(play, case).id).data
    answers = {key: data[key] for key in SHORT["talk_record"]}
    assert answers == SHORT["talk_record"]
    assert json.dumps(data, ensure_ascii=False)
    assert (
        io.BytesIO(play.run(STAFF, reading.file, paper_of(play, case).id).data).read(4) == b"%PDF"
    )


def waiting(play, case):
    (task,) = play.open_of(case)
    return task.node, last_day(task.due_at).isoformat(), task


def test_what_is_sealed_waits_for_somebody_to_end_it_and_is_prolonged_once(play, clock):
    """行政强制法 25: thirty days, once thirty more by a decision that is served with its reasons."""
    case = prolonged(play)
    play.do(STAFF, "prolong_serve", officers=OFFICERS)
    seizure, decision = (row for row in play.papers(STAFF, case) if row.kind != "service_receipt")
    assert (decision.kind, decision.state) == ("seizure_extension", "served")
    stated = reading_of(play, decision.id).data
    assert stated["seizure_number"] == seizure.number
    assert (stated["from_day"], stated["ends_on"]) == ("2026-11-20", "2026-12-19")
    assert (stated["reason"], stated["to_day"]) == (LONGER["reason"], "2027-01-18")
    node, day, task = waiting(play, case)
    assert (node, day) == ("ends_prolonged", "2027-01-18")
    with pytest.raises(Invalid) as again:  # it cannot be prolonged twice
        play.run(STAFF, commands.complete, task.id, PROLONGED)
    assert "/outcome" in again.value.errors
    clock.now += timedelta(days=90)
    play.sweep()
    assert waiting(play, case)[0] == "ends_prolonged"  # nothing ends by itself
    done = {"outcome": "released", "release_number": "（兴）应急解封〔2027〕1号"}
    play.run(STAFF, commands.complete, task.id, {**done, "done_on": "2027-01-18"})
    assert ended(play, case) == "期限已处理"


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"to_day": "2027-01-19"}, "/to_day"),  # thirty-one days
        ({"to_day": "2026-12-19"}, "/to_day"),  # no longer than before
        ({"reason": ""}, "/reason"),
        ({"officers": OFFICERS[:1]}, "/officers"),
    ],
)
def test_a_decision_to_prolong_is_for_thirty_days_at_most_and_says_why(play, changes, at):
    _case, task = to_be_prolonged(play)
    given = {**LONGER, "officers": OFFICERS, **changes}
    with pytest.raises(Invalid) as wrong:
        play.run(STAFF, commands.complete, task.id, given)
    assert at in wrong.value.errors


def test_what_its_form_says_of_the_first_term_is_what_the_decision_said(play):
    case, task = to_be_prolonged(play)
    (decision,) = (row for row in play.papers(STAFF, case) if row.kind == "seizure")
    first = play.task(STAFF, task.id).prefill
    assert first["seizure_number"] == decision.number
    assert (first["from_day"], first["ends_on"]) == ("2026-11-20", "2026-12-19")
    given = {**LONGER, "officers": OFFICERS, "ends_on": "2027-06-30", "to_day": "2027-07-30"}
    with pytest.raises(Invalid) as wrong:
        play.run(STAFF, commands.complete, task.id, given)
    assert wrong.value.errors.keys() <= {"/to_day", "/ends_on"}


def test_nothing_is_prolonged_once_the_term_is_over_and_nobody_is_stuck(play, clock):
    case, task = to_be_prolonged(play)
    clock.now += timedelta(days=30)  # 20 December
    with pytest.raises(Invalid) as late:
        play.run(STAFF, commands.complete, task.id, {**LONGER, "officers": OFFICERS})
    assert set(late.value.errors) == {"/ends_on"}
    play.run(STAFF, commands.return_to, task.id, "ends", "期限已经届满，不再延长")
    node, _day, task = waiting(play, case)
    assert node == "ends"
    assert play.task(STAFF, task.id).paper is not None  # the decision to seal is shown
    done = {"outcome": "released", "release_number": "（兴）应急解封〔2026〕1号"}
    play.run(STAFF, commands.complete, task.id, {**done, "done_on": "2026-12-20"})
    assert ended(play, case) == "期限已处理"


def test_a_decision_that_the_head_did_not_sign_in_time_is_void_and_the_seizure_is_dealt_with(
    play, clock
):
    case, _task = to_be_prolonged(play)
    play.do(STAFF, "prolong", **LONGER, officers=OFFICERS)
    play.sign_task(STAFF, "paper_sign", paper_state="made")
    play.sign_task(SECOND, "paper_countersign", paper_state="made")
    clock.now += timedelta(days=30)  # the term was over yesterday
    with pytest.raises(Invalid) as late:
        play.sign_task(HEAD, "paper_head", paper_state="made")
    assert set(late.value.errors) == {"/pin"}
    play.do(HEAD, "paper_head", paper_state="returned", reason="期限已经届满")
    assert paper_of(play, case).state == "void"
    node, _day, task = waiting(play, case)
    assert node == "prolong"
    play.run(STAFF, commands.return_to, task.id, "ends", "期限已经届满，不再延长")
    node, _day, task = waiting(play, case)
    assert node == "ends"
    shown = play.task(STAFF, task.id).paper
    assert reading_of(play, shown).row.kind == "seizure"  # not the decision that is void


def test_what_is_sealed_for_more_than_thirty_days_is_refused_at_its_field(play):
    begun(play, "seizure")
    task = next(row for row in play.todo(STAFF) if row.node == "draft")
    for day in ("2026-12-20", "2027-01-18"):
        given = {**SHORT["seizure"], "from_day": "2026-11-20", "to_day": day}
        with pytest.raises(Invalid) as wrong:
            play.run(STAFF, commands.complete, task.id, given)
        assert set(wrong.value.errors) == {"/to_day"}
    play.do(STAFF, "draft", **{**SHORT["seizure"], "to_day": "2026-12-19"})


def test_who_has_to_end_it_is_reminded_and_the_leader_hears_when_it_is_late(play, clock):
    case = seized(play)
    clock.now += timedelta(days=24)
    play.sweep()
    assert "task_due_soon" in [row.key for row in play.messages(STAFF)]
    clock.now += timedelta(days=7)
    play.sweep()
    assert "task_overdue" in [row.key for row in play.messages(DEPUTY)]
    assert waiting(play, case)[0] == "ends"


def test_a_kind_that_lasts_names_its_days_and_has_a_form_for_its_end(play):
    kinds = play.deps.papers.templates.kinds
    assert [one.id for one in kinds.values() if one.lasts] == ["blacklist_decision", "seizure"]
    for kind in ("blacklist_decision", "seizure"):
        assert {"from_day", "to_day"} <= set(kinds[kind].schema["required"])
        assert (ROOT / f"forms/ending/{kind}-schema.json").is_file()
