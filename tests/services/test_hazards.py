"""The ledger of hazards: what the steps of cases make of it, and who sees it."""

from datetime import date

import pytest
from sqlalchemy import insert, inspect, select

from app.domain import Forbidden, Invalid, NotFound
from app.domain.hazards import MOST, HazardEvent, HazardState
from app.models.hazards import Hazard
from app.services import hazards, ledger
from app.services.cases import ending
from app.services.clauses import citing, keeping
from app.services.ledger import Wanted
from tests import counting, findings
from tests.casework import ANSWERS, Play
from tests.findings import GAS

STAFF, PLANT = "xingxian.staff1", "xingxian.plant"
CRANE = {**findings.CRANE, "deadline": "2026-12-10"}
BOTH = {"hazards": [GAS, CRANE], "hazard_class": "major"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def rows(play, **wanted):
    return play.run(STAFF, ledger.find, Wanted(**wanted)).rows[::-1]


def states(play):
    return [row.state for row in rows(play)]


def ordered(play, **answers):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **(answers or {"hazards": [GAS]}))
    play.do(STAFF, "serve_order")
    return case


def test_an_order_enters_its_hazards_when_it_is_served(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **BOTH)
    assert rows(play) == []
    play.do(STAFF, "serve_order")
    gas, crane = rows(play)
    assert (gas.description, gas.spot, gas.major) == (GAS["description"], "煤气柜区", False)
    assert gas.deadline == date.fromisoformat(ANSWERS["draft_order"]["deadline"])
    assert (crane.deadline, crane.major) == (date(2026, 12, 10), True)
    assert {gas.case_id, crane.case_id} == {case}
    assert gas.followed
    assert states(play) == ["working", "working"]


def test_a_hazard_goes_its_way(play):
    case = ordered(play)
    play.do(PLANT, "plan", items=[{"owner": "张伟", "checker": "陈静", "finish": "2026-12-01"}])
    (row,) = rows(play)
    view = play.run(STAFF, ledger.get, row.id)
    assert (view.owner, view.checker, view.finish) == ("张伟", "陈静", date(2026, 12, 1))
    assert view.secured == []
    play.do(PLANT, "rectify")
    assert states(play) == ["waiting"]
    play.do(STAFF, "reinspect")
    assert states(play) == ["waiting"]
    play.do(STAFF, "serve_review")
    assert states(play) == ["closed"]
    view = play.run(STAFF, ledger.get, row.id)
    assert [(change.what, change.state) for change in view.changes] == [
        (HazardEvent.RECORDED, HazardState.OPEN),
        (HazardEvent.MOVED, HazardState.WORKING),
        (HazardEvent.CHANGED, HazardState.WORKING),
        (HazardEvent.CHANGED, HazardState.WORKING),
        (HazardEvent.MOVED, HazardState.WAITING),
        (HazardEvent.MOVED, HazardState.CLOSED),
    ]
    assert len(view.after) == 1
    told = [line.detail.get("hazards") for line in play.case(STAFF, case).history]
    assert {"recorded": [row.id], "working": [row.id]} in told  # sealed with the step


def test_what_passes_is_closed_and_what_fails_is_ordered_again(play):
    ordered(play, **BOTH)
    play.do(PLANT, "plan", items=[{"checker": "陈静"}, {"checker": "陈静"}])
    play.report_majors()
    assert [len(play.run(STAFF, ledger.get, row.id).secured) for row in rows(play)] == [0, 5]
    play.do(STAFF, "review_plan")
    play.do(PLANT, "rectify")
    play.do(STAFF, "reinspect", items=[{"result": "pass"}, {"result": "fail"}], conclusion="fail")
    play.do(STAFF, "serve_review")
    assert states(play) == ["closed", "failed"]
    play.do("xingxian.deputy", "decide", decision="order_again")
    item = next(row for row in play.todo(STAFF) if row.node == "draft_order")
    (begun,) = play.task(STAFF, item.id).prefill["hazards"]
    assert begun["description"] == CRANE["description"]
    play.do(STAFF, "draft_order", hazards=[begun], hazard_class="major")
    play.do(STAFF, "serve_order")
    assert states(play) == ["closed", "working"]
    assert len(rows(play)) == 2


def test_an_extension_moves_the_deadline_that_all_share(play):
    case = ordered(play, **BOTH)
    play.do(PLANT, "plan", items=[{"checker": "陈静"}, {"checker": "陈静"}])
    play.report_majors()
    play.do(STAFF, "review_plan")
    play.do(PLANT, "rectify", request="extension", extension_to="2026-12-25")
    granted = {"extension": "granted", "extended_to": "2026-12-25"}
    play.walk(case, "rectify_final", decide_extension=granted)
    assert [row.deadline for row in rows(play)] == [date(2026, 12, 25), date(2026, 12, 10)]


