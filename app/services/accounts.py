"""What administrators do with accounts and roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from app.domain import Forbidden, Invalid, NotFound, entered
from app.domain.access import Permission, Role, Thing, covers
from app.domain.credentials import USERNAME, password_problem
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.people import Account, Deputy, LoginSession, Organisation, RoleGrant
from app.services import Deps, Stale, Work, scope_of
from app.services import history as histories
from app.services.history import Lines

PAGE = 50
LONGEST_QUERY = 64


@dataclass(frozen=True, slots=True)
class GrantRow:
    role: Role
    organisation_id: int
    organisation: str
    managed: bool
    """Whether it lies in the area of the administrator who looks."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as pages and the API show it."""

    id: int
    username: str
    name: str
    phone: str
    email: str
    licence: str
    active: bool
    change_password: bool
    pin: bool
    """Whether it can sign papers."""
    pin_released: bool
    """Whether its PIN was released, and its owner has set no new one yet."""
    set_by_me: bool
    """Whether who looks gave it the last password: they do not release its PIN."""
    released_by_me: bool
    """Whether who looks released its PIN: they do not reset its password."""
    home_id: int
    home: str
    created_at: datetime
    revision: int
    grants: Sequence[GrantRow]


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What an administrator types about an account."""

    username: str
    name: str
    phone: str = ""
    email: str = ""
    licence: str = ""


def find(
    work: Work, q: str = "", after: str = "", home_id: int = 0
) -> tuple[list[AccountRow], str | None]:
    """Return a page of the accounts in the administrator's area by username, and a cursor.

    `q` is part of a name, a username or the name of an organisation; `home_id` asks for those whom
    one organisation keeps.
    """
    work.require_somewhere(Permission.MANAGE_ACCOUNTS)
    accounts = (
        select(Account, Organisation.name)
        .join(Organisation, Organisation.id == Account.home_id)
        .where(Account.username > after)
        .order_by(Account.username)
        .limit(PAGE + 1)
    )
    if q := q.strip()[:LONGEST_QUERY]:
        columns = (Account.username, Account.name, Organisation.name)
        accounts = accounts.where(or_(*[contains(column, q) for column in columns]))
    if home_id:
        accounts = accounts.where(Account.home_id == home_id)
    found = work.session.execute(accounts).all()
    grants = _grants_of(work, [account.id for account, _home in found[:PAGE]])
    rows = [_row(work, account, home, grants.get(account.id, [])) for account, home in found[:PAGE]]
    return rows, rows[-1].username if len(found) > PAGE else None


def contains(column: InstrumentedAttribute[str], q: str) -> ColumnElement[bool]:
    """Return the condition that a text contains `q`, whatever the letters' case."""
    return func.lower(column).contains(q.lower(), autoescape=True)


def _grants_of(work: Work, account_ids: Sequence[int]) -> dict[int, list[GrantRow]]:
    rows = work.session.execute(
        select(
            RoleGrant.account_id,
            RoleGrant.role,
            Organisation.id,
            Organisation.name,
            Organisation.place,
        )
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(RoleGrant.account_id.in_(account_ids))
        .order_by(RoleGrant.role, Organisation.id)
        .execution_options(unscoped="all roles of an account that the guard has let through")
    )
    grants: dict[int, list[GrantRow]] = {}
    managed = scope_of(work.actor).managed
    for account_id, role, organisation_id, name, place in rows:
        mine = any(covers(area, place) for area in managed)
        grants.setdefault(account_id, []).append(GrantRow(role, organisation_id, name, mine))
    return grants


def _row(work: Work, account: Account, home: str, grants: Sequence[GrantRow]) -> AccountRow:
    return AccountRow(
        id=account.id,
        username=account.username,
        name=account.name,
        phone=account.phone,
        email=account.email,
        licence=account.licence,
        active=account.active,
        change_password=account.change_password,
        pin=account.pin_hash is not None,
        pin_released=account.pin_released_by is not None,
        set_by_me=account.password_by == work.me,
        released_by_me=account.pin_released_by == work.me,
        home_id=account.home_id,
        home=home,
        created_at=account.created_at,
        revision=account.revision,
        grants=grants,
    )


def end_sessions(work: Work, account_id: int, keep: bytes = b"") -> None:
    """Sign an account out everywhere, but for the session `keep`."""
    work.session.execute(
        delete(LoginSession).where(
            LoginSession.account_id == account_id, LoginSession.digest != keep
        )
    )


