"""The wording of papers, version by version."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models import Base


class PaperWording(Base):
    """One version of the wording of papers (文书用语); what was published never changes.

    The newest is in force. A paper keeps the version that it was made with.
    """

    __tablename__ = "paper_wording"

    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    whole: Mapped[dict[str, Any]]
    """What every kind of paper says, as `app.domain.wordings` reads it."""
    changes: Mapped[dict[str, Any]]
    """What of it is otherwise than the product then shipped."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of `whole`, as it is put into a paper's sources."""
    reason: Mapped[str] = mapped_column(String(500))
    """Why it was changed; empty for what was shipped."""
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
