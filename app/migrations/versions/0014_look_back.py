"""look-back."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("hazard", sa.Column("origin_id", BigId, nullable=True))
