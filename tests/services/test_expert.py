"""专家检查意见: drafted and signed by who was invited, or entered by the inspectors."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import literal, select

from app.domain import Invalid, NotFound
from app.domain.statistics import By
from app.models.casework import Case
from app.models.people import Account, RoleGrant
from app.services import offering
from app.services.cases import files
from app.services.documents import reading as documents
from app.services.reports.counting import Ledgers
from app.services.tasks import commands
from tests.casework import Play
from tests.findings import CRANE, GAS, OFFICERS

STAFF, DEPUTY, PLANT = "xingxian.staff1", "xingxian.deputy", "xingxian.plant"
INVITED, EXPERT = "xingxian.expert", "白博学（演示）"
INSPECTED = {
    "plan": {"officers": OFFICERS, "expert_wanted": "no"},
    "arrive": {"officers": OFFICERS},
    "visit": {"officers": OFFICERS, "danger": "no", "hazards": [GAS, CRANE]},
}
FOUND = {
    "worst": "general",
    "hazards": [GAS],
    "steel_found": "no",
    "violation": "no",
    "equipment": "no",
    "catalogue": "none",
    "transfer": "no",
}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


class OfOne(Ledgers):
    """The ledgers of an office's report that is about one enterprise."""

    @property
    def who(self):
        return select(literal(self.subject))


SIGNED = ("expert", "sign_opinion")
"""What an expert does: write the opinion, and sign it."""


