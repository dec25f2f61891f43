"""Reports: drafted from the ledgers, corrected with reasons, zero, late, returned, added up."""

import json

import pytest
from sqlalchemy import update

from app.domain import Invalid, NotFound
from app.domain.casework import CaseStatus
from app.domain.deadlines import last_day
from app.domain.documents import DocumentState
from app.domain.statistics import ReportState, said
from app.models.casework import Case
from app.models.documents import Document
from app.models.reports import Report
from app.services import verifying
from app.services.campaigns import figures
from app.services.reports import consolidated, drafting, reading, tables
from app.services.tasks import commands
from app.services.verifying import Tally
from tests.campaigning import LEADER, STAFF
from tests.reporting import CITY, KEEPER, PERIOD, PLANT_USER, TYPED, Reports


@pytest.fixture
def run(deps, actor):
    made = Reports(deps, actor)
    made.open()
    return made


class TestDraft:
    def test_figures_come_from_the_ledgers_and_know_the_list_behind(self, run):
        plant = run.subject()
        open_one, closed = run.hazard(plant), run.hazard(plant, closed=True)
        major = run.hazard(plant, major=True)
        run.report(plant, figures=TYPED)
        report = run.of(plant)
        assert {key: figure["computed"] for key, figure in report.figures.items()} == {
            "plant_groups": None,
            "plant_persons": None,
            "funds": None,
            "new_found": 3,
            "general_found": 2,
            "general_closed": 1,
            "major_found": 1,
            "major_closed": 0,
            "under_way": 2,
        }
        assert report.figures["general_found"]["behind"] == [open_one, closed]
        assert report.figures["under_way"]["behind"] == [open_one, major]
        (line,) = report.details
        assert (line["_hazard"], line["spot"], line["state"]) == (major, "煤气柜区", "整改中")
        assert said(report.figures)["funds"] == 20000
        assert report.state is ReportState.SUBMITTED
        assert not report.late

    def test_what_lies_before_the_campaign_or_after_the_period_does_not_count(self, run, clock):
        plant = run.subject()
        run.hazard(plant, found=clock.now.replace(year=2025))
        run.until(clock, "2026-11-25")
        late = run.hazard(plant)
        run.report(plant, figures=TYPED)
        report = run.of(plant)
        assert report.figures["general_found"]["computed"] == 0
        assert late not in report.figures["general_found"]["behind"]
        assert report.late

    def test_the_next_period_begins_after_the_last_and_remembers_what_was_typed(self, run, clock):
        plant = run.subject()
        run.hazard(plant)
        run.accept(run.report(plant, figures=TYPED))
        run.until(clock, "2026-12-19")
        run.hazard(plant)
        item, _case = run.asked(plant, "2026-12-23")
        shown = {row["key"]: row for row in run.task(PLANT_USER, item).prefill["figures"]}
        assert shown["new_found"]["computed"] == "1"
        assert shown["general_found"]["computed"] == "2"
        assert shown["funds"]["value"] == "20000"
        assert run.of(plant, "2026-12-23").begins.isoformat() == "2026-11-24"


