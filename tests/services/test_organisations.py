"""Divisions, zones and the organisations in them."""

import pytest

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Role
from app.services import divisions, organisations, roles
from app.services.organisations import OrganisationForm


@pytest.fixture
def do(deps, actor):
    def run(username, use_case, *args, **values):
        with deps.transaction(actor(username)) as work:
            return use_case(work, *args, **values)

    return run


@pytest.fixture
def county(do):
    return lambda use_case, *args, **values: do("xingxian.admin", use_case, *args, **values)


def test_the_page_of_a_division(do, county):
    page = county(divisions.get, None)
    assert (page.here.place, page.here.name) == ("141123", "兴县")
    assert page.above == []
    assert [(row.name, row.zone) for row in page.below] == [("兴县经济技术开发区", True)]
    city = do("lvliang.admin", divisions.get, "141123")
    assert [row.name for row in city.above] == ["吕梁市"]
    below = do("lvliang.admin", divisions.get, None).below
    assert {row.place: row.organisations for row in below}["141123"] == 7
    assert {row.place: row.organisations for row in below}["141122"] == 0


@pytest.mark.parametrize("place", ["1411", "14", "", "141182", "999999", "x"])
def test_what_lies_outside_is_not_there(county, place):
    for act in (
        lambda work: divisions.get(work, place),
        lambda work: organisations.of(work, place),
        lambda work: organisations.create(work, place, "justice", OrganisationForm("司法所")),
        lambda work: divisions.create(work, place, "新区", "141124"),
        lambda work: divisions.create_zone(work, place, "新开发区"),
    ):
        with pytest.raises(NotFound):
            county(act)


def test_several_areas_have_a_top_of_their_own(do, actor):
    foreign = do("fenyang.admin", organisations.of, "141182")[0].id
    do("lvliang.admin", roles.add, actor("xingxian.admin").id, Role.ADMIN, foreign)
    page = do("xingxian.admin", divisions.get, None)
    assert page.here is None
    assert [row.name for row in page.below] == ["兴县", "汾阳市"]
    assert do("xingxian.admin", divisions.get, "141182").here.name == "汾阳市"


def test_adding_an_organisation(county):
    created = county(
        organisations.create, "141123", "energy", OrganisationForm(" 兴县能源局 ", "兴")
    )
    row = county(organisations.get, created)
    assert (row.name, row.short, row.kind.name, row.division) == (
        "兴县能源局",
        "兴",
        "能源部门",
        "兴县",
    )
    assert created in {o.id for o in county(organisations.of, "141123")}
    assert [o.name for o in county(organisations.find, "能源")] == ["兴县能源局"]


@pytest.mark.parametrize(
    ("kind", "name", "short", "fields"),
    [
        ("", "", "", {"/kind", "/name"}),
        ("enterprise", "某厂", "", {"/kind"}),
        ("justice", "兴县司法局", "", {"/name"}),
        ("justice", "司" * 129, "兴" * 17, {"/name", "/short"}),
    ],
)
def test_a_bad_organisation_says_what_is_wrong_where(county, kind, name, short, fields):
    with pytest.raises(Invalid) as refused:
        county(organisations.create, "141123", kind, OrganisationForm(name, short))
    assert set(refused.value.errors) == fields


@pytest.fixture
def justice(county):
    return next(o for o in county(organisations.of, "141123") if o.kind.code == "justice")


def test_renaming(county, justice):
    form = OrganisationForm("兴县司法和行政局", "兴司")
    county(organisations.update, justice.id, justice.revision, form)
    assert county(organisations.get, justice.id).short == "兴司"
    with pytest.raises(Conflict):
        county(organisations.update, justice.id, justice.revision, OrganisationForm("又一个"))
    with pytest.raises(Invalid):
        county(organisations.update, justice.id, justice.revision + 1, OrganisationForm(""))


def test_nobody_closes_the_office_they_administer_from(do, county):
    """Its roles would end, and with them the one who could open it again."""
    bureau = next(
        o for o in county(organisations.of, "141123") if o.kind.code == "emergency_bureau"
    )
    with pytest.raises(Invalid):
        county(organisations.set_active, bureau.id, active=False, reason="x")
    do("lvliang.admin", organisations.set_active, bureau.id, active=False, reason="机构改革")
    with pytest.raises(Forbidden):
        county(organisations.of, "141123")
    do("lvliang.admin", organisations.set_active, bureau.id, active=True, reason="恢复")


def test_an_enterprise_is_kept_in_the_registry(county):
    (plant,) = county(organisations.find, "蔚汾特种铸造")
    assert county(organisations.get, plant.id).kind.code == "enterprise"
    assert plant.id not in {o.id for o in county(organisations.of, "141123")}
    with pytest.raises(Invalid):
        county(organisations.update, plant.id, plant.revision, OrganisationForm("改名"))
    with pytest.raises(Invalid):
        county(organisations.set_active, plant.id, active=False, reason="x")


def test_zones_are_numbered_and_named_once(county):
    assert county(divisions.create_zone, "141123", "蔚汾开发区") == "141123K02"
    with pytest.raises(Invalid):
        county(divisions.create_zone, "141123", "蔚汾开发区")
    with pytest.raises(Invalid):
        county(divisions.create_zone, "141123K02", "区中区")
    for bad in ("", " ", "区" * 65):
        with pytest.raises(Invalid):
            county(divisions.create_zone, "141123", bad)


def test_a_zone_never_begins_another(county, monkeypatch):
    monkeypatch.setattr(divisions, "MOST_ZONES", 2)
    county(divisions.create_zone, "141123", "第二个")
    with pytest.raises(Invalid):
        county(divisions.create_zone, "141123", "第三个")


def test_adding_a_division(do):
    assert do("lvliang.admin", divisions.create, "1411", "新设县", "141199") == "141199"
    assert do("lvliang.admin", divisions.get, "141199").here.name == "新设县"
    for code in (
        "",
        "141123",
        "141200",
        "140000",
        "141100",
        "1411",
        "14119９",
        "abcdef",
        "1411999",
    ):
        with pytest.raises(Invalid) as refused:
            do("lvliang.admin", divisions.create, "1411", "另一个县", code)
        assert set(refused.value.errors) == {"/code"}
    with pytest.raises(Invalid) as refused:
        do("lvliang.admin", divisions.create, "1411", "新设县", "141198")
    assert set(refused.value.errors) == {"/name"}


def test_names_are_known_to_all(do, justice):
    assert do("fenyang.plant", organisations.named, [justice.id, 10**9]) == {
        justice.id: "兴县司法局"
    }


@pytest.mark.parametrize("username", ["xingxian.staff1", "xingxian.auditor", "xingxian.plant"])
def test_nobody_else_administers(do, username):
    for act in (
        lambda work: divisions.get(work, None),
        lambda work: organisations.of(work, "141123"),
        lambda work: organisations.find(work, "局"),
        lambda work: divisions.create_zone(work, "141123", "x"),
    ):
        with pytest.raises(Forbidden):
            do(username, act)
