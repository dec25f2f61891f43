"""Until when the archive stamp over a complete paper proves it."""

import sqlalchemy as sa
from alembic import op

from app.models import UTCDateTime

revision = "0024"
down_revision = "0023"

# There was one key of the time stamp until now; a paper is complete in its newest revision.
KNOWN = sa.text(
    "UPDATE document_revision SET lasts_until ="
    " (SELECT max(ends_at) FROM signing_key WHERE signing_key.use = 'stamp')"
    " WHERE made_by <> '' AND revision = (SELECT max(o.revision) FROM document_revision o"
    " WHERE o.document_id = document_revision.document_id)"
    " AND (made_by IN ('seal', 'closed') OR document_id IN (SELECT id FROM document"
    " WHERE state NOT IN ('issued', 'signing', 'void')))"
)


def upgrade() -> None:
    op.add_column(
        "document_revision",
        sa.Column("lasts_until", UTCDateTime(timezone=True), nullable=True),
    )
    op.create_index(
        op.f("ix__document_revision__lasts_until"), "document_revision", ["lasts_until"]
    )
    op.execute(KNOWN)
