"""Case files (案卷): each a volume that was made of a case as it stood."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import Role, covers
from app.domain.casefiles import FileState
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within


class CaseFile(Scoped, Base):
    """A case as one PDF/A-3, made of what was frozen when somebody asked for it."""

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint("(state = 'ready') = (sha256 IS NOT NULL)", name="file_if_ready"),
        Index(None, "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    place: Mapped[str] = mapped_column(PlaceCode)
    """The case's: who sees all of it, sees its files."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The office of whoever asked for it, in which `role`."""
    role: Mapped[Role]
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    requested_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    requested_at: Mapped[datetime]
    whole: Mapped[bool]
    """Whether the cases that came of it are in it."""
    state: Mapped[FileState]
    record_sha256: Mapped[str] = mapped_column(String(64))
    """What is in it, frozen, as a file of the store."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    """Parts of it, of which so many are made."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigId)
    pages: Mapped[int | None]
    finished_at: Mapped[datetime | None]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas)

    def writable(self, scope: Scope) -> bool:
        return any(covers(place, self.place) for place in scope.areas)