class TestExpert:
    """An invited expert sees the case and gives an opinion; where they have no account, we enter it."""

    def invited(self, play, name, **answers):
        case = play.start(STAFF, "county_inspection")
        plan = {
            **INSPECTED["plan"],
            "expert_wanted": "yes",
            "expert_name": name,
            "expert_field": "冶金",
            "expert_free": True,
        }
        given = INSPECTED | {"plan": plan} | answers
        return case, play.walk(case, "expert" if name == EXPERT else "expert_paper", **given)

    def test_who_was_invited_sees_the_case_and_no_other(self, play):
        other = play.start(STAFF, "county_inspection")
        assert play.todo("xingxian.expert") == []
        case, (task,) = self.invited(play, EXPERT)
        assert [row.id for row in play.todo("xingxian.expert")] == [task.id]
        play.walk(case, "classify")
        with pytest.raises(NotFound):
            play.case("xingxian.expert", other)
        assert play.case("xingxian.expert", case)
        papers = play.run("xingxian.expert", documents.find)[0]
        assert {paper.case_id for paper in papers} <= {case}

    def test_they_see_what_was_found_and_not_what_the_bureau_makes_of_it(self, play):
        photo, later = play.upload(STAFF), play.upload(STAFF)
        visit = {**INSPECTED["visit"], "hazards": [{**GAS, "photos": [photo]}]}
        case, _tasks = self.invited(play, EXPERT, visit=visit)
        told = play.case("xingxian.expert", case)
        assert {opinion.node for opinion in told.opinions} == {"plan", "visit"}
        found = FOUND | {"hazards": [{**GAS, "photos": [later]}]}
        play.walk(case, "conclude", classify=found)
        told = play.case("xingxian.expert", case)
        assert {opinion.node for opinion in told.opinions} == {"plan", "visit", *SIGNED}
        (paper,) = self.opinions(play, case, INVITED)
        of_papers = [line.detail["document"] for line in told.history if line.node is None]
        assert set(of_papers) == {paper.id}
        assert {line.node for line in told.history} - {None} <= {"plan", "visit", *SIGNED}
        assert play.run("xingxian.expert", files.content, photo, shown=True).data
        with pytest.raises(NotFound):
            play.run("xingxian.expert", files.content, later, shown=True)
        assert play.run("xingxian.head", files.content, later, shown=True).data

    def test_who_has_no_account_is_heard_on_paper(self, play):
        case, (task,) = self.invited(play, "王外聘")
        assert (task.node, task.role) == ("expert_paper", "staff")
        assert "expert_late" not in play.case(STAFF, case).passed
        play.walk(case, "classify")
        assert self.opinions(play, case) == []

    def opinions(self, play, case, who=STAFF):
        return [paper for paper in play.papers(who, case) if paper.kind == "expert_opinion"]

    def test_the_opinion_is_a_paper_that_they_sign(self, play):
        advice = {
            "description": "一氧化碳报警装置未按期检定",
            "basis": "《工业企业煤气安全规程》第4.10条",
            "proposal": "更换并定期检定",
            "class": "general",
        }
        case, (task,) = self.invited(play, EXPERT)
        begun = play.task(INVITED, task.id).prefill
        assert (begun["expert"], begun["expert_field"]) == (EXPERT, "冶金")
        assert (begun["checked_on"], bool(begun["place"])) == ("2026-11-20", True)
        with pytest.raises(Invalid) as refused:
            play.do(INVITED, "expert", checked_on="2026-11-21")
        assert list(refused.value.errors) == ["/checked_on"]
        play.do(INVITED, "expert", advice=[advice], opinion="煤气设施总体完好", expert="王外聘")
        play.deps.jobs.drain(play.deps)
        (task,) = play.open_of(case)
        assert (task.node, task.role, task.assignee) == ("sign_opinion", "expert", EXPERT)
        play.sign_task(INVITED, "sign_opinion", checked=True)
        (paper,) = self.opinions(play, case)
        assert self.opinions(play, case, INVITED) == [paper]
        view = play.run(STAFF, documents.get, paper.id)
        assert (view.row.state, [one.slot for one in view.signatures]) == ("sealed", ["expert"])
        assert (view.data["expert"], view.data["advice"]) == (EXPERT, [advice])
        assert self.opinions(play, case, PLANT) == []
        assert [task.node for task in play.open_of(case)] == ["classify"]

    def test_one_that_is_wrong_is_written_anew(self, play):
        case, _tasks = self.invited(play, EXPERT)
        play.do(INVITED, "expert", opinion="煤气设施总体完好")
        play.deps.jobs.drain(play.deps)
        (task,) = play.open_of(case)
        play.run(INVITED, commands.return_to, task.id, "expert", "漏写一项")
        (task,) = play.open_of(case)
        assert task.assignee == EXPERT
        assert play.task(INVITED, task.id).prefill["opinion"] == "煤气设施总体完好"
        play.do(INVITED, "expert")
        play.sign_task(INVITED, "sign_opinion", checked=True)
        assert [paper.state for paper in self.opinions(play, case)] == ["void", "sealed"]

    @pytest.mark.parametrize("drafted", [True, False])
    def test_who_is_late_is_heard_on_paper_and_leaves_no_draft(self, play, clock, drafted):
        case, _tasks = self.invited(play, EXPERT)
        if drafted:
            play.do(INVITED, "expert")
            play.deps.jobs.drain(play.deps)
        clock.now += timedelta(days=7)
        play.sweep()
        (task,) = play.open_of(case)
        assert (task.node, task.role) == ("expert_paper", "staff")
        assert "expert_opinion_late" in {message.key for message in play.messages(STAFF)}
        told = [
            (paper.state, play.run(STAFF, documents.get, paper.id).void_reason)
            for paper in self.opinions(play, case)
        ]
        assert told == ([("void", "专家逾期未签署")] if drafted else [])
        play.do(STAFF, "expert_paper", received="no")
        assert [task.node for task in play.open_of(case)] == ["classify"]

    def test_who_is_late_with_the_signature_is_counted_once(self, play, clock):
        case, _tasks = self.invited(play, EXPERT)
        began = clock.now
        play.do(INVITED, "expert")
        play.deps.jobs.drain(play.deps)
        clock.now += timedelta(days=7)
        play.sweep()
        play.do(STAFF, "expert_paper", received="no")
        with play.deps.system_reading("test") as work:
            found = work.session.get_one(Case, case)
            report = SimpleNamespace(by=By.OFFICE, organisation_id=found.owner_id)
            counted = OfOne(work, report, began, clock.now + timedelta(days=1))
            counted.subject = found.subject_id
            assert counted.count("expert_times").number == 1

    def test_whose_account_was_closed_meanwhile_holds_nothing_up(self, play, clock):
        case, _tasks = self.invited(play, EXPERT)
        play.do(INVITED, "expert")
        with play.deps.system("test") as work:
            work.session.scalars(select(Account).filter_by(username=INVITED)).one().active = False
        play.deps.jobs.drain(play.deps)
        clock.now += timedelta(days=7)
        play.sweep()
        assert [task.node for task in play.open_of(case)] == ["expert_paper"]
        assert [paper.state for paper in self.opinions(play, case)] == ["void"]

    def test_a_colleague_to_whom_it_was_handed_signs_in_their_own_name(self, play):
        case, (task,) = self.invited(play, EXPERT)
        with play.deps.system("test") as work:
            first = work.session.scalars(select(Account).filter_by(username=INVITED)).one()
            other = work.session.scalars(select(Account).filter_by(username="lvliang.expert")).one()
            office = work.session.scalars(select(RoleGrant).filter_by(account_id=first.id)).one()
            grant = {"role": office.role, "organisation_id": office.organisation_id}
            work.session.add(RoleGrant(account_id=other.id, **grant))
            name = other.name
        play.run(DEPUTY, commands.transfer, task.id, "lvliang.expert", "原专家出差")
        play.do("lvliang.expert", "expert")
        play.deps.jobs.drain(play.deps)
        (task,) = play.open_of(case)
        assert (task.node, task.assignee) == ("sign_opinion", name)
        play.sign_task("lvliang.expert", "sign_opinion", checked=True)
        (paper,) = self.opinions(play, case)
        assert play.run(STAFF, documents.get, paper.id).data["expert"] == name

    def test_a_case_whose_own_expert_signs_is_offered_none_beside_it(self, play):
        case, _tasks = self.invited(play, EXPERT)
        alone = {offer.kind for offer in play.run(STAFF, offering.offers)}
        beside = {offer.kind for offer in play.run(STAFF, offering.offers, case)}
        assert "expert_opinion" in alone - beside
