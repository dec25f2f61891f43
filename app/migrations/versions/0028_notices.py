"""Tasks that wait for the day of a public notice; papers whose proposal was declined."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("noticed_on", sa.Date(), nullable=True))
    op.add_column(
        "document", sa.Column("declined", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
