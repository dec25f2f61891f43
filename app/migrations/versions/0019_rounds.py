"""Which of several tasks that everybody answers (会签) belong together."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

# Until now those of a round were told apart by when they were opened; what is open goes on so.
KNOWN = sa.text(
    "UPDATE work_item SET round = (SELECT min(o.seq) FROM work_item o WHERE o.case_id ="
    " work_item.case_id AND o.node = work_item.node AND o.opened_at = work_item.opened_at)"
    " WHERE case_id IN (SELECT case_id FROM work_item WHERE status = 0)"
)


def upgrade() -> None:
    op.add_column("work_item", sa.Column("round", sa.Integer(), nullable=True))
    op.execute(KNOWN)