def get(work: Work, account_id: int) -> AccountRow:
    """Return one account of the administrator's area.

    :raises NotFound: if there is none such there
    """
    account = managed(work, account_id)
    home = work.session.get_one(Organisation, account.home_id)
    return _row(work, account, home.name, _grants_of(work, [account_id]).get(account_id, []))


def managed(work: Work, account_id: int) -> Account:
    """Return an account that the actor administers.

    :raises NotFound: if there is none such in their area
    """
    account = work.session.get(Account, account_id)
    if account is None:
        raise NotFound(T("没有找到该用户"))
    work.require(Permission.MANAGE_ACCOUNTS, Thing(place=account.place))
    return account


def history(work: Work, account_id: int, before: int = 0) -> Lines:
    """Return what was done to an account of the administrator's area, the newest first.

    :raises NotFound: if there is none such there
    """
    managed(work, account_id)
    return histories.newest(work, Stream.ACCOUNT, account_id, before)


FACTS = ("name", "phone", "email", "licence")
TAKEN = T("用户名已被使用")
LICENSED = T("此执法证号已登记在其他人员名下")


def create(work: Work, home_id: int, form: AccountForm, password: str) -> int:
    """Open an account in an organisation; its owner must change the first password.

    :raises NotFound: if the organisation lies outside the administrator's area
    :raises Invalid: if a field is missing or the username is taken
    """
    home = work.session.get(Organisation, home_id)
    if home is None:
        raise NotFound(T("没有找到该单位"))
    grant = work.require(Permission.MANAGE_ACCOUNTS, Thing(place=home.place))
    form = checked(form)
    errors: dict[str, Text] = {}
    if _named(work, form.username):
        errors["/username"] = TAKEN
    if _licensed(work, form.licence):
        errors["/licence"] = LICENSED
    if problem := password_problem(password, form.username):
        errors["/password"] = problem
    if errors:
        raise Invalid(errors)
    account = Account(
        username=form.username,
        name=form.name,
        phone=form.phone,
        email=form.email,
        licence=form.licence,
        password_hash=work.deps.passwords.hash(password),
        change_password=True,
        password_by=work.me,
        home_id=home.id,
        place=home.place,
        created_at=work.now,
    )
    work.session.add(account)
    _keep(work)
    work.record(Stream.ACCOUNT, account.id, "account.create", grant, home=home.id)
    return account.id


def checked(form: AccountForm) -> AccountForm:
    """Return what was typed, trimmed.

    :raises Invalid: if a field is missing or wrong
    """
    form = AccountForm(
        username=form.username.strip().lower(),
        name=form.name.strip(),
        phone=form.phone.strip(),
        email=form.email.strip(),
        licence=form.licence.strip(),
    )
    errors: dict[str, Text] = {}
    if not USERNAME.fullmatch(form.username):
        errors["/username"] = T(
            "用户名为 3 至 32 位小写字母、数字、点、横线或下划线，以字母或数字开头"
        )
    if not form.name:
        errors["/name"] = T("请填写姓名")
    for field, value, most in (
        ("name", form.name, 64),
        ("phone", form.phone, 32),
        ("email", form.email, 128),
        ("licence", form.licence, 32),
    ):
        if len(value) > most:
            errors[f"/{field}"] = T("不能超过 {n} 个字", n=most)
    if form.email and "@" not in form.email:
        errors["/email"] = T("电子邮箱格式不正确")
    if errors:
        raise Invalid(errors)
    return form


def update(work: Work, account_id: int, revision: int, form: AccountForm) -> None:
    """Change what is known of a person; the username stays.

    :raises Conflict: if somebody changed the account since `revision`
    """
    account = managed(work, account_id)
    grant = work.require(Permission.MANAGE_ACCOUNTS, Thing(place=account.place))
    form = checked(AccountForm(account.username, form.name, form.phone, form.email, form.licence))
    _expect(account, revision)
    if form.licence != account.licence:
        if account.id == work.me:
            raise Invalid({"/licence": T("本人的执法证号须由其他管理员修改")})
        if _licensed(work, form.licence):
            raise Invalid({"/licence": LICENSED})
    changed = [key for key in FACTS if getattr(account, key) != getattr(form, key)]
    for key in changed:
        setattr(account, key, getattr(form, key))
    _keep(work)
    work.record(Stream.ACCOUNT, account.id, "account.update", grant, changed=changed)