class TestCorrection:
    @pytest.mark.parametrize(
        ("figures", "at"),
        [
            ({"general_found": 5}, "/reason"),
            ({"general_found": ("", "")}, None),
            ({"general_found": ("五", "自查另有发现")}, "/value"),
            ({"general_found": ("-1", "自查另有发现")}, "/value"),
            ({"general_closed": (3, "自查另有发现")}, "/value"),
            ({"funds": ""}, "/value"),
            ({"general_found": (5, "自查另有发现")}, None),
        ],
    )
    def test_a_figure_is_corrected_with_a_reason_or_not_at_all(self, run, figures, at):
        plant = run.subject()
        run.hazard(plant)
        if at is None:
            run.report(plant, figures={**TYPED, **figures})
            return
        with pytest.raises(Invalid) as refused:
            run.report(plant, figures={**TYPED, **figures})
        (where,) = refused.value.errors
        assert where.startswith("/figures/")
        assert where.endswith(at)

    def test_what_was_counted_what_stands_and_why_are_kept(self, run):
        plant = run.subject()
        run.hazard(plant)
        reason = "班组检查另发现四项，尚未录入"
        case = run.report(plant, figures={**TYPED, "general_found": (5, reason)})
        figure = run.of(plant).figures["general_found"]
        assert (figure["computed"], figure["value"], figure["reason"]) == (1, 5, reason)
        (line,) = [x for x in run.case(STAFF, case).history if x.action == "report.submit"]
        (corrected,) = line.detail["corrected"]
        assert corrected == {
            "key": "general_found",
            "computed": 1,
            "value": 5,
            "reason": reason,
        }

    def test_nobody_types_what_was_counted(self, run):
        """What is read-only comes from the ledger, whatever the browser sends."""
        plant = run.subject()
        run.hazard(plant)
        item, _case = run.asked(plant)
        rows = run.figures(PLANT_USER, item, TYPED)
        forged = [
            {**row, "computed": "99"} if row["key"] == "general_found" else row for row in rows
        ]
        run.complete(PLANT_USER, item, content="正在组织整改", zero=False, figures=forged)
        assert run.of(plant).figures["general_found"] == {
            "computed": 1,
            "value": None,
            "reason": None,
            "behind": [run.of(plant).figures["general_found"]["behind"][0]],
        }


class TestZero:
    def test_where_nothing_is_new_it_needs_but_the_confirmation(self, run):
        plant = run.subject()
        item, case = run.asked(plant)
        shown = run.task(PLANT_USER, item).prefill
        assert shown["zero"] is True
        assert shown["content"] == "本期无新情况。"
        run.complete(PLANT_USER, item, figures=shown["figures"])
        report = run.of(plant)
        assert report.zero
        assert set(said(report.figures).values()) == {0}
        assert run.accept(case).finished

    def test_it_is_refused_where_the_ledger_has_something_new(self, run):
        plant = run.subject()
        run.hazard(plant)
        with pytest.raises(Invalid) as refused:
            run.report(plant, zero=True)
        assert set(refused.value.errors) == {"/zero"}


class TestReview:
    def test_returned_it_is_reported_again_and_both_stand_in_the_history(self, run, clock):
        plant = run.subject()
        case = run.report(plant, figures=TYPED)
        run.judge(case, accepted="no", opinion="资金不实", deadline="2026-11-27")
        report = run.of(plant)
        assert (report.state, report.returns, report.opinion) == (
            ReportState.RETURNED,
            1,
            "资金不实",
        )
        assert last_day(report.due_at).isoformat() == "2026-11-27"
        run.report(plant, figures={**TYPED, "funds": 300})
        run.accept(case)
        report = run.of(plant)
        assert report.state is ReportState.ACCEPTED
        assert said(report.figures)["funds"] == 300
        funds = [
            line.detail["figures"]["funds"]
            for line in run.case(STAFF, case).history
            if line.action == "report.submit"
        ]
        assert sorted(funds) == [300, 20000]

    def test_who_is_late_is_reminded(self, run, clock):
        run.until(clock, "2026-11-24")
        for who in (PLANT_USER, STAFF):
            assert "report_overdue" in {message.key for message in run.messages(who)}


class TestVersions:
    def test_a_report_keeps_the_version_of_its_period(self, run, clock):
        plant = run.subject()
        admin = "shanxi.admin"
        given = run.run(admin, tables.answers, "campaign_statistics")
        extra = {
            "key": "drills",
            "group": "progress",
            "title": "应急演练",
            "unit": "次",
            "type": "integer",
            "source": "typed",
            "by": "plant",
            "span": "period",
        }
        changed = {**given, "columns": [*given["columns"], extra]}
        run.run(admin, tables.publish, "campaign_statistics", changed, 1)
        case = run.report(plant, figures=TYPED)
        assert "drills" not in run.of(plant).figures
        run.accept(case)
        run.until(clock, "2026-12-19")
        run.report(plant, "2026-12-23", figures={"drills": 2})
        assert run.of(plant, "2026-12-23").figures["drills"]["value"] == 2

    def test_what_makes_no_table_is_refused(self, run):
        admin = "shanxi.admin"
        given = run.run(admin, tables.answers, "campaign_statistics")
        wrong = [{**one} for one in given["columns"]]
        wrong[0]["source"] = "members"
        wrong[6]["whole"] = "nothing"
        wrong[8]["key"] = wrong[7]["key"]
        with pytest.raises(Invalid) as refused:
            run.run(admin, tables.publish, "campaign_statistics", {**given, "columns": wrong}, 1)
        assert set(refused.value.errors) >= {
            "/columns/0/by",
            "/columns/6/whole",
            "/columns/8/key",
        }


