"""What must not happen to a hazard, a stop or a card without its basis in law."""

from datetime import date, timedelta

import pytest

from app.domain import Invalid
from app.domain.hazards import HazardState
from app.models.enterprises import Enterprise
from app.services import ledger, offering
from app.services.cases import starting
from app.services.documents import reading as documents
from app.services.ledger import Wanted
from tests.casework import Play
from tests.services.test_chain import ASKED, CRANE, GAS, inspected, rows, running, standing

STAFF, DEPUTY, PLANT = "xingxian.staff1", "xingxian.deputy", "xingxian.plant"


@pytest.fixture
def play(on, deps, actor):
    made = Play(deps, actor)
    made.on = on
    return made


def stopped(play, until="supervision_review", **answers):
    """Return the case of a temporary stop, and its open task `until`."""
    wanted = {
        "choose": {"comply_by": "2027-03-31"},
        "on_site_draft": {"measures": ["withdraw", "stop"]},
        "supervision_rectify": {"request": "review"},
        **answers,
    }

    def walk():
        inspected(play)
        case = running(play, "stop_production").id
        play.walk(case, until, **wanted)
        return case

    case = walk() if answers else play.on.begin(f"stopped {until}", play.deps, walk)
    (task,) = (one for one in play.open_of(case) if one.node == until)
    return case, task


def reviewed(play, task, *results):
    begun = play.task(STAFF, task.id).prefill["points"]
    return [
        {**row, "result": result, "note": "现场核查"}
        for row, result in zip(begun, results, strict=True)
    ]


class TestReviewOfAStop:
    def test_no_open_hazard_is_left_out(self, play):
        _case, task = stopped(play)
        gas, crane = reviewed(play, task, "pass", "pass")
        for points in ([gas], [gas, {**crane, "hazard_id": gas["hazard_id"]}], [gas, gas]):
            with pytest.raises(Invalid) as refused:
                play.complete(STAFF, task.id, points=points, result="pass")
            assert "/points" in refused.value.errors
        play.complete(STAFF, task.id, points=[gas, crane], result="pass")

    def test_who_decides_sees_each_point_of_the_review(self, play):
        case, task = stopped(play)
        points = reviewed(play, task, "pass", "pass")
        wanted = {"points": points, "result": "pass", "opinion": "具备安全生产条件"}
        (consent,) = play.walk(case, "consent", supervision_review=wanted)
        begun = play.task("xingxian.head", consent.id).prefill
        assert begun["review"] == "具备安全生产条件"
        assert begun["points"].splitlines() == [
            f"{number}．{row['description']}：合格；现场核查"
            for number, row in enumerate((GAS, CRANE), 1)
        ]

    def test_who_decides_on_a_failure_sees_the_stop_and_the_review(self, play):
        case, task = stopped(play)
        points = reviewed(play, task, "pass", "fail")
        wanted = {"points": points, "result": "fail", "opinion": "起重机尚未更换"}
        (failure,) = play.walk(case, "decide_failure", supervision_review=wanted)
        begun = play.task("xingxian.head", failure.id).prefill
        assert (begun["in_force"], begun["review"]) == ("suspended", "起重机尚未更换")
        assert "stop_number" not in begun
        assert begun["after_stop"] == "none"
        wanted = {"failure": "refused", "measure": "closure"}
        with pytest.raises(Invalid) as refused:
            play.complete("xingxian.head", failure.id, **wanted)
        assert list(refused.value.errors) == ["/measure"]

    def test_a_review_closes_nothing_after_the_head_refused(self, play, clock):
        case, task = stopped(play)
        points = reviewed(play, task, "pass", "pass")
        wanted = {"points": points, "result": "pass"}
        (listing,) = play.walk(
            case, "supervision_list", supervision_review=wanted, consent={"consent": "no"}
        )
        clock.now += timedelta(days=3)
        play.walk(
            case,
            "major_decision_file_case",
            supervision_list={"comply_by": "2027-03-31"},
            supervision_review_plan={"result": "not_secured"},
            decide_failure={"measure": "penalty"},
        )
        assert listing.node == "supervision_list"
        assert HazardState.CLOSED not in {row.state for row in rows(play)}


def test_an_enterprise_sees_its_hazards_before_it_takes_part_in_the_stop(play):
    """The case that follows them is not opened to it yet."""
    inspected(play)
    found = play.run(PLANT, ledger.find, Wanted())
    assert (len(found.rows), found.count) == (2, 2)
    assert play.run(PLANT, ledger.get, found.rows[0].id).row.followed
    assert play.run(PLANT, ledger.find, Wanted(mark="loose")).rows == []


