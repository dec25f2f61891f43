"""Signing keys: the installation's own authority, the keys of people; `organs` has those of organs.

Keys are made when they are first needed. None of this runs inside a transaction of somebody else:
making and opening keys takes long on purpose.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from app.adapters.signature import authority
from app.adapters.signature.authority import Holder, Issuer
from app.adapters.signature.identity import Identity
from app.adapters.signature.outside import SealService
from app.adapters.signature.signing import Trust
from app.adapters.signature.vault import WrongPin, fresh_key
from app.domain import Conflict, Invalid, NotFound
from app.domain.access import Permission
from app.domain.documents import KeyUse
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import SigningKey
from app.models.people import Account, Organisation
from app.services import Deps, Stale, Work

NAME = "闭环签名"
SERIAL = "{:x}"
AUTHORITY = (KeyUse.ROOT, KeyUse.ISSUING)
NAMES: Mapping[KeyUse, str] = {
    KeyUse.ROOT: f"{NAME}根证书",
    KeyUse.ISSUING: f"{NAME}签发证书",
    KeyUse.STAMP: f"{NAME}时间戳",
}
WARNED = 12 * authority.YEAR
"""That long before the root ends administrators are told, who may replace it themselves."""
SPARE: Mapping[KeyUse, timedelta] = {
    KeyUse.ROOT: 8 * authority.YEAR,
    KeyUse.ISSUING: 6 * authority.YEAR,
    KeyUse.STAMP: 5 * authority.YEAR,
    KeyUse.PERSON: timedelta(days=30),
    KeyUse.SEAL: timedelta(days=30),
    KeyUse.SM2: timedelta(days=30),
}
"""That long before its certificate ends a key is replaced: what it signed is to outlive its making.

An issuing key has to be good for longer than a person's, and a stamp longer than the year in which
all papers are stamped anew. A root is replaced while an issuing key that it certifies is still good
for longer than such a key is spared: else each signature would make another one."""
OWN = {"unscoped": "keys of the installation", "synchronize_session": False}


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
    """Return the key of the installation's time stamp; another takes its place in time."""
    kept = deps.papers.opened
    known = kept.get(KeyUse.STAMP.value)
    if known is None or ends_soon(deps, KeyUse.STAMP, known.der):
        owner = Owner(KeyUse.STAMP, Holder(NAMES[KeyUse.STAMP], NAME))
        known = kept[KeyUse.STAMP.value] = opened(deps, owner, "").identity
    return known


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
        return opened(deps, owner, pin)
    except WrongPin as wrong:
        raise Invalid({"/pin": T("签名口令不正确")}) from wrong


def trust(deps: Deps, moment: datetime | None = None) -> Trust:
    """Return whom papers go back to, with lists of what was taken back until now, or a moment.

    A root that another one took the place of is trusted as ever: what goes back to it stays good.
    """
    services = (one for one in deps.papers.seals.values() if isinstance(one, SealService))
    outside = [der for service in services for der in service.roots]
    issuers = [one.der for one in authorities(deps, KeyUse.ISSUING)]
    roots = [one.der for one in authorities(deps, KeyUse.ROOT)]
    return Trust(roots, issuers, lists(deps, moment), outside)


def lists(deps: Deps, moment: datetime | None = None) -> Sequence[bytes]:
    """Return the lists of revoked certificates as of now: each root's, and each issuing key's."""
    now, revoked = moment or deps.clock(), _revoked(deps)
    above = (*authorities(deps, KeyUse.ROOT), *authorities(deps, KeyUse.ISSUING))
    return [_listed(one, revoked, now) for one in above]


def published(deps: Deps, number: str) -> bytes:
    """Return the list of revoked certificates that the certificate with a number signs.

    It is made anew whenever it is asked for: nothing in it is older than the question. Anybody may
    ask, so nothing is signed, nor any key made, for a number that is no authority's.

    :raises NotFound: if no authority has this number
    """
    above = (*_known(deps, KeyUse.ROOT), *_known(deps, KeyUse.ISSUING))
    found = next((one for one in above if number_of(one) == number), None)
    if found is None:
        raise NotFound(T("没有找到该证书"))
    return _listed(found, _revoked(deps), deps.clock())


