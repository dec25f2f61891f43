"""Imports: from the file to the registry, with everything that can go wrong on the way."""

import sys
import time

import pytest
from sqlalchemy import func, select

from app.adapters import sheets
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.history import Stream
from app.domain.imports import ImportState
from app.models.enterprises import Enterprise
from app.models.people import Organisation
from app.services import dossier, history
from app.services.demo.sample import sample
from app.services.enterprises import registry, writing
from app.services.enterprises.registry import Wanted
from app.services.imports import carrying, taking
from app.services.imports import reading as lists_read
from tests import lists
from tests.casework import PLANT, Play

STAFF = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def take(play, deps):
    """`take(data)`: hand in a list and have it read."""

    def act(data, place="141123", username=STAFF):
        batch = play.run(username, taking.take, place, "名单.xlsx", data)
        deps.jobs.drain(deps)
        return batch

    return act


@pytest.fixture
def carry(play, deps):
    def act(batch, **choices):
        play.run(STAFF, taking.confirm, batch, **{"whole": True, **choices})
        deps.jobs.drain(deps)
        return state(play, batch)

    return act


def state(play, batch):
    return play.run(STAFF, taking.get, batch)


def rows(play, batch, status=""):
    return play.run(STAFF, taking.rows, batch, status)[0]


def told(row):
    return {key: str(text) for key, text in row.errors.items()}


def count(play):
    return play.run(STAFF, registry.find, Wanted()).count


