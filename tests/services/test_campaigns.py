"""A campaign: whom it takes in, its days, the cases it starts for everybody, its gates."""

import threading
import time
from datetime import date

import pytest
from sqlalchemy import event, func, select, update

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.deadlines import last_day
from app.domain.progress import Cover
from app.domain.text import T
from app.models.campaigns import CampaignBatch, CampaignStart
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.services import parts
from app.services.campaigns import entering, exporting, figures, gates, members, moving, reading
from app.services.campaigns import starting as campaign_starting
from app.services.cases import ending, starting
from app.services.draws import roster
from tests.campaigning import CAMPAIGN, LEADER, STAFF, START, Run
from tests.casework import PLANT


@pytest.fixture
def run(deps, actor):
    return Run(deps, actor)


def cases_of(run, procedure):
    wanted = select(func.count()).where(
        Case.campaign_id == run.campaign, Case.procedure == procedure
    )
    ((number,),) = run.rows(wanted)
    return number


def refuse_the_plant(run, monkeypatch):
    """Let no case of the demo's plant be started, and return what lets it be again."""
    real = campaign_starting.begin

    def failing(work, deployment, **values):
        if values["subject_id"] == run.subject():
            raise Conflict(T("不能启动"))
        return real(work, deployment, **values)

    monkeypatch.setattr(campaign_starting, "begin", failing)
    return lambda: monkeypatch.setattr(campaign_starting, "begin", real)


def test_an_office_with_nobody_above_it_starts_none(run):
    office = run.office("山西省应急管理厅")
    offered = [found.id for found in run.run("shanxi.staff1", starting.startable)]
    assert CAMPAIGN not in offered
    with pytest.raises(Forbidden):
        run.run("shanxi.staff1", starting.start, CAMPAIGN, office, START)


class TestScope:
    def test_the_office_sees_how_many_it_takes_in_before_it_starts(self, run, deps):
        with deps.system("test") as work:
            work.session.get_one(Enterprise, run.subject()).supervision = "city"
        run.begin(sectors=None)
        shown = run.shown("fix_calendar")
        assert (shown["total"], shown["left"], shown["elsewhere"]) == (59, 0, 1)

    def test_one_sector_and_one_theme_are_added_up(self, run):
        run.begin(sectors=["steel"], tags=["dust"])
        by_hand = run.rows(
            select(func.count())
            .select_from(Enterprise)
            .where(Enterprise.place.startswith("141123"), Enterprise.supervision == "county")
            .where((Enterprise.sector == "steel") | Enterprise.tags.contains(" dust "))
        )
        assert run.shown("fix_calendar")["total"] == by_hand[0][0] > 0

    def test_a_scope_that_takes_in_nobody_goes_back(self, run):
        run.begin(divisions=[])
        assert [row.node for row in run.todo(STAFF)] == ["fix_scope"]

    def test_who_is_closed_is_left_out(self, run, deps):
        with deps.system("test") as work:
            one = work.session.scalars(
                select(Enterprise).filter_by(place="141123", supervision="county").limit(1)
            ).one()
            one.life = "closed"
        run.begin(sectors=None)
        assert run.shown("fix_calendar")["total"] == 59


