"""Tasks that wait for the day of a public notice."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("noticed_on", sa.Date(), nullable=True))
