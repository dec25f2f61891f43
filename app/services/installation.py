"""Make an installation: the schema, the kinds of organisation, the first administrator."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from app.adapters import jobs
from app.domain import Invalid
from app.domain.access import Family, Role, stem
from app.domain.credentials import password_problem
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.database import Database, away
from app.models.people import Account, Division, Organisation, OrganisationKind, RoleGrant
from app.models.records import Installation
from app.services import Deps, Unavailable, Work, workdays
from app.services.accounts import AccountForm, checked
from app.services.checklists import keeping
from app.services.clauses import keeping as clauses
from app.services.documents import shipped
from app.services.rankings import rules
from app.services.reports import tables

# Rebuilding a table on SQLite drops its triggers without a word, so each migration looks for them.
TRIGGERS = {
    "sqlite": frozenset({"history_seal", "history_once", "history_no_update", "history_no_delete"}),
    "postgresql": frozenset({"history_seal", "history_deny", "history_deny_truncate"}),
}
MIGRATIONS = Path(__file__).parent.parent / "migrations"

# (code, 名称, English name, family); an administrator may add more.
KINDS = (
    ("emergency_bureau", "应急管理部门", "Emergency management", Family.BUREAU),
    ("committee_office", "安委会办公室", "Safety committee office", Family.BUREAU),
    ("leading_group", "淘汰落后产能领导小组办公室", "Leading group office", Family.BUREAU),
    ("township", "乡镇（街道）", "Township", Family.PARTNER),
    ("government", "人民政府", "People's government", Family.GOVERNMENT),
    ("justice", "司法行政部门", "Justice", Family.PARTNER),
    ("industry", "工信部门", "Industry and information", Family.PARTNER),
    ("reform", "发改部门", "Development and reform", Family.PARTNER),
    ("energy", "能源部门", "Energy", Family.PARTNER),
    ("environment", "生态环境部门", "Ecology and environment", Family.PARTNER),
    ("market", "市场监管部门", "Market regulation", Family.PARTNER),
    ("police", "公安部门", "Public security", Family.PARTNER),
    ("union", "工会", "Trade union", Family.PARTNER),
    ("social_security", "人社部门", "Human resources", Family.PARTNER),
    ("discipline", "纪委监委", "Discipline inspection", Family.PARTNER),
    ("power_supply", "供电公司", "Power supply", Family.PARTNER),
    ("water_supply", "供水公司", "Water supply", Family.PARTNER),
    ("coal_mine", "煤矿安全监管部门", "Coal-mine safety", Family.PARTNER),
    ("enterprise", "企业", "Enterprise", Family.ENTERPRISE),
)


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; harmless when it is there already."""
    config = _alembic()
    with database.engine.connect().execution_options(unscoped="migration") as connection:
        if database.sqlite:
            # A table that is rebuilt must not take its children's rows with it; SQLite reads this
            # setting only outside a transaction.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _check_triggers(connection)
        connection.commit()
        if database.sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")
    jobs.migrate(database.jobs)


def _check_triggers(connection: Connection) -> None:
    dialect = connection.dialect.name
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'history'::regclass"
        " AND tgenabled = 'A'",
    }
    if missing := TRIGGERS[dialect] - set(connection.scalars(text(listed[dialect]))):
        raise RuntimeError(f"Expected the history's triggers, but {sorted(missing)} are missing")


def is_current(database: Database) -> bool:
    """Test whether the schema is the newest one."""
    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    with database.engine.connect().execution_options(unscoped="migration") as connection:
        if MigrationContext.configure(connection).get_current_revision() != head:
            return False
    return jobs.is_current(database.jobs)


def exists(database: Database) -> bool:
    """Test whether an installation was made in this database.

    :raises Unavailable: if the database does not answer
    """
    try:
        return _exists(database)
    except SQLAlchemyError as error:
        if not away(error):
            raise
        raise Unavailable from error


def _exists(database: Database) -> bool:
    with database.engine.connect().execution_options(unscoped="installation") as connection:
        if not inspect(connection).has_table(Installation.__tablename__):
            return False
        return connection.scalar(select(Installation.id)) is not None


def found(work: Work, root: str, *, demo: bool) -> None:
    """Write down what this installation is; its mode can never change."""
    work.now = work.wall  # the clock is read from the row that is only now being written
    work.session.add(Installation(id=1, demo=demo, root=root, created_at=work.wall, clock_offset=0))
    work.session.flush()
    workdays.seed(work)
    keeping.seed(work)
    tables.seed(work)
    rules.seed(work)
    shipped.seed(work)
    clauses.seed(work)
    work.session.execute(
        update(Installation).values(calendar_recounted=Installation.calendar_revision)
    )
    for code, name, name_en, family in KINDS:
        work.session.add(OrganisationKind(code=code, name=name, name_en=name_en, family=family))
    work.session.flush()


def create(
    deps: Deps, division: tuple[str, str], bureau: str, admin: AccountForm, password: str
) -> None:
    """Make a real installation: its topmost division, that bureau and its first administrator.

    :param division: place and name of the division, as `("1411", "吕梁市")`
    :raises Invalid: if a field is missing or wrong
    """
    place, name, bureau = division[0].strip(), division[1].strip(), bureau.strip()
    errors: dict[str, Text] = {}
    # Who types all six digits means the same place.
    if place.isascii() and place.isdigit() and len(place) in (2, 4, 6):
        place = stem(place.ljust(6, "0"))
    else:
        errors["/place"] = T("行政区划代码应为 2、4 或 6 位数字")
    for field, value, most in (("division", name, 64), ("bureau", bureau, 128)):
        if not value:
            errors[f"/{field}"] = T("请填写行政区划名称和单位名称")
        elif len(value) > most:
            errors[f"/{field}"] = T("不能超过 {n} 个字", n=most)
    if problem := password_problem(password, admin.username):
        errors["/password"] = problem
    if errors:
        raise Invalid(errors)
    admin = checked(admin)
    with deps.system("make the installation") as work:
        found(work, place, demo=False)
        work.session.add(Division(place=place, name=name))
        work.session.flush()
        office = Organisation(kind="emergency_bureau", place=place, name=bureau, short="")
        work.session.add(office)
        work.session.flush()
        account = Account(
            username=admin.username,
            name=admin.name,
            password_hash=deps.passwords.hash(password),
            home_id=office.id,
            place=place,
            created_at=work.wall,
        )
        work.session.add(account)
        work.session.flush()
        work.session.add(
            RoleGrant(account_id=account.id, role=Role.ADMIN, organisation_id=office.id)
        )
        work.record(Stream.INSTALLATION, 1, "installation.create", place=place, demo=False)
        work.record(Stream.ACCOUNT, account.id, "account.create", home=office.id)
