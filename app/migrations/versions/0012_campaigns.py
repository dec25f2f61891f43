"""campaigns."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sought", sa.JSON(), nullable=False),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["case.id"], name=op.f("fk__campaign__id__case")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("fk__campaign__owner_id__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__campaign")),
    )
    op.create_index(op.f("ix__campaign__place_id"), "campaign", ["place", "id"], unique=False)
    op.create_table(
        "campaign_batch",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("deadline", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk__campaign_batch__campaign_id__campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__campaign_batch")),
        sa.UniqueConstraint(
            "campaign_id",
            "node",
            "period",
            name=op.f("uq__campaign_batch__campaign_id_node_period"),
        ),
    )
    op.create_table(
        "campaign_day",
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("planned", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk__campaign_day__campaign_id__campaign")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "key", name=op.f("pk__campaign_day")),
    )
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("joined_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk__campaign_member__campaign_id__campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__campaign_member__enterprise_id__enterprise"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "enterprise_id", name=op.f("pk__campaign_member")),
    )
    op.create_index(
        op.f("ix__campaign_member__enterprise_id"),
        "campaign_member",
        ["enterprise_id"],
        unique=False,
    )
    op.create_table(
        "campaign_start",
        sa.Column("batch_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["campaign_batch.id"],
            name=op.f("fk__campaign_start__batch_id__campaign_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk__campaign_start__case_id__case")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__campaign_start__enterprise_id__enterprise"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "enterprise_id", name=op.f("pk__campaign_start")),
    )
    op.create_index(
        op.f("ix__campaign_start__case_id"), "campaign_start", ["case_id"], unique=False
    )
    op.create_index(
        "ix__campaign_start__waiting",
        "campaign_start",
        ["batch_id", "enterprise_id"],
        unique=False,
        sqlite_where=sa.text("case_id IS NULL AND problem IS NULL"),
        postgresql_where=sa.text("case_id IS NULL AND problem IS NULL"),
    )
    op.add_column("case", sa.Column("deadline_rule", sa.String(length=64), nullable=True))
    op.add_column("case", sa.Column("campaign_id", BigId, nullable=True))
    op.create_index(
        "ix__case__campaign",
        "case",
        ["campaign_id", "procedure"],
        unique=False,
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
