"""The registry: who enters, changes and sees an enterprise; the list; the time line."""

import sys
import time

import pytest
from sqlalchemy import insert, select

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.documents import DocumentState
from app.domain.enterprises import Card, Life
from app.domain.history import Stream
from app.domain.measures import Measure
from app.models.casework import Participant
from app.models.documents import Document
from app.models.enterprises import Enterprise, Term
from app.models.people import Account, Organisation
from app.services import dossier, history
from app.services.cases import starting
from app.services.enterprises import exporting, registry, standing, terms, writing
from app.services.enterprises.registry import Wanted
from tests.casework import PLANT, Play

FACTS = {
    "name": "兴县试验铸造有限公司（演示）",
    "place": "141123",
    "address": "蔚汾镇试验路 3 号",
    "sector": "steel",
}
STAFF, PRINCIPAL = "xingxian.staff1", "xingxian.plant"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def enter(play):
    return lambda **facts: play.run(STAFF, writing.create, {**FACTS, **facts})


def lines(deps, enterprise):
    with deps.system_reading("test") as work:
        return history.entries(work, Stream.ENTERPRISE, enterprise)


def stored(deps, enterprise):
    with deps.system_reading("test") as work:
        return work.session.get_one(Enterprise, enterprise)


def whole(play, enterprise, username=STAFF):
    return play.run(username, dossier.get, enterprise)


def change(play, enterprise, revision=None, username=STAFF, **facts):
    now, newest = play.run(username, dossier.facts, enterprise)
    answers = {**now, "reason": "核实更正", **facts}
    play.run(username, writing.update_facts, enterprise, revision or newest, answers)


def test_an_enterprise_is_an_organisation_with_facts(play, enter, deps):
    enterprise = enter(credit_code="9111 0000 6000 3734 1l", equipment=[{"name": "中频炉"}])
    found = whole(play, enterprise)
    assert found.row.name == FACTS["name"]
    assert found.row.credit_code == "91110000600037341L"
    assert [row["no"] for row in found.facts["equipment"]] == ["E1"]
    assert (found.row.card, found.row.life) == (Card.NONE, Life.REGISTERED)
    (line,) = lines(deps, enterprise)
    assert (line.action, line.role) == ("enterprise.create", "staff")


def test_only_staff_of_the_area_enter_enterprises(play):
    for username in ("xingxian.head", "xingxian.admin", "xingxian.auditor", PRINCIPAL):
        with pytest.raises(Forbidden):
            play.run(username, writing.create, FACTS)
    with pytest.raises(Invalid) as refused:
        play.run("fenyang.staff1", writing.create, FACTS)
    assert set(refused.value.errors) == {"/place"}
    assert play.run("lvliang.staff1", writing.create, FACTS)


def test_a_code_belongs_to_one_enterprise_in_the_country(play, enter):
    enter(credit_code="91110000600037341L")
    other = {**FACTS, "place": "141182", "credit_code": "91110000600037341L"}
    with pytest.raises(Invalid) as refused:
        play.run("fenyang.staff1", writing.create, other)
    assert set(refused.value.errors) == {"/credit_code"}


def test_the_same_name_is_refused_and_one_like_it_asked_about(play, enter):
    enter()
    with pytest.raises(Invalid) as refused:
        enter()
    assert set(refused.value.errors) == {"/name"}
    alike = {**FACTS, "name": "兴县试验铸造有限责任公司(演示)", "address": "试验路3号"}
    with pytest.raises(Invalid) as asked:
        play.run(STAFF, writing.create, alike, distinct=False)
    assert "请核对是否重复" in str(asked.value)
    assert play.run(STAFF, writing.create, alike, distinct=True)


def test_a_change_needs_a_reason_and_says_what_it_was_before(play, enter, deps):
    enterprise = enter(phone="0358-6322222")
    with pytest.raises(Invalid) as refused:
        change(play, enterprise, reason=" ", key=True)
    assert set(refused.value.errors) == {"/reason"}
    change(play, enterprise, key=True, phone="0358-6322223", tags=["dust"])
    detail = lines(deps, enterprise)[-1].detail
    assert detail["reason"] == "核实更正"
    assert detail["fields"] == ["tags", "phone", "key"]
    # Whose number it was stays out of what can never be taken back.
    assert detail["before"] == {"tags": None, "key": False}
    change(play, enterprise)
    assert len(lines(deps, enterprise)) == 2