class TestStart:
    def test_everybody_in_scope_gets_what_begins_at_once(self, run):
        run.open(sectors=None)
        stages = {stage.key: stage for stage in run.view().stages}
        assert run.view().row.members == 60
        assert cases_of(run, "self_inspection") == stages["self_inspection"].total == 60
        assert stages["deployment"].total == 60
        (asked,) = run.view().others  # the first monthly report is due in three days
        assert (asked.period, asked.total) == ("2026-11-23", 60)
        assert cases_of(run, "periodic_report") == 120
        assert stages["county_inspection"].total == cases_of(run, "county_inspection") == 0

    def test_the_drafter_does_not_approve(self, run):
        run.begin()
        run.do(
            STAFF,
            "fix_calendar",
            days=[{"day": r["day"]} for r in run.shown("fix_calendar")["days"]],
        )
        assert "approve" not in {row.node for row in run.todo(STAFF)}
        assert "approve" in {row.node for row in run.todo(LEADER)}

    def test_days_of_a_stage_keep_their_order(self, run):
        run.begin()
        rows = run.shown("fix_calendar")["days"]
        wrong = [
            {"day": "2027-05-31" if row["key"] == "county_inspection_ends" else row["day"]}
            for row in rows
        ]
        with pytest.raises(Invalid) as refused:
            run.do(STAFF, "fix_calendar", days=wrong)
        at = [row["key"] for row in rows].index("county_inspection_ends")
        assert list(refused.value.errors) == [f"/days/{at}/day"]

    def test_an_enterprise_is_no_office(self, run):
        with pytest.raises(Forbidden):
            run.run(STAFF, starting.start, CAMPAIGN, run.subject(), START)

    def test_a_broken_off_batch_goes_on_and_nobody_gets_two(self, run, deps, monkeypatch):
        monkeypatch.setattr(campaign_starting, "AT_ONCE", 3)
        real, calls = campaign_starting.begin, []

        def broken(*args, **values):
            calls.append(1)
            if len(calls) == 5:
                raise SystemExit("killed")
            return real(*args, **values)

        monkeypatch.setattr(campaign_starting, "begin", broken)
        with pytest.raises(SystemExit):
            run.open()
        members = run.view().row.members
        assert 0 < cases_of(run, "self_inspection") + cases_of(run, "periodic_report") < members
        for (batch,) in run.rows(select(CampaignBatch.id)):
            campaign_starting.carry_out(deps, batch)
            campaign_starting.carry_out(deps, batch)
        assert cases_of(run, "self_inspection") == members
        assert cases_of(run, "periodic_report") == members
        ((twice,),) = run.rows(
            select(func.count()).select_from(
                select(Case.subject_id)
                .where(Case.campaign_id == run.campaign)
                .group_by(Case.procedure, Case.subject_id)
                .having(func.count() > 1)
                .subquery()
            )
        )
        assert twice == 0

    def test_one_that_fails_is_passed_over_and_told(self, run, monkeypatch):
        refuse_the_plant(run, monkeypatch)
        run.open()
        (stage,) = [one for one in run.view().stages if one.key == "self_inspection"]
        (batch,) = stage.batches
        assert (batch.failed, batch.waiting, batch.started + 1) == (1, 0, batch.total)
        wanted = members.Wanted(run.campaign, batch.id, "failed")
        rows = run.run(STAFF, members.find, wanted).rows
        assert [(row.enterprise_id, row.problem) for row in rows] == [(run.subject(), "不能启动")]


