"""One's own account: password, signing PIN, language, deputies."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.domain import Invalid, NotFound, entered
from app.domain.access import Permission, Thing
from app.domain.credentials import password_problem, pin_problem
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.people import Account, Deputy
from app.services import Deps, Work, sessions
from app.services import history as histories
from app.services.accounts import end_sessions
from app.services.history import Lines
from app.services.pdf import keys
from app.services.sessions import Origin, SignedIn

LANGUAGES = ("zh", "en")
LONGEST_PERIOD = timedelta(days=366)
MOST_DEPUTIES = 10
MOST_REASON = 200


def change_password(work: Work, old: str, new: str, keep: bytes) -> None:
    """Set the actor's password; every session but `keep` ends.

    That `old` is right, `sessions.confirm` has found out before this transaction.

    :raises Invalid: if `new` is too weak
    """
    work.require(Permission.OWN_ACCOUNT, Thing())
    account = _mine(work)
    problem = password_problem(new, account.username)
    if problem is None and new == old:
        problem = T("新密码不能与原密码相同")
    if problem is not None:
        raise Invalid({"/new": problem})
    account.password_hash = work.deps.passwords.hash(new)
    account.change_password = False
    end_sessions(work, account.id, keep)
    work.record(Stream.ACCOUNT, account.id, "password.change")


@dataclass(frozen=True, slots=True)
class Pin:
    """How the actor's signing PIN stands."""

    known: bool
    """Whether there is one."""
    released: bool
    """Whether an administrator took the last one away, and there is no new one yet."""


def pin(work: Work) -> Pin:
    """Say how the actor's signing PIN stands."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    account = _mine(work)
    return Pin(account.pin_hash is not None, account.pin_released_by is not None)


def confirm_pin(deps: Deps, person: SignedIn, old: str, origin: Origin, field: str) -> None:
    """Ask for the PIN that there is, if any, before what lets somebody sign in the actor's name.

    The password does not suffice for that: an administrator can give an account a new one.

    :raises TooMany: after too many wrong answers
    :raises Invalid: if it is wrong, at `field`
    """
    with deps.reading(person.actor) as work:
        known = pin(work).known
    if known:
        sessions.confirm(deps, person, old, origin, field, pin=True)


def change_pin(work: Work, pin: str) -> None:
    """Set the PIN that the actor signs papers with.

    That the actor knows the password, and the PIN they had, `sessions.confirm` and `confirm_pin`
    have found out before.

    :raises Invalid: if the PIN is too simple
    """
    work.require(Permission.OWN_ACCOUNT, Thing())
    account = _mine(work)
    if problem := pin_problem(pin):
        raise Invalid({"/pin": problem})
    account.pin_hash = work.deps.passwords.hash(pin)
    account.pin_released_by = None
    keys.retire(work, account.id)
    work.record(Stream.ACCOUNT, account.id, "pin.change")


def set_language(work: Work, language: str) -> None:
    """Remember the language the actor reads."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    if language not in LANGUAGES:
        raise Invalid({"/language": T("不支持的语言")})
    _mine(work).language = language


def _mine(work: Work) -> Account:
    return work.session.get_one(Account, work.me)


def history(work: Work, before: int = 0) -> Lines:
    """Return what was done to the actor's own account, the newest first."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    return histories.newest(work, Stream.ACCOUNT, work.me, before)


@dataclass(frozen=True, slots=True)
class DeputyRow:
    id: int
    name: str
    since: datetime
    until: datetime
    reason: str


def deputies(work: Work) -> list[DeputyRow]:
    """Return the deputies the actor has named and whose period is not over."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    rows = work.session.execute(
        select(Deputy.id, Account.name, Deputy.since, Deputy.until, Deputy.reason)
        .join(Account, Account.id == Deputy.deputy_id)
        .where(Deputy.account_id == work.me, Deputy.ended_at.is_(None), Deputy.until > work.now)
        .order_by(Deputy.since)
        .execution_options(unscoped="a leader sees whom they named")
    )
    return [DeputyRow(*row) for row in rows]


def leaders(work: Work) -> dict[int, str]:
    """Return the names of those whose deputy the actor is now."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    rows = work.session.execute(
        select(Account.id, Account.name)
        .where(Account.id.in_({grant.on_behalf_of for grant in work.actor.grants} - {None}))
        .execution_options(unscoped="a deputy knows whom they act for")
    )
    return {row.id: row.name for row in rows}


def name_deputy(work: Work, username: str, since: datetime, until: datetime, reason: str) -> None:
    """Let a colleague act for the actor for a period (授权代理); both names enter the history.

    Nobody has acted for anybody before they were named: the period begins now at the earliest. As a
    deputy signs in the actor's place, `confirm_pin` has asked for the actor's PIN before.

    :raises Invalid: if the colleague is unknown, of another organisation, or the period is empty
    """
    work.require(Permission.OWN_ACCOUNT, Thing())
    errors: dict[str, Text] = {}
    since = max(since, work.now)
    deputy = work.session.execute(
        select(Account.id, Account.home_id)
        .where(Account.username == username.strip().lower(), Account.active)
        .execution_options(unscoped="a deputy is found by name in the same organisation")
    ).one_or_none()
    if deputy is None or deputy.id == work.me or deputy.home_id != _mine(work).home_id:
        errors["/username"] = T("请填写本单位其他人员的用户名")
    if until <= since:
        errors["/until"] = T("结束时间应晚于开始时间和当前时间")
    elif until - since > LONGEST_PERIOD:
        errors["/until"] = T("授权期限不能超过一年")
    try:
        reason = entered.reason(reason, T("请填写授权原因"), MOST_REASON)
    except Invalid as wrong:
        errors |= wrong.errors
    running = select(func.count()).where(
        Deputy.account_id == work.me, Deputy.ended_at.is_(None), Deputy.until > work.now
    )
    if (work.session.scalar(running) or 0) >= MOST_DEPUTIES:
        errors["/username"] = T("授权代理不能超过 {n} 项，请先收回不再需要的", n=MOST_DEPUTIES)
    if errors or deputy is None:
        raise Invalid(errors)
    row = Deputy(
        account_id=work.me,
        deputy_id=deputy.id,
        since=since,
        until=until,
        reason=reason,
    )
    work.session.add(row)
    for subject in (work.me, deputy.id):
        work.record(
            Stream.ACCOUNT,
            subject,
            "deputy.name",
            deputy=deputy.id,
            since=since.isoformat(),
            until=until.isoformat(),
            reason=row.reason,
        )


def end_deputy(work: Work, deputy_row: int) -> None:
    """Take back a deputy before the period is over."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    row = work.session.scalar(
        select(Deputy).where(
            Deputy.id == deputy_row, Deputy.account_id == work.me, Deputy.ended_at.is_(None)
        )
    )
    if row is None:
        raise NotFound(T("没有找到该授权"))
    row.ended_at = work.now
    for subject in (work.me, row.deputy_id):
        work.record(Stream.ACCOUNT, subject, "deputy.end", deputy=row.deputy_id)