def _named(work: Work, username: str) -> bool:
    taken = select(Account.id).where(Account.username == username)
    found = work.session.scalar(taken.execution_options(unscoped="usernames are of one account"))
    return found is not None


def _licensed(work: Work, licence: str) -> bool:
    """Test whether somebody holds a licence: it says who signs a paper."""
    if not licence:
        return False
    held = select(Account.id).where(Account.licence == licence).limit(1)
    found = work.session.scalar(held, execution_options={"unscoped": "licences are of one person"})
    return found is not None


def _keep(work: Work) -> None:
    """Write an account; somebody else may have entered the same name or licence meanwhile."""
    try:
        work.session.flush()
    except IntegrityError as same:
        # The first line names the index; later ones may quote what somebody typed.
        first = str(same.orig).partition("\n")[0]
        if "licence" in first:
            raise Invalid({"/licence": LICENSED}) from same
        raise Invalid({"/username": TAKEN}) from same


def _expect(account: Account, revision: int) -> None:
    if account.revision != revision:
        raise Stale


def set_active(work: Work, account_id: int, *, active: bool, reason: str) -> None:
    """Close an account, which ends its sessions at once, or open it again."""
    account = managed(work, account_id)
    grant = work.require(Permission.MANAGE_ACCOUNTS, Thing(place=account.place, account=account.id))
    reason = entered.reason(reason)
    if account.active == active:
        return
    if active:
        require_reach(work, account)
    account.active = active
    if not active:
        end_sessions(work, account.id)
    action = "account.open" if active else "account.close"
    work.record(Stream.ACCOUNT, account.id, action, grant, reason=reason)


def reset_password(work: Work, account_id: int, password: str) -> None:
    """Give an account a new first password, which its owner must change.

    :raises Forbidden: if the account can act outside the administrator's area, or the administrator
        released its PIN: with both, one person could sign in its owner's name
    """
    account = managed(work, account_id)
    grant = work.require(Permission.MANAGE_ACCOUNTS, Thing(place=account.place, account=account.id))
    require_reach(work, account)
    if account.pin_released_by == work.me:
        raise Forbidden(T("该用户的签名口令由您解除，本人设置新口令前须由其他管理员重设密码"))
    _give(work, account, password, by=work.me)
    work.record(Stream.ACCOUNT, account.id, "password.reset", grant)


def recover(deps: Deps, username: str, password: str) -> None:
    """Give an administrator another first password: the operator's, as nobody may be above them.

    :raises NotFound: if no open account has this name
    :raises Forbidden: if it is no administrator's: theirs gives them one
    :raises Invalid: if the password will not do
    """
    with deps.system("an administrator is let in again") as work:
        found = select(Account).filter_by(username=username.strip().lower(), active=True)
        account = work.session.scalars(found).one_or_none()
        if account is None:
            raise NotFound(T("没有找到该用户"))
        held = (
            select(RoleGrant.organisation_id)
            .filter_by(account_id=account.id, role=Role.ADMIN)
            .limit(1)
        )
        if work.session.scalar(held) is None:
            raise Forbidden(T("该用户不是系统管理员，由其管理员重设密码"))
        _give(work, account, password, by=None)
        work.record(Stream.ACCOUNT, account.id, "password.recover")


def _give(work: Work, account: Account, password: str, *, by: int | None) -> None:
    """Set a first password, which its owner must change; nobody stays signed in by the old one."""
    if problem := password_problem(password, account.username):
        raise Invalid({"/password": problem})
    account.password_hash = work.deps.passwords.hash(password)
    account.change_password = True
    account.password_by = by
    end_sessions(work, account.id)


def require_reach(work: Work, account: Account) -> None:
    """Ask that all an account can do, also as a deputy, lies in the administrator's area.

    Whoever sets somebody's password could sign in as them: a step of those who asked.
    """
    leaders = select(Deputy.account_id).where(
        Deputy.deputy_id == account.id, Deputy.ended_at.is_(None), Deputy.until > work.now
    )
    places = work.session.scalars(
        select(Organisation.place)
        .join(RoleGrant, RoleGrant.organisation_id == Organisation.id)
        .where(or_(RoleGrant.account_id == account.id, RoleGrant.account_id.in_(leaders)))
        .execution_options(unscoped="all that an account of the administrator's area can do")
    )
    areas = scope_of(work.actor).managed
    if not all(any(covers(area, place) for area in areas) for place in places):
        raise Forbidden(T("该用户在您的管辖范围之外任职，须由上级管理员办理"))