def test_a_list_is_read_looked_through_and_carried_out(play, take, carry, deps):
    zone = lists.row(3, address="兴县经济技术开发区创业路3号", remark="停产，长期停产；重点监管")
    batch = take(lists.annex([lists.row(1), lists.row(2), zone]))
    found = state(play, batch)
    assert (found.state, found.total, found.good) == (ImportState.READY, 3, 3)
    assert found.columns["name"] == "企业名称"
    assert count(play) == 60
    done = carry(batch)
    assert (done.state, done.created, done.done, done.failed) == (ImportState.DONE, 3, 3, 0)
    assert count(play) == 63
    made = rows(play, batch, "created")
    enterprise = play.run(STAFF, dossier.get, made[2].enterprise_id)
    assert enterprise.row.place == "141123K01"
    assert enterprise.row.credit_code is None
    assert (enterprise.row.idle, enterprise.row.key, enterprise.row.production) == (
        True,
        True,
        "stopped",
    )
    (event,) = enterprise.events
    assert event.line.detail == {"batch": batch, "row": 6}
    assert event.line.actor == "白建国（演示）"
    assert event.line.role == "staff"
    with deps.system_reading("test") as work:
        office = work.session.scalars(
            select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        ).one()
        actions = [line.action for line in history.entries(work, Stream.ORGANISATION, office)]
    assert actions[-2:] == ["import.confirm", "import.finish"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_plain_text_is_imported_too(take, play, encoding):
    batch = take(lists.csv_of([lists.row(1)], encoding))
    found = state(play, batch)
    assert (found.good, found.origin) == (1, {"utf-8-sig": "UTF-8"}.get(encoding, "GB18030"))


def test_what_is_wrong_is_told_at_its_cell(play, take):
    bad = [
        lists.row(1, name=""),
        lists.row(2, address=""),
        lists.row(3, sector="魔法"),
        lists.row(4, remark="不详"),
        lists.row(5, sector=""),
        lists.row(6, name="长" * 200),
    ]
    batch = take(lists.annex([*bad, lists.row(7)]))
    found = state(play, batch)
    assert (found.total, found.bad, found.good) == (7, 6, 1)
    assert [told(row) for row in rows(play, batch, "bad")] == [
        {"name": "请填写企业名称"},
        {"address": "请填写所在地址"},
        {"sector": "行业“魔法”不在行业目录中"},
        {"remark": "备注应注明正常生产、局部生产或停产"},
        {"sector": "请选择所属行业"},
        {"name": "企业名称最多 128 个字"},
    ]
    assert [row.number for row in rows(play, batch, "good")] == [10]


def test_all_rows_or_the_good_ones_as_the_user_chooses(play, take, carry):
    batch = take(lists.annex([lists.row(1), lists.row(2, sector="魔法")]))
    with pytest.raises(Invalid) as refused:
        carry(batch, whole=True)
    assert "不能整表导入" in str(refused.value)
    assert count(play) == 60
    done = carry(batch, whole=False)
    assert (done.created, done.skipped) == (1, 1)
    only_bad = take(lists.annex([lists.row(3, sector="魔法")]))
    with pytest.raises(Invalid):
        carry(only_bad, whole=False)


def codes(rows_):
    return [[*line, code] for line, code in rows_]


def test_duplicates_are_found_by_code_by_name_with_address_and_within_the_list(play, take):
    heading = [*lists.HEADING, "统一社会信用代码"]
    lines = codes(
        [
            (lists.row(1, name="改了名字的厂"), "91141123MADEM00014"),
            (
                lists.row(
                    2,
                    name="兴县蔚汾特种铸造有限责任公司(演示)",
                    address="山西省吕梁市兴县蔚汾镇工业路 1号",
                ),
                "",
            ),
            (lists.row(3, name=PLANT, address="康宁镇很远的沿黄路99号"), ""),
            (
                lists.row(
                    4, name="兴县蔚汾特种铸钢有限公司（演示）", address="兴县蔚汾镇工业路1号"
                ),
                "",
            ),
            (lists.row(5), ""),
            (lists.row(5), ""),
            (lists.row(7), "91141182MADEM0004U"),
            (lists.row(8), "91141182MADEM0004X"),
        ]
    )
    batch = take(lists.annex(lines, heading=heading))
    found = rows(play, batch)
    plant = play.subject(PLANT)
    assert [row.status for row in found] == [
        *("same", "same", "similar", "similar", "good", "bad", "bad", "bad")
    ]
    assert [row.match_id for row in found[:4]] == [plant] * 4
    assert found[0].match == PLANT
    assert told(found[5]) == {"name": "与第 8 行重复"}
    assert told(found[6]) == {"credit_code": "该统一社会信用代码已登记在其他企业名下"}
    assert set(told(found[7])) == {"credit_code"}


def test_what_is_there_already_is_left_updated_or_added(play, take, carry):
    plant = play.subject(PLANT)
    same = lists.row(1, name=PLANT, address="蔚汾镇工业路1号", remark="局部生产")
    left = carry(take(lists.annex([same])))
    assert (left.skipped, left.updated) == (1, 0)
    kept = play.run(STAFF, dossier.get, plant)
    assert kept.row.production == "normal"
    batch = take(lists.annex([same]))
    assert carry(batch, on_same="update").updated == 1
    changed = play.run(STAFF, dossier.get, plant)
    assert changed.row.production == "partial"
    # What the list does not say stays: the plant is still under key supervision.
    assert changed.row.key
    assert changed.facts["credit_code"] == "91141123MADEM00014"
    again = take(lists.annex([same]))
    assert carry(again, on_same="update").skipped == 1
    like = lists.row(2, name=PLANT.replace("铸造", "铸钢"), address="蔚汾镇工业路1号")
    added = carry(take(lists.annex([like])), on_similar="create")
    assert added.created == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lists.annex([]), "表头下面没有企业"),
        (lists.csv_of([]).replace("所在地址".encode(), b"x"), "没有找到表头"),
        (lists.with_entities(), "损坏"),
        (lists.wide(), "列数过多"),
        (lists.lying(), "损坏"),
    ],
)
def test_what_cannot_be_read_says_why(play, take, data, why):
    batch = take(data)
    found = state(play, batch)
    assert found.state is ImportState.REFUSED
    assert why in str(found.problem)
    assert rows(play, batch) == []


@pytest.mark.parametrize("made", [lists.bomb, lists.dense_bomb, lists.with_macro, lambda: b""])
def test_hostile_files_are_refused_at_the_door(play, made):
    with pytest.raises(Invalid) as refused:
        play.run(STAFF, taking.take, "141123", "名单.xlsx", made())
    assert set(refused.value.errors) == {"/file"}


def test_a_division_must_be_chosen_and_be_ones_own(play):
    data = lists.annex([lists.row(1)])
    for place in ("", "nowhere"):
        with pytest.raises(Invalid) as refused:
            play.run(STAFF, taking.take, place, "名单.xlsx", data)
        assert set(refused.value.errors) == {"/place"}
    with pytest.raises(Forbidden):
        play.run(STAFF, taking.take, "141182", "名单.xlsx", data)
    assert play.run("lvliang.staff1", taking.take, "141182", "名单.xlsx", data)


def test_only_staff_of_the_area_see_an_import(play, take):
    batch = take(lists.annex([lists.row(1)]))
    for use_case in (taking.get, taking.rows, taking.drop):
        with pytest.raises(NotFound):
            play.run("fenyang.staff1", use_case, batch)
        for username in ("xingxian.head", "xingxian.plant", "xingxian.admin"):
            with pytest.raises(Forbidden):
                play.run(username, use_case, batch)
    assert play.run("lvliang.staff1", taking.get, batch)
    assert play.run(STAFF, taking.find)[0][0].id == batch
    assert play.run("fenyang.staff1", taking.find)[0] == []