def test_who_comes_second_is_told_and_changes_nothing(play, enter, deps):
    enterprise = enter()
    seen = whole(play, enterprise).revision
    change(play, enterprise, seen, grade="second")
    with pytest.raises(Conflict):
        change(play, enterprise, seen, grade="third")
    assert stored(deps, enterprise).grade == "second"


def test_equipment_keeps_its_number(play, enter):
    enterprise = enter(equipment=[{"name": "中频炉"}, {"name": "工频炉"}])
    second = {"no": "E2", "name": "工频炉"}
    change(play, enterprise, equipment=[second, {"name": "高炉"}])
    kept = whole(play, enterprise).facts["equipment"]
    assert [(row["no"], row["name"]) for row in kept] == [("E2", "工频炉"), ("E3", "高炉")]
    change(play, enterprise, equipment=[])
    assert "equipment" not in whole(play, enterprise).facts


def test_an_enterprise_moves_with_its_accounts(play, deps):
    enterprise = play.subject(PLANT)
    change(play, enterprise, place="141123K01")
    with deps.system_reading("test") as work:
        accounts = select(Account.place).where(Account.home_id == enterprise)
        assert set(work.session.scalars(accounts)) == {"141123K01"}
        assert work.session.get_one(Organisation, enterprise).place == "141123K01"
    with pytest.raises(Invalid) as refused:
        change(play, enterprise, place="141182")
    assert set(refused.value.errors) == {"/place"}


def test_a_principal_keeps_their_own_contact(play, deps):
    enterprise = play.subject(PLANT)
    given, revision = play.run(PRINCIPAL, dossier.contact, enterprise)
    assert given["phone"]
    answers = {"phone": "13900000000", "contact": "张三", "name": "改名", "key": False}
    play.run(PRINCIPAL, writing.update_contact, enterprise, revision, answers)
    row = stored(deps, enterprise)
    assert (row.phone, row.contact, row.contact_phone, row.key) == ("13900000000", "张三", "", True)
    line = lines(deps, enterprise)[-1]
    assert (line.action, line.role) == ("enterprise.contact", "principal")
    with pytest.raises(Conflict):
        play.run(PRINCIPAL, writing.update_contact, enterprise, revision, {"contact": "李四"})
    for use_case in (dossier.facts, dossier.contact):
        with pytest.raises(Forbidden):
            play.run("xingxian.head", use_case, enterprise)
    with pytest.raises(Forbidden):
        play.run(PRINCIPAL, dossier.facts, enterprise)


def test_a_stranger_sees_nothing_and_a_participant_the_facts(play, deps):
    enterprise = play.subject(PLANT)
    for username in ("fenyang.staff1", "fenyang.plant", "xingxian.power"):
        with pytest.raises(NotFound):
            whole(play, enterprise, username)
        assert enterprise not in {
            row.id for row in play.run(username, registry.find, Wanted()).rows
        }
    with pytest.raises(Forbidden):
        whole(play, enterprise, "xingxian.admin")
    own = whole(play, enterprise, PRINCIPAL)
    assert (own.may_edit, own.may_edit_contact, len(own.events)) == (False, True, 2)
    case = play.start(STAFF)
    with deps.system("test") as work:
        power = select(Organisation.id).filter_by(kind="power_supply", place="141123")
        office = work.session.scalars(power).one()
        work.session.add(Participant(case_id=case, organisation_id=office, from_step=1))
    met = whole(play, enterprise, "xingxian.power")
    assert met.row.name == PLANT
    # It learns nothing of what was changed in the registry.
    assert [event.line for event in met.events] == [None]
    assert (met.may_edit, met.may_edit_contact, met.startable) == (False, False, [])


