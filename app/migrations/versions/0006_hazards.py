"""hazards."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "hazard",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("found_in", BigId, nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("found_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("spot", sa.String(length=80), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("major", sa.Boolean(), nullable=False),
        sa.Column("criterion", sa.String(length=300), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=False),
        sa.Column("measure", sa.String(length=500), nullable=False),
        sa.Column("finish", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("doer", sa.String(length=20), nullable=False),
        sa.Column("checker", sa.String(length=20), nullable=False),
        sa.Column("secured", sa.JSON(), nullable=False),
        sa.Column("listed_by", BigId, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "working",
                "waiting",
                "overdue",
                "failed",
                "closed",
                name="hazardstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck__hazard__closed_at_if_closed"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__hazard__case_id__case")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["organisation.id"],
            name=op.f("fk__hazard__enterprise_id__organisation"),
        ),
        sa.ForeignKeyConstraint(["found_in"], ["case.id"], name=op.f("fk__hazard__found_in__case")),
        sa.ForeignKeyConstraint(
            ["listed_by"], ["organisation.id"], name=op.f("fk__hazard__listed_by__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__hazard")),
    )
    op.create_index(op.f("ix__hazard__case_id"), "hazard", ["case_id"], unique=False)
    op.create_index(
        op.f("ix__hazard__enterprise_id_id"), "hazard", ["enterprise_id", "id"], unique=False
    )
    op.create_index(op.f("ix__hazard__place_id"), "hazard", ["place", "id"], unique=False)
    op.create_index(
        "ix__hazard__unclosed",
        "hazard",
        ["place", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "hazard_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("hazard_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column(
            "what",
            sa.Enum(
                "recorded",
                "changed",
                "taken",
                "moved",
                "prolonged",
                "listed",
                "unlisted",
                name="hazardevent",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "working",
                "waiting",
                "overdue",
                "failed",
                "closed",
                name="hazardstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["by"], ["account.id"], name=op.f("fk__hazard_change__by__account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk__hazard_change__case_id__case")
        ),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name=op.f("fk__hazard_change__hazard_id__hazard")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__hazard_change")),
    )
    op.create_index(
        op.f("ix__hazard_change__hazard_id_id"), "hazard_change", ["hazard_id", "id"], unique=False
    )
