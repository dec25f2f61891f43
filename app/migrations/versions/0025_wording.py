"""The wording of papers, version by version, and with which a paper was made."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "paper_wording",
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("whole", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["account.id"],
            name=op.f("fk__paper_wording__published_by__account"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk__paper_wording")),
    )
    op.add_column("document", sa.Column("wording", sa.SmallInteger(), nullable=True))