class TestNobodyIsLeftOut:
    def test_who_fits_by_now_gets_what_is_not_over(self, run, deps, clock):
        with deps.system("test") as work:
            work.session.get_one(Enterprise, run.subject()).supervision = "city"
        run.open()
        members = run.view().row.members
        clock.advance(days=(date(2027, 5, 11) - clock.now.date()).days)
        run.sweep()
        with deps.system("test") as work:
            work.session.get_one(Enterprise, run.subject()).supervision = "county"
        assert run.run("lvliang.staff1", entering.outside, run.campaign) == 1

        with pytest.raises(Forbidden):
            run.run("lvliang.staff1", entering.take_in, run.campaign)
        assert run.run(STAFF, entering.take_in, run.campaign) == 1
        run.sweep()
        assert run.view().row.members == members + 1
        assert cases_of(run, "self_inspection") == members + 1  # the plans were due before
        stages = {stage.key: stage for stage in run.view().stages}
        assert stages["deployment"].total == members
        with pytest.raises(Conflict):
            run.run(STAFF, entering.take_in, run.campaign)

    def test_whoever_is_taken_in_while_others_are_started_holds_nobody_up(
        self, run, deps, monkeypatch
    ):
        with deps.system("test") as work:
            work.session.get_one(Enterprise, run.subject()).supervision = "city"
        run.open()
        with deps.system("test") as work:
            work.session.get_one(Enterprise, run.subject()).supervision = "county"
            wanted = select(CampaignBatch.id).filter_by(node="self_batch")
            batch = work.session.scalars(wanted).one()
            work.session.execute(
                update(CampaignStart).where(CampaignStart.batch_id == batch).values(case_id=None)
            )
        real, begun, taken = campaign_starting.begin, threading.Event(), threading.Event()

        def slowly(*args, **values):
            begun.set()
            taken.wait(1)
            return real(*args, **values)

        monkeypatch.setattr(campaign_starting, "begin", slowly)
        failed = []

        def start():
            try:
                campaign_starting.carry_out(deps, batch)
            except Exception as wrong:  # noqa: BLE001
                failed.append(wrong)

        starter = threading.Thread(target=start, daemon=True)
        starter.start()
        assert begun.wait(10)
        assert run.run(STAFF, entering.take_in, run.campaign) == 1
        taken.set()
        starter.join(30)
        assert failed == []

    def test_a_campaign_that_is_called_off_starts_nothing_more(self, run, monkeypatch):
        mend = refuse_the_plant(run, monkeypatch)
        run.open()
        mend()
        batches = [batch for stage in run.view().stages for batch in stage.batches]
        for batch in batches:
            run.run(STAFF, entering.try_again, run.campaign, batch.id)
        before = cases_of(run, "self_inspection")
        run.run(LEADER, ending.cancel, run.campaign, "另行部署")
        run.sweep()
        assert cases_of(run, "self_inspection") == before

    def test_what_failed_is_tried_again(self, run, monkeypatch):
        mend = refuse_the_plant(run, monkeypatch)
        run.open()
        mend()
        batches = [batch for stage in run.view().stages for batch in stage.batches]
        for batch in batches:
            assert run.run(STAFF, entering.try_again, run.campaign, batch.id) == 1
            with pytest.raises(Conflict):
                run.run(STAFF, entering.try_again, run.campaign, batch.id)
        with pytest.raises(NotFound):
            run.run(STAFF, entering.try_again, run.campaign, 987)
        run.sweep()
        batches = [batch for stage in run.view().stages for batch in stage.batches]
        assert [(batch.failed, batch.waiting) for batch in batches] == [(0, 0), (0, 0)]


class TestWhoIsGone:
    """A plant that is closed, banned or struck off meanwhile is asked for nothing more."""

    def leave(self, run, how):
        with run.deps.system("test") as work:
            if how == "struck off":
                work.session.get_one(Organisation, run.subject()).active = False
            else:
                work.session.get_one(Enterprise, run.subject()).life = how

    def until(self, run, clock, day):
        clock.advance(days=(day - clock.now.date()).days)
        run.sweep()

    def standing(self, run, node):
        wanted = (
            select(Case.status)
            .select_from(CampaignStart)
            .join(CampaignBatch, CampaignBatch.id == CampaignStart.batch_id)
            .outerjoin(Case, Case.id == CampaignStart.case_id)
            .where(CampaignStart.enterprise_id == run.subject(), CampaignBatch.node == node)
        )
        return [status for (status,) in run.rows(wanted)]

    @pytest.mark.parametrize("how", ["closed", "banned", "struck off"])
    def test_no_report_and_no_inspection_is_begun_for_it(self, run, clock, how):
        run.open()
        members = run.view().row.members
        self.leave(run, how)
        self.until(run, clock, date(2027, 6, 2))
        assert len(self.standing(run, "campaign_reports_batch")) == 1  # asked for at once
        assert self.standing(run, "county_batch") == []
        covered = run.run(STAFF, figures.coverage, run.campaign)
        assert (covered.total, covered.counts[Cover.GONE]) == (members - 1, 1)
        assert run.subject() not in [number for number, _name in covered.left]
        gate = run.shown("gate_self")
        assert gate["open"] == members - 1
        assert PLANT not in gate["missing"]
        (batch,) = [one for one in run.view().batches if one.node == "self_batch"]
        assert (batch.gone, batch.wanted, batch.total) == (1, members - 1, members)
        gone = members_of(run, members_wanted(run, batch, "gone"))
        assert gone == [run.subject()]
        assert run.subject() not in members_of(run, members_wanted(run, batch, "open"))

    def test_its_look_back_tells_what_became_of_it(self, run, clock):
        run.open()
        self.leave(run, "closed")
        self.until(run, clock, date(2027, 11, 2))
        assert self.standing(run, "look_back_batch") == [CaseStatus.FINISHED]

    def test_whoever_was_inspected_before_stays_covered(self, run, clock):
        run.open()
        self.until(run, clock, date(2027, 6, 2))
        with run.deps.system("test") as work:
            work.session.execute(
                update(Case)
                .where(Case.procedure == "county_inspection", Case.subject_id == run.subject())
                .values(status=CaseStatus.FINISHED, ended="end_done", closed_at=work.now),
                execution_options={"unscoped": "test"},
            )
        self.leave(run, "closed")
        counts = run.run(STAFF, figures.coverage, run.campaign).counts
        assert (counts[Cover.VISITED], counts.get(Cover.GONE, 0)) == (1, 0)

    def test_who_is_taken_in_later_does_not_bring_it_back(self, run, deps, clock):
        with deps.system("test") as work:
            other = work.session.scalars(
                select(Enterprise).where(
                    Enterprise.sector == "steel",
                    Enterprise.place == "141123",
                    Enterprise.supervision == "county",
                    Enterprise.id != run.subject(),
                )
            ).first()
            other.supervision, late = "city", other.id
        run.open()
        self.leave(run, "closed")
        self.until(run, clock, date(2027, 6, 2))
        with deps.system("test") as work:
            work.session.get_one(Enterprise, late).supervision = "county"
        assert run.run(STAFF, entering.take_in, run.campaign) == 1
        run.sweep()
        assert self.standing(run, "county_batch") == []


