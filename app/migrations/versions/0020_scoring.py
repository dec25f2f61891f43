"""The versions of the rule by which counties are scored."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "score_rule",
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk__score_rule__published_by__account")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk__score_rule")),
    )
