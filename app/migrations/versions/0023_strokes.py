"""What was written by hand: strokes of a pad, and scans of what was signed on paper."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("signature_record", sa.Column("strokes", sa.LargeBinary(), nullable=True))
    op.add_column("signature_record", sa.Column("manner", sa.String(length=32), nullable=True))
    op.add_column("signature_record", sa.Column("scans", sa.JSON(), nullable=True))
