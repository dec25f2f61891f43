"""Sign in and out; who stands behind a browser's cookie or an API token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from app.domain import AppError, Invalid
from app.domain.access import NOT_DELEGATED, Actor, Grant, Permission, Thing
from app.domain.credentials import GUESSES_PER_ADDRESS, WINDOW, network, next_guess_at
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models import table_of
from app.models.people import Account, Deputy, LoginSession, Organisation, RoleGrant, SignInFailure
from app.models.records import Installation
from app.services import Deps, Work, answers

BROWSER_LIFE = timedelta(hours=12)
TOKEN_LIFE = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=5)
# More than anybody needs at once; a client that never signs out cannot fill the table.
MOST_SESSIONS = 500
SHOWN, KEY = 20, 16
MUST_CHANGE = T("请先修改初始密码")


class TooMany(AppError):
    """Somebody guesses too often; `retry_at` says when the next attempt is let through."""

    def __init__(self, text: Text, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from."""

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person behind a valid session."""

    digest: bytes
    actor: Actor
    username: str
    language: str | None
    home: str
    change_password: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fresh session: the secret goes to the client, and is kept nowhere else."""

    secret: str
    expires_at: datetime


def sign_in(deps: Deps, username: str, password: str, origin: Origin, *, token: bool) -> Ticket:
    """Open a session for whoever knows the password.

    :raises TooMany: after too many wrong guesses from this address
    :raises Invalid: if name and password do not fit, or the account is closed
    """
    username = username.strip().lower()[:64]
    with deps.system("sign-in: count the guess") as work:
        _count_guess(work, username, origin.address)
        found = work.session.execute(
            select(Account.id, Account.password_hash, Account.active).filter_by(username=username)
        ).one_or_none()
    # Outside any transaction: hashing takes long on purpose, and must not hold the database.
    right = deps.passwords.matches(found and found.password_hash, password)
    if not right or found is None or not found.active:
        _refused(deps, origin, found and found.id, "session.refuse")
        raise Invalid({"/password": T("用户名或密码不正确")})
    with deps.system("sign-in: open a session") as work:
        if deps.passwords.outdated(found.password_hash):
            work.session.execute(
                update(Account)
                .where(Account.id == found.id)
                .values(password_hash=deps.passwords.hash(password))
            )
        _forget_failures(work, username, origin)
        ticket = _open(work, found.id, origin, token=token)
        kind = "token.open" if token else "session.open"
        work.record(Stream.ACCOUNT, found.id, kind, address=origin.address)
        return ticket


def confirm(
    deps: Deps, person: SignedIn, secret: str, origin: Origin, field: str, *, pin: bool = False
) -> None:
    """Ask a signed-in person for their password, or their signing PIN, before what is grave.

    Wrong answers count like failed sign-ins: whoever found an open browser must not guess on. Call
    this before the transaction of the act itself, as hashing must not hold the database.

    :raises TooMany: after too many wrong answers
    :raises Invalid: if it is wrong, at `field`, or no PIN was set
    """
    account = person.actor.id
    counted = f"{person.username} pin" if pin else person.username
    column = Account.pin_hash if pin else Account.password_hash
    if pin and not secret:  # a field left empty is no guess
        raise Invalid({field: T("请填写签名口令")})
    with deps.system("confirm: count the guess") as work:
        _count_guess(work, counted, origin.address)
        hashed = work.session.scalar(select(column).where(Account.id == account))
        if pin and hashed is None:
            raise Invalid({field: T("您还没有设置签名口令，请先在“我的账户”中设置")})
    if not deps.passwords.matches(hashed, secret):
        _refused(deps, origin, account, "pin.refuse" if pin else "password.refuse")
        raise Invalid({field: T("签名口令不正确") if pin else T("密码不正确")})
    with deps.system("confirm: wipe the slate") as work:
        _forget_failures(work, counted, origin)