def _revoked(deps: Deps) -> Sequence[tuple[str, datetime, bytes]]:
    """Return the certificates that were taken back: the number, since when, the certificate."""
    wanted = select(SigningKey.serial, SigningKey.revoked_at, SigningKey.certificate)
    with deps.system_reading("what was revoked") as work:
        rows = work.session.execute(wanted.where(SigningKey.revoked_at.is_not(None))).all()
    return [(serial, since, certificate) for serial, since, certificate in rows if since]


def _listed(one: Identity, revoked: Sequence[tuple[str, datetime, bytes]], now: datetime) -> bytes:
    theirs = [
        (int(serial, 16), since)
        for serial, since, certificate in revoked
        if authority.is_of(certificate, one.der)
    ]
    return authority.list_revoked(Issuer(one.key, one.der), theirs, now)


def number_of(identity: Identity) -> str:
    """Return the number of a certificate, as addresses and people write it."""
    return SERIAL.format(authority.serial_of(identity.der))


def rotate(deps: Deps) -> str:
    """Put another issuing key in the place of the one in use, and return its certificate's number.

    The old one signs nothing more but its list of revoked certificates: what it issued stays good.
    """
    authorities(deps, KeyUse.ISSUING)  # there is one, if there was none
    with deps.system("another issuing key") as work:
        _release(work, KeyUse.ISSUING)
        work.record(Stream.INSTALLATION, 1, "key.rotate", use=KeyUse.ISSUING.value)
    return number_of(in_use(deps, KeyUse.ISSUING))


def rotate_root(deps: Deps) -> str:
    """Put another root in the place of the one in use, and an issuing key under it.

    Return the number of its certificate. The old one stays trusted beside it, and signs its list.
    """
    authorities(deps, KeyUse.ISSUING)
    with deps.system("another root") as work:
        _release(work, KeyUse.ROOT, KeyUse.ISSUING)
        work.record(Stream.INSTALLATION, 1, "key.root", use=KeyUse.ROOT.value)
    in_use(deps, KeyUse.ISSUING)
    return number_of(in_use(deps, KeyUse.ROOT))


def _release(work: Work, *uses: KeyUse) -> None:
    names = [use.value for use in uses]
    work.session.execute(
        update(SigningKey).where(SigningKey.holder.in_(names)).values(holder=None),
        execution_options=OWN,
    )


def keep_up(deps: Deps) -> None:
    """Replace in time what of the authority ends, though nobody signs meanwhile."""
    for use in AUTHORITY:
        in_use(deps, use)
    stamp(deps)


def root_ends(work: Work) -> datetime | None:
    """Return when the root in use ends, if that is near enough for administrators to know of it."""
    work.require_somewhere(Permission.SEE_INCIDENT)
    ends = work.session.scalar(
        select(SigningKey.ends_at).where(SigningKey.holder == KeyUse.ROOT.value),
        execution_options=OWN,
    )
    return ends if ends is not None and ends - work.wall < WARNED else None


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


def in_use(deps: Deps, use: KeyUse) -> Identity:
    """Return the root or the issuing key in use; another takes its place in time."""
    with deps.system_reading("which key of the authority") as work:
        before = work.session.scalar(
            select(func.count()).where(SigningKey.use == use).select_from(SigningKey)
        )
    name = NAMES[use] + (f" {before + 1}" if before else "")
    return opened(deps, Owner(use, Holder(name, NAME)), "").identity


def authorities(deps: Deps, use: KeyUse) -> Sequence[Identity]:
    """Return every root or issuing key there was, the one in use last; there is one after that."""
    return _known(deps, use) or [in_use(deps, use)]