class TestExtension:
    def asked(self, play, until="2027-06-30"):
        case, task = stopped(play, "supervision_rectify")
        play.complete(PLANT, task.id, request="extension", extension_to=until)
        (decide,) = play.open_of(case)
        return case, decide

    def deadlines(self, play):
        return {str(row.deadline) for row in rows(play)}

    def test_a_refusal_moves_no_deadline(self, play):
        case, decide = self.asked(play)
        moved = {"extended_to": "2030-12-31", "comply_by": "2030-12-31"}
        play.complete(DEPUTY, decide.id, extension="refused", **moved)
        play.deps.jobs.drain(play.deps)
        (rectify,) = play.walk(case, "supervision_rectify")
        reply = next(one for one in play.papers(PLANT, case) if one.kind == "extension_reply")
        said = play.run(PLANT, documents.get, reply.id)
        assert (reply.state, said.data["extension"]) == ("served", "refused")
        assert said.data["order_title"] == "重大事故隐患挂牌督办通知书"
        assert {one.slot for one in said.signatures} == {"deputy", "seal"}
        assert rectify.due_at.date() == date(2027, 3, 31)
        assert self.deadlines(play) == {"2027-03-31"}

    @pytest.mark.parametrize("until", ["2027-03-01", "2027-07-01"])
    def test_it_lies_between_the_deadline_and_what_was_asked_for(self, play, until):
        _case, decide = self.asked(play)
        with pytest.raises(Invalid) as refused:
            play.complete(DEPUTY, decide.id, extension="granted", extended_to=until)
        assert "/extended_to" in refused.value.errors

    def test_a_grant_moves_every_deadline(self, play):
        case, decide = self.asked(play)
        play.complete(DEPUTY, decide.id, extension="granted", extended_to="2027-05-31")
        play.deps.jobs.drain(play.deps)
        (sign,) = play.walk(case, "paper_deputy")
        assert self.deadlines(play) == {"2027-03-31"}  # until it is served
        play.complete(DEPUTY, sign.id, paper_state="returned", reason="日期有误")
        granted = {"extension": "granted", "extended_to": "2027-05-31"}
        (rectify,) = play.walk(case, "supervision_rectify", supervision_decide_extension=granted)
        assert rectify.due_at.date() == date(2027, 5, 31)
        assert self.deadlines(play) == {"2027-05-31"}

    def test_nobody_applies_for_less_than_there_is(self, play):
        with pytest.raises(Invalid) as refused:
            self.asked(play, "2027-03-01")
        assert "/extension_to" in refused.value.errors


class TestPutRightAtOnce:
    def test_an_enterprise_closes_no_major_hazard_itself(self, play):
        play.start(STAFF, "self_inspection", deadline="2026-12-10", scope=["all"])
        play.do(PLANT, "self_check_inspect", found="yes", remaining="no")
        now = {**CRANE, "fixed": "now", "fixed_on": "2026-11-20", "after": [play.upload(PLANT)]}
        ledger = {"hazards": [now], "hazard_class": "major", "remaining": "no"}
        with pytest.raises(Invalid) as refused:
            play.do(PLANT, "self_check_ledger", **ledger)
        assert "/hazards" in refused.value.errors

    @pytest.mark.parametrize(
        ("worst", "hazards"),
        [
            ("corrected", [CRANE]),
            ("corrected", [{**CRANE, "corrected": True}, GAS]),
            ("general", [CRANE, GAS]),
            ("major", [GAS]),
            ("major", [{**CRANE, "corrected": True}, GAS]),
        ],
    )
    def test_what_follows_from_an_inspection_fits_what_was_found(self, play, worst, hazards):
        with pytest.raises(Invalid) as refused:
            inspected(play, worst=worst, hazards=hazards)
        assert "/worst" in refused.value.errors


def test_a_paper_is_served_on_no_day_before_it_was_made(play):
    case, _task = stopped(play, "supervision_serve")
    (task,) = play.open_of(case)
    with pytest.raises(Invalid) as refused:
        play.complete(STAFF, task.id, served_on="2026-11-19")
    assert "/served_on" in refused.value.errors
    play.complete(STAFF, task.id, served_on="2026-11-20")