class TestConsolidation:
    """The county adds up, corrects, signs; the city receives."""

    @pytest.fixture
    def added(self, run, clock):
        """Two enterprises reported, one of them nothing new; one late; the day is over."""
        first, second, *_others = sorted(run.members())
        run.hazard(first)
        run.hazard(first, major=True)
        run.accept(run.report(first, figures={**TYPED, "general_found": (4, "班组自查另有三项")}))
        item, case = run.asked(second)
        rows = run.task(run.principal(second), item).prefill["figures"]
        run.complete(run.principal(second), item, figures=rows)
        run.accept(case)
        run.until(clock, "2026-11-24")
        return run

    def drafted(self, run):
        (task,) = [row for row in run.todo(STAFF) if row.node == "draft"]
        return task

    def test_where_everybody_reported_nobody_is_named(self, run, clock):
        for member in run.members():
            run.accept(run.report(member))
        run.until(clock, "2026-11-24")
        shown = run.task(STAFF, self.drafted(run).id).prefill
        assert shown["reported"].startswith(f"已认可 {len(run.members())} 家")
        assert "reports_missing" not in {one.key for one in run.messages(LEADER)}

    def test_it_adds_up_who_reported_and_names_who_did_not(self, added):
        members = added.members()
        shown = added.task(STAFF, self.drafted(added).id).prefill
        rows = {row["key"]: row for row in shown["figures"]}
        assert rows["general_found"]["computed"] == "4"  # what the enterprise states counts
        assert rows["major_found"]["computed"] == "1"
        assert rows["funds"]["computed"] == "20000"
        assert rows["members"]["computed"] == str(len(members))
        assert shown["reported"] == "已认可 2 家，其中零报告 1 家"
        assert shown["missing"].startswith(f"{len(members) - 2} 家：")
        assert "reports_missing" in {one.key for one in added.messages(LEADER)}

    def test_it_is_reviewed_signed_sealed_sent_and_accepted(self, added):
        added.do(STAFF, "draft")
        office = added.office()
        report = added.of(office)
        assert report.state is ReportState.DRAFTED
        assert len(report.figures["general_found"]["behind"]) == 2
        added.sign_task(LEADER, "sign")
        added.do(KEEPER, "approve_seal")
        added.deps.jobs.drain(added.deps)
        assert added.of(office).state is ReportState.SUBMITTED
        (paper,) = added.papers(STAFF, report.case_id)
        assert paper.kind == "campaign_statistics"
        look = added.run(CITY, consolidated.offices, "progress", PERIOD)
        assert [row.organisation_id for row in look.waiting] == [office]
        moved = added.judge(report.case_id, CITY, accepted="yes")
        assert moved.finished
        assert added.of(office).state is ReportState.ACCEPTED
        summed = added.run(CITY, consolidated.offices, "progress", PERIOD)
        (county, whole) = [laid.line for laid in summed.sheet.lines]
        assert (county.name, summed.waiting) == ("兴县应急管理局", [])
        assert dict(whole.values) == {k: v for k, v in county.values.items() if k in whole.values}
        assert whole.values["general_found"] == 4
        assert added.run("fenyang.staff1", consolidated.offices, "progress", PERIOD) is None

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"zero": True}, "zero: not what was handed in"),
            ({"state": "returned"}, "it is returned, and its history tells that it is accepted"),
            ({"figures": {}}, "figures: not what was handed in"),
        ],
    )
    def test_whoever_writes_to_the_database_is_found_out(self, added, change, told):
        assert list(verifying.reports(added.deps, tally := Tally())) == []
        assert tally.number > 1
        first = min(added.members())
        with added.deps.system("test") as work:
            where = (Report.organisation_id == first, Report.period == PERIOD)
            work.session.execute(update(Report).where(*where).values(**change))
        assert told in [fault.what for fault in verifying.reports(added.deps, Tally())]

    def test_returned_it_is_void_and_added_up_anew_with_what_came_since(self, added):
        added.do(STAFF, "draft")
        case = added.of(added.office()).case_id
        added.sign_task(LEADER, "sign")
        added.do(KEEPER, "approve_seal")
        added.deps.jobs.drain(added.deps)
        added.judge(case, CITY, accepted="no", opinion="缺一家重点企业")
        assert added.papers(STAFF, case)[0].state is DocumentState.VOID
        third = sorted(added.members())[2]
        added.accept(added.report(third, figures=TYPED))
        shown = added.task(STAFF, self.drafted(added).id).prefill
        assert shown["returned"] == "缺一家重点企业"
        assert {row["key"]: row["computed"] for row in shown["figures"] if "computed" in row}[
            "funds"
        ] == "40000"

    def test_who_drafted_it_does_not_review_it_and_a_correction_needs_its_reason(self, added):
        item = self.drafted(added).id
        rows = added.figures(STAFF, item, {"members": 3})
        with pytest.raises(Invalid) as refused:
            added.complete(STAFF, item, figures=rows)
        assert {at.rpartition("/")[2] for at in refused.value.errors} == {"reason"}
        rows = added.figures(STAFF, item, {"members": (3, "一家已注销")})
        added.complete(STAFF, item, figures=rows)
        figure = added.of(added.office()).figures["members"]
        assert (figure["value"], figure["reason"]) == (3, "一家已注销")

    def test_late_it_is_told_to_staff_and_then_to_the_leader_above(self, added, clock):
        added.until(clock, "2026-12-03")
        for who in (STAFF, "lvliang.deputy"):
            assert "statistics_overdue" in {one.key for one in added.messages(who)}

    def test_what_is_shown_is_what_was_handed_in(self, added):
        look = added.run(STAFF, consolidated.sheet, added.campaign, "progress", PERIOD)
        assert look.state is None
        added.do(STAFF, "draft")
        third = sorted(added.members())[2]
        added.accept(added.report(third, figures=TYPED))
        view = added.run(STAFF, consolidated.sheet, added.campaign, "progress", PERIOD)
        own, *plants, total = [laid.line for laid in view.sheet.lines]
        assert [line.zero for line in plants] == [line.zero for line in look_lines(look)]
        assert total.values["general_found"] == 4
        assert own.values["members"] == len(added.members())
        assert view.reported == 2
        name = added.members()[third]
        assert name in view.missing  # it came later, and is no part of these sums
        assert name not in added.run(STAFF, missing_now, added.campaign)

    def test_an_enterprise_that_bears_the_id_of_a_later_report_adds_nothing(self, added):
        added.do(STAFF, "draft")
        third = sorted(added.members())[2]
        added.accept(added.report(third, figures=TYPED))
        late, office = added.of(third), added.of(added.office())
        kept = {**office.figures}
        kept["members"] = {**kept["members"], "behind": [late.id]}
        with added.deps.system("test") as work:
            work.session.get_one(Report, office.id).figures = kept
        view = added.run(STAFF, consolidated.sheet, added.campaign, "progress", PERIOD)
        assert late.id not in {laid.line.key for laid in view.sheet.lines}


