"""回头看: every hazard is looked at again, and nothing is concluded while one is open."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep

import pytest
from sqlalchemy import event, select

from app.domain import Forbidden, Invalid
from app.domain.enterprises import Life
from app.domain.hazards import MOST, HazardEvent, HazardState
from app.models.hazards import Hazard
from app.models.people import Organisation
from app.services import hazards, ledger
from app.services.cases import ending
from app.services.hazards import Followed
from app.services.look_back import listing
from app.services.tasks import commands
from tests.findings import CRANE, GAS
from tests.looking import LEADER, PLANT, STAFF, Look

OPEN = HazardState.OPEN


@pytest.fixture
def look(deps, actor):
    return Look(deps, actor)


def waiting(look):
    """Return how often the leader was told that others do not put their hazards right in time."""
    return [told.key for told in look.messages(LEADER)].count("look_back_waiting")


class TestList:
    def test_every_hazard_of_the_plant_is_listed_whatever_found_it(self, look):
        old, running = look.ended_case(), look.start(STAFF)
        closed = look.hazard(old)
        major = look.hazard(old, "起重机吊钩不合格", major=True)
        loose = look.hazard(old, "护栏缺失", state=OPEN)
        followed = look.hazard(running, "配电柜未接地", state=OPEN)
        look.begin()
        shown = look.shows(PLANT, "look")
        assert shown["count"] == 4
        # open ones first, then the major one
        order = [followed, loose, major, closed]
        assert [row["hazard_id"] for row in shown["hazards"]] == [str(n) for n in order]
        row = shown["hazards"][0]
        assert (row["follows"], row["case"]) == ("rectification", str(running))
        assert shown["hazards"][-1]["closed_on"] == "2026-10-21"
        assert look.hazards(mark="loose") == []  # the look-back goes on with it
        assert look.way(loose) == [HazardEvent.TAKEN]

    def test_a_plant_without_hazards_signs_that_there_are_none(self, look):
        look.begin()
        with pytest.raises(Invalid) as refused:
            look.reported(statement=False)
        assert "/statement" in refused.value.errors
        look.reported()
        look.verified(visited_on=None, record=None)
        assert look.stands() == ["conclude"]
        look.concluded()
        assert look.stands() == "end_clear"

    def test_of_another_plant_nothing_is_listed(self, look):
        look.hazard(look.ended_case(), enterprise_id=look.other())
        look.begin()
        assert "hazards" not in look.shows(PLANT, "look")


class TestClosed:
    def test_what_is_still_put_right_is_confirmed(self, look):
        number = look.hazard(look.ended_case())
        look.begin()
        look.reported()
        (row,) = look.shows(STAFF, "verify")["closed"]
        assert (row["hazard_id"], row["said"]) == (str(number), "yes")
        look.verified()
        look.concluded()
        assert look.stands() == "end_clear"
        assert look.way(number) == [HazardEvent.CONFIRMED]
        told = [line.detail.get("hazards") for line in look.case(STAFF, look.look_back).history]
        assert {"confirmed": [number]} in told  # sealed with the step

    def test_what_has_come_back_is_a_new_hazard_that_names_the_old_one(self, look):
        number = look.hazard(look.ended_case(), photos=["0" * 32])
        look.begin()
        look.reported(hazards=[{"kept": "no", "what": "传感器又失灵"}])
        assert look.shows(STAFF, "verify")["closed"][0]["said_what"] == "传感器又失灵"
        look.verified(closed=[{"result": "recurred", "note": "现场测试不报警"}])
        old, new = look.hazards()
        assert (old.id, old.state, new.state) == (number, HazardState.CLOSED, OPEN)
        assert new.description == "煤气柜报警装置失灵（复发：现场测试不报警）"
        view = look.run(STAFF, ledger.get, new.id)
        assert (view.origin, len(view.photos), view.found_in) == (number, 1, look.look_back)
        assert look.run(STAFF, ledger.get, number).recurred == [new.id]
        assert look.way(number) == [HazardEvent.RECURRED]
        assert look.stands() == ["decide"]

    def test_many_are_looked_up_and_written_down_at_once(self, look):
        case = look.ended_case()

        def statements(closed, own):
            for number in range(closed + own):
                state = OPEN if number < own else HazardState.CLOSED
                look.hazard(case, f"护栏缺失（第{number}处）", state=state)
            look.begin()
            look.reported()
            answers = {
                "closed": [{"result": "recurred", "note": "再次缺失"}] * closed,
                "own": [{"result": "fixed"}] * own,
            }
            count = []

            def see(_connection, _cursor, statement, *_more):
                if "hazard_change" in statement or "FROM hazard" in statement:
                    count.append(statement)

            engine = look.deps.database.engine
            event.listen(engine, "before_cursor_execute", see)
            look.verified(**answers)
            event.remove(engine, "before_cursor_execute", see)
            look.run(LEADER, ending.cancel, look.look_back, "核实完毕")
            return len(count)

        assert statements(1, 1) == statements(9, 9)

    def test_major_ones_are_seen_on_the_spot(self, look):
        look.hazard(look.ended_case(), major=True)
        look.begin()
        look.reported()
        with pytest.raises(Invalid) as refused:
            look.verified(closed=[{"manner": "papers"}])
        assert "/closed" in refused.value.errors
        with pytest.raises(Invalid) as refused:
            look.verified(visited_on=None)
        assert "/visited_on" in refused.value.errors
        with pytest.raises(Invalid) as refused:
            look.verified(officers=[{"name": "白建国", "certificate": "14-000001"}])
        assert "/officers" in refused.value.errors
        look.verified()
        assert look.stands() == ["conclude"]

    def test_general_ones_may_be_verified_by_papers(self, look):
        look.hazard(look.ended_case())
        look.begin()
        look.reported()
        look.verified(closed=[{"manner": "papers"}], visited_on=None, record=None)
        assert look.stands() == ["conclude"]

    def test_a_return_gives_its_day_to_no_hazard(self, look):
        """The day is for the plant's report; a hazard's term is set by an order (R4, R10)."""
        case = look.ended_case()
        look.hazard(case, "护栏缺失", state=OPEN)
        look.hazard(case, "警示标志缺失", state=OPEN, deadline=date(2026, 12, 10))
        look.begin()  # until the same day as the second
        look.reported()
        look.do(STAFF, "verify", accepted="no", deadline="2026-12-20")
        assert look.case(STAFF, look.look_back).row.deadline.date() >= date(2026, 12, 20)
        assert [row.deadline for row in look.hazards()] == [None, date(2026, 12, 10)]

    def test_what_the_county_does_not_accept_goes_back_with_a_new_day(self, look, clock):
        look.hazard(look.ended_case())
        look.begin()
        look.reported()
        look.do(STAFF, "verify", accepted="no", deadline="2026-12-20")
        assert look.stands() == ["look"]
        assert look.case(STAFF, look.look_back).row.deadline.date() >= date(2026, 12, 20)
        (row,) = look.shows(PLANT, "look")["hazards"]
        assert (row["kept"], len(row["photos"])) == ("yes", 1)  # nothing is typed twice
        (task,) = [item.id for item in look.todo(PLANT) if item.node == "look"]
        answers = {**look.answered(PLANT, task), "hazards": [{"kept": "yes", **row}]}
        look.run(PLANT, commands.complete, task, answers)
        assert look.shows(STAFF, "verify")["closed"][0]["said"] == "yes"


class TestOpen:
    def test_what_nobody_follows_is_caught_up(self, look):
        number = look.hazard(look.ended_case(), state=OPEN)
        look.begin()
        look.reported()
        look.verified(own=[{"result": "open"}])
        assert look.stands() == ["decide"]
        for wrong in ("wait", "escalated"):
            with pytest.raises(Invalid):
                look.do(LEADER, "decide", course=wrong)
        look.do(LEADER, "decide", course="rectify")
        assert look.stands() == ["watch"]
        rectification = look.child(look.look_back, "rectification")
        assert look.hazards()[0].case_id == rectification
        look.do(STAFF, "watch", watch_way="look")
        assert look.stands() == ["watch"]  # nothing is concluded before it is closed
        look.rectify(rectification)
        look.do(STAFF, "watch", watch_way="look")
        assert look.stands() == ["conclude"]
        look.concluded()
        assert look.stands() == "end_caught_up"
        assert look.hazards()[0].state is HazardState.CLOSED
        assert look.way(number)[:2] == [HazardEvent.TAKEN, HazardEvent.TAKEN]

    def test_its_order_says_when_it_was_seen(self, look, clock):
        look.hazard(look.ended_case(), state=OPEN)
        look.begin()
        look.reported()
        seen = look.today.isoformat()
        look.verified(own=[{"result": "open"}])
        clock.advance(days=2)
        look.do(LEADER, "decide", course="rectify")
        assert look.shows(STAFF, "draft_order")["check_date"] == seen

    def test_what_was_put_right_meanwhile_is_closed_on_the_spot(self, look):
        look.hazard(look.ended_case(), state=OPEN)
        look.begin()
        look.reported()
        with pytest.raises(Invalid):
            look.verified(own=[{"result": "fixed", "manner": "papers"}])
        look.verified(own=[{"result": "fixed"}])
        (row,) = look.hazards()
        assert row.state is HazardState.CLOSED
        assert len(look.run(STAFF, ledger.get, row.id).after) == 1
        look.concluded()
        assert look.stands() == "end_caught_up"

    def test_a_major_one_is_closed_by_a_re_inspection_only(self, look):
        look.hazard(look.ended_case(), state=OPEN, major=True)
        look.begin()
        look.reported()
        with pytest.raises(Invalid) as refused:
            look.verified(own=[{"result": "fixed"}])
        assert "/own" in refused.value.errors

    def test_what_another_case_follows_is_waited_for(self, look, clock):
        case = look.start(STAFF)
        look.hazard(case, state=OPEN, deadline=date(2026, 12, 1))
        look.begin()
        look.reported()
        look.verified()
        assert look.stands() == ["watch"]
        look.do(STAFF, "watch", watch_way="urge")
        assert look.stands() == []
        clock.advance(days=8)
        look.sweep()
        assert look.stands() == ["watch"]
        assert waiting(look) == 0
        look.do(STAFF, "watch", watch_way="urge")
        clock.advance(days=10)
        look.sweep()
        assert look.stands() == ["watch"]
        assert waiting(look) == 1
        look.do(STAFF, "watch", watch_way="escalate")
        with pytest.raises(Invalid):
            look.do(LEADER, "decide", course="rectify")  # the other case follows it
        look.do(LEADER, "decide", course="inspect")
        assert look.child(look.look_back, "county_inspection")

    def test_an_escalated_plant_is_never_concluded(self, look):
        look.hazard(look.ended_case(), state=OPEN, major=True)
        look.begin()
        look.reported()
        look.verified(own=[{"result": "open"}])
        look.do(LEADER, "decide", course="stop")
        assert look.stands() == "end_escalated"
        (row,) = look.hazards()
        assert row.closed_at is None
        assert row.case_id == look.child(look.look_back, "stop_production")
        assert look.cases_of("handover")[1:] == []  # the stop goes on with it

    def test_what_a_stop_follows_already_is_ended_as_handed_over_by_the_leader(self, look):
        stop = look.start(STAFF, "stop_production")
        look.hazard(stop, state=OPEN, major=True)
        look.begin()
        look.reported()
        look.verified()
        assert look.stands() == ["decide"]
        assert look.shows(LEADER, "decide")["left"] == "escalated"
        with pytest.raises(Invalid):
            look.do(LEADER, "decide", course="rectify")
        look.do(LEADER, "decide", course="escalated")
        assert look.stands() == "end_escalated"

    def test_new_hazards_found_on_the_spot_are_recorded(self, look):
        look.begin()
        look.reported()
        look.verified(found=[GAS, CRANE])
        assert [(row.description, str(row.procedure)) for row in look.hazards()] == [
            (GAS["description"], "回头看"),
            (CRANE["description"], "回头看"),
        ]
        assert look.stands() == ["decide"]

    def test_a_stop_that_leaves_others_at_work_is_no_end(self, look):
        ended, running = look.ended_case(), look.start(STAFF)
        look.hazard(running, "配电柜未接地", state=OPEN)  # another case follows it
        look.hazard(ended, state=OPEN, major=True)
        look.begin()
        look.reported()
        look.verified(own=[{"result": "open"}])
        look.do(LEADER, "decide", course="stop")
        assert look.stands() == ["watch"]
        stop = look.child(look.look_back, "stop_production")
        assert [row.case_id for row in look.hazards()] == [running, stop]

    def test_the_leader_may_wait_a_week(self, look, clock):
        look.hazard(look.start(STAFF), state=OPEN, deadline=date(2027, 3, 1))
        look.begin()
        look.reported()
        look.verified()
        look.do(STAFF, "watch", watch_way="escalate")
        look.do(LEADER, "decide", course="wait")
        assert look.stands() == []
        clock.advance(days=8)
        look.sweep()
        assert look.stands() == ["watch"]


class TestConclusion:
    def ready(self, look):
        look.hazard(look.ended_case())
        look.begin()
        look.reported()
        look.verified()
        assert look.stands() == ["conclude"]

    def test_a_hazard_recorded_meanwhile_holds_it_up(self, look):
        self.ready(look)
        look.hazard(look.start(STAFF), state=OPEN)
        look.concluded()
        assert look.stands() == ["watch"]

    def test_one_that_another_case_leaves_behind_is_taken_up(self, look):
        self.ready(look)
        look.hazard(look.ended_case(), state=OPEN)
        look.concluded()
        assert look.stands() == ["decide"]

    def test_who_verified_does_not_conclude(self, look):
        self.ready(look)
        (task,) = look.open_of(look.look_back)
        with pytest.raises(Forbidden):
            look.complete(STAFF, task.id)

    def test_the_leader_sends_the_verification_back(self, look):
        self.ready(look)
        (task,) = look.open_of(look.look_back)
        look.run(LEADER, commands.return_to, task.id, "verify", "请到现场核实")
        assert look.stands() == ["verify"]
        look.verified()
        look.concluded()
        assert look.stands() == "end_clear"


class TestRace:
    def test_a_hazard_that_is_just_being_recorded_is_waited_for(self, look):
        """Somebody records a hazard and has not committed: the conclusion comes after it."""
        look.begin()
        look.reported()
        look.verified(visited_on=None, record=None)
        other = look.start(STAFF)
        recorded, concluding = threading.Event(), threading.Event()

        def record():
            with look.deps.system("test") as work:
                case = Followed(
                    *(work, other, "141123", look.office(), look.subject(), None, "rectification")
                )
                hazards.enter(case, "draft_order", [{"description": "现场新发现的隐患"}])
                recorded.set()
                concluding.wait(20)
                sleep(0.5)  # by now the conclusion waits for this transaction

        look.actor(LEADER)
        with ThreadPoolExecutor(1) as others:
            recording = others.submit(record)
            assert recorded.wait(20)
            concluding.set()
            look.concluded()
            recording.result()
        assert look.stands() == ["watch"]


class TestSilence:
    def test_the_county_looks_back_without_a_silent_plant(self, look, clock):
        look.hazard(look.ended_case())
        look.begin()
        clock.advance(days=18)
        look.sweep()
        assert "look_back_due" in [told.key for told in look.messages(PLANT)]
        clock.advance(days=5)
        look.sweep()
        assert look.stands() == ["verify"]
        for who in (PLANT, STAFF, LEADER):
            assert "look_back_overdue" in [told.key for told in look.messages(who)]
        assert look.shows(STAFF, "verify")["reported"] == "no"
        with pytest.raises(Invalid) as refused:
            look.verified(closed=[{"manner": "papers"}])
        assert "/closed" in refused.value.errors
        look.verified()
        look.concluded()
        assert look.stands() == "end_clear"

    @pytest.mark.parametrize("life", [Life.CLOSED, Life.BANNED])
    def test_a_closed_plant_ends_it(self, look, life):
        look.hazard(look.ended_case(), state=OPEN)
        look.change_plant(life=life)
        look.begin()
        assert look.stands() == "end_gone"

    def test_a_plant_that_is_closed_or_merged_meanwhile_ends_it(self, look):
        look.begin()
        look.reported()
        with look.deps.system("test") as work:
            work.session.get_one(Organisation, look.subject()).active = False
        look.verified(visited_on=None, record=None)
        assert look.stands() == "end_gone"

    def test_one_that_is_cancelled_leaves_its_hazards_to_somebody(self, look):
        look.hazard(look.ended_case(), state=OPEN)
        before = len(look.cases_of("handover"))
        look.begin()
        look.run(LEADER, ending.cancel, look.look_back, "专项行动终止")
        assert len(look.cases_of("handover")) == before + 1

    def test_what_a_request_to_close_goes_on_with_is_not_taken(self, look):
        look.hazard(look.ended_case(), state=OPEN)
        look.change_plant(life=Life.CLOSING)
        look.begin()
        look.reported()
        look.verified()
        assert look.stands() == ["decide"]
        assert look.shows(LEADER, "decide")["left"] == "escalated"
        look.do(LEADER, "decide", course="escalated")
        assert look.stands() == "end_escalated"


def test_more_than_a_form_lists_are_looked_back_on_in_another_case(look, monkeypatch):
    monkeypatch.setattr(listing, "MOST", 2)
    case = look.ended_case()
    numbers = [look.hazard(case, f"护栏缺失（第{n}处）") for n in range(3)]
    look.begin()
    shown = look.shows(PLANT, "look")
    assert (shown["count"], shown["more"]) == (2, 1)
    assert [row["hazard_id"] for row in shown["hazards"]] == [str(n) for n in numbers[:0:-1]]
    look.reported()
    look.verified()
    assert look.stands() == []  # it waits for the case of the rest
    _first, rest = look.cases_of("look_back")
    look.do(STAFF, "assign", deadline="2026-12-20")
    (row,) = look.shows(PLANT, "look")["hazards"]
    assert row["hazard_id"] == str(numbers[0])
    look.reported()
    look.verified()
    (task,) = look.open_of(rest)
    look.complete(LEADER, task.id)
    look.sweep()
    assert look.case_row(rest).ended == "end_clear"
    assert look.stands() == ["conclude"]
    look.concluded()
    assert look.stands() == "end_clear"
    with look.deps.system_reading("test") as work:
        assert len(work.session.scalars(select(Hazard.id)).all()) == 3
    assert MOST == 200


ENDS = {"end_clear", "end_caught_up"}


class Chance:
    """Whatever people may do in a look-back, by chance, beside what other cases do."""

    def __init__(self, look, rng):
        self.look, self.rng = look, rng

    def begin(self):
        old = self.look.ended_case()
        self.running = self.look.start(STAFF)
        for _ in range(self.rng.randint(0, 4)):
            case = self.rng.choice([old, self.running])
            self.look.hazard(case, state=self.state(), major=self.rng.random() < 0.4)
        self.look.begin()

    def state(self):
        return self.rng.choice([HazardState.CLOSED, OPEN])

    def step(self, clock):
        if self.rng.random() < 0.15:
            self.look.hazard(self.running, state=OPEN)
        if self.rng.random() < 0.4:
            self.close_elsewhere()
        told = self.look.stands()
        if told == []:
            clock.advance(days=10)
            self.look.sweep()
        elif isinstance(told, list):
            getattr(self, told[0])()

    def close_elsewhere(self):
        """Let the other cases put right what they follow."""
        with self.look.deps.system("test") as work:
            for hazard in work.session.scalars(select(Hazard).where(Hazard.closed_at.is_(None))):
                if hazard.case_id != self.look.look_back:
                    hazard.state, hazard.closed_at = HazardState.CLOSED, work.now

    def rows(self, name, node, choose):
        return [choose(row) for row in self.look.shows(node_of[node], node).get(name, [])]

    def look_(self, row):
        return self.rng.choice([{"kept": "yes"}, {"kept": "no", "what": "仍在整改"}])

    def verify(self):
        closed = self.rows(
            "closed", "verify", lambda _: {"result": self.rng.choice(["confirmed", "recurred"])}
        )
        own = self.rows(
            "own",
            "verify",
            lambda row: {
                "result": "open" if row["class"] == "major" else self.rng.choice(["fixed", "open"])
            },
        )
        found = [GAS] if self.rng.random() < 0.2 else []
        self.look.verified(closed=closed, own=own, found=found)

    def watch(self):
        self.look.do(STAFF, "watch", watch_way=self.rng.choice(["urge", "look", "escalate"]))

    def decide(self):
        courses = ["rectify", "stop", "inspect", "wait", "escalated"]
        self.rng.shuffle(courses)
        for course in courses:
            try:
                return self.look.do(LEADER, "decide", course=course)
            except Invalid:
                continue
        raise AssertionError("nothing fits")

    def conclude(self):
        self.look.concluded()


node_of = {"look": PLANT, "verify": STAFF}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_nothing_is_concluded_beside_an_open_hazard(look, clock, seed):
    chance = Chance(look, random.Random(seed))  # noqa: S311
    chance.begin()
    if look.stands() == ["look"]:
        look.reported(hazards=chance.rows("hazards", "look", chance.look_))
    for _ in range(25):
        chance.step(clock)
        told = look.stands()
        if not isinstance(told, list):
            opened = look.hazards(state="unclosed", enterprise_id=look.subject())
            assert told in ENDS | {"end_escalated"}
            assert (opened == []) or told == "end_escalated"
            following = {str(look.case_row(row.case_id).procedure) for row in opened}
            assert following <= {"stop_production"}
            return
    assert look.open_of(look.look_back) or look.case_row(look.look_back).status == "running"


def test_who_may_start_one(look):
    with pytest.raises(Forbidden):
        look.start(PLANT, "look_back", deadline="2026-12-10")
    with pytest.raises(Invalid):
        look.start(STAFF, "look_back", deadline="2026-11-01")
