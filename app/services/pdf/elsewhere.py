"""Certificates of seals that services outside keep: registered here when they first seal."""

from sqlalchemy import select, update

from app.adapters.signature import authority
from app.domain import Conflict
from app.domain.documents import KeyUse
from app.domain.history import Stream
from app.domain.text import T
from app.models.documents import SigningKey
from app.services import Deps
from app.services.pdf.keys import OWN, SERIAL


def registered(deps: Deps, organisation_id: int, certificate: bytes) -> int:
    """Return the row of a certificate with which a service outside seals; makes it when it is new.

    :raises Conflict: if it was revoked here
    """
    owner = f"outside {organisation_id}"
    serial = SERIAL.format(authority.serial_of(certificate))
    with deps.system("a seal from outside") as work:
        row = work.session.execute(
            select(SigningKey.id, SigningKey.revoked_at).where(SigningKey.serial == serial)
        ).one_or_none()
        if row is not None:
            if row.revoked_at is not None:
                raise Conflict(T("证书已经撤销"))
            return int(row.id)
        work.session.execute(
            update(SigningKey).where(SigningKey.holder == owner).values(holder=None),
            execution_options=OWN,
        )
        key = SigningKey(
            use=KeyUse.SEAL,
            holder=owner,
            organisation_id=organisation_id,
            serial=serial,
            certificate=certificate,
            made_at=work.wall,
            ends_at=authority.ends_at(certificate),
        )
        work.session.add(key)
        work.session.flush()
        work.record(Stream.ORGANISATION, organisation_id, "key.outside", serial=serial)
        return key.id