def test_hazards_that_no_case_follows_are_taken_over(play):
    case = ordered(play)
    play.run("xingxian.deputy", ending.cancel, case, "企业注销")
    (row,) = rows(play, mark="loose")
    assert not row.followed
    again = play.start(STAFF)
    (row,) = rows(play)
    assert (row.case_id, row.followed) == (again, True)
    item = next(row for row in play.todo(STAFF) if row.node == "draft_order")
    (begun,) = play.task(STAFF, item.id).prefill["hazards"]
    assert begun["description"] == GAS["description"]


def test_a_case_follows_as_many_hazards_as_its_forms_list(play):
    case = ordered(play)
    play.run("xingxian.deputy", ending.cancel, case, "企业注销")
    with play.deps.transaction(play.actor(STAFF)) as work:
        (first,) = work.session.scalars(select(Hazard))
        copied = {c.key: getattr(first, c.key) for c in inspect(Hazard).columns if c.key != "id"}
        copied["criterion"] = CRANE["criterion"]
        late = date(2027, 1, 1)
        copies = [
            {**copied, "deadline": late, "spot": str(n), "major": n == MOST}
            for n in range(MOST + 1)
        ]
        work.session.execute(insert(Hazard), copies, execution_options={"unscoped": "test"})
    play.start(STAFF)
    (task,) = [row for row in play.todo(STAFF) if row.node == "draft_order"]
    begun = play.task(STAFF, task.id).prefill["hazards"]
    assert len(begun) == MOST
    assert {GAS["place"], str(MOST)} <= {row["place"] for row in begun}  # due first, and major
    assert [row.spot for row in rows(play, mark="loose")] == [str(MOST - 2), str(MOST - 1)]
    assert [told.key for told in play.messages(STAFF)] == ["hazards_left"]
    major = {"hazard_class": "major", "deadline": "2027-01-31"}
    with pytest.raises(Invalid) as refused:
        play.complete(STAFF, task.id, hazards=begun[1:], **major)
    assert "/hazards" in refused.value.errors  # none is left out of the order
    play.complete(STAFF, task.id, **major)
    play.start(STAFF)
    assert rows(play, mark="loose") == []
    assert len(play.messages(STAFF)) == 1


def test_a_row_of_another_case_is_not_touched(play):
    ordered(play)
    (row,) = rows(play)
    other = play.start(STAFF)
    item = next(r for r in play.todo(STAFF) if r.node == "draft_order" and r.case_id == other)
    assert "hazards" not in play.task(STAFF, item.id).prefill
    forged = {**CRANE, "hazard_id": str(row.id)}
    play.do(STAFF, "draft_order", hazards=[forged], hazard_class="major")
    play.do(STAFF, "serve_order")
    first, second = rows(play)
    assert (first.description, first.case_id) == (GAS["description"], row.case_id)
    assert (second.description, second.case_id) == (CRANE["description"], other)


def test_the_list_is_narrowed(play):
    ordered(play, **BOTH)
    assert [r.major for r in rows(play, grade="major")] == [True]
    assert [r.description for r in rows(play, q="煤气柜")] == [GAS["description"]]
    assert len(rows(play, state="unclosed")) == 2
    assert rows(play, state="closed") == []
    assert len(rows(play, division="1411")) == 2
    assert rows(play, division="141182") == []
    assert rows(play, procedure="self_inspection") == []
    assert len(rows(play, enterprise_id=play.subject())) == 2
    assert rows(play, due="none") == rows(play, due="late") == rows(play, mark="listed") == []


class TestWhoSees:
    def test_the_area_and_the_plant_itself(self, play):
        ordered(play)
        for reader in ("lvliang.staff1", "shanxi.auditor", PLANT, "xingxian.congress"):
            (row,) = play.run(reader, ledger.find, Wanted()).rows
            assert play.run(reader, ledger.get, row.id).row == row

    def test_nobody_else(self, play):
        ordered(play)
        (row,) = rows(play)
        for stranger in ("fenyang.staff1", "fenyang.plant", "fenyang.auditor"):
            assert play.run(stranger, ledger.find, Wanted()).rows == []
            with pytest.raises(NotFound):
                play.run(stranger, ledger.get, row.id)
        for outsider in ("xingxian.power", "xingxian.admin"):
            with pytest.raises(Forbidden):
                play.run(outsider, ledger.find, Wanted())


