"""Counties are scored from the ledgers, corrected by one and approved by another, ranked, told."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import update

from app.domain import Forbidden, NotFound
from app.domain.access import Role
from app.domain.casework import CaseStatus
from app.domain.scoring import Count, rule_of, shipped
from app.models.casework import Case
from app.models.people import RoleGrant
from app.models.rankings import RankedCount
from app.services import verifying
from app.services.cases import reading as cases
from app.services.documents import reading as documents
from app.services.rankings import reading
from app.services.tasks import commands
from app.services.verifying import Tally
from tests.spotchecks import CIRCULAR, FINDING, STAFF, City

DEPUTY, HEAD = "lvliang.deputy", "lvliang.head"
COUNTY, OTHER = "xingxian.staff1", "fenyang.staff1"


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


@pytest.fixture
def scored(play, clock):
    return play.scored(clock, FINDING, {**FINDING, "known": "county", "place": "熔炼车间"})


def sums(play, case_id, county="141123", username=STAFF[0]):
    view = play.ranking(case_id, username)
    row = next(one for one in view.counties if one.county == county)
    return {one.measure.key: one for one in row.sums}


class TestCounting:
    def test_every_sum_is_so_many_of_so_many_with_what_they_are(self, play, scored):
        told = sums(play, scored)
        assert [one.measure for one in told.values()] == list(rule_of(shipped()[0]).measures)
        assert told["coverage"].count == Count(0, 60)
        assert told["known"].count == Count(1, 2)
        assert told["known"].points == Fraction(25, 2)
        view = play.ranking(scored)
        behind = play.run(STAFF[0], reading.behind, view.row.id, "141123", "known")
        assert [(item["kind"], item["good"]) for item in behind.items] == [
            ("hazard", False),
            ("hazard", True),
        ]

    def test_who_never_finds_anything_is_seen(self, play, scored):
        assert {row.county: row.found for row in play.ranking(scored).counties} == {
            "141123": 0,
            "141182": 0,
        }

    def test_totals_are_the_sums_and_ranks_follow(self, play, scored):
        view = play.ranking(scored)
        for row in view.counties:
            assert row.total == sum(one.points for one in row.sums)
        assert [row.rank for row in view.counties] == [1, 2]
        assert view.counties[0].total > view.counties[1].total

    def test_a_county_is_in_time_by_its_own_review_whenever_the_city_accepts(self, play, clock):
        case = play.confirmed(clock)
        visit = play.target(case).visit_id
        play.feed_back(visit, FINDING)
        play.rectified(visit)
        clock.now += timedelta(days=60)
        play.at(visit, play.going(visit)[0], "accept", conclusion="accepted")
        play.gathered(case, 1)
        assert sums(play, case)["closed"].count == Count(1, 1)

    @pytest.mark.parametrize(
        ("ended", "good"), [("end_done", 1), ("end_refused", 0), ("end_cancelled", 0)]
    )
    def test_an_inspection_covers_a_plant_if_somebody_got_in(self, play, clock, ended, good):
        case = play.confirmed(clock)
        inspection = play.start(COUNTY, "county_inspection")
        with play.deps.system("test") as work:
            done = {"status": CaseStatus.FINISHED, "closed_at": work.now, "state": None}
            work.session.execute(
                update(Case).where(Case.id == inspection).values(ended=ended, **done)
            )
        play.gathered(case)
        assert sums(play, case)["coverage"].count == Count(good, 60)

    def test_what_is_counted_once_stays(self, play, scored, clock):
        before = play.ranking(scored)
        clock.advance(days=30)
        play.sweep()
        assert play.ranking(scored).counties == before.counties


class TestCorrecting:
    def corrected(self, play, **values):
        item = next(row for row in play.todo(STAFF[0]) if row.node == "check_scores")
        rows = play.task(STAFF[0], item.id).prefill["rows"]
        changed = [dict(values) if row["key"] == "141123 coverage" else {} for row in rows]
        play.complete(STAFF[0], item.id, rows=changed)

    def test_a_correction_has_a_reason_and_another_persons_approval(self, play, scored):
        self.corrected(play, new_part=58, new_whole=60, reason="纸质记录补录，58家已检查")
        told = sums(play, scored)["coverage"]
        assert (told.counted, told.count) == (Count(0, 60), Count(58, 60))
        item = next(row for row in play.todo(DEPUTY) if row.node == "approve_scores")
        assert "58/60（纸质记录补录" in play.task(DEPUTY, item.id).prefill["corrections"]
        play.do(DEPUTY, "approve_scores")
        assert play.ranking(scored).row.approved_at is not None

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"part": 60}, "its scores are not those that were counted"),
            ({"new_part": 60}, "its scores were corrected otherwise than its history tells"),
            ({"reason": "无"}, "its scores were corrected otherwise than its history tells"),
        ],
    )
    def test_whoever_writes_to_the_database_is_found_out(self, play, scored, values, told):
        self.corrected(play, new_part=58, new_whole=60, reason="纸质记录补录，58家已检查")
        play.do(DEPUTY, "approve_scores")
        assert list(verifying.draws(play.deps, Tally())) == []
        with play.deps.system("test") as work:
            work.session.execute(
                update(RankedCount)
                .where(RankedCount.county == "141123", RankedCount.measure == "coverage")
                .values(**values)
            )
        assert [fault.what for fault in verifying.draws(play.deps, Tally())] == [told]

    def test_what_is_no_share_is_asked_anew(self, play, scored):
        self.corrected(play, new_part=61, new_whole=60, reason="笔误不改")
        item = next(row for row in play.todo(STAFF[0]) if row.node == "check_scores")
        assert "不能大于分母" in play.task(STAFF[0], item.id).prefill["problem"]
        assert sums(play, scored)["coverage"].reason == ""

    def test_a_leader_returns_it_with_a_reason(self, play, scored):
        play.do(STAFF[0], "check_scores")
        item = next(row for row in play.todo(DEPUTY) if row.node == "approve_scores")
        play.run(DEPUTY, commands.return_to, item.id, "check_scores", "汾阳的覆盖率有误")
        assert play.open_nodes(scored) == {"check_scores"}


class TestCircular:
    def test_a_county_learns_of_it_when_it_is_issued(self, play, scored):
        for username in (COUNTY, "xingxian.auditor", OTHER):
            assert play.run(username, reading.find)[0] == []
            with pytest.raises(NotFound):
                play.ranking(scored, username)
        play.circulated(scored)
        assert play.row(scored).state == "closed"
        assert "circular_issued" in [row.key for row in play.messages(COUNTY)]
        papers = play.run(COUNTY, documents.find)[0]
        paper = next(row for row in papers if row.kind == "circular")
        assert paper.state == "sealed"
        assert play.run(COUNTY, documents.get, paper.id)

    def test_it_sees_the_ranking_and_its_own_sums_alone(self, play, scored):
        play.circulated(scored)
        view = play.ranking(scored, COUNTY)
        assert [row.open for row in view.counties] == [
            row.county == "141123" for row in view.counties
        ]
        assert not view.whole
        assert all(row.sums == () for row in view.counties if row.county != "141123")
        play.run(COUNTY, reading.behind, view.row.id, "141123", "coverage")
        with pytest.raises(NotFound):
            play.run(COUNTY, reading.behind, view.row.id, "141182", "coverage")
        case = play.run(COUNTY, cases.get, scored)
        assert (case.inside, case.opinions, case.tasks) == (False, [], [])

    def test_who_is_no_office_knows_nothing_of_it(self, play, scored):
        play.circulated(scored)
        for username in ("xingxian.plant", "xingxian.gov"):
            with pytest.raises((Forbidden, NotFound)):
                play.ranking(scored, username)

    def test_it_is_addressed_to_the_bureaus_that_get_it(self, play, scored):
        play.do(STAFF[0], "check_scores")
        play.do(DEPUTY, "approve_scores")
        item = next(row for row in play.todo(STAFF[0]) if row.node == "draft_circular")
        named = play.task(STAFF[0], item.id).prefill["addressee"]
        assert named == "兴县应急管理局、汾阳市应急管理局"

    def test_who_checked_the_scores_does_not_approve_them(self, play, scored):
        inspects_too(play, DEPUTY)
        play.do(DEPUTY, "check_scores")
        with pytest.raises(Forbidden, match="职责分离"):
            play.do(DEPUTY, "approve_scores")

    def test_who_drafted_the_circular_does_not_sign_it(self, play, scored):
        inspects_too(play, HEAD)
        play.do(STAFF[0], "check_scores")
        play.do(DEPUTY, "approve_scores")
        play.do(HEAD, "draft_circular", **CIRCULAR)
        with pytest.raises(Forbidden, match="职责分离"):
            play.sign_one(HEAD, "sign_circular")


def inspects_too(play, username):
    """Let somebody of the city's bureau be one of its inspectors as well."""
    with play.deps.system("test") as work:
        account = play.actor(username).id
        role = {"role": Role.STAFF, "organisation_id": play.bureau()}
        work.session.add(RoleGrant(account_id=account, **role))
