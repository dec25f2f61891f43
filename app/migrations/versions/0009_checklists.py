"""checklists."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "checklist",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.Column("retired_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk__checklist__published_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__checklist")),
        sa.UniqueConstraint("code", "version", name=op.f("uq__checklist__code_version")),
    )
    op.create_table(
        "checklist_item",
        sa.Column("checklist_id", BigId, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("text_en", sa.String(length=500), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("basis_en", sa.String(length=500), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("hazard_class", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk__checklist_item__checklist_id__checklist"),
        ),
        sa.PrimaryKeyConstraint("checklist_id", "number", name=op.f("pk__checklist_item")),
    )