def missing_now(work, campaign):
    lines = drafting.lines_of(work, campaign, "progress", PERIOD)
    return drafting.missing_of(work, campaign, "progress", PERIOD, lines)


class TestCounting:
    """The office's own columns, and that they count as the page of the campaign does."""

    def own(self, run):
        view = run.run(STAFF, consolidated.sheet, run.campaign, "progress", PERIOD)
        return view.sheet.lines[0].line.values

    def inspect(self, run, ended="end_done", office=None):
        """Let an inspection of the plant end, with a record of whoever inspected."""
        case = run.start(STAFF, "county_inspection")
        office = office or run.office()
        with run.deps.system("test") as work:
            found = work.session.get_one(Case, case)
            found.owner_id, found.state = office, None
            found.status, found.ended, found.closed_at = CaseStatus.FINISHED, ended, work.now
            officers = [{"certificate": "14-000001"}, {"certificate": "14-000002"}]
            work.session.add(
                Document(
                    code=f"CODE{case}",
                    kind="inspection_record",
                    place=found.place,
                    organisation_id=office,
                    subject_id=found.subject_id,
                    case_id=case,
                    year=2026,
                    serial=case,
                    number=f"检记{case}",
                    state=DocumentState.SEALED,
                    data=json.dumps({"officers": officers}).encode(),
                    data_sha256="",
                    template_sha256="",
                    issued_at=work.now,
                )
            )

    def test_whom_the_city_visited_the_county_did_not_inspect(self, run):
        self.inspect(run, office=run.office("吕梁市应急管理局"))
        own = self.own(run)
        assert (own["plants_inspected"], own["inspections"], own["inspector_times"]) == (0, 0, 0)
        self.inspect(run)
        own = self.own(run)
        assert (own["plants_inspected"], own["inspections"], own["inspector_times"]) == (1, 1, 2)

    def test_who_turned_inspectors_away_is_not_inspected(self, run):
        """As on the page of the campaign: the table and the page say the same of coverage."""
        self.inspect(run, ended="end_refused")
        self.inspect(run, ended="end_cancelled")
        assert self.own(run)["plants_inspected"] == 0
        assert run.run(STAFF, figures.coverage, run.campaign).visited == 0
        self.inspect(run)
        assert self.own(run)["plants_inspected"] == 1
        assert run.run(STAFF, figures.coverage, run.campaign).visited == 1