def test_an_import_is_decided_once(play, take, carry):
    batch = take(lists.annex([lists.row(1)]))
    with pytest.raises(Conflict):
        play.run(STAFF, taking.confirm, batch, state(play, batch).revision + 1, whole=True)
    carry(batch)
    with pytest.raises(Conflict):
        carry(batch)
    with pytest.raises(Conflict):
        play.run(STAFF, taking.drop, batch)
    other = take(lists.annex([lists.row(2)]))
    play.run(STAFF, taking.drop, other)
    with pytest.raises(Conflict):
        carry(other)
    assert count(play) == 61


def test_a_killed_job_goes_on_where_it_stopped(play, take, deps):
    batch = take(lists.annex([lists.row(number) for number in range(1, 8)]))
    play.run(STAFF, taking.confirm, batch, whole=True)
    deps.jobs.waiting.clear()
    with deps.transaction(play.actor(STAFF)) as work:
        row = work.session.get_one(carrying.ImportBatch, batch)
        after = carrying.carry_some(work, row, 0, 3)
    assert (count(play), state(play, batch).done) == (63, 3)
    assert after is not None
    # The next worker knows nothing of the first one, but finds what it did.
    carrying.carry_out(deps, batch)
    carrying.carry_out(deps, batch)
    done = state(play, batch)
    assert (done.state, done.created, done.failed) == (ImportState.DONE, 7, 0)
    assert count(play) == 67


def test_who_was_entered_meanwhile_is_not_entered_twice(play, take, carry):
    batch = take(lists.annex([lists.row(1), lists.row(2)]))
    facts = {"name": lists.row(1)[1], "place": "141123", "address": "别处", "sector": "steel"}
    play.run(STAFF, writing.create, facts)
    done = carry(batch)
    assert (done.created, done.failed) == (1, 1)
    assert told(rows(play, batch, "failed")[0]) == {"name": "该区划已有同名企业"}
    assert count(play) == 62


def test_the_list_of_the_demo_can_be_imported_again(play, take, carry):
    batch = take(sample())
    found = state(play, batch)
    assert (found.total, found.same, found.bad) == (60, 60, 0)
    assert carry(batch, on_same="update").skipped == 60
    elsewhere = play.run("shanxi.staff1", taking.take, "141124", "名单.xlsx", sample())
    assert elsewhere


def test_the_demo_holds_sixty_enterprises(deps):
    with deps.system_reading("test") as work:
        here = select(func.count()).where(Enterprise.place.startswith("141123"))
        flags = (Enterprise.key, Enterprise.worrisome, Enterprise.idle)
        counts = [work.session.scalar(query) for query in (here, *map(here.where, flags))]
        names = work.session.scalars(select(Organisation.name).filter_by(kind="enterprise"))
        assert all(name.endswith("（演示）") for name in names)
        sectors = set(work.session.scalars(select(Enterprise.sector)))
    assert counts == [60, 6, 4, 5]
    assert len(sectors) > 10


def test_what_was_exported_can_be_imported(play, take):
    sheet = sheets.read(sample())
    heading = next(cells for _n, cells in sheet.lines if "企业名称" in cells)
    data = sheets.xlsx("名单", heading, [cells for _n, cells in sheet.lines if len(cells) == 5])
    assert state(play, take(data)).same == 60


def test_ten_thousand_rows_in_the_background(play, deps, capsys):
    data = lists.annex([lists.row(number) for number in range(1, 10_001)])
    begun = time.perf_counter()
    batch = play.run(STAFF, taking.take, "141123", "名单.xlsx", data)
    handed_in = time.perf_counter() - begun
    begun = time.perf_counter()
    lists_read.read(deps, batch)
    read = time.perf_counter() - begun
    play.run(STAFF, taking.confirm, batch, whole=True)
    begun = time.perf_counter()
    carrying.carry_out(deps, batch)
    carried = time.perf_counter() - begun
    done = state(play, batch)
    assert (done.created, done.failed) == (10_000, 0)
    with capsys.disabled():
        kind = "SQLite" if deps.database.sqlite else "PostgreSQL"
        sys.stdout.write(
            f"\n10 000 rows on {kind}: handed in {handed_in:.2f} s, read and checked {read:.1f} s,"
            f" carried out {carried:.1f} s\n"
        )
    assert handed_in < 5
    assert read + carried < 300