def _refused(deps: Deps, origin: Origin, account: int | None, action: str) -> None:
    if account is not None:
        with deps.system("write down a wrong password") as work:
            work.record(Stream.ACCOUNT, account, action, address=origin.address)


def _forget_failures(work: Work, username: str, origin: Origin) -> None:
    work.session.execute(
        delete(SignInFailure).filter_by(username=username, address=network(origin.address))
    )


def _count_guess(work: Work, username: str, address: str) -> None:
    """Let nobody guess too often; a guess counts as failed until it proves right.

    Counted before it is checked, one address at a time: many guesses at once are as many.
    """
    address = network(address)
    work.lock(f"guess {address}")
    since = work.wall - WINDOW
    work.session.execute(delete(SignInFailure).where(SignInFailure.at < since))
    by_address = (
        select(SignInFailure.at).where(SignInFailure.address == address).order_by(SignInFailure.at)
    )
    everything = work.session.scalars(by_address).all()
    if len(everything) >= GUESSES_PER_ADDRESS:
        raise _too_many(work, everything[0] + WINDOW)
    failures = work.session.scalars(by_address.where(SignInFailure.username == username)).all()
    again = next_guess_at(failures)
    if again is not None and again > work.wall:
        raise _too_many(work, again)
    work.session.add(SignInFailure(username=username, address=address, at=work.wall))


def _too_many(work: Work, again: datetime) -> TooMany:
    seconds = max(1, int((again - work.wall).total_seconds()) + 1)
    return TooMany(T("尝试次数过多，请 {n} 秒后再试", n=seconds), retry_after=seconds)


def _open(work: Work, account_id: int, origin: Origin, *, token: bool) -> Ticket:
    secret = secrets.token_urlsafe(32)
    expires = work.wall + (TOKEN_LIFE if token else BROWSER_LIFE)
    work.session.add(
        LoginSession(
            digest=_digest(secret),
            account_id=account_id,
            token=token,
            created_at=work.wall,
            seen_at=work.wall,
            expires_at=expires,
            address=origin.address,
            agent=origin.agent[:200],
        )
    )
    work.session.execute(delete(LoginSession).where(LoginSession.expires_at < work.wall))
    superfluous = (
        select(LoginSession.digest)
        .where(LoginSession.account_id == account_id, LoginSession.digest != _digest(secret))
        .order_by(LoginSession.created_at.desc(), LoginSession.digest)
        .offset(MOST_SESSIONS - 1)
    )
    work.session.execute(delete(LoginSession).where(LoginSession.digest.in_(superfluous)))
    answers.sweep(work)
    return Ticket(secret, expires)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