def look_lines(view):
    return [laid.line for laid in view.sheet.lines][1:-1]


class TestReading:
    def test_an_enterprise_sees_its_own_and_nobody_elses(self, run):
        first, second, *_others = sorted(run.members())
        mine, other = run.of(first), run.of(second)
        me = run.principal(first)
        rows, _following = run.run(me, reading.own)
        assert {row.organisation_id for row in rows} == {first}
        assert run.run(me, reading.get, mine.id).row.id == mine.id
        for use_case, *args in [
            (reading.get, other.id),
            (reading.periods, run.campaign),
            (consolidated.sheet, run.campaign, "progress", PERIOD),
        ]:
            with pytest.raises(NotFound):
                run.run(me, use_case, *args)
        with pytest.raises(NotFound):
            run.run("fenyang.staff1", reading.get, mine.id)

    def test_a_period_says_who_is_how_far(self, run, clock):
        first, second, third, *_others = sorted(run.members())
        run.accept(run.report(first, figures=TYPED))
        run.report(second, figures=TYPED)
        case = run.report(third, figures=TYPED)
        run.judge(case, accepted="no", opinion="内容不全", deadline="2026-11-24")
        run.until(clock, "2026-11-26")
        here = run.run(STAFF, reading.period, run.campaign, "progress", PERIOD)
        total = len(run.members())
        assert (here.total, here.accepted, here.submitted, here.returned) == (total, 1, 1, 1)
        assert (here.missing, here.overdue) == (total - 2, total - 2)

        def ids(state):
            rows, _next = run.run(STAFF, reading.members, here, state)
            return [row.organisation_id for row in rows]

        assert ids("accepted") == [first]
        assert ids("submitted") == [second]
        assert ids("returned") == [third]
        assert len(ids("missing")) == total - 2
        assert len(ids("")) == total


