"""Visits of a spot-check: nobody knows before both are there; the county acts, the city accepts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.documents import DocumentState
from app.domain.draws import DrawState
from app.domain.enterprises import Life
from app.domain.hazards import HazardState
from app.models.casework import Case, WorkItem
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Account
from app.services import ledger, visits
from app.services.cases import ending
from app.services.cases import reading as cases
from app.services.draws import owned, publishing
from app.services.ledger import Wanted
from app.services.tasks import commands
from tests.spotchecks import FINDING, STAFF, City

DEPUTY = "lvliang.deputy"
COUNTY = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


@pytest.fixture
def visit(on, play, clock):
    """A visit in 兴县 that nobody has arrived for."""
    play.spot = on.begin("a confirmed list", play.deps, lambda: play.confirmed(clock))
    return play.target(play.spot).visit_id


def item_of(play, visit_id, username, node):
    rows = play.todo(username)
    return next(row for row in rows if row.node == node and row.case_id == visit_id)


def found(play, visit_id):
    with play.deps.system_reading("test") as work:
        wanted = select(Hazard).where(Hazard.found_in == visit_id).order_by(Hazard.id)
        return work.session.scalars(wanted).all()


class TestWhoGoes:
    def test_the_two_who_were_drawn_do_it_and_nobody_else(self, play, visit):
        first, second = play.going(visit)
        other = next(name for name in STAFF if name not in (first, second))
        item = item_of(play, visit, first, "arrive").id
        for username in (second, other):
            with pytest.raises((Conflict, Forbidden)):
                play.complete(username, item, access="admitted")
            with pytest.raises((Conflict, Forbidden)):
                play.run(username, commands.claim, item)

    def test_neither_gives_it_away(self, play, visit):
        first, second = play.going(visit)
        item = item_of(play, visit, first, "arrive").id
        with pytest.raises(Forbidden, match="领导"):
            play.run(first, commands.release, item)
        with pytest.raises(Forbidden, match="领导"):
            play.run(first, commands.transfer, item, second, "临时有事")
        assert "release" not in play.task(first, item).operations
        assert "transfer" not in play.task(first, item).operations

    def test_a_leader_replaces_one_with_a_reason(self, play, visit):
        first, second = play.going(visit)
        other = next(name for name in STAFF if name not in (first, second))
        item = item_of(play, visit, first, "arrive").id
        play.run(DEPUTY, commands.transfer, item, other, "原检查人员病假")
        play.at(visit, other, "arrive", access="admitted")
        play.at(visit, second, "join")
        record = item_of(play, visit, other, "visit")
        given = play.task(other, record.id).prefill["officers"]
        assert [row["certificate"] for row in given] == licences(play, other, second)

    def test_one_alone_is_not_there(self, play, visit):
        first, second = play.going(visit)
        play.at(visit, first, "arrive", access="admitted")
        assert play.target(play.spot).visited_at is None
        with pytest.raises(NotFound):
            play.run(COUNTY, cases.get, visit)
        play.at(visit, second, "join")
        assert play.target(play.spot).visited_at is not None
        assert play.run(COUNTY, cases.get, visit)


def licences(play, *usernames):
    with play.deps.system_reading("test") as work:
        wanted = select(Account.username, Account.licence)
        by_name = {row.username: row.licence for row in work.session.execute(wanted)}
    return [by_name[name] for name in usernames]


class TestAfterArrival:
    def test_the_county_knows_and_the_plant_does_not_yet(self, play, visit):
        play.arrive(visit)
        assert [row.id for row in play.find(COUNTY)] == [visit]
        view = play.run(COUNTY, cases.get, visit)
        assert (view.inside, view.parent, view.opinions) == (False, None, [])

    def test_nothing_found_ends_it(self, play, visit):
        play.inspect(visit)
        assert play.run(COUNTY, cases.get, visit).row.ended is not None
        assert "spot_check_clean" in [row.key for row in play.messages(COUNTY)]
        assert found(play, visit) == []

    def test_the_county_sees_record_and_feedback_but_not_what_is_between(self, play, visit):
        play.feed_back(visit, FINDING)
        view = play.run(COUNTY, cases.get, visit)
        assert {opinion.node for opinion in view.opinions} == {"visit", "feedback"}
        item = item_of(play, visit, COUNTY, "issue")
        given = play.task(COUNTY, item.id).prefill
        assert FINDING["description"] in given["findings"]
        assert given["report_by"] == "2027-01-20"
        assert [paper.kind for paper in play.papers(COUNTY, visit)] == ["inspection_record"]

    def test_its_leaders_and_the_government_are_told(self, play, visit):
        play.feed_back(visit, FINDING)
        for username in ("xingxian.head", "xingxian.gov"):
            assert "spot_check_feedback" in [row.key for row in play.messages(username)]

    def test_hazards_are_in_the_countys_ledger_as_found_by_the_city(self, play, visit):
        play.feed_back(visit, FINDING)
        rows = play.run(COUNTY, ledger.find, Wanted(procedure="spot_check_visit")).rows
        assert [(row.description, str(row.procedure)) for row in rows] == [
            (FINDING["description"], "抽查检查")
        ]
        assert found(play, visit)[0].known == "none"

    def test_what_was_corrected_on_the_spot_is_in_its_ledger_too(self, play, visit):
        first, _second = play.inspect(visit, FINDING, {**FINDING, "place": "熔炼车间"})
        corrected = [{"corrected": True}, {"corrected": True}]
        play.at(visit, first, "feedback", report_by="2027-01-20", hazards=corrected)
        play.at(visit, DEPUTY, "approve_feedback")
        assert play.run(COUNTY, cases.get, visit).row.ended is not None
        rows = play.run(COUNTY, ledger.find, Wanted(procedure="spot_check_visit")).rows
        assert [row.state for row in rows] == [HazardState.CLOSED] * 2
        assert all(play.run(COUNTY, ledger.get, row.id) for row in rows)
        assert {hazard.awaited_by for hazard in found(play, visit)} == {None}


class TestAccepting:
    def test_nothing_is_closed_that_the_city_has_not_accepted(self, play, visit):
        play.feed_back(visit, FINDING)
        play.at(visit, COUNTY, "issue", way="rectify")
        case = play.child(visit, "rectification")
        assert (case.place, found(play, visit)[0].case_id) == ("141123", case.id)
        play.rectify(case.id)
        hazard = found(play, visit)[0]
        assert (hazard.state, hazard.case_id) == (HazardState.PASSED, visit)
        play.at(visit, COUNTY, "report", done="all")
        play.at(visit, play.going(visit)[0], "accept", conclusion="accepted")
        hazard = found(play, visit)[0]
        assert (hazard.state, hazard.awaited_by) == (HazardState.CLOSED, None)
        assert play.run(STAFF[0], cases.get, visit).row.ended is not None

    def test_the_city_returns_what_is_not_good(self, play, visit):
        play.feed_back(visit, FINDING)
        play.rectified(visit)
        play.at(
            visit,
            play.going(visit)[0],
            "accept",
            conclusion="returned",
            opinion="照片看不出泄爆口",
            report_by="2027-02-20",
        )
        assert found(play, visit)[0].state is HazardState.FAILED
        item = item_of(play, visit, COUNTY, "issue")
        given = play.task(COUNTY, item.id).prefill
        assert (given["returned"], given["report_by"]) == ("照片看不出泄爆口", "2027-02-20")

    def test_what_is_not_passed_yet_cannot_be_accepted(self, play, visit):
        play.feed_back(visit, FINDING)
        play.at(visit, COUNTY, "issue", way="rectify")
        play.at(visit, COUNTY, "report", done="part")
        first = play.going(visit)[0]
        item = item_of(play, visit, first, "accept")
        assert play.task(first, item.id).prefill["left"] == 1
        with pytest.raises(Invalid, match="不能认可"):
            play.complete(first, item.id, conclusion="accepted")

    def test_a_cancelled_visit_leaves_its_hazards_to_the_county(self, play, visit):
        play.feed_back(visit, FINDING)
        play.at(visit, COUNTY, "issue", way="rectify")
        play.run(DEPUTY, ending.cancel, visit, "企业已依法关闭")
        assert found(play, visit)[0].awaited_by is None
        play.rectify(play.child(visit, "rectification").id)
        assert found(play, visit)[0].state is HazardState.CLOSED


class TestDanger:
    ORDER = {"measures": ["stop"], "basis": "《中华人民共和国安全生产法》第六十五条第一款第三项"}

    def test_the_county_is_called_and_the_measure_ordered_on_the_spot(self, play, visit):
        first, second = play.arrive(visit)
        play.at(visit, first, "visit", danger="yes", hazards=[FINDING])
        for username in (COUNTY, "xingxian.deputy"):
            assert "spot_check_danger" in [row.key for row in play.messages(username)]
        assert item_of(play, visit, first, "on_site_draft")
        with play.deps.system_reading("test") as work:
            before = work.session.get_one(Enterprise, play.subject()).life
        play.at(visit, first, "on_site_draft", **self.ORDER)
        with play.deps.system_reading("test") as work:
            after = work.session.get_one(Enterprise, play.subject()).life
        assert (before, after) == (Life.REGISTERED, Life.SUSPENDED)
        play.deps.jobs.drain(play.deps)
        for who, node in ((first, "paper_sign"), (second, "paper_countersign")):
            play.sign_with(who, item_of(play, visit, who, node).id, paper_state="made")
        keeper = "lvliang.seal"
        play.complete(keeper, item_of(play, visit, keeper, "paper_approve").id)
        play.deps.jobs.drain(play.deps)
        play.at(visit, first, "on_site_serve")
        play.deps.jobs.drain(play.deps)
        assert item_of(play, visit, first, "site_record_sign")  # the record follows the measure


class TestRecord:
    def test_what_its_colleague_will_not_sign_is_written_anew(self, play, visit):
        first, second = play.arrive(visit)
        play.at(visit, first, "visit", danger="no", hazards=[FINDING])
        play.deps.jobs.drain(play.deps)
        play.at(visit, first, "site_record_sign", paper_state="made")
        why = {"paper_state": "returned", "reason": "部位写错，应为除尘系统"}
        play.at(visit, second, "site_record_cosign", **why)
        assert item_of(play, visit, first, "visit")
        (record,) = [one for one in play.papers(first, visit) if one.kind == "inspection_record"]
        assert record.state is DocumentState.VOID


class TestStop:
    def test_the_county_stops_and_what_it_never_reports_is_pressed(self, play, visit, clock):
        major = {**FINDING, "class": "major", "criterion": "判定标准第三条第二项"}
        play.feed_back(visit, major, report_by="2027-01-20")
        play.at(visit, COUNTY, "issue", way="stop")
        stop = play.child(visit, "stop_production")
        assert (stop.place, found(play, visit)[0].case_id) == ("141123", stop.id)
        clock.now = clock.now.replace(year=2027, month=1, day=22)
        play.sweep()
        assert "spot_check_silent" in [row.key for row in play.messages("xingxian.head")]
        with pytest.raises(StopIteration):
            item_of(play, visit, COUNTY, "report")
        play.at(visit, DEPUTY, "press", press_way="again", report_by="2027-03-01")
        play.at(visit, COUNTY, "issue", way="running")
        assert item_of(play, visit, COUNTY, "report")


class TestSilence:
    def test_a_silent_county_is_told_to_its_leaders_and_pressed(self, play, visit, clock):
        play.feed_back(visit, FINDING)
        clock.now += timedelta(days=4)
        play.sweep()
        assert "task_overdue" in [row.key for row in play.messages("xingxian.deputy")]
        clock.now += timedelta(days=4)
        play.sweep()
        for username in ("xingxian.head", "xingxian.deputy"):
            assert "spot_check_silent" in [row.key for row in play.messages(username)]
        with pytest.raises(StopIteration):
            item_of(play, visit, COUNTY, "issue")
        play.at(visit, DEPUTY, "press", press_way="again", report_by="2027-02-01")
        assert item_of(play, visit, COUNTY, "issue")

    def test_the_city_may_take_over(self, play, visit, clock):
        play.feed_back(visit, FINDING)
        clock.now += timedelta(days=10)
        play.sweep()
        play.at(visit, DEPUTY, "press", press_way="takeover", report_by=None)
        case = play.child(visit, "rectification")
        assert case.place == "1411"
        assert found(play, visit)[0].awaited_by is None


class TestRefusal:
    def test_it_is_recorded_by_two_and_becomes_a_penalty(self, play, visit):
        play.arrive(visit, access="refused")
        with play.deps.system_reading("test") as work:
            wanted = select(Case.procedure).where(Case.parent_id == visit)
            assert work.session.scalars(wanted).all() in (["penalty"], ["handover"])
            done = work.session.scalars(
                select(WorkItem.closed_by).where(WorkItem.case_id == visit, WorkItem.seq > 0)
            ).all()
        assert len(set(done)) == 2
        assert "spot_check_refused" in [row.key for row in play.messages(COUNTY)]


class TestPublishing:
    def test_the_list_is_public_once_every_target_was_visited(self, play, visit):
        number = play.row(play.spot).number
        targets = play.view(play.spot).targets
        for line in targets[:-1]:
            play.arrive(line.visit_id)
        assert not publishing.get(play.deps, number).published
        play.arrive(targets[-1].visit_id)
        assert publishing.get(play.deps, number).published

    def test_a_cancelled_case_does_not_stop_visits_that_have_begun(self, play, visit):
        play.run(DEPUTY, ending.cancel, play.spot, "专项行动取消")
        assert play.row(play.spot).state is DrawState.CONFIRMED
        play.arrive(visit)
        for line in play.view(play.spot).targets:
            if line.visit_id != visit:
                play.run(DEPUTY, ending.cancel, line.visit_id, "不再检查")
        assert publishing.get(play.deps, play.row(play.spot).number).published

    def test_before_any_has_begun_the_draw_goes_with_its_case(self, play, clock):
        case = play.drawn(clock)
        play.do(DEPUTY, "confirm", confirm_way="confirm")
        play.run(DEPUTY, ending.cancel, case, "专项行动取消")
        assert play.row(case).state is DrawState.CANCELLED
        visits.start(play.deps, play.draw(case))
        assert all(line.visit_id is None for line in play.view(case).lines)


class TestOwn:
    def test_what_the_city_supervises_itself_is_inspected_beside_the_draw(self, play, visit):
        with play.deps.system_reading("test") as work:
            own = owned.of_draw(work, play.draw(play.spot))
            wanted = select(Enterprise.id).where(
                Enterprise.supervision == "city", Enterprise.place.like("1411%")
            )
            assert {one.enterprise_id for one in own} == set(work.session.scalars(wanted))
            case = work.session.get_one(Case, own[0].case_id)
        assert (case.procedure, case.place) == ("county_inspection", "1411")

    def test_the_draw_is_not_closed_before_all_of_them_are(self, play, visit):
        play.visited(play.spot)
        gathered = {"enterprises": 17, "hazards": 0, "major": 0, "summary": "检查全部办结"}
        play.do(STAFF[0], "gather", **gathered)
        assert play.row(play.spot).state is DrawState.CONFIRMED
        item = next(row for row in play.todo(STAFF[0]) if row.node == "gather")
        assert "尚未全覆盖" in play.task(STAFF[0], item.id).prefill["problem"]

    def test_one_that_came_to_nothing_is_begun_anew(self, play, visit):
        play.visited(play.spot)
        with play.deps.system_reading("test") as work:
            before = owned.of_draw(work, play.draw(play.spot))
        play.run(DEPUTY, ending.cancel, before[0].case_id, "方案有误")
        gathered = {"enterprises": 17, "hazards": 0, "major": 0, "summary": "检查全部办结"}
        play.do(STAFF[0], "gather", **gathered)
        play.deps.jobs.drain(play.deps)
        with play.deps.system_reading("test") as work:
            after = owned.of_draw(work, play.draw(play.spot))
        assert after[0].case_id not in (None, before[0].case_id)
        assert [one.case_id for one in after[1:]] == [one.case_id for one in before[1:]]
