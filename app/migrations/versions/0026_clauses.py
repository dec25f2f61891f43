"""Clauses of laws and standards."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "law",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.Column("retired_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk__law__published_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__law")),
        sa.UniqueConstraint("code", "version", name=op.f("uq__law__code_version")),
    )
    op.create_table(
        "clause",
        sa.Column("law_id", BigId, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("article", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=32), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("hazard", sa.String(length=300), nullable=False),
        sa.Column("demand", sa.String(length=300), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["law_id"], ["law.id"], name=op.f("fk__clause__law_id__law")),
        sa.PrimaryKeyConstraint("law_id", "position", name=op.f("pk__clause")),
    )
