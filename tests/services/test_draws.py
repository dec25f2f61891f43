"""The draw of a city: frozen, committed, typed by two, drawn once, confirmed as it is, published."""

import threading
from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.draws import DrawState, How
from app.domain.draws.bundle import PRIVATE, replay
from app.domain.draws.roster import sha256
from app.domain.draws.sampling import commitment
from app.domain.enterprises import Life, Supervision
from app.domain.history import Stream
from app.models.casework import Case
from app.models.draws import Draw, DrawEntry, DrawVisitor
from app.models.enterprises import Enterprise
from app.models.people import Account, Organisation
from app.services import history, verifying, visits
from app.services.cases import ending, starting
from app.services.cases import reading as cases
from app.services.cases.locked import StepFailed
from app.services.documents import reading as documents
from app.services.draws import bundling, declaring, drawing, publishing, reading
from app.services.tasks import commands
from app.services.verifying import Tally
from tests.draws import by_hand
from tests.spotchecks import BASIS, COMMIT, STAFF, City

DEPUTY = "lvliang.deputy"
BAKERY = "汾阳杏花食品有限公司（演示）"
CASTER = "兴县吕峰铸钢有限公司（演示）"


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


def change(play, name, **values):
    """Change what the registry says of an enterprise."""
    with play.deps.system("test") as work:
        wanted = select(Organisation.id).where(Organisation.name == name)
        work.session.execute(update(Enterprise).where(Enterprise.id.in_(wanted)).values(**values))


def names(play, case_id):
    return {entry.name for entry in play.entries(case_id)}


def problem(play, username, node):
    """Return what a form says keeps the case from going on."""
    item = next(row for row in play.todo(username) if row.node == node)
    return play.task(username, item.id).prefill.get("problem", "")


def refused(failed, kind):
    """Test whether a step failed for a reason of this kind."""
    return isinstance(failed.value.__cause__, kind)


class TestRoster:
    def test_it_holds_what_counties_supervise_and_nothing_else(self, play):
        change(play, BAKERY, supervision=Supervision.CITY)
        change(play, CASTER, life=Life.CLOSED)
        found = names(play, play.begin())
        assert len(found) == 59
        assert not found & {BAKERY, CASTER, "吕梁离石冶金制造有限公司（演示）"}

    def test_a_plant_in_a_zone_counts_to_its_county(self, play):
        change(play, CASTER, place="141123K01")
        entry = next(e for e in play.entries(play.begin()) if e.name == CASTER)
        assert entry.county == "141123"

    def test_sectors_and_themes_narrow_it_in_the_registrys_words(self, play):
        steel = names(play, play.begin(sectors=["钢铁"]))
        assert "兴县蔚汾特种铸造有限公司（演示）" in steel
        assert BAKERY not in steel
        assert names(play, play.begin(themes=["涉氨制冷"])) == {BAKERY}

    def test_an_unknown_word_is_told_and_nothing_frozen(self, play):
        case = play.begin(sectors=["炼丹"])
        assert play.open_nodes(case) == {"scope"}
        assert "炼丹" in problem(play, STAFF[0], "scope")
        play.do(STAFF[0], "scope", sectors=["食品"])
        assert play.open_nodes(case) == {"commit"}

    def test_an_empty_roster_is_told(self, play):
        change(play, BAKERY, supervision=Supervision.CITY)
        play.begin(themes=["涉氨制冷"])
        assert problem(play, STAFF[0], "scope") == "所选范围内没有县直管企业"

    def test_whoever_lies_in_no_county_is_left_out_by_nobody(self, play):
        change(play, CASTER, place="1411")
        play.begin()
        assert CASTER in problem(play, STAFF[0], "scope")

    def test_a_county_draws_from_nobody(self, play):
        with play.deps.system_reading("test") as work:
            county = work.session.scalars(
                select(Organisation.id).filter_by(kind="emergency_bureau", place="141123")
            ).one()
        play.run("xingxian.staff1", starting.start, "city_spot_check", county, BASIS)
        play.do("xingxian.staff1", "scope", kind="main", percent=10)
        assert "市级以上" in problem(play, "xingxian.staff1", "scope")

    def test_why_somebody_is_sure_is_frozen(self, play):
        play.worry(BAKERY)
        case = play.begin()
        entry = next(e for e in play.entries(case) if e.name == BAKERY)
        assert entry.reason == "企业台账列为不放心企业：连续两次检查发现重大隐患"
        assert all(bool(e.reason) is (e.key or e.worrisome) for e in play.entries(case))
        change(play, BAKERY, worrisome=False)
        assert play.view(case).counties[1].full == 1

    def test_numbers_have_no_gap(self, play):
        assert [play.row(play.begin()).number for _ in range(3)] == [
            "1411-2026-1",
            "1411-2026-2",
            "1411-2026-3",
        ]


