"""Making an installation, and bringing its schema up to date."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import MetaData, func, insert, inspect, select, text

from app.cli.accounts import accounts as cli_accounts
from app.cli.verify import verify
from app.domain import Conflict, Invalid, NotFound
from app.domain.access import Role
from app.models import Base
from app.models.database import connect
from app.models.people import Account, Division, Organisation, RoleGrant
from app.models.records import Answered, Installation
from app.services import Stale, answers, installation, sessions
from app.services.accounts import AccountForm
from app.services.answers import Answer
from app.services.demo import filling
from config import ROOT, Config
from tests.migrating import migrate_to
from tests.people import HERE

PASSWORD = "a long enough one"
ADMIN = AccountForm("root.admin", "李管理")
CITY = ("1411", "吕梁市")


@pytest.fixture
def database(empty_url):
    opened = connect(empty_url)
    yield opened
    opened.close()


@pytest.fixture
def empty(tmp_path, empty_url, passwords):
    """What the command line gets, on a database without any table."""
    config = Config.load(tmp_path / "data", {"DATABASE_URL": empty_url})
    made = replace(config.deps(), passwords=passwords)
    yield made
    made.database.close()


def create(empty, division=CITY, bureau="吕梁市应急管理局", admin=ADMIN, password=PASSWORD):
    installation.migrate(empty.database)
    installation.create(empty, division, bureau, admin, password)


def test_an_empty_database_holds_nothing(database):
    assert not installation.exists(database)
    assert not installation.is_current(database)


def test_migrating_twice_changes_nothing(database):
    installation.migrate(database)
    assert installation.is_current(database)
    tables = set(inspect(database.engine).get_table_names())
    installation.migrate(database)
    assert set(inspect(database.engine).get_table_names()) == tables
    assert not installation.exists(database)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_the_migrated_schema_is_that_of_the_models(database):
    installation.migrate(database)
    with database.engine.connect().execution_options(unscoped="test") as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        found = [
            change for change in compare_metadata(context, Base.metadata) if not _foreign(change)
        ]
    assert found == []


# Drawn from the text of entries by each database's own words: no model can say them.
BY_WORDS = {f"ix__history__{word}" for word in ("at", "by", "for", "action")}


def test_the_histories_can_be_searched(database):
    installation.migrate(database)
    found = "SELECT name FROM sqlite_master WHERE type = 'index'"
    if not database.sqlite:
        found = "SELECT indexname FROM pg_indexes"
    with database.engine.connect() as connection:
        names = set(connection.scalars(text(found).execution_options(unscoped="test")))
    assert names >= BY_WORDS


def _foreign(change):
    """Tell tables of the job queue, which lives in our file, from our own."""
    kind, thing = (change[0], change[1]) if isinstance(change, tuple) else ("", None)
    if kind == "remove_index" and thing.name in BY_WORDS:
        return True
    if kind == "remove_index":
        thing = thing.table
    return kind.startswith("remove_") and thing.name not in Base.metadata.tables


def test_foreign_keys_hold_after_a_migration(database):
    installation.migrate(database)
    if database.sqlite:
        with database.engine.connect() as connection:
            on = connection.scalar(text("PRAGMA foreign_keys").execution_options(unscoped="test"))
        assert on == 1


def test_a_lost_trigger_is_noticed(database):
    installation.migrate(database)
    with database.engine.connect().execution_options(unscoped="test") as connection:
        lost = "history_no_update" if database.sqlite else "history_deny ON history"
        connection.execute(text(f"DROP TRIGGER {lost}"))
        connection.commit()
    with pytest.raises(RuntimeError, match="triggers"):
        installation.migrate(database)


OFFICE = ("organisation_kind", "division", "organisation", "account")


def test_a_licence_of_two_people_is_told_before_anything_is_changed(database):
    """An office of before may have it: the operator reads whose it is."""
    migrate_to(database, "0010")
    before = MetaData()
    with database.engine.connect().execution_options(unscoped="test") as connection:
        before.reflect(connection, only=OFFICE)
    tables = before.tables
    now = datetime(2026, 11, 20, tzinfo=UTC)
    person = {
        "name": "白建国",
        "password_hash": "",
        "licence": "14-000001",
        "phone": "",
        "email": "",
        "active": True,
        "change_password": False,
        "home_id": 1,
        "place": "141123",
        "created_at": now if not database.sqlite else now.replace(tzinfo=None),
        "revision": 1,
    }
    people = [{**person, "id": n, "username": f"xingxian.staff{n}"} for n in (1, 2)]
    office = {"kind": "bureau", "place": "141123", "name": "兴县应急管理局", "short": "兴"}
    rows = {
        "organisation_kind": {"code": "bureau", "name": "局", "name_en": "B", "family": "bureau"},
        "division": {"place": "141123", "name": "兴县", "zone": False},
        "organisation": {**office, "id": 1, "active": True, "revision": 1},
        "account": people,
    }
    with database.engine.connect().execution_options(unscoped="test") as connection:
        for name, values in rows.items():
            connection.execute(insert(tables[name]).values(values))
        connection.commit()
    with pytest.raises(Conflict) as refused:
        installation.migrate(database)
    told = str(refused.value)
    assert "执法证号" in told
    assert "14-000001：xingxian.staff2" in told
    with database.engine.connect().execution_options(unscoped="test") as connection:
        connection.execute(
            text("UPDATE account SET licence = '' WHERE username = 'xingxian.staff2'")
        )
        connection.commit()
    installation.migrate(database)
    assert installation.is_current(database)


def test_no_command_but_run_makes_a_database(tmp_path, monkeypatch):
    """Whoever moved the file away finds nothing in its place."""
    file = tmp_path / "bihuan.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    for command in (verify, cli_accounts):
        told = CliRunner().invoke(command, ["--data", str(tmp_path / "data")])
        assert told.exit_code == 1
        assert "manage.py run" in told.output
    assert not file.exists()


def test_a_database_that_is_away_is_told_in_one_line(tmp_path, monkeypatch):
    away = "postgresql+psycopg://nobody@/nothing?host=/nowhere"
    monkeypatch.setenv("DATABASE_URL", away)
    told = CliRunner().invoke(cli_accounts, ["--data", str(tmp_path)])
    assert told.exit_code == 1
    assert told.output.count("\n") == 1
    assert "数据库不能访问" in told.output


def test_two_processes_migrate_at_once(empty_url):
    script = (
        "import sys\n"
        "from app.models.database import connect\n"
        "from app.services import installation\n"
        "installation.migrate(connect(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", script, empty_url]
    racing = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    failures = [(process.communicate(timeout=60)[1], process.returncode) for process in racing]
    assert [code for _error, code in failures] == [0, 0, 0], failures
    database = connect(empty_url)
    assert installation.is_current(database)
    database.close()


def test_a_real_installation(empty):
    create(empty)
    assert installation.exists(empty.database)
    assert not empty.installation.demo
    assert empty.installation.root == "1411"
    with empty.system_reading("test") as work:
        (account,) = work.session.scalars(select(Account)).all()
        (office,) = work.session.scalars(select(Organisation)).all()
        (grant,) = work.session.scalars(select(RoleGrant)).all()
        assert work.session.scalars(select(Division.name)).all() == ["吕梁市"]
    assert (account.username, account.place, grant.role) == ("root.admin", "1411", Role.ADMIN)
    assert office.name == "吕梁市应急管理局"
    ticket = sessions.sign_in(empty, "root.admin", PASSWORD, HERE, token=False)
    assert sessions.whoever(empty, ticket.secret, token=False)


def test_there_is_one_installation(empty):
    create(empty)
    with pytest.raises(Stale):
        create(empty, admin=AccountForm("another", "王五"))
    with pytest.raises(Stale):
        filling.fill(empty)
    with empty.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(Account)) == 1


@pytest.mark.parametrize(
    ("code", "place"),
    [("14", "14"), ("140000", "14"), ("1411", "1411"), ("141123", "141123"), ("1400", "14")],
)
def test_a_code_may_be_typed_in_full(empty, code, place):
    create(empty, division=(code, "某地"))
    assert empty.installation.root == place


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"division": ("", "吕梁市")}, "/place"),
        ({"division": ("123", "吕梁市")}, "/place"),
        ({"division": ("１４", "吕梁市")}, "/place"),
        ({"division": ("1411", " ")}, "/division"),
        ({"division": ("1411", "市" * 65)}, "/division"),
        ({"bureau": ""}, "/bureau"),
        ({"bureau": "局" * 129}, "/bureau"),
        ({"password": "short"}, "/password"),
        ({"admin": AccountForm("用户名", "李")}, "/username"),
        ({"admin": AccountForm("root", "")}, "/name"),
    ],
)
def test_a_bad_installation_is_refused_whole(empty, values, field):
    with pytest.raises(Invalid) as refused:
        create(empty, **values)
    assert field in refused.value.errors
    assert not installation.exists(empty.database)


def test_the_demo_has_every_role_in_four_areas(deps):
    found = filling.accounts(deps)
    for area in ("兴县", "吕梁市", "山西省", "汾阳市"):
        assert {account.role for account in found if account.area_name == area} == set(Role)


def test_a_real_installation_has_no_demo_accounts(empty):
    create(empty)
    with pytest.raises(NotFound):
        filling.accounts(empty)


def test_the_demo_has_the_divisions_of_the_notices(deps):
    with deps.system_reading("test") as work:
        rows = {d.place: d for d in work.session.scalars(select(Division))}
        marked = work.session.scalars(select(Account.name)).all()
    assert len(rows) == 80
    assert rows["141123K01"].zone
    assert rows["21K01"].parent == "21"
    assert all(row.parent in rows for row in rows.values() if row.place)
    assert all(name.endswith("（演示）") for name in marked)


def test_answers_are_kept_for_three_days(deps, actor, clock):
    staff = actor("xingxian.staff1")

    def given(digest=b"d" * 32):
        with deps.reading(staff) as work:
            return answers.given(work, "key", digest)

    def keep(status):
        with deps.transaction(staff) as work:
            answers.keep(work, "key", b"d" * 32, Answer(status, b"body"))

    assert given() is None
    keep(200)
    assert given() == Answer(200, b"body")
    with pytest.raises(Stale):
        keep(201)
    clock.advance(hours=73)
    assert given() is None
    keep(201)
    assert given() == Answer(201, b"body")
    clock.advance(hours=73)
    sessions.sign_in(deps, "xingxian.staff1", "bihuan-demo", HERE, token=False)
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(Answered)) == 0


def test_the_business_clock_stands_still_only_in_a_demo(deps):
    with deps.system("test") as work:
        work.session.get_one(Installation, 1).clock_offset = 3600
    with deps.system_reading("test") as work:
        assert (work.now - work.wall).total_seconds() == 3600
