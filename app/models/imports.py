"""Lists that were handed in: each with its rows, as read and as carried out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import Role, covers
from app.domain.imports import ImportState, Outcome, RowStatus, Treatment
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within


class ImportBatch(Scoped, Base):
    """A list of enterprises that somebody handed in for a division."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "place", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place: Mapped[str] = mapped_column(PlaceCode, ForeignKey("division.place"))
    """The division that was chosen: the list of annex 1 names none."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role]
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigId)
    state: Mapped[ImportState]
    problem: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Why it could not be read: a text as `texts.pack` writes it."""
    origin: Mapped[str] = mapped_column(String(64), default="")
    """The sheet it stood on, or the encoding it was written in."""
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The heading under which each field was found."""
    total: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    similar: Mapped[int] = mapped_column(default=0)
    whole: Mapped[bool] = mapped_column(default=False)
    """All rows or none; else the good rows only."""
    on_same: Mapped[Treatment] = mapped_column(default=Treatment.SKIP)
    on_similar: Mapped[Treatment] = mapped_column(default=Treatment.SKIP)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)


class ImportRow(Scoped, Base):
    """One line of such a list."""

    __tablename__ = "import_row"
    __table_args__ = (Index(None, "batch_id", "status", "number"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its line in the file, counted as the spreadsheet does."""
    place: Mapped[str] = mapped_column(PlaceCode)
    """The division it is for: the chosen one, or a zone of it that the address names."""
    cells: Mapped[dict[str, Any]]
    """What stands in the file, by field."""
    facts: Mapped[dict[str, Any]]
    """What that means."""
    errors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is wrong or doubtful, by field: texts as `texts.pack` writes them."""
    status: Mapped[RowStatus]
    match_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """The enterprise that it is, or may be."""
    outcome: Mapped[Outcome | None]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)
