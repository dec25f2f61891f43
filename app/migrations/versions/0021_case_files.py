"""Case files (案卷)."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("on_behalf_of", BigId, nullable=True),
        sa.Column("requested_by", BigId, nullable=False),
        sa.Column("requested_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", BigId, nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'ready') = (sha256 IS NOT NULL)", name=op.f("ck__case_file__file_if_ready")
        ),
        _to("case_id", "case"),
        _to("organisation_id", "organisation"),
        _to("on_behalf_of", "account"),
        _to("requested_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__case_file")),
    )
    op.create_index(op.f("ix__case_file__case_id_id"), "case_file", ["case_id", "id"], unique=False)


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk__case_file__{column}__{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)