def _known(deps: Deps, use: KeyUse) -> Sequence[Identity]:
    """Return every root or issuing key there was, if there was one; they stay open here."""
    kept = deps.papers.opened
    wanted = select(SigningKey).where(SigningKey.use == use).order_by(SigningKey.id)
    with deps.system_reading("keys of the authority") as work:
        rows = work.session.scalars(wanted.options(undefer(SigningKey.sealed))).all()
    for row in rows:
        at = f"{use.value} {row.id}"
        if at not in kept and row.sealed is not None:
            key = deps.papers.vault.open(row.sealed, use.value)
            kept[at] = Identity(key, row.certificate, above(deps, use, row.certificate))
    return [kept[f"{use.value} {row.id}"] for row in rows]


def ends_soon(deps: Deps, use: KeyUse, certificate: bytes) -> bool:
    """Test whether another key is to take the place of the one that has a certificate."""
    spare = SPARE.get(use)
    return spare is not None and authority.ends_at(certificate) - deps.clock() < spare


def opened(deps: Deps, owner: Owner, pin: str) -> Opened:
    """Return a key, opened; makes it when it is first needed, and another in time."""
    found = _find(deps, owner, pin)
    if found is not None and ends_soon(deps, owner.use, found.identity.der):
        replace(deps, owner, found.id)
        found = None
    if found is not None:
        return found
    with suppress(Stale):  # another process made it meanwhile
        _make(deps, owner, pin)
    found = _find(deps, owner, pin)
    if found is None:
        raise Conflict(T("签名密钥未能生成，请重试"))
    return found


def replace(deps: Deps, owner: Owner, key_id: int) -> None:
    """Let a key sign no more, as its certificate ends; an authority's keeps its list of revoked."""
    gone = {} if owner.use in AUTHORITY else {"sealed": None}
    with deps.system("a certificate that ends") as work:
        work.session.execute(
            update(SigningKey)
            .where(SigningKey.id == key_id, SigningKey.holder == owner.key)
            .values(holder=None, **gone),
            execution_options=OWN,
        )
        stream, subject = _told(owner)
        work.record(stream, subject, "key.renew", use=owner.use.value)


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
    return Opened(row.id, Identity(key, row.certificate, above(deps, owner.use, row.certificate)))


def above(deps: Deps, use: KeyUse, certificate: bytes) -> tuple[bytes, ...]:
    """Return the certificates that one goes back to."""
    if use is KeyUse.ROOT:
        return ()
    higher = KeyUse.ROOT if use is KeyUse.ISSUING else KeyUse.ISSUING
    issuer = next(one for one in authorities(deps, higher) if authority.is_of(certificate, one.der))
    return (issuer.der, *issuer.above)


def _make(deps: Deps, owner: Owner, pin: str) -> None:
    key = fresh_key()
    if owner.use not in AUTHORITY:
        certify(deps, owner, key.public_key(), deps.papers.vault.seal(key, owner.key, pin))
        return
    now = deps.clock()
    if owner.use is KeyUse.ROOT:
        certificate = authority.certify_authority(key, owner.holder, now)
    else:
        root = in_use(deps, KeyUse.ROOT)
        certificate = authority.certify_authority(
            key, owner.holder, now, Issuer(root.key, root.der)
        )
    keep(deps, owner, certificate, deps.papers.vault.seal(key, owner.key, pin))


def certify(deps: Deps, owner: Owner, public: EllipticCurvePublicKey, sealed: bytes | None) -> None:
    """Certify somebody's key; `sealed` is what is kept of it here, if anything is."""
    issuer, lists_at = issuing(deps)
    certificate = authority.certify(
        public, owner.holder, deps.clock(), issuer, owner.use.value, lists_at
    )
    keep(deps, owner, certificate, sealed)


def issuing(deps: Deps) -> tuple[Issuer, str]:
    """Return who certifies now, and where its list of revoked certificates is."""
    found = in_use(deps, KeyUse.ISSUING)
    return Issuer(found.key, found.der), f"{deps.papers.site}/revoked/{number_of(found)}.crl"


def keep(deps: Deps, owner: Owner, certificate: bytes, sealed: bytes | None) -> None:
    """Keep a certificate as the one in use of its owner, with what is kept of its key."""
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