def members_wanted(run, batch, state):
    return members.Wanted(run.campaign, batch.id, state)


def members_of(run, wanted):
    return [row.enterprise_id for row in run.run(STAFF, members.find, wanted).rows]


class TestTime:
    def test_stages_begin_on_their_days_and_close_with_who_is_missing(
        self, run, clock, monkeypatch
    ):
        monkeypatch.setattr(gates, "NAMED", 3)
        run.open()
        members = run.view().row.members
        clock.advance(days=(date(2027, 5, 11) - clock.now.date()).days)
        run.sweep()
        gate = run.shown("gate_deployment")
        assert (gate["done"], gate["open"]) == (0, members)
        assert gate["missing"].count("、") == 2
        assert gate["missing"].endswith("等")
        assert cases_of(run, "county_inspection") == 0

        clock.advance(days=(date(2027, 6, 1) - clock.now.date()).days)
        run.sweep()
        assert cases_of(run, "county_inspection") == members
        assert run.open_nodes() == {"gate_deployment", "gate_self"}

    def test_reports_are_asked_for_month_by_month_and_no_longer_than_it_lasts(self, run, clock):
        short = {"look_back_ends": "2027-02-10", "look_back_starts": "2027-01-10"}
        run.open(days={**short, "summary_due": "2027-01-20"})
        periods = []
        while clock.now.date() < date(2027, 3, 1):
            clock.advance(days=1)
            run.sweep()
            found = run.rows(select(CampaignBatch.period).where(CampaignBatch.period != ""))
            periods = sorted(period for (period,) in found)
        assert periods == ["2026-11-23", "2026-12-23", "2027-01-23"]

    def test_a_summary_waits_for_no_later_stage(self, run, clock):
        run.open()
        clock.advance(days=(date(2027, 11, 16) - clock.now.date()).days)
        for _ in range(6):
            run.sweep()
        tasks = run.open_nodes()
        assert "campaign_summary_draft" in tasks
        assert "gate_look_back" not in tasks

    @pytest.mark.parametrize("arranged", [True, False])
    def test_the_city_says_what_it_arranges_and_nobody_waits_for_it(self, run, clock, arranged):
        run.open()
        clock.advance(days=(date(2027, 9, 1) - clock.now.date()).days)
        for _ in range(3):
            run.sweep()
        assert "city_arrange" in run.open_nodes()
        if arranged:
            run.do("lvliang.staff1", "city_arrange", arrangement="九月中旬抽查", draw="2027-1")
        assert "gate_city" not in run.open_nodes()
        clock.advance(days=(date(2027, 11, 2) - clock.now.date()).days)
        for _ in range(3):
            run.sweep()
        assert "gate_city" in run.open_nodes()
        assert "city_arrange" not in run.open_nodes()


