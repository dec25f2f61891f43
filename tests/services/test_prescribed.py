"""What a campaign prescribes is where its cases begin, and its last stage is the look-back."""

from datetime import date

import pytest
from sqlalchemy import select

from app.domain import Invalid
from app.domain.enterprises import Life
from app.domain.forms import holds
from app.domain.hazards import HazardState
from app.models.campaigns import CampaignMember
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from tests.campaigning import LEADER, STAFF, Run
from tests.findings import CRANE, OFFICERS
from tests.looking import Look

PLANT = "xingxian.plant"
MAJOR = {**CRANE, "fixed": "later", "owner": "张伟", "checker": "陈静", "deadline": "2027-05-20"}


@pytest.fixture
def run(deps, actor):
    return Run(deps, actor)


def reported(run):
    """Let the plant report a major hazard in the campaign's self-inspection."""
    run.do(PLANT, "self_check_inspect", found="yes", remaining="yes")
    run.do(PLANT, "self_check_ledger", hazards=[MAJOR], hazard_class="major", remaining="yes")
    run.report_majors()


def until(run, clock, day):
    clock.advance(days=(day - clock.now.date()).days)
    for _ in range(4):
        run.sweep()


def asks_why(run, node, answers):
    """Tell whether the form of a task asks why it is not as the campaign prescribes."""
    (task,) = [row.id for row in run.todo(STAFF) if row.node == node]
    fields = run.task(STAFF, task).form.fields
    (reason,) = [field for field in fields if field.key == "campaign_rule_reason"]
    return holds(reason.asked, answers)


class TestRules:
    def test_the_form_begins_with_what_the_notice_prescribes(self, run):
        run.campaign = run.begin()
        told = run.case(STAFF, run.campaign).opinions
        answers = {opinion.node: opinion.answers for opinion in told}["fix_scope"]
        assert (answers["stop_rule"], answers["yellow_rule"]) == ("no_precaution", "no")

    def test_the_leader_approves_what_is_prescribed(self, run):
        run.rules = {"stop_rule": "always", "yellow_rule": "yes"}
        run.begin()
        rows = [{"day": row["day"]} for row in run.shown("fix_calendar")["days"]]
        run.do(STAFF, "fix_calendar", days=rows)
        (task,) = [row.id for row in run.todo(LEADER) if row.node == "approve"]
        shown = run.task(LEADER, task).prefill
        assert (shown["stop_rule"], shown["yellow_rule"]) == ("always", "yes")

    def test_its_cases_begin_with_it_and_depart_from_it_with_a_reason(self, run):
        run.rules = {"stop_rule": "always", "yellow_rule": "yes"}
        run.open()
        reported(run)
        shown = run.shown("acknowledge")
        assert (shown["campaign_rule"], shown["stop_rule"]) == ("always", "always")
        assert not asks_why(run, "acknowledge", shown)
        assert asks_why(run, "acknowledge", {**shown, "stop_rule": "none"})
        with pytest.raises(Invalid) as refused:
            run.do(STAFF, "acknowledge", accepted="yes", precaution="yes", stop_rule="none")
        assert list(refused.value.errors) == ["/campaign_rule_reason"]
        run.do(STAFF, "acknowledge", accepted="yes", precaution="yes")
        shown = run.shown("choose")
        assert (shown["campaign_rule"], shown["yellow_rule"]) == ("yes", "yes")
        assert not asks_why(run, "choose", shown)
        assert asks_why(run, "choose", {**shown, "yellow_rule": "no"})
        with pytest.raises(Invalid) as refused:
            run.do(STAFF, "choose", yellow_rule="no", officers=OFFICERS)
        assert list(refused.value.errors) == ["/campaign_rule_reason"]
        why = {"campaign_rule_reason": "已由省级挂牌督办"}
        run.do(STAFF, "choose", yellow_rule="no", officers=OFFICERS, **why)

    def test_outside_a_campaign_it_is_asked(self, run):
        run.start(STAFF, "self_inspection", deadline="2026-12-10")
        reported(run)
        shown = run.shown("acknowledge")
        assert "campaign_rule" not in shown
        assert "stop_rule" not in shown
        run.do(STAFF, "acknowledge", accepted="yes", precaution="yes", stop_rule="none")


class TestLookBack:
    def test_the_last_stage_looks_back_on_every_member_and_its_gate_shows_what_is_open(
        self, run, clock, deps, actor
    ):
        look = Look(deps, actor)
        run.open()
        look.hazard(look.ended_case(), state=HazardState.OPEN, major=True)
        until(run, clock, date(2027, 11, 1))
        rows = run.rows(
            select(Case.subject_id, Case.deadline_rule).where(
                Case.procedure == "look_back", Case.campaign_id == run.campaign
            )
        )
        assert len(rows) == run.view().row.members
        assert {row.deadline_rule for row in rows} == {"@look_back_ends"}
        until(run, clock, date(2027, 12, 2))
        assert "gone" not in run.shown("gate_look_back")
        self.close_others(run)
        shown = run.shown("gate_look_back")
        assert shown["gone"] == 1  # of a closed plant: counted apart
        assert (shown["hazards"], shown["major"]) == (1, 1)
        assert "（1项）" in shown["whose"]
        assert shown["done"] == 0
        with pytest.raises(Invalid) as refused:
            run.do(STAFF, "gate_look_back", conclusion="本阶段已经结束", followup=None)
        assert "/followup" in refused.value.errors

    def close_others(self, run):
        """Close another member, with a hazard that is open still."""
        with run.deps.system("test") as work:
            known = work.session.scalars(select(Hazard).limit(1)).one()
            others = select(CampaignMember.enterprise_id).where(
                CampaignMember.enterprise_id != known.enterprise_id
            )
            other = work.session.scalars(others.limit(1)).one()
            told = {column.key: getattr(known, column.key) for column in Hazard.__table__.columns}
            del told["id"]
            left = {"enterprise_id": other, "closed_at": None, "state": HazardState.OPEN}
            work.session.add(Hazard(**{**told, **left}))
            work.session.get_one(Enterprise, other).life = Life.CLOSED

    def test_a_plant_that_is_late_with_its_self_inspection_may_be_inspected_at_once(
        self, run, clock
    ):
        case = run.start(STAFF, "self_inspection", deadline="2026-12-10")
        until(run, clock, date(2026, 12, 12))
        run.do(STAFF, "settle_late", late_way="inspect")
        assert run.child(case, "county_inspection")
        assert run.case(STAFF, case).row.status == "finished"
