"""What a service task of a diagram can do: each effect by name, with the parameters it takes.

An effect runs in the transaction of the step that reached it. It returns a JSON value, which
becomes the task's result variable, or `LATER` when the case is to wait for the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from app.domain.access import Grant
from app.engine import Signature
from app.services import Work
from app.services.hazards import Followed


class Later:
    """The type of `LATER`."""


LATER: Final = Later()


class Context(Protocol):
    """The case in hand, as an effect sees it."""

    work: Work
    case_id: int
    owner_id: int
    subject_id: int
    place: str
    node: str
    seq: int
    grant: Grant | None
    hazards: Followed
    deadline: datetime | None
    campaign_id: int | None

    @property
    def superior_id(self) -> int | None:
        """The emergency bureau of the division above the owner's; None if there is none."""
        ...

    def belong_to(self, campaign_id: int) -> None:
        """Make the case one of a campaign's."""
        ...

    def hold_to(self, rule: str) -> datetime:
        """Make what a time rule means the case's deadline and return it.

        :raises BadRule: if it is none, or names a day that the case does not know
        """
        ...

    def start_child(
        self,
        procedure: str,
        reason: str,
        *,
        wait: bool = False,
        owner: str = "",
        more: Mapping[str, str] | None = None,
    ) -> int:
        """Start another procedure on the same subject and return the new case's id.

        With `wait`, its end answers the task that is being carried out. It belongs to the office
        that owns this one, or to the one that the lane `owner` means; `more` is what else it
        starts with.
        """
        ...

    def office(self, lane: str) -> int:
        """Return the organisation that a lane means in the case.

        :raises CaseFault: if there is none
        """
        ...

    def place_of(self, lane: str) -> str:
        """Return the place of the organisation that a lane means in the case.

        :raises CaseFault: if there is none
        """
        ...

    def person(self, lane: str, name: str) -> int | None:
        """Return the account of who bears a name in a lane.

        None if nobody does, or more than one: then the lane's task is nobody's by name.
        """
        ...

    def admit(self, organisation: int) -> None:
        """Let an organisation take part in the case, without seeing its area."""
        ...


Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an effect takes, and what it does with the context and its parameters by name."""

    signature: Signature
    function: Function


def effect(
    function: Function, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> Effect:
    """Return a function as an effect with these parameters."""
    return Effect(Signature(frozenset(required), frozenset(optional)), function)