class TestMoving:
    def test_a_moved_day_moves_everything_that_goes_by_it(self, run):
        run.open()
        case = self._case(run)
        run.run(
            LEADER, moving.move, run.campaign, "self_inspection_ends", date(2027, 6, 20), "汛期"
        )
        run.sweep()
        assert last_day(run.case(STAFF, case).row.deadline) == date(2027, 6, 20)
        (item,) = [i for i in run.todo("xingxian.plant") if i.case_id == case]
        assert last_day(item.due_at) == date(2027, 6, 20)
        lines = [
            line for line in run.case(STAFF, case).history if line.action == "deadline.recount"
        ]
        assert {line.detail["reason"] for line in lines} == {"汛期"}
        (moved,) = [
            line for line in run.case(STAFF, run.campaign).history if line.action == "campaign.move"
        ]
        assert (moved.detail["from"], moved.detail["until"]) == ("2027-05-31", "2027-06-20")

    def test_what_has_a_deadline_of_its_own_keeps_it(self, run):
        run.open()
        case = self._case(run, "periodic_report", until="@plan_due")
        run.run(
            LEADER, moving.move, run.campaign, "self_inspection_ends", date(2027, 6, 20), "汛期"
        )
        run.sweep()
        assert last_day(run.case(STAFF, case).row.deadline) == date(2027, 5, 6)

    def test_refused(self, run):
        run.open()
        day, nobody = date(2027, 6, 20), "fenyang.deputy"
        for who, key, when, reason, refused in [
            (STAFF, "self_inspection_ends", day, "汛期", Forbidden),
            (nobody, "self_inspection_ends", day, "汛期", NotFound),
            (LEADER, "nothing", day, "汛期", Invalid),
            (LEADER, "self_inspection_ends", None, "汛期", Invalid),
            (LEADER, "self_inspection_ends", date(2026, 11, 1), "汛期", Invalid),
            (LEADER, "self_inspection_ends", date(2027, 5, 31), "汛期", Invalid),
            (LEADER, "self_inspection_ends", day, " ", Invalid),
            (LEADER, "county_inspection_ends", date(2027, 5, 1), "汛期", Invalid),
            (LEADER, "look_back_ends", date(2099, 1, 1), "汛期", Invalid),
        ]:
            with pytest.raises(refused):
                run.run(who, moving.move, run.campaign, key, when, reason)

    def test_a_day_that_has_passed_stays(self, run, clock):
        run.open()
        clock.advance(days=(date(2027, 6, 2) - clock.now.date()).days)
        with pytest.raises(Conflict):
            run.run(
                LEADER, moving.move, run.campaign, "self_inspection_ends", date(2027, 7, 1), "汛期"
            )

    def test_what_is_being_started_meanwhile_goes_by_the_new_day_too(self, run, monkeypatch):
        mend = refuse_the_plant(run, monkeypatch)
        run.open()
        mend()
        (stage,) = [one for one in run.view().stages if one.key == "self_inspection"]
        (batch,) = stage.batches
        with run.deps.system("test") as work:
            work.session.execute(
                update(CampaignStart).where(CampaignStart.batch_id == batch.id).values(problem=None)
            )
        real, begun = campaign_starting.begin, threading.Event()

        def slowly(*args, **values):
            begun.set()
            time.sleep(1)  # by now the day is moved, and who goes by it is looked for
            return real(*args, **values)

        monkeypatch.setattr(campaign_starting, "begin", slowly)
        starter = threading.Thread(
            target=campaign_starting.carry_out, args=(run.deps, batch.id), daemon=True
        )
        starter.start()
        assert begun.wait(10)
        key, day = "self_inspection_ends", date(2027, 6, 20)
        run.run(LEADER, moving.move, run.campaign, key, day, "汛期")
        moving.recount(run.deps, run.campaign, key, "汛期")
        starter.join(20)
        run.deps.jobs.drain(run.deps)
        assert last_day(run.case(STAFF, self._case(run)).row.deadline) == day

    def test_a_stage_that_began_this_morning_has_begun(self, run, clock, client):
        run.open()
        clock.advance(days=(date(2027, 6, 1) - clock.now.date()).days)
        run.sweep()
        key, page = "county_inspection_starts", f"/campaigns/{run.campaign}"
        with pytest.raises(Conflict):
            run.run(LEADER, moving.move, run.campaign, key, date(2027, 7, 1), "汛期")
        assert f'value="{key}"' not in client(LEADER).get(page).text
        key = "county_inspection_ends"
        assert f'value="{key}"' in client(LEADER).get(page).text

    def _case(self, run, procedure="self_inspection", until="@self_inspection_ends"):
        ((case,),) = run.rows(
            select(Case.id).where(
                Case.campaign_id == run.campaign,
                Case.procedure == procedure,
                Case.subject_id == run.subject(),
                Case.deadline_rule == until,
            )
        )
        return case