class TestDeclaring:
    def test_only_inspectors_of_the_bureau_declare(self, play):
        draw = play.draw(play.begin())
        for username, why in (
            (DEPUTY, Forbidden),
            ("shanxi.staff1", Forbidden),
            ("xingxian.staff1", NotFound),
            ("xingxian.plant", NotFound),
        ):
            with pytest.raises(why):
                play.run(username, declaring.declare, draw, None)

    def test_an_interest_keeps_an_inspector_away(self, play, clock):
        play.worry(BAKERY)
        case = play.begin()
        bakery = next(e for e in play.entries(case) if e.name == BAKERY).enterprise_id
        play.declare(case)
        play.run(STAFF[0], declaring.declare, play.draw(case), bakery, "配偶在该企业任职")
        play.do(STAFF[0], "commit", **COMMIT)
        play.drawing(clock, case)
        play.type()
        going = next(line for line in play.view(case).targets if line.entry.name == BAKERY)
        assert sorted(going.inspectors) == ["秦志强（演示）", "秦晓梅（演示）"]
        assert play.view(case).declared[0].interests == [(BAKERY, "配偶在该企业任职")]

    def test_it_needs_a_reason_and_an_enterprise_of_the_roster(self, play):
        case = play.begin(sectors=["钢铁"])
        draw, steel = play.draw(case), play.entries(case)[0].enterprise_id
        with pytest.raises(Invalid, match="原因"):
            play.run(STAFF[0], declaring.declare, draw, steel, " ")
        other = play.subject(BAKERY)
        with pytest.raises(Invalid, match="名录中的企业"):
            play.run(STAFF[0], declaring.declare, draw, other, "亲属")

    def test_without_a_licence_nobody_is_drawn(self, play):
        draw = play.draw(play.begin())
        with play.deps.system("test") as work:
            work.session.execute(
                update(Account).where(Account.username == STAFF[0]).values(licence="")
            )
        with pytest.raises(Invalid, match="执法证号"):
            play.run(STAFF[0], declaring.declare, draw, None)

    def test_after_the_commitment_it_is_too_late(self, play):
        case = play.committed()
        with pytest.raises(Conflict):
            play.run(STAFF[0], declaring.declare, play.draw(case), None)

    def test_declared_twice_is_declared_once(self, play):
        case = play.begin()
        enterprise = play.entries(case)[0].enterprise_id
        for _ in range(2):
            play.run(STAFF[0], declaring.declare, play.draw(case), enterprise, "亲属任职")
        assert len(play.view(case).declared[0].interests) == 1