def test_the_notice_begins_with_the_deadline_that_was_decided_last(play):
    case, _task = stopped(play, "decide_failure", supervision_review_plan={"result": "not_secured"})
    until = {"comply_by": "2030-12-31"}  # of no use where no supervision goes on
    (task,) = play.walk(
        case,
        "supervision_list",
        decide_failure={"measure": "penalty", **until},
        major_decision_investigate={"proposal": "penalty", "content": "责令停产停业整顿"},
        major_decision_respond={"reply": "none"},
        major_decision_decide={
            "verdict": "pass",
            "article": "《安全生产法》第一百零二条",
            "until": "2027-05-20",
        },
    )
    assert play.task(STAFF, task.id).prefill["comply_by"] == "2027-05-20"


def test_a_stop_that_ends_reopens_nothing_that_the_government_closes(play):
    """Two cases about one plant: its stop is lifted after the decision to close it."""
    stop, task = stopped(play)
    points = reviewed(play, task, "pass", "pass")
    request = play.start(STAFF, "closure_request")
    asked = {**ASKED, "closure_government_decide": {"answer": "closed"}}
    play.walk(request, "nothing", **asked)
    assert standing(play) == ("red", "closing", False)
    play.walk(stop, "nothing", supervision_review={"points": points, "result": "pass"})
    assert standing(play) == ("red", "closing", False)


def comes(play, clock, case, *nodes):
    """Let days pass until one of these tasks is open, and return it."""
    for _ in range(200):
        for task in play.open_of(case):
            if task.node in nodes:
                return task
        clock.advance(days=1)
        play.sweep()
    raise AssertionError(f"{nodes} never come: {[task.node for task in play.open_of(case)]}")


def told(play, who):
    return {message.key for message in play.messages(who)}


SUPPLIER = "国网山西省电力公司兴县供电公司"
APPROVED = {"power_cut_approve": {"power_state": "approved"}}
DEFIED = {"decide_failure": {"failure": "refused", "measure": "power"}}


class TestDefiance:
    """Who does not stop loses the power (安全生产法 70), until it obeys."""

    def defied(self, play, clock):
        """Return a stop whose supervision has found the plant at work; it reported nothing."""
        case, _task = stopped(play, "supervision_rectify")
        comes(play, clock, case, "supervision_report")
        comes(play, clock, case, "supervision_supervise")
        play.walk(case, "decide_failure", supervision_supervise={"obeyed": "no"})
        return case

    def cut(self, play, case, urgent):
        proposed = {"power_cut_propose": {"urgent": urgent, "supplier": SUPPLIER}}
        return play.walk(case, "power_cut_cut", **DEFIED, **APPROVED, **proposed)

    def test_power_is_cut_after_a_day_and_comes_back_with_obedience(self, play, clock):
        case = self.defied(play, clock)
        assert self.cut(play, case, "no") == []  # 24 hours of notice
        clock.advance(hours=23)
        play.sweep()
        assert play.open_of(case) == []
        clock.advance(hours=2)
        play.sweep()
        assert [task.node for task in play.open_of(case)] == ["power_cut_cut"]
        clock.advance(hours=25)
        play.sweep()
        assert "power_not_cut" in told(play, "xingxian.head")
        obeyed = {"power_cut_verify": {"power_state": "complied"}}
        listing = {"supervision_list": {"comply_by": "2027-09-30"}}
        assert play.walk(case, "supervision_rectify", **obeyed, **listing)
        assert "power_cut_restore" in play.case(STAFF, case).passed

    def states(self, play, case):
        papers = [one for one in play.papers(STAFF, case) if one.kind == "power_cut_notice"]
        return sorted(paper.state for paper in papers)

    def test_in_danger_it_is_cut_at_once_and_who_still_defies_is_the_heads_to_decide(
        self, play, clock
    ):
        """The notice is signed by the head, sealed, and served on supplier and plant."""
        case = self.defied(play, clock)
        (propose,) = play.walk(case, "power_cut_propose", **DEFIED)
        measure = next(one for one in play.papers(STAFF, case) if one.kind == "on_site_measure")
        begun = play.task(STAFF, propose.id).prefill
        assert begun["order"] == f"现场处理措施决定书{measure.number}"
        refused = {"power_cut_approve": {"power_state": "rejected", "opinion": "尚无现实危险"}}
        play.walk(case, "decide_failure", **refused)
        (keep,) = play.walk(case, "power_cut_approve_seal", **DEFIED, **APPROVED)
        play.complete("xingxian.seal", keep.id, paper_state="returned", reason="停电范围不具体")
        assert self.states(play, case) == ["void", "void"]
        (cut,) = self.cut(play, case, "yes")
        assert self.states(play, case) == ["served", "void", "void"]
        notice = play.paper(play.holders(cut)[0], cut.id)
        signed = play.run(STAFF, documents.get, notice.id).signatures
        assert {one.slot for one in signed} == {"head", "seal"}
        assert notice.state == "served"
        receipt = play.run(STAFF, documents.get, play.papers(STAFF, case)[-1].id).data
        assert receipt["supplier"] == SUPPLIER
        wanted = {"kind": "power_cut_notice", "case": str(case)}
        with pytest.raises(Invalid):  # it is made by the case's own diagram
            play.run(STAFF, starting.start, offering.PROCEDURE, play.subject(), wanted)
        defied = {"power_cut_verify": {"power_state": "defied"}}
        (decide,) = play.walk(case, "decide_failure", **defied)
        assert play.task("xingxian.head", decide.id).prefill["in_force"] == "suspended"
        assert "power_cut_restore" not in play.case(STAFF, case).passed
        play.complete("xingxian.head", decide.id, failure="refused", measure="go_on")
        assert [task.node for task in play.open_of(case)] == ["supervision_list"]

    def test_a_record_of_supervision_that_is_wrong_is_written_anew(self, play, clock):
        case, _task = stopped(play, "supervision_rectify")
        comes(play, clock, case, "supervision_report")
        comes(play, clock, case, "supervision_supervise")
        play.walk(case, "site_record_sign", supervision_supervise={"obeyed": "yes"})
        (sign,) = play.open_of(case)
        play.complete(STAFF, sign.id, paper_state="returned", reason="检查日期有误")
        assert [one.node for one in play.open_of(case)] == ["supervision_supervise"]

    def test_who_obeys_works_on_until_its_day_and_is_reviewed_unasked(self, play, clock):
        case, _task = stopped(play, "supervision_rectify")
        obeyed = {"supervision_supervise": {"obeyed": "yes"}}
        while True:  # month after month, until its day has come
            task = comes(play, clock, case, "supervision_report", "supervision_review")
            if task.node == "supervision_review":
                break
            play.complete(PLANT, task.id)
            play.walk(case, "supervision_rectify", **obeyed)
        assert "rectification_due" in told(play, PLANT)
        assert "rectification_overdue" in told(play, DEPUTY)
        assert HazardState.OVERDUE in {row.state for row in rows(play)}


