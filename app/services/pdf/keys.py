"""Signing keys: the installation's own authority, the keys of people and of seals.

Keys are made when they are first needed. None of this runs inside a transaction of somebody else:
making and opening keys takes long on purpose.
"""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from app.adapters.signature import authority
from app.adapters.signature.authority import Holder, Issuer
from app.adapters.signature.identity import Identity
from app.adapters.signature.signing import Trust
from app.adapters.signature.vault import WrongPin, fresh_key
from app.domain import Conflict, Invalid
from app.domain.documents import KeyUse
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import SigningKey
from app.models.people import Account, Organisation
from app.services import Deps, Stale, Work

NAME = "闭环签名"
SERIAL = "{:x}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A key ready to sign, and the row it is kept in."""

    id: int
    identity: Identity


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a key is."""

    use: KeyUse
    holder: Holder
    account_id: int | None = None
    organisation_id: int | None = None

    @property
    def key(self) -> str:
        mine = self.account_id or self.organisation_id
        return f"{self.use.value} {mine}" if mine else self.use.value


def stamp(deps: Deps) -> Identity:
    """Return the key of the installation's time stamp."""
    return _own(deps, KeyUse.STAMP)


def of_person(deps: Deps, account_id: int, pin: str) -> Opened:
    """Return a person's key, opened with their PIN; makes it when they sign for the first time.

    That the PIN is theirs, `sessions.confirm` has found out before.

    :raises Invalid: if the key does not open with this PIN
    """
    with deps.system_reading("who signs") as work:
        person = work.session.execute(
            select(Account.name, Account.licence, Organisation.name)
            .join(Organisation, Organisation.id == Account.home_id)
            .where(Account.id == account_id)
        ).one()
    holder = Holder(person[0], person[2], person[1])
    owner = Owner(KeyUse.PERSON, holder, account_id=account_id)
    try:
        return _opened(deps, owner, pin)
    except WrongPin as wrong:
        raise Invalid({"/pin": T("签名口令不正确")}) from wrong


def of_seal(deps: Deps, organisation_id: int) -> Opened:
    """Return the key of an organisation's seal; makes it when it is first put on a paper."""
    with deps.system_reading("whose seal") as work:
        name = work.session.scalar(
            select(Organisation.name).where(Organisation.id == organisation_id)
        )
    holder = Holder(name or "", name or "")
    return _opened(deps, Owner(KeyUse.SEAL, holder, organisation_id=organisation_id), "")


def trust(deps: Deps) -> Trust:
    """Return whom papers go back to, with lists of what was taken back until now."""
    now = deps.clock()
    root, issuing = _own(deps, KeyUse.ROOT), _own(deps, KeyUse.ISSUING)
    with deps.system_reading("what was revoked") as work:
        rows = work.session.execute(
            select(SigningKey.serial, SigningKey.revoked_at).where(
                SigningKey.revoked_at.is_not(None)
            )
        ).all()
    revoked = [(int(serial, 16), at) for serial, at in rows if at is not None]
    lists = [
        authority.list_revoked(Issuer(root.key, root.der), [], now),
        authority.list_revoked(Issuer(issuing.key, issuing.der), revoked, now),
    ]
    return Trust([root.der], [issuing.der], lists)


def of_account(work: Work, account_id: int) -> int | None:
    """Return the key that a person signs with now, or None: a step of those who asked."""
    now = select(SigningKey.id).where(
        SigningKey.account_id == account_id, SigningKey.holder.is_not(None)
    )
    return work.session.scalar(now, execution_options={"unscoped": "whose key, is checked"})


def retire(work: Work, account_id: int) -> None:
    """Let a person's key sign no more, without taking back what it signed: a step of a new PIN."""
    work.session.execute(
        update(SigningKey)
        .where(SigningKey.account_id == account_id, SigningKey.holder.is_not(None))
        .values(holder=None, sealed=None),
        execution_options={"unscoped": "their own key", "synchronize_session": False},
    )


def _own(deps: Deps, use: KeyUse) -> Identity:
    """Return a key of the installation's own; it stays open in this process."""
    kept = deps.papers.opened
    if use.value not in kept:
        names = {
            KeyUse.ROOT: f"{NAME}根证书",
            KeyUse.ISSUING: f"{NAME}签发证书",
            KeyUse.STAMP: f"{NAME}时间戳",
        }
        owner = Owner(use, Holder(names[use], NAME))
        kept[use.value] = _opened(deps, owner, "").identity
    return kept[use.value]


def _opened(deps: Deps, owner: Owner, pin: str) -> Opened:
    found = _find(deps, owner, pin)
    if found is not None:
        return found
    with suppress(Stale):  # another process made it meanwhile
        _make(deps, owner, pin)
    found = _find(deps, owner, pin)
    if found is None:
        raise Conflict(T("签名密钥未能生成，请重试"))
    return found


def _find(deps: Deps, owner: Owner, pin: str) -> Opened | None:
    with deps.system_reading("a signing key") as work:
        row = work.session.scalars(
            select(SigningKey)
            .where(SigningKey.holder == owner.key)
            .options(undefer(SigningKey.sealed))
        ).one_or_none()
    if row is None or row.sealed is None:
        return None
    key = deps.papers.vault.open(row.sealed, owner.key, pin)
    return Opened(row.id, Identity(key, row.certificate, _above(deps, owner.use)))


def _above(deps: Deps, use: KeyUse) -> tuple[bytes, ...]:
    if use is KeyUse.ROOT:
        return ()
    if use is KeyUse.ISSUING:
        return (_own(deps, KeyUse.ROOT).der,)
    return (_own(deps, KeyUse.ISSUING).der, _own(deps, KeyUse.ROOT).der)


def _make(deps: Deps, owner: Owner, pin: str) -> None:
    key, now = fresh_key(), deps.clock()
    if owner.use is KeyUse.ROOT:
        certificate = authority.certify_authority(key, owner.holder, now)
    elif owner.use is KeyUse.ISSUING:
        root = _own(deps, KeyUse.ROOT)
        certificate = authority.certify_authority(
            key, owner.holder, now, Issuer(root.key, root.der)
        )
    else:
        issuing = _own(deps, KeyUse.ISSUING)
        certificate = authority.certify(
            key.public_key(),
            owner.holder,
            now,
            Issuer(issuing.key, issuing.der),
            owner.use.value,
        )
    sealed = deps.papers.vault.seal(key, owner.key, pin)
    serial = SERIAL.format(authority.serial_of(certificate))
    with deps.system("make a signing key") as work:
        work.session.add(
            SigningKey(
                use=owner.use,
                holder=owner.key,
                account_id=owner.account_id,
                organisation_id=owner.organisation_id,
                serial=serial,
                certificate=certificate,
                sealed=sealed,
                made_at=work.wall,
                ends_at=authority.ends_at(certificate),
            )
        )
        stream, subject = _told(owner)
        work.record(stream, subject, "key.make", use=owner.use.value, serial=serial)


def _told(owner: Owner) -> tuple[Stream, int]:
    if owner.account_id is not None:
        return Stream.ACCOUNT, owner.account_id
    if owner.organisation_id is not None:
        return Stream.ORGANISATION, owner.organisation_id
    return Stream.INSTALLATION, 1
