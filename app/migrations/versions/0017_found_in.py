"""Hazards by the case that found them: a campaign asks for those of its cases."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(op.f("ix__hazard__found_in"), "hazard", ["found_in"], unique=False)
