"""Visits of a spot-check, the city's own enterprises, hazards that a city has to accept."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0016"
down_revision = "0015"

AWAITED = sa.text("awaited_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("draw_entry", sa.Column("visited_at", UTCDateTime(timezone=True), nullable=True))
    op.create_table(
        "draw_own",
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__draw_own__case_id__case")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk__draw_own__draw_id__draw")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__draw_own__enterprise_id__enterprise"),
        ),
        sa.PrimaryKeyConstraint("draw_id", "enterprise_id", name=op.f("pk__draw_own")),
    )
    op.create_index(op.f("ix__draw_own__case_id"), "draw_own", ["case_id"], unique=False)
    op.add_column(
        "hazard", sa.Column("known", sa.String(length=16), nullable=False, server_default="")
    )
    op.add_column("hazard", sa.Column("awaited_by", BigId, nullable=True))
    op.create_index(
        "ix__hazard__awaited_by",
        "hazard",
        ["awaited_by"],
        unique=False,
        sqlite_where=AWAITED,
        postgresql_where=AWAITED,
    )
