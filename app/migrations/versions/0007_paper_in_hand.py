"""The paper that a task is about."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("paper_id", BigId, nullable=True))
    op.create_index(
        "ix__work_item__paper",
        "work_item",
        ["organisation_id", "paper_id"],
        sqlite_where=sa.text("paper_id IS NOT NULL"),
        postgresql_where=sa.text("paper_id IS NOT NULL"),
    )
