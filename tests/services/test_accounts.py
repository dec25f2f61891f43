"""What administrators may do with accounts and roles, and what nobody may."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app.cli.passwords import reset_password
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.access import Role
from app.models.people import Account, LoginSession, Organisation
from app.services import accounts, organisations, profile, roles, sessions
from app.services.accounts import AccountForm
from app.services.demo.people import PASSWORD
from tests.counting import statements
from tests.people import HERE

NEW = AccountForm("wang.fang", "王芳", phone="0358-6322001", licence="14-000999")


def organisation(deps, place, kind="emergency_bureau"):
    with deps.system_reading("test") as work:
        found = select(Organisation.id).filter_by(place=place, kind=kind).order_by(Organisation.id)
        return work.session.scalars(found).first()


@pytest.fixture
def bureau(deps):
    return organisation(deps, "141123")


@pytest.fixture
def do(deps, actor):
    """`do(username, use_case, …)`: run a use case in a transaction of its own."""

    def run(username, use_case, *args, **values):
        with deps.transaction(actor(username)) as work:
            return use_case(work, *args, **values)

    return run


@pytest.fixture
def admin(do):
    return lambda use_case, *args, **values: do("xingxian.admin", use_case, *args, **values)


@pytest.fixture
def staff(actor):
    return actor("xingxian.staff1").id


def test_opening_an_account(deps, admin, bureau):
    created = admin(accounts.create, bureau, NEW, "a first password")
    row = admin(accounts.get, created)
    assert (row.username, row.name, row.home, row.active) == (
        "wang.fang",
        "王芳",
        "兴县应急管理局",
        True,
    )
    assert row.change_password
    ticket = sessions.sign_in(deps, "wang.fang", "a first password", HERE, token=False)
    assert sessions.whoever(deps, ticket.secret, token=False).change_password


@pytest.mark.parametrize(
    ("form", "password", "fields"),
    [
        (AccountForm("", ""), "", {"/username", "/name"}),
        (AccountForm("王芳", "王芳"), "a first password", {"/username"}),
        (
            AccountForm("wang", "王" * 65, "1" * 33, "x" * 129, "y" * 33),
            "",
            {"/name", "/phone", "/email", "/licence"},
        ),
        (AccountForm("wang", "王", email="nowhere"), "a first password", {"/email"}),
        (AccountForm("xingxian.staff1", "王"), "short", {"/username", "/password"}),
        (AccountForm("lvliang.staff1", "王"), "a first password", {"/username"}),
    ],
)
def test_a_bad_account_says_what_is_wrong_where(admin, bureau, form, password, fields):
    with pytest.raises(Invalid) as refused:
        admin(accounts.create, bureau, form, password)
    assert set(refused.value.errors) == fields


def test_a_licence_is_of_one_person_and_nobody_changes_their_own(admin, actor):
    other = actor("xingxian.staff2").id
    row = admin(accounts.get, other)
    taken = AccountForm(row.username, row.name, licence="14-000001")
    with pytest.raises(Invalid) as refused:
        admin(accounts.update, other, row.revision, taken)
    assert list(refused.value.errors) == ["/licence"]
    with pytest.raises(Invalid) as refused:
        admin(
            accounts.create,
            row.home_id,
            AccountForm("new.one", "新人", licence="14-000001"),
            "a first password",
        )
    assert list(refused.value.errors) == ["/licence"]
    me = actor("xingxian.admin").id
    mine = admin(accounts.get, me)
    with pytest.raises(Invalid) as refused:
        admin(accounts.update, me, mine.revision, AccountForm("x", mine.name, licence="14-777777"))
    assert list(refused.value.errors) == ["/licence"]
    admin(accounts.update, other, row.revision, AccountForm("x", row.name, licence="14-777777"))


@pytest.mark.parametrize(
    ("column", "mine"), [("licence", {"licence": "14-000001"}), ("username", {})]
)
def test_the_database_itself_keeps_names_and_licences_apart(
    admin, bureau, monkeypatch, column, mine
):
    """Two administrators who type at once both find nobody."""
    monkeypatch.setattr(accounts, "_licensed", lambda *_: False)
    monkeypatch.setattr(accounts, "_named", lambda *_: False)
    username = "new.one" if mine else "lvliang.staff1"
    with pytest.raises(Invalid) as refused:
        admin(accounts.create, bureau, AccountForm(username, "新人", **mine), "a first password")
    assert list(refused.value.errors) == [f"/{column}"]


def test_a_licence_entered_meanwhile_is_said_at_its_field(admin, actor, monkeypatch):
    monkeypatch.setattr(accounts, "_licensed", lambda *_: False)
    other = actor("xingxian.staff2").id
    row = admin(accounts.get, other)
    form = AccountForm("", row.name, licence="14-000001")
    with pytest.raises(Invalid) as refused:
        admin(accounts.update, other, row.revision, form)
    assert list(refused.value.errors) == ["/licence"]


def test_many_have_no_licence(admin, bureau):
    for username in ("new.one", "new.two"):
        admin(accounts.create, bureau, AccountForm(username, "新人"), "a first password")


@pytest.mark.parametrize(
    ("who", "role"), [("plant", Role.WORKERS_CONGRESS), ("staff3", Role.PRINCIPAL)]
)
def test_who_is_watched_does_not_watch(admin, actor, who, role):
    plant = actor("xingxian.plant").grants[0].organisation
    with pytest.raises(Invalid) as refused:
        admin(roles.add, actor(f"xingxian.{who}").id, role, plant)
    assert list(refused.value.errors) == ["/role"]


def test_finding_accounts(admin):
    rows, following = admin(accounts.find)
    assert following is not None  # every plant of the list has its people
    assert {row.home[:2] for row in rows} == {"兴县"}
    by_name, _none = admin(accounts.find, "建国")
    assert [row.username for row in by_name] == ["xingxian.staff1"]
    by_home, _none = admin(accounts.find, "蔚汾特种铸造有限公司")
    assert {row.username for row in by_home} == {"xingxian.plant", "xingxian.congress"}
    assert admin(accounts.find, "XINGXIAN.Staff1")[0][0].username == "xingxian.staff1"
    for pattern in ("%", "_", "\\", "''"):
        assert admin(accounts.find, pattern)[0] == []


def test_a_long_list_comes_in_pages(deps, admin, bureau):
    with deps.system("test") as work:
        for number in range(120):
            work.session.add(
                Account(
                    username=f"many{number:03d}",
                    name=f"第{number}人",
                    password_hash="",
                    home_id=bureau,
                    place="141123",
                    created_at=work.wall,
                )
            )
    found, cursor = [], ""
    while cursor is not None:
        rows, cursor = admin(accounts.find, "many", cursor)
        assert len(rows) <= accounts.PAGE
        found += [row.username for row in rows]
    assert found == [f"many{number:03d}" for number in range(120)]
    of_bureau, _more = admin(accounts.find, home_id=bureau)
    assert {row.home_id for row in of_bureau} == {bureau}


def test_a_list_costs_the_same_for_one_and_for_fifty(deps, admin, actor):
    actor("xingxian.admin")
    with statements(deps) as few:
        admin(accounts.find, "xingxian.staff1")
    with statements(deps) as many:
        admin(accounts.find)
    assert len(few) == len(many)
    with statements(deps) as one:
        admin(organisations.of, "141123K01")
    with statements(deps) as all_:
        admin(organisations.of, "141123")
    assert len(one) == len(all_)


def test_changing_what_is_known_of_a_person(admin, staff):
    row = admin(accounts.get, staff)
    admin(accounts.update, staff, row.revision, AccountForm("", "白建国", phone="139"))
    assert admin(accounts.get, staff).phone == "139"
    with pytest.raises(Conflict):
        admin(accounts.update, staff, row.revision, AccountForm("", "白建军"))


def test_closing_needs_a_reason(admin, staff):
    with pytest.raises(Invalid):
        admin(accounts.set_active, staff, active=False, reason=" ")


def test_a_new_first_password_ends_every_session(deps, admin, staff):
    ticket = sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=True)
    admin(accounts.reset_password, staff, "another first one")
    assert sessions.whoever(deps, ticket.secret, token=True) is None
    with pytest.raises(Invalid):
        sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=False)
    assert sessions.sign_in(deps, "xingxian.staff1", "another first one", HERE, token=False)


def test_giving_and_taking_a_role(admin, staff, bureau, actor):
    admin(roles.add, staff, Role.SEAL_KEEPER, bureau)
    assert {grant.role for grant in actor("xingxian.staff1").grants} == {
        Role.STAFF,
        Role.SEAL_KEEPER,
    }
    with pytest.raises(Invalid):
        admin(roles.add, staff, Role.SEAL_KEEPER, bureau)
    admin(roles.remove, staff, Role.SEAL_KEEPER, bureau)
    assert {grant.role for grant in actor("xingxian.staff1").grants} == {Role.STAFF}
    with pytest.raises(NotFound):
        admin(roles.remove, staff, Role.SEAL_KEEPER, bureau)


def test_a_role_is_given_by_name(admin, bureau, actor):
    admin(roles.add_by_name, " Xingxian.Power ", Role.EXPERT, bureau)
    assert Role.EXPERT in {grant.role for grant in actor("xingxian.power").grants}
    for unknown in ("nobody", "fenyang.power", "lvliang.staff1"):
        with pytest.raises(Invalid) as refused:
            admin(roles.add_by_name, unknown, Role.EXPERT, bureau)
        assert set(refused.value.errors) == {"/username"}


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.HEAD, "government"),
        (Role.GOVERNMENT_LEADER, "emergency_bureau"),
        (Role.ADMIN, "government"),
        (Role.PRINCIPAL, "emergency_bureau"),
        (Role.STAFF, "enterprise"),
    ],
)
def test_a_role_fits_the_kind_of_organisation(deps, admin, staff, role, kind):
    with pytest.raises(Invalid):
        admin(roles.add, staff, role, organisation(deps, "141123", kind))


def test_a_closed_organisation_or_account_gets_no_role(deps, admin, staff, bureau):
    justice = organisation(deps, "141123", "justice")
    admin(organisations.set_active, justice, active=False, reason="机构改革")
    with pytest.raises(Invalid):
        admin(roles.add, staff, Role.LEGALITY_REVIEWER, justice)
    admin(accounts.set_active, staff, active=False, reason="离岗")
    with pytest.raises(Invalid):
        admin(roles.add, staff, Role.HEAD, bureau)


def test_roles_of_a_closed_organisation_do_not_count(deps, admin, actor):
    admin(
        organisations.set_active,
        organisation(deps, "141123", "justice"),
        active=False,
        reason="改革",
    )
    assert actor("xingxian.justice").grants == ()


# --- Separation of duties and areas -------------------------------------------------------------


def test_an_administrator_does_nothing_to_themselves(do, actor, bureau):
    me = actor("xingxian.admin").id
    for act in (
        lambda work: roles.add(work, me, Role.HEAD, bureau),
        lambda work: roles.remove(work, me, Role.ADMIN, bureau),
        lambda work: accounts.set_active(work, me, active=False, reason="x"),
        lambda work: accounts.reset_password(work, me, "a whole new one"),
    ):
        with pytest.raises(Forbidden):
            do("xingxian.admin", act)


def test_administration_does_not_pass_to_a_deputy(do, actor, bureau, clock):
    """Otherwise an administrator would have the deputy give them a role."""
    do(
        "xingxian.admin",
        profile.name_deputy,
        "xingxian.staff1",
        clock.now,
        clock.now + timedelta(days=5),
        "外出",
    )
    assert all(grant.role is not Role.ADMIN for grant in actor("xingxian.staff1").grants)
    me = actor("xingxian.admin").id
    with pytest.raises((Forbidden, NotFound)):
        do("xingxian.staff1", roles.add, me, Role.HEAD, bureau)


def test_a_deputy_of_a_closed_account_acts_for_nobody(do, actor, admin, clock):
    do(
        "xingxian.head",
        profile.name_deputy,
        "xingxian.deputy",
        clock.now,
        clock.now + timedelta(days=5),
        "外出",
    )
    assert any(grant.on_behalf_of for grant in actor("xingxian.deputy").grants)
    admin(accounts.set_active, actor("xingxian.head").id, active=False, reason="调离")
    assert not any(grant.on_behalf_of for grant in actor("xingxian.deputy").grants)


@pytest.mark.parametrize(
    "target", ["lvliang.staff1", "shanxi.head", "fenyang.admin", "lvliang.plant"]
)
def test_an_account_above_or_beside_does_not_exist(admin, actor, bureau, target):
    account = actor(target).id
    for act in (
        lambda work: accounts.get(work, account),
        lambda work: accounts.update(work, account, 1, NEW),
        lambda work: accounts.set_active(work, account, active=False, reason="x"),
        lambda work: accounts.reset_password(work, account, "a whole new one"),
        lambda work: roles.add(work, account, Role.STAFF, bureau),
    ):
        with pytest.raises(NotFound):
            admin(act)


@pytest.mark.parametrize("place", ["1411", "14", "141182"])
def test_no_role_is_given_in_a_foreign_organisation(deps, admin, staff, place):
    foreign = organisation(deps, place)
    for act in (
        lambda work: roles.add(work, staff, Role.STAFF, foreign),
        lambda work: roles.remove(work, staff, Role.STAFF, foreign),
        lambda work: accounts.create(work, foreign, NEW, "a first password"),
    ):
        with pytest.raises(NotFound):
            admin(act)


@pytest.fixture
def also_in_the_city(deps, do, staff):
    do("shanxi.admin", roles.add, staff, Role.LEGAL_REVIEWER, organisation(deps, "1411"))


@pytest.mark.usefixtures("also_in_the_city")
def test_who_also_works_above_is_out_of_reach(deps, admin, do, staff):
    """Whoever sets a password can sign in: a county must not get at a role of the city so."""
    with pytest.raises(Forbidden):
        admin(accounts.reset_password, staff, "a whole new one")
    with pytest.raises(NotFound):
        admin(roles.remove, staff, Role.LEGAL_REVIEWER, organisation(deps, "1411"))
    admin(accounts.set_active, staff, active=False, reason="离岗")  # that gives nobody anything
    with pytest.raises(Forbidden):
        admin(accounts.set_active, staff, active=True, reason="返岗")
    do("lvliang.admin", accounts.set_active, staff, active=True, reason="返岗")
    do("lvliang.admin", accounts.reset_password, staff, "a whole new one")


@pytest.mark.usefixtures("also_in_the_city")
def test_nor_is_the_deputy_of_who_works_above(do, admin, actor, clock):
    for days in (0, 30):  # now, or only later
        do(
            "xingxian.staff1",
            profile.name_deputy,
            "xingxian.staff2",
            clock.now + timedelta(days=days),
            clock.now + timedelta(days=days + 2),
            "外出",
        )
        with pytest.raises(Forbidden):
            admin(accounts.reset_password, actor("xingxian.staff2").id, "a whole new one")
        clock.advance(days=3)


@pytest.mark.usefixtures("also_in_the_city")
def test_roles_elsewhere_are_shown_but_not_offered_to_take_away(admin, staff):
    shown = {grant.organisation: grant.managed for grant in admin(accounts.get, staff).grants}
    assert shown == {"兴县应急管理局": True, "吕梁市应急管理局": False}


def test_seats_are_those_of_the_division_and_above(do, admin):
    assert {seat.name[:2] for seat in admin(roles.seats, "141123")} == {"兴县"}
    by_province = do("shanxi.admin", roles.seats, "141123")
    assert {seat.name[:2] for seat in by_province} == {"兴县", "吕梁", "山西"}
    assert by_province[0].name == "兴县应急管理局"
    assert Role.GOVERNMENT_LEADER not in by_province[0].roles


@pytest.mark.parametrize(
    "username", ["xingxian.staff1", "xingxian.head", "xingxian.auditor", "xingxian.plant"]
)
def test_nobody_else_administers(do, staff, bureau, username):
    for act in (
        accounts.find,
        lambda work: roles.seats(work, "141123"),
        lambda work: roles.of_kind(work, "justice"),
        lambda work: roles.add_by_name(work, "xingxian.staff2", Role.HEAD, bureau),
    ):
        with pytest.raises(Forbidden):
            do(username, act)
    for act in (
        lambda work: accounts.create(work, bureau, NEW, "a first password"),
        lambda work: accounts.reset_password(work, staff, "a whole new one"),
    ):
        with pytest.raises((Forbidden, NotFound)):
            do(username, act)


def test_one_account_cannot_fill_the_table_of_sessions(deps, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 5)
    tickets = [
        sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=True) for _ in range(9)
    ]
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(LoginSession)) == 5
    assert sessions.whoever(deps, tickets[-1].secret, token=True) is not None


@pytest.fixture
def recovered(database_url, tmp_path, monkeypatch):
    """`recovered(username, *typed)`: what the operator's command answers."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    data = tmp_path / "data"
    data.mkdir()
    (data / "master_key").write_text(bytes(32).hex(), "ascii")

    def run(username, *typed):
        lines = "".join(f"{line}\n" for line in typed)
        return CliRunner().invoke(reset_password, ["--data", str(data), username], input=lines)

    return run


def test_the_operator_lets_an_administrator_in_again(deps, recovered, actor, admin):
    old = sessions.sign_in(deps, "xingxian.admin", PASSWORD, HERE, token=False)
    short, right = "short", "another first one"
    told = recovered("xingxian.admin", short, short, right, "mistyped", right, right)
    assert told.exit_code == 0, told.output
    assert right not in told.output
    assert sessions.whoever(deps, old.secret, token=False) is None
    with pytest.raises(Invalid):
        sessions.sign_in(deps, "xingxian.admin", PASSWORD, HERE, token=False)
    ticket = sessions.sign_in(deps, "xingxian.admin", right, HERE, token=False)
    assert sessions.whoever(deps, ticket.secret, token=False).change_password
    (line, *_) = [
        line
        for line in admin(accounts.history, actor("xingxian.admin").id).rows
        if line.action.startswith("password.")
    ]
    assert (line.action, line.actor) == ("password.recover", None)


@pytest.mark.parametrize("username", ["xingxian.staff1", "nobody.at.all"])
def test_the_operator_lets_in_nobody_else(deps, recovered, username):
    told = recovered(username, "another first one", "another first one")
    assert told.exit_code == 1
    assert "Traceback" not in told.output
    assert sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=False)
