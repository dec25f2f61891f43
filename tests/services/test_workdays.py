"""The calendar of working days: who publishes it, and the deadlines that move with it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.domain import Forbidden, Invalid
from app.models.casework import Wait, WorkItem
from app.models.records import Installation
from app.models.workdays import CalendarDay, CalendarYear
from app.services import recounting, workdays
from app.services.sweeping import Sweep
from tests import drawn
from tests.casework import Play

STAFF, LEADER, ADMIN = "xingxian.staff1", "xingxian.deputy", "shanxi.admin"
SPRING = "2027-02-05~2027-02-11 春节\n2027-02-20 春节 上班"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def due_of(deps, column=WorkItem.due_at):
    with deps.system_reading("test") as work:
        return work.session.scalars(select(column).where(column.is_not(None))).one()


def test_known_years_are_published_from_the_start(deps, play):
    shown = play.run(STAFF, workdays.year, 2026)
    assert (len(shown.days), shown.source, shown.may_publish) == (
        39,
        "chinesecalendar 1.11.0",
        False,
    )
    assert play.run(STAFF, workdays.year, 2027).published_at is None
    assert workdays.install(deps) == []


def test_a_newer_edition_adds_its_years(deps):
    with deps.system("test") as work:
        work.session.execute(CalendarDay.__table__.delete().where(CalendarDay.year == 2026))
        work.session.execute(CalendarYear.__table__.delete().where(CalendarYear.year == 2026))
    assert workdays.install(deps) == [2026]


def test_holidays_count_in_the_deadlines_of_steps(deps, play, clock):
    clock.now = datetime(2026, 9, 30, 2, tzinfo=UTC)
    drawn.deploy(deps, drawn.asking(due="P5BD"))
    play.start(STAFF, "asking", ok="")
    assert due_of(deps) == datetime(2026, 10, 13, 16, tzinfo=UTC)


class TestPublishing:
    def test_only_the_topmost_bureaus_administrator(self, play):
        for other in (STAFF, LEADER, "xingxian.admin", "lvliang.admin"):
            with pytest.raises(Forbidden):
                play.run(other, workdays.publish, 2027, "国办发明电", SPRING)
            with pytest.raises(Forbidden):
                play.run(other, workdays.preview, 2027, SPRING)
        assert play.run(ADMIN, workdays.year, 2027).may_publish

    @pytest.mark.parametrize(
        ("year", "source", "days"),
        [
            (2027, " ", SPRING),
            (2027, "文", ""),
            (2028, "文", SPRING),
            (1999, "文", "1999-01-01 元旦"),
        ],
    )
    def test_refused(self, play, year, source, days):
        with pytest.raises(Invalid):
            play.run(ADMIN, workdays.publish, year, source, days)

    def test_deadlines_move_and_say_why(self, deps, play, clock, sweep):
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)  # a Wednesday before the holiday
        drawn.deploy(deps, drawn.asking(due="P5BD", reminder="P2BD"), drawn.ticking(rule="P5BD"))
        case = play.start(STAFF, "asking", ok="")
        play.start(STAFF, "ticking", ok="")
        before = due_of(deps)
        assert before == datetime(2027, 2, 10, 16, tzinfo=UTC)
        shown = play.run(ADMIN, workdays.preview, 2027, SPRING)
        assert (shown.tasks, shown.cases, len(shown.days)) == (2, 2, 8)
        assert due_of(deps) == before
        play.run(ADMIN, workdays.publish, 2027, "国办发明电〔2026〕9号", SPRING)
        sweep()
        moved = datetime(2027, 2, 17, 16, tzinfo=UTC)
        assert (due_of(deps), due_of(deps, Wait.due_at)) == (moved, moved)
        assert due_of(deps, WorkItem.wake_at) == datetime(2027, 2, 15, 16, tzinfo=UTC)
        (line,) = [x for x in play.case(STAFF, case).history if x.action == "deadline.recount"]
        assert line.detail["from"] == before.isoformat()
        assert line.detail["to"] == moved.isoformat()
        assert line.detail["reason"] == "工作日历公布或更正"
        assert play.run(ADMIN, workdays.preview, 2027, SPRING).tasks == 0

    def test_a_correction_moves_them_back(self, deps, play, clock, sweep):
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
        drawn.deploy(deps, drawn.asking(due="P5BD"))
        play.start(STAFF, "asking", ok="")
        before = due_of(deps)
        play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
        sweep()
        play.run(ADMIN, workdays.publish, 2027, "二", "2027-01-01 元旦")
        sweep()
        assert due_of(deps) == before
        shown = play.run(STAFF, workdays.year, 2027)
        assert (shown.source, len(shown.days)) == ("二", 1)

    def test_hours_and_dates_stand(self, deps, play, clock, sweep):
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
        drawn.deploy(deps, drawn.asking(due="PT100H"), drawn.ticking(rule="2027-02-08"))
        play.start(STAFF, "asking", ok="")
        play.start(STAFF, "ticking", ok="")
        assert play.run(ADMIN, workdays.preview, 2027, SPRING).tasks == 0

    def test_whoever_was_reminded_is_not_reminded_again(self, deps, play, clock, sweep):
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
        drawn.deploy(deps, drawn.asking(due="P5BD", reminder="P2D"))
        play.start(STAFF, "asking", ok="")
        clock.now = datetime(2027, 2, 9, 2, tzinfo=UTC)
        sweep()
        assert [m.key for m in play.messages(STAFF)] == ["task_due_soon"]
        play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
        sweep()
        assert due_of(deps, WorkItem.wake_at) == due_of(deps)
        clock.now = datetime(2027, 2, 20, tzinfo=UTC)
        sweep()
        assert [m.key for m in play.messages(STAFF)] == ["task_overdue", "task_due_soon"]

    def test_what_was_overdue_is_so_again_at_its_new_time(self, deps, play, clock, sweep):
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
        drawn.deploy(deps, drawn.asking(due="P5BD"))
        play.start(STAFF, "asking", ok="")
        clock.now = datetime(2027, 2, 11, 2, tzinfo=UTC)
        sweep()
        play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
        sweep()
        clock.now = datetime(2027, 2, 20, tzinfo=UTC)
        sweep()
        assert [m.key for m in play.messages(STAFF)] == ["task_overdue", "task_overdue"]

    def test_the_scan_is_repeated_until_nothing_is_found(self, deps, play, clock, sweep):
        def left():
            with deps.system_reading("test") as work:
                row = work.session.execute(
                    select(Installation.calendar_revision, Installation.calendar_recounted)
                ).one()
                return row[0] - row[1]

        assert left() == 0
        clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
        drawn.deploy(deps, drawn.asking(due="P5BD"))
        play.start(STAFF, "asking", ok="")
        play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
        deps.jobs.drain(deps)
        assert left() == 1
        # A step that began before the publication ends after the first scan.
        with deps.system("test") as work:
            stale = datetime(2027, 2, 10, 16, tzinfo=UTC)
            work.session.execute(update(WorkItem).where(WorkItem.status == 0).values(due_at=stale))
        clock.advance(minutes=6)
        sweep()
        assert due_of(deps) == datetime(2027, 2, 17, 16, tzinfo=UTC)
        assert left() == 1
        clock.advance(minutes=6)
        sweep()
        assert left() == 0
        clock.advance(minutes=6)
        assert sweep() == []

    def test_a_closed_case_is_left_alone(self, deps, play, clock):
        assert recounting.recount(deps, 4711) == 0


def test_the_calendar_is_read_once_a_revision(deps, play):
    play.run(STAFF, lambda work: work.calendar)
    first = deps.calendars.copy()
    play.run(STAFF, lambda work: work.calendar)
    assert list(deps.calendars) == list(first)
    play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
    play.run(STAFF, lambda work: work.calendar)
    assert list(deps.calendars) == [next(iter(first)) + 1]
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(CalendarYear)) == 24


@pytest.fixture
def sweep(deps):
    sweeper = Sweep(deps)

    def run():
        sweeper.run()
        return [key for key in deps.jobs.drain(deps) if not key.startswith("tidy")]

    return run


def test_deadlines_of_many_cases_move_in_batches(deps, play, clock, monkeypatch):
    monkeypatch.setattr(recounting, "BATCH", 3)
    clock.now = datetime(2027, 2, 3, 2, tzinfo=UTC)
    drawn.deploy(deps, drawn.asking(due="P5BD"))
    for _ in range(7):
        play.start(STAFF, "asking", ok="")
    play.run(ADMIN, workdays.publish, 2027, "一", SPRING)
    done = deps.jobs.drain(deps)
    assert sum(key.startswith("recount_cases") for key in done) >= 3
    with deps.system_reading("test") as work:
        found = set(work.session.scalars(select(WorkItem.due_at).filter_by(status=0)))
    assert found == {datetime(2027, 2, 10, 16, tzinfo=UTC) + timedelta(days=7)}
