"""Who puts an organ's seal on a paper: a key that is here, one in a token, a service outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.adapters.signature.identity import Identity
from app.adapters.signature.outside import SealService, certificate_of
from app.adapters.signature.signing import Look, Trust, close, put_seal


@dataclass(frozen=True, slots=True)
class SealOrder:
    """A signed paper that is to be sealed and made to last."""

    pdf: bytes
    field: str
    look: Look
    """What is drawn, where that is ours to draw."""
    reason: str
    key: str
    """The same for the same paper, however often it is asked for."""
    stamp: Identity
    trust: Trust
    now: datetime


class Sealer(Protocol):
    """Puts an organ's seal on papers."""

    def seal(self, order: SealOrder) -> tuple[bytes, bytes]:
        """Return the paper, sealed and under our archive stamp, and the seal's certificate."""
        ...


@dataclass(frozen=True, slots=True)
class KeySealer:
    """Seals with a key that is open here, or that a token holds: to pyHanko they are alike."""

    identity: Identity

    def seal(self, order: SealOrder) -> tuple[bytes, bytes]:
        sealed = put_seal(
            order.pdf,
            order.field,
            self.identity,
            order.stamp,
            order.look,
            order.reason,
            order.now,
            order.trust,
        )
        return sealed, self.identity.der


@dataclass(frozen=True, slots=True)
class ServiceSealer:
    """Has a service outside seal, looks at what came back, and puts our stamp over it."""

    service: SealService

    def seal(self, order: SealOrder) -> tuple[bytes, bytes]:
        given = (order.pdf, order.field, order.key, order.trust, order.now)
        sealed = self.service.fetch(*given)
        lasting = close(sealed, order.stamp, order.now, order.trust, but=(order.field,))
        return lasting, certificate_of(sealed, order.field)
