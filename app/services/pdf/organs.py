"""Keys of organs: of their seals, kept here or in a token, and of their second signature (SM2)."""

from contextlib import suppress
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from sqlalchemy import select

from app.adapters.signature import authority, sm2
from app.adapters.signature.authority import Holder
from app.adapters.signature.identity import Identity
from app.adapters.signature.sm2 import Sm2Identity, Sm2Key
from app.adapters.signature.token import Token
from app.domain import Conflict
from app.domain.documents import KeyUse
from app.domain.text import T
from app.models.documents import SigningKey
from app.models.people import Organisation
from app.services import Deps, Stale
from app.services.pdf import keys
from app.services.pdf.keys import Opened, Owner


def of_seal(deps: Deps, organisation_id: int) -> Opened:
    """Return the key of an organisation's seal; makes it when it is first put on a paper."""
    owner = _owner(deps, KeyUse.SEAL, organisation_id)
    kept = deps.papers.seals.get(owner.holder.name)
    if isinstance(kept, Token):
        return _of_token(deps, owner, kept)
    return keys.opened(deps, owner, "")


def _owner(deps: Deps, use: KeyUse, organisation_id: int) -> Owner:
    with deps.system_reading("whose key") as work:
        name = work.session.scalar(
            select(Organisation.name).where(Organisation.id == organisation_id)
        )
    return Owner(use, Holder(name or "", name or ""), organisation_id=organisation_id)


def of_second(deps: Deps, organisation_id: int) -> tuple[int, Sm2Identity]:
    """Return the row of an organisation's SM2 key, and the key; makes it when it is first used.

    :raises Sm2Missing: if there is nothing to make it with
    """
    owner = _owner(deps, KeyUse.SM2, organisation_id)
    found = _second(deps, owner)
    if found is None:
        with suppress(Stale):  # another process made it meanwhile
            _make_second(deps, owner)
        found = _second(deps, owner)
    if found is None:
        raise Conflict(T("签名密钥未能生成，请重试"))
    return found


def _second(deps: Deps, owner: Owner) -> tuple[int, Sm2Identity] | None:
    with deps.system_reading("an SM2 key") as work:
        row = work.session.execute(
            select(SigningKey.id, SigningKey.certificate, SigningKey.sealed).where(
                SigningKey.holder == owner.key
            )
        ).one_or_none()
    if row is None or row.sealed is None:
        return None
    if keys.ends_soon(deps, owner.use, row.certificate):
        keys.replace(deps, owner, row.id)
        return None
    key = Sm2Key.load(deps.papers.vault.unwrap(row.sealed, owner.key))
    return row.id, Sm2Identity(key, row.certificate, keys.above(deps, owner.use, row.certificate))


def _make_second(deps: Deps, owner: Owner) -> None:
    key, (issuer, lists_at) = Sm2Key.fresh(), keys.issuing(deps)
    certificate = sm2.certify(key.public, owner.holder, deps.clock(), issuer, lists_at)
    keys.keep(deps, owner, certificate, deps.papers.vault.wrap(key.packed, owner.key))


def _of_token(deps: Deps, owner: Owner, token: Token) -> Opened:
    """Return a key that a token holds; it is certified when it is first used, as any is."""
    public = token.public_key()
    with deps.system_reading("a key in a token") as work:
        row = work.session.execute(
            select(SigningKey.id, SigningKey.certificate).where(SigningKey.holder == owner.key)
        ).one_or_none()
    if row is not None and (
        keys.ends_soon(deps, owner.use, row.certificate)
        or authority.public_key_of(row.certificate) != public
    ):
        keys.replace(deps, owner, row.id)
        row = None
    if row is None:
        _not_revoked(deps, owner, public)
        with suppress(Stale):  # another process did meanwhile
            keys.certify(deps, owner, public, None)
        return _of_token(deps, owner, token)
    above = keys.above(deps, owner.use, row.certificate)
    # It signs as a key of `cryptography` does, and nothing else is asked of it.
    key = cast("EllipticCurvePrivateKey", token)
    return Opened(row.id, Identity(key, row.certificate, above))


def _not_revoked(deps: Deps, owner: Owner, public: EllipticCurvePublicKey) -> None:
    """Refuse a token's key whose certificate was taken back: another key is to be made in it."""
    with deps.system_reading("keys that were revoked") as work:
        revoked = work.session.scalars(
            select(SigningKey.certificate).where(
                SigningKey.organisation_id == owner.organisation_id,
                SigningKey.use == owner.use,
                SigningKey.revoked_at.is_not(None),
            )
        ).all()
    if any(authority.public_key_of(one) == public for one in revoked):
        raise Conflict(T("证书已经撤销"))