class TestCommitting:
    def test_a_pool_that_cannot_serve_is_told_and_may_grow(self, play):
        case = play.begin()
        play.declare(case, STAFF[:2])
        play.do(STAFF[0], "commit", **{**COMMIT, "load": 5})
        assert play.row(case).state is DrawState.FROZEN
        words = problem(play, STAFF[0], "commit")
        assert "共需检查17家" in words
        assert "现有2名" in words
        play.do(STAFF[0], "commit", **{**COMMIT, "load": 17})
        assert play.row(case).state is DrawState.COMMITTED

    def test_who_has_left_is_not_drawn(self, play):
        case = play.begin()
        play.declare(case)
        with play.deps.system("test") as work:
            work.session.execute(
                update(Account).where(Account.username == STAFF[2]).values(active=False)
            )
        play.do(STAFF[0], "commit", **COMMIT)
        assert [one.pooled for one in play.view(case).declared] == [True, True, False]

    def test_it_binds_what_is_known_to_a_secret(self, play):
        row = play.row(play.committed())
        assert row.commitment == sha256(
            f"BIHUAN-DRAW-1|{sha256(row.parameters)}|{sha256(row.salt)}"
        )
        assert row.after == date(2026, 11, 20)
        assert f"roster={row.roster_sha256}\n" in row.parameters

    def test_two_secrets_are_never_alike(self, play):
        assert play.row(play.committed()).salt != play.row(play.committed()).salt


class TestValue:
    def test_nobody_is_asked_before_the_drawing(self, play, clock):
        case = play.committed()
        play.sweep()
        assert play.open_nodes(case) == set()
        play.drawing(clock, case)
        assert play.open_nodes(case) == {"enter_first"}

    def test_two_different_people_type_it(self, play, clock):
        case = play.committed()
        play.drawing(clock, case)
        play.do(STAFF[0], "enter_first", issue="2026134", numbers="03 07 12 19 25 31 09")
        with pytest.raises(Forbidden, match="职责分离"):
            play.do(STAFF[0], "enter_second", issue="2026134", numbers="03 07 12 19 25 31 09")

    def test_after_a_difference_they_may_change_places(self, play, clock):
        case = play.committed()
        play.drawing(clock, case)
        play.do(STAFF[0], "enter_first", issue="2026134", numbers="03 07 12 19 25 31 09")
        play.do(STAFF[1], "enter_second", issue="2026134", numbers="03 07 12 19 25 31 10")
        play.do(STAFF[1], "enter_first", issue="2026134", numbers="03 07 12 19 25 31 09")
        play.do(STAFF[0], "enter_second", issue="2026134", numbers="03 07 12 19 25 31 09")
        assert "confirm" in play.open_nodes(case)

    def test_what_differs_is_typed_again_by_both(self, play, clock):
        case = play.committed()
        play.drawing(clock, case)
        play.type(again={"numbers": "03 07 12 19 25 31 10"})
        assert play.row(case).value is None
        assert play.open_nodes(case) == {"enter_first"}
        assert "不一致" in problem(play, STAFF[0], "enter_first")
        play.type()
        assert play.row(case).value == "2026134 03 07 12 19 25 31 09"
        assert "draw.differ" in [line.action for line in play.view(case).history.rows]

    def test_what_no_lottery_drew_is_typed_again(self, play, clock):
        case = play.committed()
        play.drawing(clock, case)
        play.type({"numbers": "03 07 12 19 25 39 09"})
        assert "1 至 33" in problem(play, STAFF[0], "enter_first")


