"""How a paper goes out (制发): who signs it, whether it is sealed, where it goes then.

All of that its kind says of itself; the diagram of `issue_paper` asks for it here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.adapters.templates import Kind
from app.domain.access import Role


class Goes(StrEnum):
    """Where a complete paper goes."""

    SERVED = "served"
    """To the one it is about, with proof."""
    SENT = "sent"
    """To other organs."""
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class Course:
    """What is asked of a paper of a kind, as routing variables."""

    officers: int
    """How many officers sign it."""
    host: bool
    expert: bool
    """Whether an expert signs it, whom it names."""
    party: bool
    """Whether the other party signs it, who may refuse."""
    deputy: bool
    decides: bool
    """Whether the deputy head decides what it proposes, and may decline it in writing."""
    head: bool
    government: bool
    """Whether it is a government's, whose leader signs it and whose office drafts and sends it."""
    seal: bool
    goes: Goes
    lasts: bool
    """Whether somebody has to end what it orders, by a day that it names."""

    @property
    def needs_plant(self) -> bool:
        """Whether it can be about an enterprise alone, which signs it or on which it is served."""
        return self.party or self.goes is Goes.SERVED


def of(kind: Kind) -> Course:
    """Return the course of papers of a kind."""
    roles = roles_of(kind)
    return Course(
        officers=sum(1 for signer in kind.signers if _officer(signer.person, signer.roles)),
        host=Role.HEARING_HOST in roles,
        expert=Role.EXPERT in roles,
        party=Role.PRINCIPAL in roles,
        deputy=Role.DEPUTY_HEAD in roles,
        decides=kind.decided,
        head=Role.HEAD in roles,
        government=Role.GOVERNMENT_LEADER in roles,
        seal=kind.sealed,
        goes=Goes.SENT if kind.letter else Goes.SERVED if kind.served else Goes.FILED,
        lasts=kind.lasts,
    )


def roles_of(kind: Kind) -> list[str]:
    """Return in which role each signer of a kind signs it, the first if there are several."""
    return [Role.STAFF if _officer(one.person, one.roles) else one.roles[0] for one in kind.signers]


def _officer(person: int | None, roles: Collection[str]) -> bool:
    return person is not None or Role.STAFF in roles
