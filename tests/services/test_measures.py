"""Cards and stops of several cases: each lifts its own, and the gravest in force is what counts."""

import random
import threading

import pytest
from sqlalchemy import select, text

from app.domain.casework import CaseStatus
from app.domain.enterprises import Card, Life
from app.domain.history import Stream
from app.domain.measures import CARDS, STOPS, Measure, card_of, family, life_of
from app.models.casework import Case
from app.models.enterprises import Enterprise, EnterpriseMeasure
from app.services import history
from app.services.enterprises import standing
from tests.casework import Play
from tests.migrating import migrate_to

STAFF = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


class Plant:
    """One enterprise with some cases of its own."""

    def __init__(self, play, cases=3):
        self.deps, self.id = play.deps, play.subject()
        self.cases = [play.start(STAFF) for _ in range(cases)]

    def give(self, case, measure, reason="依法作出"):
        with self.deps.system("test") as work:
            standing.give(work, self.id, measure, reason, self.cases[case], None)

    def lift(self, case, measures, reason="整改合格"):
        with self.deps.system("test") as work:
            standing.lift(work, self.id, list(measures), reason, self.cases[case], None)

    def take(self, case, parent=None):
        parent_id = None if parent is None else self.cases[parent]
        with self.deps.system("test") as work:
            standing.take_over(work, self.id, self.cases[case], parent_id)

    def end(self, case):
        with self.deps.system("test") as work:
            row = work.session.get_one(Case, self.cases[case])
            row.status, row.closed_at = CaseStatus.FINISHED, work.now

    @property
    def stands(self):
        with self.deps.system_reading("test") as work:
            row = work.session.get_one(Enterprise, self.id)
            return row.card, row.life

    @property
    def lines(self):
        with self.deps.system_reading("test") as work:
            return history.entries(work, Stream.ENTERPRISE, self.id)


@pytest.fixture
def plant(play):
    return Plant(play)


def test_a_case_lifts_its_own_card_and_no_other(plant):
    plant.give(0, Measure.YELLOW)
    plant.give(1, Measure.RED)
    assert plant.stands[0] is Card.RED
    plant.lift(0, CARDS)
    assert plant.stands[0] is Card.RED
    told = plant.lines[-1]
    assert (told.action, told.detail["lifted"]) == ("enterprise.card", ["yellow"])
    assert told.detail["card"] == "red"
    plant.lift(1, CARDS)
    assert plant.stands[0] is Card.NONE


def test_a_yellow_card_never_replaces_the_red_one_of_another_case(plant):
    plant.give(0, Measure.RED)
    plant.give(1, Measure.YELLOW)
    assert plant.stands[0] is Card.RED
    plant.give(0, Measure.YELLOW)  # its own it may change
    assert plant.stands[0] is Card.YELLOW


def test_who_is_stopped_twice_resumes_when_both_are_lifted(plant):
    plant.give(0, Measure.SUSPENDED)
    plant.give(1, Measure.STOPPED)
    assert plant.stands[1] is Life.STOPPED
    plant.lift(1, STOPS)
    assert plant.stands[1] is Life.SUSPENDED
    plant.lift(0, STOPS)
    assert plant.stands[1] is Life.RESUMED


def test_a_case_takes_what_its_parent_put_on(plant):
    plant.give(0, Measure.STOPPED)
    plant.take(1, parent=0)
    with plant.deps.system_reading("test") as work:
        assert standing.stop_of(work, plant.cases[1]) == "stopped"
        assert standing.stop_of(work, plant.cases[0]) == "none"
    plant.lift(0, STOPS)
    assert plant.stands[1] is Life.STOPPED
    plant.lift(1, STOPS)
    assert plant.stands[1] is Life.RESUMED


def test_what_no_case_goes_on_with_is_taken_by_the_next(plant):
    plant.give(0, Measure.YELLOW)
    plant.give(1, Measure.SUSPENDED)
    plant.end(0)
    plant.take(2)
    plant.lift(2, CARDS)
    assert plant.stands == (Card.NONE, Life.SUSPENDED)


def test_who_is_to_be_closed_is_given_the_red_card_alone(plant):
    plant.give(0, Measure.RED)
    with plant.deps.system("test") as work:
        standing.decide_closure(work, plant.id, Life.CLOSING, plant.cases[0], None)
    plant.give(1, Measure.STOPPED)
    plant.lift(0, CARDS)
    assert plant.stands == (Card.RED, Life.CLOSING)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_giving_and_lifting_agrees_with_the_rule(plant, seed):
    chance = random.Random(seed)  # noqa: S311
    held: dict[int, set[Measure]] = {case: set() for case in range(3)}
    life = Life.REGISTERED
    for _ in range(25):
        case, measure = chance.randrange(3), chance.choice(list(Measure))
        if chance.random() < 0.6:
            plant.give(case, measure)
            held[case] = (held[case] - family(measure)) | {measure}
        else:
            plant.lift(case, family(measure))
            held[case] -= family(measure)
        in_force = set().union(*held.values())
        life = life_of(in_force, life)
        assert plant.stands == (card_of(in_force), life)


def test_two_cases_at_once_are_counted_one_after_the_other(plant):
    for _ in range(6):
        plant.give(0, Measure.YELLOW)
        ready = threading.Barrier(2)

        def at_once(act, *arguments, ready=ready):
            ready.wait()
            act(*arguments)

        both = [
            threading.Thread(target=at_once, args=(plant.lift, 0, CARDS)),
            threading.Thread(target=at_once, args=(plant.give, 1, Measure.RED)),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert plant.stands[0] is Card.RED
        plant.lift(1, CARDS)
        assert plant.stands[0] is Card.NONE


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_cards_and_stops_of_before_are_entered_by_what_the_history_says(plant):
    plant.give(0, Measure.YELLOW, "逾期未整改")
    plant.give(0, Measure.STOPPED, "拒不执行")
    plant.end(0)
    wanted = kept(plant.deps)
    with plant.deps.database.engine.connect().execution_options(unscoped="test") as connection:
        connection.execute(text("DROP TABLE enterprise_measure"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))
        connection.commit()
    migrate_to(plant.deps.database, "0010")
    assert kept(plant.deps) == wanted


def kept(deps):
    columns = ("enterprise_id", "measure", "reason", "given_in", "given_at", "case_id", "lifted_at")
    with deps.system_reading("test") as work:
        rows = work.session.execute(
            select(*(getattr(EnterpriseMeasure, name) for name in columns))
        ).all()
    return sorted(rows, key=str)
