"""Scores and ranking of the counties of a draw: counted, corrected, approved, made known."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    and_,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import covers
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within


class ScoreRule(Base):
    """One version of the rule by which counties are scored; what was published never changes.

    A ranking keeps the version that was in force on the day it was scored.
    """

    __tablename__ = "score_rule"

    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[date]
    """From which day on it holds."""
    basis: Mapped[str] = mapped_column(String(200))
    measures: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """As `app.domain.scoring` reads them."""
    reason: Mapped[str] = mapped_column(String(500))
    """Why it was changed; empty for what was shipped."""
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Ranking(Scoped, Base):
    """The counties of one draw as they were scored at a moment.

    It lies where the city does; once its circular is issued, the counties in it know of it too.
    """

    __tablename__ = "ranking"
    __table_args__ = (Index(None, "place", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), unique=True)
    place: Mapped[str] = mapped_column(PlaceCode)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    version: Mapped[int] = mapped_column(SmallInteger)
    """Of the rule."""
    since: Mapped[date]
    """From which day on it counts."""
    computed_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime | None]
    """When its circular went out."""
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        own = select(RankedCounty.ranking_id).where(within(RankedCounty.county, scope.areas))
        return or_(
            within(cls.place, scope.areas), and_(cls.issued_at.is_not(None), cls.id.in_(own))
        )

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class OfRanking(Scoped):
    """What belongs to a ranking: who may know of it may know of this, and only steps write."""

    ranking_id: Mapped[int]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.ranking_id.in_(select(Ranking.id).where(Ranking.visible(scope)))

    def writable(self, scope: Scope) -> bool:
        return False


class RankedCounty(OfRanking, Base):
    """A county of a ranking, and how many hazards its own inspections found."""

    __tablename__ = "ranked_county"

    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), primary_key=True)
    county: Mapped[str] = mapped_column(PlaceCode, primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    found: Mapped[int]


class RankedCount(OfRanking, Base):
    """What a county has of one measure, and what it was counted from.

    The sums of a county are shown to the city and to that county alone.
    """

    __tablename__ = "ranked_count"

    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), primary_key=True)
    county: Mapped[str] = mapped_column(PlaceCode, primary_key=True)
    measure: Mapped[str] = mapped_column(String(32), primary_key=True)
    part: Mapped[int]
    """As it was counted."""
    whole: Mapped[int]
    items: Mapped[list[Any]] = mapped_column(JSON)
    """What was counted: kind, id, name and whether it is of the part."""
    new_part: Mapped[int | None]
    """As somebody has corrected it, with a reason."""
    new_whole: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    corrected_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        of_city = select(Ranking.id).where(within(Ranking.place, scope.areas))
        issued = select(Ranking.id).where(Ranking.issued_at.is_not(None))
        own = and_(within(cls.county, scope.areas), cls.ranking_id.in_(issued))
        return or_(cls.ranking_id.in_(of_city), own)
