"""reports."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "report_table",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk__report_table__published_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__report_table")),
        sa.UniqueConstraint("code", "version", name=op.f("uq__report_table__code_version")),
    )
    op.create_table(
        "report",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("table_id", BigId, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("zero", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("counted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("filler", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", BigId, nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk__report__campaign_id__campaign")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__report__case_id__case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__report__organisation_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["account.id"], name=op.f("fk__report__submitted_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["report_table.id"], name=op.f("fk__report__table_id__report_table")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__report")),
        sa.UniqueConstraint("case_id", name=op.f("uq__report__case_id")),
        sa.UniqueConstraint(
            "campaign_id",
            "kind",
            "period",
            "organisation_id",
            name=op.f("uq__report__campaign_id_kind_period_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix__report__organisation_id_id"), "report", ["organisation_id", "id"], unique=False
    )
    op.create_index(op.f("ix__report__place_id"), "report", ["place", "id"], unique=False)