def test_who_may_know_of_it(run):
    run.open()
    for who in ("xingxian.auditor", "lvliang.staff1", "shanxi.head"):
        assert run.run(who, reading.get, run.campaign).row.members > 1
        assert run.run(who, reading.find)[0]
    with pytest.raises(NotFound):
        run.view("fenyang.staff1")
    assert run.run("fenyang.staff1", reading.find)[0] == []
    for who in ("xingxian.plant", "xingxian.admin", "xingxian.expert"):
        with pytest.raises(Forbidden):
            run.view(who)


def test_it_ends_once_every_stage_is_concluded(deps, actor, clock):
    """From the first day to the last, its own tasks done by whoever holds them."""
    run = Run(deps, actor)
    run.open()
    while run.case(STAFF, run.campaign).row.status == "running":
        assert clock.now.date() < date(2028, 3, 1)
        gates = {"followup": "未销号隐患由有关案件继续督促整改"}
        run.walk(run.campaign, "nothing", gate_look_back=gates)
        clock.advance(days=20)
        run.sweep()
    view = run.case(STAFF, run.campaign)
    assert str(view.row.ended) == "专项行动结束"
    assert view.row.closed_at.date() > date(2027, 11, 30)  # its last stage was waited for
    done = {task.node for task in view.tasks if task.status is ItemStatus.DONE}
    assert done >= {"gate_deployment", "gate_self", "gate_county", "gate_city", "gate_look_back"}
    assert "conclude" in done


def test_no_statement_names_more_than_a_database_bears(run, deps, monkeypatch):
    """Whatever is asked of a campaign, its members are never written into a statement."""
    bound = 40
    monkeypatch.setattr(parts, "AT_ONCE", 20)
    run.open(sectors=None)
    assert run.view().row.members > bound
    with deps.system("test") as work:
        work.session.execute(update(Enterprise).values(key=True))
    most = []

    def see(_connection, _cursor, _statement, parameters, _context, executemany):
        most.append(0 if executemany else len(parameters))

    event.listen(deps.database.engine, "before_cursor_execute", see)
    try:
        for batch in run.view().batches:
            whole = members.Wanted(run.campaign, batch.id)
            assert len(run.run(STAFF, members.find, whole, "", 1000).rows) > bound
            run.run(STAFF, figures.progress, run.campaign, batch.id)
        run.run(STAFF, exporting.everything, exporting.Campaign(run.campaign))
        with deps.system_reading("test") as work:
            gates.stages_now(work, run.campaign)
            everyone = work.session.scalars(select(Enterprise.id)).all()
            assert len(everyone) > bound
            roster.reasons(work, everyone)
    finally:
        event.remove(deps.database.engine, "before_cursor_execute", see)
    assert 0 < max(most) <= bound


def test_many_newcomers_are_taken_in_by_statements_of_one_size(run, deps):
    run.open()
    with deps.system("test") as work:
        work.session.execute(update(Enterprise).values(sector="steel"))
    sizes = []

    def see(_connection, _cursor, statement, parameters, _context, executemany):
        if "campaign_start" in statement and not executemany:
            sizes.append(len(parameters))

    event.listen(deps.database.engine, "before_cursor_execute", see)
    try:
        taken = run.run(STAFF, entering.take_in, run.campaign)
    finally:
        event.remove(deps.database.engine, "before_cursor_execute", see)
    assert taken > 30 > max(sizes)