def test_procedures_say_where_an_enterprise_stands(play, deps):
    enterprise, case = play.subject(PLANT), play.start(STAFF)
    before = stored(deps, enterprise).revision
    with deps.transaction(play.actor("xingxian.gov")) as work:
        standing.give(work, enterprise, Measure.YELLOW, "逾期未整改", case, None)
        standing.give(work, enterprise, Measure.YELLOW, "逾期未整改", case, None)
        standing.give(work, enterprise, Measure.STOPPED, "责令停产停业整顿", case, None)
        standing.set_blacklisted(work, enterprise, "处罚后列入", case, None, blacklisted=True)
        standing.set_worrisome(work, enterprise, "自查逾期", case, None, worrisome=True)
    row = stored(deps, enterprise)
    assert (row.card, row.life, row.blacklisted, row.worrisome) == ("yellow", "stopped", True, True)
    assert row.revision == before + 4
    actions = [line.action for line in lines(deps, enterprise)][-4:]
    assert actions == [f"enterprise.{what}" for what in ("card", "life", "blacklist", "worry")]
    assert lines(deps, enterprise)[-1].detail["case"] == case


def test_the_time_line_holds_changes_and_cases_the_newest_first(play, clock):
    enterprise = play.subject(PLANT)
    clock.advance(hours=1)
    case = play.start(STAFF)
    clock.advance(hours=1)
    change(play, enterprise, grade="second")
    events = whole(play, enterprise).events
    assert [event.line.action if event.line else event.case.id for event in events] == [
        "enterprise.update",
        case,
        "enterprise.update",
        "enterprise.create",
    ]
    assert [event.at for event in events] == sorted((e.at for e in events), reverse=True)


def test_papers_stand_on_the_time_line_for_who_may_know_of_them(play, deps):
    enterprise, case = play.subject(PLANT), play.start(STAFF)
    with deps.system("test") as work:
        bureau = select(Organisation).filter_by(kind="emergency_bureau", place="141123")
        office = work.session.scalars(bureau).one()
        work.session.add(
            Document(
                code="K7Q2",
                kind="rectification_order",
                place="141123",
                organisation_id=office.id,
                subject_id=enterprise,
                case_id=case,
                year=2026,
                serial=900,
                number="（兴）应急责改〔2026〕900号",
                state=next(iter(DocumentState)),
                data=b"{}",
                data_sha256="0" * 64,
                template_sha256="0" * 64,
                issued_at=work.now,
            )
        )
    (paper,) = [event.paper for event in whole(play, enterprise).events if event.paper]
    assert paper.number == "（兴）应急责改〔2026〕900号"
    assert not [event.paper for event in whole(play, enterprise, PRINCIPAL).events if event.paper]


def names(play, username=STAFF, **wanted):
    return [row.name for row in play.run(username, registry.find, Wanted(**wanted)).rows]


def test_the_list_is_searched_and_narrowed(play, enter):
    enter(credit_code="91110000600037341L", tags=["dust", "gas"], address="河边 100%_街")
    assert names(play, q="试验铸造") == [FACTS["name"]]
    assert names(play, q="0037341l") == [FACTS["name"]]
    assert names(play, q="100%_") == [FACTS["name"]]
    assert names(play, q="%") == [FACTS["name"]]
    assert names(play, tag="gas", sector="steel") == [FACTS["name"]]
    assert names(play, tag="ga") == []
    assert names(play, q="没有这家") == []
    find = play.run(STAFF, registry.find, Wanted(flag="codeless"))
    assert find.count == 59
    assert play.run(STAFF, registry.find, Wanted(flag="key")).count == 6
    assert play.run(STAFF, registry.find, Wanted(flag="worrisome")).count == 4
    assert play.run(STAFF, registry.find, Wanted(flag="idle")).count == 5
    assert play.run(STAFF, registry.find, Wanted(division="141123K01")).count == 8
    assert play.run(STAFF, registry.find, Wanted(division="141182")).count == 0
    assert play.run("shanxi.staff1", registry.find, Wanted(division="1411")).count == 63
    assert play.run(STAFF, registry.find, Wanted(card="red")).count == 0
    assert play.run(STAFF, registry.find, Wanted(card="nonsense", status="x")).count == 61


