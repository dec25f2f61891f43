"""Tasks that wait for a public notice, papers that were declined, clauses that hazards cite."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("work_item", sa.Column("noticed_on", sa.Date(), nullable=True))
    op.add_column(
        "document", sa.Column("declined", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("hazard", sa.Column("cited", sa.JSON(), server_default="[]", nullable=False))