def test_pages_by_cursor(play):
    ordered(play, hazards=[{**GAS, "place": str(number)} for number in range(25)])
    first = play.run(STAFF, ledger.find, Wanted())
    assert (len(first.rows), first.count) == (20, 25)
    second = play.run(STAFF, ledger.find, Wanted(), first.following)
    assert (len(second.rows), second.following) == (5, None)
    assert {row.id for row in first.rows}.isdisjoint(row.id for row in second.rows)


LAW = "中华人民共和国安全生产法"
SIGNS = {
    "description": "未在有限空间作业场所设置明显的安全警示标志",
    "place": "污水池",
    "basis": f"违反《{LAW}》第三十五条",
    "class": "general",
}
CITED = {"law": "work_safety_law", "version": 1, "name": LAW, "article": "第三十五条"}


def next_version(play):
    """Publish the law once more, as an office does."""
    given = play.run("shanxi.admin", keeping.answers, "work_safety_law")
    play.run("shanxi.admin", keeping.publish, given, 1)


def cited(play, facts):
    return play.run(STAFF, lambda work: citing.Citations(work).of(facts))


def test_a_hazard_keeps_which_version_of_which_clause_it_cites(play):
    case = ordered(play, hazards=[SIGNS, {**GAS, "basis": "《粉尘防爆安全规程》第6.4.1条"}])
    signs, gas = rows(play)
    next_version(play)
    assert play.run(STAFF, ledger.get, signs.id).cited == [CITED]
    assert play.run(STAFF, ledger.get, gas.id).cited == []  # a standard that nobody loaded
    told = [
        line.detail["cited"] for line in play.case(STAFF, case).history if "cited" in line.detail
    ]
    assert told == [[CITED]]
    ordered(play, hazards=[SIGNS])
    later = rows(play)[-1]
    assert play.run(STAFF, ledger.get, later.id).cited == [{**CITED, "version": 2}]


@pytest.mark.parametrize(
    ("basis", "articles"),
    [
        (f"《{LAW}》第三十五条、《{LAW}》第四十三条", ["第三十五条", "第四十三条"]),
        (f"《{LAW}》第三十五条第一款", ["第三十五条"]),
        (f"《{LAW}》第三十五条之一", []),
        (f"{LAW}第三十五条", []),
        (f"《{LAW}》第三百条", []),
        ("企业管理制度", []),
        ("", []),
    ],
)
def test_what_is_cited_is_read_from_the_words(play, basis, articles):
    found = cited(play, {"basis": basis})
    assert [one["article"] for one in found] == articles


def test_the_laws_are_read_once_however_many_hazards_cite_them(play):
    bases = [f"违反《{LAW}》第{article}条" for article in ("三十五", "四十三", "三十六")]

    def asked(many):
        case = play.start(STAFF)
        found = [{**SIGNS, "place": f"{n}号池", "basis": bases[n % 3]} for n in range(many)]
        play.do(STAFF, "draft_order", hazards=found)
        with counting.statements(play.deps, "FROM law", "FROM clause") as read:
            play.do(STAFF, "serve_order")
        told = [line.detail.get("cited", ()) for line in play.case(STAFF, case).history]
        assert [one["article"] for one in told[-1]] == ["第三十五条", "第四十三条", "第三十六条"]
        return len(read)

    assert asked(3) == asked(12) == 2


def test_a_clause_of_a_standard_is_no_longer_one(play):
    rows_ = [{"article": number, "usage": "criterion"} for number in ("6.4.1", "6.4.12", "6.4")]
    given = {"code": "dust", "name": "粉尘防爆安全规程", "clauses": rows_}
    play.run("shanxi.admin", keeping.publish, given, 0)
    facts = {"basis": "", "criterion": "《粉尘防爆安全规程》6.4.12"}
    assert [one["article"] for one in cited(play, facts)] == ["6.4.12"]


def test_a_basis_that_is_corrected_cites_what_it_says_then(play):
    ordered(play, hazards=[SIGNS])
    (row,) = rows(play)
    with play.deps.transaction(play.actor(STAFF)) as work:
        case = hazards.Followed(
            work,
            row.case_id,
            row.place,
            0,
            row.enterprise_id,
            None,
            "rectification",
        )
        facts = {"basis": f"违反《{LAW}》第四十三条"}
        hazards._add_to(case, hazards._open(case)[row.id], facts)
        assert [one["article"] for one in case.citations.told] == ["第四十三条"]
    (kept,) = play.run(STAFF, ledger.get, row.id).cited
    assert kept["article"] == "第四十三条"