@pytest.mark.parametrize("sort", registry.SORTS)
@pytest.mark.parametrize("down", [False, True])
def test_pages_hold_every_enterprise_once_in_any_order(play, sort, down):
    seen, cursor = [], ""
    while cursor is not None:
        page = play.run(STAFF, registry.find, Wanted(sort=sort, down=down), cursor, 7)
        seen += [row.id for row in page.rows]
        cursor = page.following
    assert len(seen) == len(set(seen)) == 60


def test_a_cursor_from_elsewhere_begins_anew(play):
    first = play.run(STAFF, registry.find, Wanted())
    for cursor in ("0", "9" * 18, "x", "-1", "１", str(10**30)):
        assert play.run(STAFF, registry.find, Wanted(), cursor).rows == first.rows


def test_a_case_is_started_about_one_found_by_name_code_or_address(play):
    plant = play.subject(PLANT)
    for q in ("蔚汾特种", "MADEM00014", "工业路1号", "madem00014"):
        assert plant in {subject.id for subject in play.run(STAFF, starting.subjects, q)}
    found = play.run(STAFF, starting.subjects, "没有这家", plant)
    assert [(subject.id, subject.address) for subject in found] == [(plant, "蔚汾镇工业路1号")]
    assert play.run("fenyang.staff1", starting.subjects, "", plant)[0].id != plant


def test_a_retired_word_stays_for_who_has_it(play, enter, deps):
    enterprise = enter(sector="leather")
    with deps.system("test") as work:
        work.session.get_one(Term, ("sector", "leather")).active = False
    change(play, enterprise, grade="third")
    with pytest.raises(Invalid):
        enter(name="另一家", sector="leather")


def test_an_export_holds_what_the_list_finds(play):
    rows = play.run(STAFF, exporting.everything, Wanted(flag="key"))
    assert len(rows) == 6
    assert all(row["key"] and row["place"].startswith("141123") for row in rows)
    with pytest.raises(Forbidden):
        play.run("xingxian.admin", exporting.everything, Wanted())


def test_ten_thousand_are_listed_fast(play, deps, capsys):
    with deps.system("test") as work:
        numbers = range(1_000_000, 1_010_000)
        places = ("141123", "141123K01")
        work.session.execute(
            insert(Organisation),
            [
                {
                    "id": n,
                    "kind": "enterprise",
                    "place": places[n % 2],
                    "name": f"测试{n}公司",
                    "revision": 1,
                }
                for n in numbers
            ],
        )
        sectors = [term.code for term in terms_of(deps)]
        work.session.execute(
            insert(Enterprise),
            [
                {
                    "id": n,
                    "place": places[n % 2],
                    "name_key": f"测试{n}公司",
                    "address_key": str(n),
                    "address": f"路{n}号",
                    "sector": sectors[n % len(sectors)],
                    "tags": ["dust"] if n % 3 else [],
                    "created_at": work.now,
                    "updated_at": work.now,
                    "revision": 1,
                }
                for n in numbers
            ],
        )
    asked = [Wanted(), Wanted(q="测试10099"), Wanted(tag="dust", sort="life", down=True)]
    asked += [Wanted(sort="updated", down=True), Wanted(sector="steel"), Wanted(flag="codeless")]
    figures = []
    for username in (STAFF, "lvliang.staff1", "shanxi.auditor"):
        for wanted in asked:
            begun = time.perf_counter()
            page = play.run(username, registry.find, wanted)
            play.run(username, registry.find, wanted, page.following or "")
            figures.append((time.perf_counter() - begun) / 2)
    with capsys.disabled():
        kind = "SQLite" if deps.database.sqlite else "PostgreSQL"
        text = f"\n10 060 enterprises on {kind}: a page of the list in {1000 * max(figures):.0f} ms at worst\n"
        sys.stdout.write(text)
    assert max(figures) < 2


def terms_of(deps):
    with deps.system_reading("test") as work:
        return list(work.session.scalars(select(Term).where(Term.kind == "sector")))


def test_words_have_two_languages_and_one_order(play):
    known = play.run(STAFF, terms.everything)
    for rows in known.lists.values():
        assert rows
        assert all(row.name.wording and row.name.english for row in rows)
    assert known.name("sector", "nobody-knows").wording == "nobody-knows"
