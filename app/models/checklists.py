"""Checklists: what inspections look for, version by version."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models import Base, BigId


class Checklist(Base):
    """One version of a checklist (检查清单); what was published never changes.

    A case uses the versions that were in force when it began, so that they stay readable.
    """

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(128))
    source: Mapped[str] = mapped_column(String(200))
    """The notice or standard that it was taken from (依据文件)."""
    published_at: Mapped[datetime]
    """By the business clock, as cases run by it."""
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    retired_at: Mapped[datetime | None]


class ChecklistItem(Base):
    """One thing to look for."""

    __tablename__ = "checklist_item"

    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(300))
    text_en: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(300))
    """The legal basis (依据)."""
    basis_en: Mapped[str] = mapped_column(String(500))
    sector: Mapped[str] = mapped_column(String(32))
    """The sector and the tag of the enterprises it applies to; without either, to all."""
    tag: Mapped[str] = mapped_column(String(32))
    hazard_class: Mapped[str] = mapped_column(String(16))
    """The class of hazard that it hints at; empty where only a criterion can say."""
