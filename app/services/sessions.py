"""Sign in and out; who stands behind a browser's cookie or an API token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from app.domain import AppError, Invalid
from app.domain.access import NOT_DELEGATED, Actor, Grant, Permission, Thing
from app.domain.credentials import GUESSES_PER_ADDRESS, WINDOW, network, next_guess_at
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.people import Account, Deputy, LoginSession, Organisation, RoleGrant, SignInFailure
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
    with deps.system("sign-in: check the limit") as work:
        _check_limit(work, username, origin.address)
        found = work.session.execute(
            select(Account.id, Account.password_hash, Account.active).filter_by(username=username)
        ).one_or_none()
    # Outside any transaction: hashing takes long on purpose, and must not hold the database.
    right = deps.passwords.matches(found and found.password_hash, password)
    if not right or found is None or not found.active:
        _count_failure(deps, username, origin, found and found.id, "session.refuse")
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
    with deps.system("confirm: check the limit") as work:
        _check_limit(work, counted, origin.address)
        hashed = work.session.scalar(select(column).where(Account.id == account))
    if pin and hashed is None:
        raise Invalid({field: T("您还没有设置签名口令，请先在“我的账户”中设置")})
    if not deps.passwords.matches(hashed, secret):
        _count_failure(deps, counted, origin, account, "pin.refuse" if pin else "password.refuse")
        raise Invalid({field: T("签名口令不正确") if pin else T("密码不正确")})
    with deps.system("confirm: wipe the slate") as work:
        _forget_failures(work, counted, origin)


def _count_failure(
    deps: Deps, username: str, origin: Origin, account: int | None, action: str
) -> None:
    with deps.system("count a wrong password") as work:
        work.session.add(
            SignInFailure(username=username, address=network(origin.address), at=work.wall)
        )
        if account is not None:
            work.record(Stream.ACCOUNT, account, action, address=origin.address)


def _forget_failures(work: Work, username: str, origin: Origin) -> None:
    work.session.execute(
        delete(SignInFailure).filter_by(username=username, address=network(origin.address))
    )


def _check_limit(work: Work, username: str, address: str) -> None:
    address = network(address)
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


def whoever(deps: Deps, secret: str, *, token: bool) -> SignedIn | None:
    """Return the person behind a session's secret, or None if it is not, or no longer, valid."""
    with deps.system_reading("session: look up") as work:
        row = work.session.execute(
            select(LoginSession, Account, Organisation.name)
            .join(Account, Account.id == LoginSession.account_id)
            .join(Organisation, Organisation.id == Account.home_id)
            .where(LoginSession.digest == _digest(secret), LoginSession.token == token)
            .where(LoginSession.expires_at > work.wall, Account.active)
        ).one_or_none()
        if row is None:
            return None
        session, account, home = row
        stale = work.wall - session.seen_at > SEEN_EVERY
        person = SignedIn(
            digest=session.digest,
            actor=Actor(account.id, account.name, _grants(work, account.id)),
            username=account.username,
            language=account.language,
            home=home,
            change_password=account.change_password,
            expires_at=session.expires_at,
        )
    if stale:
        with deps.system("session: seen") as work:
            work.session.execute(
                update(LoginSession)
                .where(LoginSession.digest == person.digest)
                .values(seen_at=work.wall)
            )
    return person


def _grants(work: Work, account_id: int) -> tuple[Grant, ...]:
    """Return the account's own grants, and those of the leaders whose deputy it is now."""
    standing = (
        select(Deputy.account_id)
        .join(Account, Account.id == Deputy.account_id)
        .where(Account.active, Deputy.deputy_id == account_id, Deputy.ended_at.is_(None))
        .where(Deputy.since <= work.now, Deputy.until > work.now)
    )
    rows = work.session.execute(
        select(RoleGrant.account_id, RoleGrant.role, RoleGrant.organisation_id, Organisation.place)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(or_(RoleGrant.account_id == account_id, RoleGrant.account_id.in_(standing)))
        .where(Organisation.active)
        .order_by(RoleGrant.account_id != account_id, RoleGrant.role)
    )
    return tuple(
        Grant(role, organisation, place, None if holder == account_id else holder)
        for holder, role, organisation, place in rows
        if holder == account_id or role not in NOT_DELEGATED
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
