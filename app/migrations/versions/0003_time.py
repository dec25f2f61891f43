"""time."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk__calendar_year__published_by__account")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk__calendar_year")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["calendar_year.year"], name=op.f("fk__calendar_day__year__calendar_year")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk__calendar_day")),
    )
    op.create_index(op.f("ix__calendar_day__year"), "calendar_day", ["year"], unique=False)
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("started_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk__worker")),
    )
    op.add_column(
        "installation", sa.Column("calendar_revision", BigId, server_default="0", nullable=False)
    )
    op.add_column(
        "installation", sa.Column("calendar_recounted", BigId, server_default="0", nullable=False)
    )
    op.add_column(
        "installation", sa.Column("clock_held_until", UTCDateTime(timezone=True), nullable=True)
    )
    op.add_column("case", sa.Column("awaited_by", sa.Integer(), nullable=True))
    op.add_column(
        "wait", sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("wait", sa.Column("held_until", UTCDateTime(timezone=True), nullable=True))
    op.add_column(
        "incident", sa.Column("attempts", sa.SmallInteger(), server_default="1", nullable=False)
    )
    op.add_column("incident", sa.Column("retried_at", UTCDateTime(timezone=True), nullable=True))