class TestList:
    def test_it_is_what_anybody_draws_again(self, play, clock, tmp_path):
        case = play.drawn(clock)
        files = play.run(DEPUTY, bundling.bundle, play.draw(case))
        assert replay(files).faults == []
        folder = tmp_path / "bundle"
        folder.mkdir()
        done = by_hand(folder, files)
        assert (done.returncode, done.stderr) == (0, "")

    def test_before_it_is_drawn_nobody_has_the_secret(self, play):
        case = play.committed()
        view = play.view(case)
        assert (view.sealed.salt, view.sealed.seed) == ("", "")
        with pytest.raises(Conflict):
            play.run(DEPUTY, bundling.bundle, play.draw(case))

    def test_who_is_key_or_worrisome_is_on_it_and_a_tenth_of_the_rest(self, play, clock):
        view = play.view(play.drawn(clock))
        county = [line for line in view.targets if line.entry.county == "141123"]
        assert sum(line.how is How.DRAWN for line in county) == 6
        assert {line.entry.id for line in county if line.how is How.FULL} == {
            line.entry.id
            for line in view.lines
            if line.entry.county == "141123" and line.entry.mandatory
        }
        assert all(len(set(line.inspectors)) == 2 for line in view.targets)

    def test_it_is_drawn_once(self, play, clock):
        case = play.drawn(clock)
        before = play.row(case)
        with pytest.raises(Conflict):
            play.run(STAFF[0], drawing.draw_list, case, None)
        with pytest.raises(Conflict):
            play.run(STAFF[0], drawing.enter, case, "enter_first", "enter_second", None)
        assert (play.row(case).seed, play.row(case).drawn_at) == (before.seed, before.drawn_at)

    def test_of_two_who_draw_at_once_one_is_refused(self, play):
        case = play.committed()
        with play.deps.system("test") as work:
            work.session.execute(
                update(Draw)
                .where(Draw.case_id == case)
                .values(value="2026134 03 07 12 19 25 31 09")
            )
        outcomes = []

        def draw():
            try:
                play.run(STAFF[0], drawing.draw_list, case, None)
                outcomes.append("drawn")
            except Conflict:
                outcomes.append("refused")

        threads = [threading.Thread(target=draw) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["drawn", "refused", "refused"]
        assert replay(play.run(DEPUTY, bundling.bundle, play.draw(case))).faults == []

    def test_a_case_has_one_draw_that_is_not_cancelled(self, play):
        row = play.row(play.begin())
        with pytest.raises((IntegrityError, Conflict)), play.deps.system("test") as work:
            work.session.add(
                Draw(
                    number="1411-2026-99",
                    year=2026,
                    serial=99,
                    place=row.place,
                    organisation_id=row.organisation_id,
                    case_id=row.case_id,
                    state=DrawState.FROZEN,
                    sectors=[],
                    themes=[],
                    percent=10,
                    frozen_at=row.frozen_at,
                    roster_sha256=row.roster_sha256,
                    reasons_sha256=row.reasons_sha256,
                )
            )

    def test_a_leader_cannot_alter_it(self, play, clock):
        case = play.drawn(clock)
        item = next(row for row in play.todo(DEPUTY) if row.node == "confirm")
        given = {**play.task(DEPUTY, item.id).prefill, "confirm_way": "confirm"}
        shown, view = given["list"], play.view(case)
        play.run(
            DEPUTY, commands.complete, item.id, {**given, "list": "1．别的企业", "title": "别的"}
        )
        kept = play.case(DEPUTY, case).opinions[-1].answers
        assert kept["list"] == shown
        assert [line.entry for line in play.view(case).targets] == [
            line.entry for line in view.targets
        ]
        assert play.row(case).state is DrawState.CONFIRMED


class TestCancelling:
    def cancelled(self, play, clock):
        case = play.drawn(clock)
        first = play.row(case)
        play.do(DEPUTY, "confirm", confirm_way="cancel", reason="名录漏列新建企业")
        return case, first

    def test_it_leaves_a_trace_and_a_number_of_its_own(self, play, clock):
        case, first = self.cancelled(play, clock)
        with play.deps.system_reading("test") as work:
            row = work.session.get_one(Draw, first.id)
        assert (row.state, row.reason) == (DrawState.CANCELLED, "名录漏列新建企业")
        assert "名录漏列" in problem(play, STAFF[0], "scope")
        play.do(STAFF[0], "scope", kind="main", percent=10)
        assert play.row(case).replaces_id == first.id
        assert play.row(case).number != first.number
        shown = publishing.get(play.deps, first.number)
        assert (shown.row.reason, shown.published) == ("名录漏列新建企业", False)

    def test_the_next_one_needs_a_later_value(self, play, clock):
        case, first = self.cancelled(play, clock)
        play.do(STAFF[0], "scope", kind="main", percent=10)
        play.declare(case)
        play.do(STAFF[0], "commit", **COMMIT)
        again = play.row(case)
        assert reading.rule_of(again.rule).due > reading.rule_of(first.rule).due
        play.drawing(clock, case)
        play.type()  # the drawing that the cancelled one had
        assert "作废" in problem(play, STAFF[0], "enter_first")
        play.type({"issue": "2026135"})
        assert play.row(case).state is DrawState.DRAWN

    def test_before_the_drawing_too_the_next_one_names_a_later_one(self, play):
        case = play.committed()
        play.run(DEPUTY, ending.cancel, case, "重新安排")
        other = play.committed()
        assert reading.rule_of(play.row(other).rule).due > reading.rule_of(play.row(case).rule).due

    def test_a_roster_can_be_cancelled_before_the_commitment(self, play):
        case = play.begin()
        play.do(STAFF[0], "commit", commit_way="cancel", reason="行业选错，重新确定")
        assert play.open_nodes(case) == {"scope"}
        assert play.row(case).state is DrawState.CANCELLED

    def test_a_cancelled_case_cancels_its_draw(self, play):
        case = play.committed()
        play.run(DEPUTY, ending.cancel, case, "专项行动取消")
        assert (play.row(case).state, play.row(case).reason) == (
            DrawState.CANCELLED,
            "专项行动取消",
        )

    def test_the_history_tells_each_step_under_its_seal(self, play, clock):
        case, first = self.cancelled(play, clock)
        with play.deps.system_reading("test") as work:
            lines = history.entries(work, Stream.DRAW, first.id)
        assert [line.action for line in lines] == [
            "draw.freeze",
            *["draw.declare"] * 3,
            "draw.commit",
            "draw.value",
            "draw.draw",
            "draw.cancel",
        ]
        assert lines[4].detail["commitment"] == first.commitment
        assert case


class TestTwoDraws:
    """Whoever had two lists over the same enterprises could cancel the one they like less."""

    def second(self, play, **scope):
        other = play.begin(**scope)
        play.declare(other)
        play.do(STAFF[0], "commit", **COMMIT)
        return other

    def test_none_is_committed_to_beside_a_list_that_is_awaited(self, play, clock):
        case = play.committed()
        other = self.second(play)
        assert (play.row(other).state, play.open_nodes(other)) == (DrawState.FROZEN, {"commit"})
        assert play.row(case).number in problem(play, STAFF[0], "commit")
        play.drawing(clock, case)
        play.type()
        play.do(STAFF[0], "commit", **COMMIT)
        assert play.row(other).state is DrawState.FROZEN
        play.do(DEPUTY, "confirm", confirm_way="cancel", reason="名录漏列新建企业")
        play.do(STAFF[0], "commit", **COMMIT)
        rules = [reading.rule_of(play.row(one).rule) for one in (case, other)]
        assert rules[0].due < rules[1].due

    def test_once_its_visits_have_begun_another_may_be_drawn(self, play, clock):
        case = play.confirmed(clock)
        assert play.target(case).visit_id
        assert play.row(self.second(play)).state is DrawState.COMMITTED

    def test_one_over_other_enterprises_waits_for_nobody(self, play):
        assert self.second(play, sectors=["钢铁"])
        assert play.row(self.second(play, sectors=["食品"])).state is DrawState.COMMITTED


class TestSupplement:
    def test_it_draws_from_late_entrants_alone(self, play, clock):
        change(play, BAKERY, supervision=Supervision.CITY)
        first = play.row(play.drawn(clock))
        change(play, BAKERY, supervision=Supervision.COUNTY)
        case = play.begin(kind="supplement", supplements=first.number)
        assert names(play, case) == {BAKERY}
        assert play.view(case).row.supplements == first.number
        play.declare(case)
        play.do(STAFF[0], "commit", **COMMIT)
        assert f"kind=supplement of {first.number}\n" in play.row(case).parameters
        again = play.begin(kind="supplement", supplements=first.number)
        assert play.open_nodes(again) == {"scope"}
        assert problem(play, STAFF[0], "scope") == "没有新增企业，无需补抽"

    @pytest.mark.parametrize("number", ["1411-2026-7", "1411-2026-1"])
    def test_only_a_draw_that_was_committed_to_is_supplemented(self, play, number):
        assert play.row(play.begin()).number == "1411-2026-1"
        play.begin(kind="supplement", supplements=number)
        assert number in problem(play, STAFF[0], "scope")


class TestVisits:
    def test_each_enterprise_of_the_list_has_one(self, play, clock, monkeypatch):
        monkeypatch.setattr(visits, "AT_ONCE", 5)
        case = play.confirmed(clock)
        targets = play.view(case).targets
        assert len({line.visit_id for line in targets}) == len(targets) == 17
        visits.start(play.deps, play.draw(case))
        children = [row.procedure for row in play.case(STAFF[0], case).children]
        assert children.count("spot_check_visit") == 17
        with play.deps.system_reading("test") as work:
            subjects = work.session.scalars(
                select(Case.subject_id).where(
                    Case.parent_id == case, Case.procedure == "spot_check_visit"
                )
            )
            assert set(subjects) == {line.enterprise_id for line in targets}

    def test_neither_county_nor_enterprise_learns_of_them(self, play, clock):
        case = play.confirmed(clock)
        targets = play.view(case).targets
        plant = next(line for line in targets if line.entry.name.startswith("兴县蔚汾特种"))
        for username in ("xingxian.staff1", "xingxian.head", "xingxian.auditor", "xingxian.plant"):
            assert not play.find(username)
            with pytest.raises(NotFound):
                play.run(username, cases.get, plant.visit_id)
            assert not play.todo(username)

    def test_the_record_is_signed_by_both_typists_and_the_leader(self, play, clock):
        case = play.confirmed(clock)
        paper = next(p for p in play.papers(DEPUTY, case) if p.kind == "draw_record")
        signed = play.run(DEPUTY, documents.get, paper.id).signatures
        assert {one.slot: one.name for one in signed if one.slot != "seal"} == {
            "officer1": "秦建国（演示）",
            "officer2": "秦志强（演示）",
            "deputy": "秦永刚（演示）",
        }
        assert paper.state == "sealed"

    def test_who_did_not_type_cannot_sign_in_their_place(self, play, clock):
        play.drawn(clock)
        play.do(DEPUTY, "confirm", confirm_way="confirm")
        with pytest.raises((Forbidden, Conflict, Invalid)):
            play.sign_one(STAFF[2], "sign_record")


class TestWhoSees:
    def test_counties_know_nothing_of_a_draw(self, play, clock):
        case = play.drawn(clock)
        draw = play.draw(case)
        for username in ("xingxian.staff1", "xingxian.head", "fenyang.auditor"):
            assert play.run(username, reading.find).rows == []
            with pytest.raises(NotFound):
                play.run(username, reading.get, draw)
            with pytest.raises(NotFound):
                play.run(username, bundling.bundle, draw)
            with play.deps.reading(play.actor(username)) as work:
                assert work.session.scalars(select(DrawEntry.name)).all() == []

    @pytest.mark.parametrize("username", ["lvliang.auditor", "lvliang.head", "shanxi.staff1"])
    def test_the_city_and_who_is_above_see_all(self, play, clock, username):
        case = play.drawn(clock)
        assert len(play.view(case, username).targets) == 17

    @pytest.mark.parametrize("username", ["lvliang.gov", "lvliang.plant", "lvliang.expert"])
    def test_who_holds_no_bureau_role_does_not(self, play, username):
        play.committed()
        with pytest.raises(Forbidden):
            play.run(username, reading.find)

    def test_the_public_sees_the_commitment_and_no_list_before_the_end(self, play, clock):
        frozen = play.row(play.begin())
        with pytest.raises(NotFound):
            publishing.get(play.deps, frozen.number)
        case = play.confirmed(clock)
        row = play.row(case)
        shown = publishing.get(play.deps, row.number)
        assert shown.commitment == row.commitment
        assert shown.row.value == row.value
        assert (shown.targets, shown.salt, shown.seed) == ((), "", "")
        with pytest.raises(NotFound):
            publishing.bundle(play.deps, row.number)
        gathered = {
            "enterprises": 17,
            "hazards": 3,
            "major": 0,
            "summary": "检查全部办结，未发现重大隐患",
        }
        play.do(STAFF[0], "gather", **gathered)
        assert not publishing.get(play.deps, row.number).published
        left = problem(play, STAFF[0], "gather")
        assert left.startswith("名单中还有 17 家没有检查；市直管企业尚未全覆盖：")
        play.visited(case)
        play.own_done(case)
        play.do(STAFF[0], "gather", **gathered)
        shown = publishing.get(play.deps, row.number)
        assert len(shown.targets) == 17
        files = publishing.bundle(play.deps, row.number)
        assert not set(files) & set(PRIVATE)
        assert replay(files).faults == []
        assert [one.number for one in publishing.find(play.deps).rows] == [row.number]

    def test_the_list_is_public_when_every_visit_has_ended(self, play, clock):
        case = play.confirmed(clock)
        number = play.row(case).number
        for line in play.view(case).targets:
            assert not publishing.get(play.deps, number).published
            play.run(DEPUTY, ending.cancel, line.visit_id, "已随其他检查办理")
        assert publishing.get(play.deps, number).published


def test_a_draw_lost_between_two_steps_is_an_incident(play, clock):
    case = play.drawn(clock)
    with play.deps.system("test") as work:
        work.session.execute(
            update(Draw)
            .where(Draw.case_id == case)
            .values(state=DrawState.CLOSED, closed_at=work.now)
        )
    with pytest.raises(StepFailed) as failed:
        play.do(DEPUTY, "confirm", confirm_way="cancel", reason="名录漏列新建企业")
    assert refused(failed, Conflict)


def test_it_is_about_the_bureau_itself(play):
    for username, subject in ((STAFF[0], play.subject()), ("shanxi.staff1", play.bureau())):
        with pytest.raises(Forbidden):
            play.run(username, starting.start, "city_spot_check", subject, BASIS)


class TestVerify:
    def faults(self, play):
        return [str(fault) for fault in verifying.draws(play.deps, Tally())]

    def test_a_draw_that_was_left_alone_fits(self, play, clock):
        play.drawn(clock)
        play.committed()
        play.begin()
        assert self.faults(play) == []

    def test_whoever_draws_again_behind_everybody_is_found_out(self, play, clock):
        """With a secret of their own, a commitment to it, and a list that follows from both."""
        case = play.drawn(clock)
        with play.deps.system("test") as work:
            draw = work.session.get_one(Draw, play.draw(case))
            draw.salt, draw.seed, draw.drawn_at = "0" * 64, None, None
            draw.commitment = commitment(draw.parameters, draw.salt)
            draw.state = DrawState.COMMITTED
            for table, values in ((DrawEntry, {"how": None, "ticket": None}), (DrawVisitor, None)):
                act = update(table).values(values) if values else delete(table)
                work.session.execute(act.where(table.draw_id == draw.id))
        play.run(STAFF[0], drawing.draw_list, case, None)
        files = play.run(DEPUTY, bundling.bundle, play.draw(case))
        assert replay(files).faults == []
        told = [fault.partition(": ")[2] for fault in self.faults(play)]
        assert "commitment: not what its history tells" in told
        assert "salt: not what its history tells" in told

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"name": "别的企业"}, "its roster is not the one that was frozen"),
            ({"reason": "另找的原因"}, "its roster is not the one that was frozen"),
            ({"how": None}, "list: not what the draw gives"),
        ],
    )
    def test_whoever_writes_to_the_database_is_found_out(self, play, clock, values, told):
        draw = play.draw(play.drawn(clock))
        with play.deps.system("test") as work:
            work.session.execute(
                update(DrawEntry)
                .where(DrawEntry.draw_id == draw, DrawEntry.how == How.FULL)
                .values(**values)
            )
        assert any(told in fault for fault in self.faults(play))
