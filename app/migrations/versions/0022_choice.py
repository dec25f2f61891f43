"""What the form of a task was chosen by."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("choice", sa.String(64), nullable=True))
