"""What everybody may know of a draw: from the commitment on, and all of it once it is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import case, func, or_, select

from app.domain import NotFound
from app.domain.draws.bundle import PRIVATE
from app.domain.draws.roster import sha256
from app.domain.draws.sampling import Share, share
from app.domain.text import T
from app.models.draws import Draw, DrawEntry
from app.services import Deps, Work
from app.services.draws import DRAWS, bundling, reading
from app.services.draws.reading import DrawRow, Line, Listed

LISTED = 50
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
    """A page of the list."""
    count: int
    """How many are on the list."""
    following: str | None
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


def get(deps: Deps, number: str, cursor: str = "") -> PublicDraw:
    """Return what everybody may know of one draw, with a page of its list.

    :raises NotFound: if there is none that was committed to
    """
    with deps.system_reading(WHY) as work:
        draw = _committed(work, number)
        row = work.session.execute(reading.rows().where(Draw.id == draw.id)).one()
        found = _shares(work, draw)
        names = reading.names(work, [share.county for share in found])
        public = reading.published(work, draw)
        page = _targets(work, draw.id, cursor[:64], LISTED) if public else ((), None)
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
            targets=page[0],
            count=sum(share.drawn + share.full for share in found),
            following=page[1],
            salt=draw.salt or "" if public else "",
            seed=draw.seed or "" if public else "",
        )


def bundle(deps: Deps, number: str) -> dict[str, str]:
    """Return the files that it takes to draw again, without the reasons.

    :raises NotFound: unless the draw's list is public
    """
    with deps.system_reading(WHY) as work:
        draw = _committed(work, number)
        if not reading.published(work, draw):
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


def _targets(work: Work, draw_id: int, after: str, size: int) -> tuple[list[Line], str | None]:
    """Return a page of the list in the order of its tickets, and the last ticket if more follow.

    The rest of the roster is not looked at.
    """
    listed = reading.of_roster().where(DrawEntry.draw_id == draw_id, DrawEntry.how.is_not(None))
    page_ = listed.where(DrawEntry.ticket > after).order_by(DrawEntry.ticket).limit(size + 1)
    found = reading.lines_of(work, draw_id, page_, few=True)
    return found[:size], found[size - 1].ticket if len(found) > size else None


def _shares(work: Work, draw: Draw) -> list[Share]:
    """Return each county's share of a draw, counted by the database."""
    sure = func.sum(case((or_(DrawEntry.key, DrawEntry.worrisome), 1), else_=0))
    found = work.session.execute(
        select(DrawEntry.county, func.count(), sure)
        .where(DrawEntry.draw_id == draw.id)
        .group_by(DrawEntry.county)
        .order_by(DrawEntry.county),
        execution_options=DRAWS,
    )
    rate = Fraction(draw.percent, 100)
    return [share(county, whole_, int(full), rate) for county, whole_, full in found]