SHORT = {
    "summary_due": "2026-12-08",
    "deployment_ends": "2026-11-24",
    "look_back_starts": "2026-12-09",
    "look_back_ends": "2026-12-10",
}
HEAD, SUPERIOR = "xingxian.head", "lvliang.deputy"
TOLD = {"problems": "个别企业整改进度偏慢", "plans": "继续督促整改，防止反弹"}


class TestSummary:
    """What a campaign comes to (工作总结): drafted from its stages and its table, signed, sealed."""

    @pytest.fixture
    def due(self, deps, actor, clock):
        """A campaign whose summaries are due: one enterprise sent its own, with a correction."""
        run = Reports(deps, actor)
        run.open(days=SHORT)
        run.until(clock, "2026-11-25")
        run.do(STAFF, "gate_deployment", conclusion="动员部署到每个车间", followup="继续督促")
        first = run.subject()
        run.hazard(first)
        corrected = {**TYPED, "general_found": (4, "班组自查另有三项")}
        run.accept(run.report(first, "", "summary", figures=corrected))
        run.until(clock, "2026-12-09")
        return run

    def shown(self, run):
        (task,) = [row for row in run.todo(STAFF) if row.node == "campaign_summary_draft"]
        return run.task(STAFF, task.id).prefill

    def test_it_begins_with_what_is_known(self, due):
        shown = self.shown(due)
        members = len(due.members())
        assert shown["title"].endswith("（演示）的工作总结")
        assert shown["addressee"] == "吕梁市应急管理局"
        assert f"纳入企业{members}家" in shown["overview"]
        assert f"企业报送总结1家，未报{members - 1}家。" in shown["overview"]
        assert f"全面部署发动阶段完成0家、未完成{members}家" in shown["overview"]
        assert shown["results"] == "（一）部署发动阶段小结\n动员部署到每个车间"
        figures = {row["title"]: row["value"] for row in shown["figures"]}
        assert figures["排查一般隐患（项）"] == "4"
        assert figures["一般隐患整改率"] == "0.0%"
        assert figures["应检查企业（家）"] == str(members)
        assert shown["missing"].count("、") == members - 2

    def test_it_says_what_the_table_says_once_that_is_handed_in(self, due):
        case = due.of(due.office(), "", "summary").case_id
        (item,) = [row.id for row in due.todo(STAFF) if row.case_id == case]
        rows = due.figures(STAFF, item, {"members": (3, "一家已注销")})
        due.complete(STAFF, item, figures=rows)
        figures = {row["key"]: row["value"] for row in self.shown(due)["figures"]}
        assert figures["members"] == "3"

    def test_it_is_signed_by_the_head_sealed_and_told_above(self, due):
        due.do(STAFF, "campaign_summary_draft", **TOLD)
        (paper,) = [one for one in due.papers(STAFF, due.campaign) if one.kind == "summary"]
        assert paper.number == "兴应急报〔2026〕1号"
        due.sign_task(HEAD, "campaign_summary_sign")
        due.do(KEEPER, "campaign_summary_approve_seal")
        due.deps.jobs.drain(due.deps)
        (paper,) = [one for one in due.papers(STAFF, due.campaign) if one.kind == "summary"]
        assert paper.state is DocumentState.SEALED
        assert "summary_issued" in {one.key for one in due.messages(SUPERIOR)}
        assert not {node for node in due.open_nodes() if node.startswith("campaign_summary")}

    def test_returned_it_is_void_and_drafted_anew_from_what_was_written(self, due):
        due.do(STAFF, "campaign_summary_draft", **TOLD)
        due.deps.jobs.drain(due.deps)
        others = due.open_nodes() - {"campaign_summary_sign"}
        (item,) = [row.id for row in due.todo(HEAD) if row.node == "campaign_summary_sign"]
        due.run(HEAD, commands.return_to, item, "campaign_summary_draft", "补充典型做法")
        (paper,) = [one for one in due.papers(STAFF, due.campaign) if one.kind == "summary"]
        assert paper.state is DocumentState.VOID
        assert self.shown(due)["problems"] == TOLD["problems"]
        assert due.open_nodes() == others | {"campaign_summary_draft"}  # nothing else goes back
