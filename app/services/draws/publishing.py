"""What everybody may know of a draw: from the commitment on, and all of it once it is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from app.domain import NotFound
from app.domain.draws.bundle import PRIVATE
from app.domain.draws.roster import sha256
from app.domain.draws.sampling import Share, shares
from app.domain.text import T
from app.models.draws import Draw
from app.services import Deps, Work
from app.services.draws import bundling, reading
from app.services.draws.reading import DrawRow, Line, Listed

WHY = "what everybody may know of draws"


@dataclass(frozen=True, slots=True)
class PublicDraw:
    """A draw as everybody may see it; without a list until that is public."""

    row: DrawRow
    counties: Sequence[tuple[str, Share]]
    percent: int
    load: int | None
    parameters: str
    parameters_sha256: str
    salt_sha256: str
    commitment: str
    committed_at: datetime | None
    cancelled_at: datetime | None
    targets: Sequence[Line]
    salt: str
    seed: str

    @property
    def published(self) -> bool:
        """Whether the list is public."""
        return bool(self.seed)


def find(deps: Deps, cursor: str = "") -> Listed:
    """Return a page of all draws that were committed to, the newest first."""
    with deps.system_reading(WHY) as work:
        return reading.page(work, reading.rows().where(Draw.commitment.is_not(None)), cursor)


def get(deps: Deps, number: str) -> PublicDraw:
    """Return what everybody may know of one draw.

    :raises NotFound: if there is none that was committed to
    """
    with deps.system_reading(WHY) as work:
        draw = _committed(work, number)
        row = work.session.execute(reading.rows().where(Draw.id == draw.id)).one()
        lines = reading.lines(work, draw.id)
        found = shares([line.entry for line in lines], Fraction(draw.percent, 100))
        names = reading.names(work, [share.county for share in found])
        public = reading.published(draw.state, lines)
        return PublicDraw(
            row=reading.row_of(row),
            counties=[(names.get(share.county, share.county), share) for share in found],
            percent=draw.percent,
            load=draw.load,
            parameters=draw.parameters or "",
            parameters_sha256=sha256(draw.parameters or ""),
            salt_sha256=sha256(draw.salt or ""),
            commitment=draw.commitment or "",
            committed_at=draw.committed_at,
            cancelled_at=draw.cancelled_at,
            targets=[line for line in lines if line.how is not None] if public else (),
            salt=draw.salt or "" if public else "",
            seed=draw.seed or "" if public else "",
        )


def bundle(deps: Deps, number: str) -> dict[str, str]:
    """Return the files that it takes to draw again, without the reasons.

    :raises NotFound: unless the draw's list is public
    """
    with deps.system_reading(WHY) as work:
        draw = _committed(work, number)
        if not reading.published(draw.state, reading.lines(work, draw.id)):
            raise NotFound(T("名单尚未公开"))
        found = bundling.files(work, draw)
        return {name: text for name, text in found.items() if name not in PRIVATE}


def _committed(work: Work, number: str) -> Draw:
    draw = work.session.scalar(
        select(Draw).where(Draw.number == number[:32], Draw.commitment.is_not(None))
    )
    if draw is None:
        raise NotFound(T("没有找到该抽查"))
    return draw