class TestAfterThePenalty:
    def test_a_decision_that_is_none_leaves_the_temporary_stop_in_force(self, play):
        case, task = stopped(play)
        points = reviewed(play, task, "pass", "fail")
        penalty = {
            "supervision_review": {"points": points, "result": "fail"},
            "decide_failure": {"measure": "penalty"},
            "major_decision_respond": {"reply": "none"},
            "major_decision_decide": {"verdict": "reject"},
        }
        (listing,) = play.walk(case, "supervision_list", **penalty)
        assert listing.node == "supervision_list"
        assert standing(play)[1] == "suspended"
        assert "major_decision_decide" in play.case(STAFF, case).passed

    def test_a_fine_in_its_place_is_served_and_published_and_stops_nothing(self, play):
        case, task = stopped(play)
        fined = {"content": "处二十万元罚款", "article": "《中华人民共和国安全生产法》第一百零二条"}
        penalty = {
            "supervision_review": {
                "points": reviewed(play, task, "pass", "fail"),
                "result": "fail",
            },
            "decide_failure": {"measure": "penalty"},
            "major_decision_respond": {"reply": "none"},
            "major_decision_decide": {
                "verdict": "change",
                "changed_kind": "fine",
                "until": "2027-06-30",
                **fined,
            },
        }
        play.walk(case, "supervision_list", **penalty)
        assert standing(play)[1] == "suspended"
        passed = play.case(STAFF, case).passed
        assert {"major_decision_serve_decision", "major_decision_publish"} <= {*passed}

    def test_who_was_long_idle_resumes_by_the_governments_consent(self, play):
        case, task = stopped(play)
        with play.deps.system("test") as work:
            work.session.get_one(Enterprise, play.subject()).idle = True
        passed = {"points": reviewed(play, task, "pass", "pass"), "result": "pass"}
        consent = {"consent": {"consent": "government"}}
        play.walk(case, "nothing", supervision_review=passed, **consent)
        view = play.case(STAFF, case)
        assert str(view.row.ended) == "转复产审核"
        assert {str(child.procedure) for child in view.children} & {"resume_production", "handover"}
        assert standing(play)[1] == "suspended"  # until the government consents
        told = [paper.kind for paper in play.papers(PLANT, case)]
        assert "supervision_removal" in told
        assert "resumption_consent" not in told
        assert {row.state for row in rows(play)} == {HazardState.CLOSED}