# Built once: every request runs these two.
_SESSION, _ACCOUNT, _CLOCK = table_of(LoginSession), table_of(Account), table_of(Installation)
_HOME, _GRANT, _DEPUTY = table_of(Organisation), table_of(RoleGrant), table_of(Deputy)
_SIGNED_IN = {"unscoped": "who asks, before it is known what they may"}
PERSON = (
    select(
        _SESSION.c.digest,
        _SESSION.c.seen_at,
        _SESSION.c.expires_at,
        _ACCOUNT.c.id,
        _ACCOUNT.c.name,
        _ACCOUNT.c.username,
        _ACCOUNT.c.language,
        _ACCOUNT.c.change_password,
        _HOME.c.name.label("home"),
        _CLOCK.c.clock_offset,
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .join(_HOME, _HOME.c.id == _ACCOUNT.c.home_id)
    .join(_CLOCK, _CLOCK.c.id == 1)
    .where(_SESSION.c.digest == bindparam("digest"), _SESSION.c.token == bindparam("token"))
    .where(_SESSION.c.expires_at > bindparam("now"), _ACCOUNT.c.active)
    .execution_options(**_SIGNED_IN)
)
# Leaders whose deputy the account is now.
_STANDING = (
    select(_DEPUTY.c.account_id)
    .join(_ACCOUNT, _ACCOUNT.c.id == _DEPUTY.c.account_id)
    .where(_ACCOUNT.c.active, _DEPUTY.c.deputy_id == bindparam("account"))
    .where(_DEPUTY.c.ended_at.is_(None))
    .where(_DEPUTY.c.since <= bindparam("now"), _DEPUTY.c.until > bindparam("now"))
)
GRANTS = (
    select(_GRANT.c.account_id, _GRANT.c.role, _GRANT.c.organisation_id, _HOME.c.place)
    .join(_HOME, _HOME.c.id == _GRANT.c.organisation_id)
    .where(
        (_GRANT.c.account_id == bindparam("account")) | _GRANT.c.account_id.in_(_STANDING),
        _HOME.c.active,
    )
    .order_by(_GRANT.c.account_id != bindparam("account"), _GRANT.c.role)
    .execution_options(**_SIGNED_IN)
)


def whoever(deps: Deps, secret: str, *, token: bool) -> SignedIn | None:
    """Return the person behind a session's secret, or None if it is not, or no longer, valid."""
    with deps.glance("session: look up") as work:
        known = {"digest": _digest(secret), "token": token, "now": work.wall}
        row = work.run(PERSON, known).one_or_none()
        if row is None:
            return None
        now = work.wall + timedelta(seconds=row.clock_offset)
        person = SignedIn(
            digest=row.digest,
            actor=Actor(row.id, row.name, _grants(work, row.id, now)),
            username=row.username,
            language=row.language,
            home=row.home,
            change_password=row.change_password,
            expires_at=row.expires_at,
        )
    if work.wall - row.seen_at > SEEN_EVERY:
        with deps.system("session: seen") as work:
            work.session.execute(
                update(LoginSession)
                .where(LoginSession.digest == person.digest)
                .values(seen_at=work.wall)
            )
    return person


def _grants(work: Work, account_id: int, now: datetime) -> tuple[Grant, ...]:
    """Return the account's own grants, and those of the leaders whose deputy it is at `now`."""
    rows = work.run(GRANTS, {"account": account_id, "now": now})
    return tuple(
        Grant(
            row.role,
            row.organisation_id,
            row.place,
            None if row.account_id == account_id else row.account_id,
        )
        for row in rows
        if row.account_id == account_id or row.role not in NOT_DELEGATED
    )


def sign_out(work: Work, digest: bytes) -> None:
    """Close the actor's session."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    work.session.execute(
        delete(LoginSession).where(
            LoginSession.digest == digest, LoginSession.account_id == work.me
        )
    )
    work.record(Stream.ACCOUNT, work.me, "session.close")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One of the actor's sessions, as their page shows it."""

    key: str
    token: bool
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


def mine(work: Work) -> list[SessionRow]:
    """Return the actor's open sessions, the last used first; of very many, those."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    rows = work.session.scalars(
        select(LoginSession)
        .where(LoginSession.account_id == work.me, LoginSession.expires_at > work.wall)
        .order_by(LoginSession.seen_at.desc(), LoginSession.created_at.desc())
        .limit(SHOWN)
    )
    return [
        SessionRow(key_of(s.digest), s.token, s.created_at, s.seen_at, s.address, s.agent)
        for s in rows
    ]


def key_of(digest: bytes) -> str:
    """Return what names a session on its owner's page."""
    return digest.hex()[:KEY]


def close(work: Work, key: str) -> None:
    """Close one of the actor's sessions, named by its key."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    for session in work.session.scalars(
        select(LoginSession).where(LoginSession.account_id == work.me)
    ):
        if key_of(session.digest) == key:
            work.session.delete(session)
            work.record(Stream.ACCOUNT, work.me, "session.close", other=True)


def close_others(work: Work, digest: bytes) -> None:
    """Close all of the actor's sessions but the one at hand."""
    work.require(Permission.OWN_ACCOUNT, Thing())
    work.session.execute(
        delete(LoginSession).where(
            LoginSession.account_id == work.me, LoginSession.digest != digest
        )
    )
    work.record(Stream.ACCOUNT, work.me, "session.close", other=True)
