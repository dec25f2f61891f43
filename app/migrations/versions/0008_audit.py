"""audit."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# What an auditor searches by, drawn from the sealed text itself: when, by whom, for whom, what.
# `app.models.records` draws it in the same words: an index serves no other expression.
SAID = {"sqlite": "(body ->> '{}')", "postgresql": "(body::jsonb ->> '{}')"}
AT = {
    "sqlite": "substr(body ->> 'at', 1, 19), stream, subject, seq",
    "postgresql": "(substr(body::jsonb ->> 'at', 1, 19) COLLATE \"C\")",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_index(op.f("ix__case__opened_by_id"), "case", ["opened_by", "id"], unique=False)
    op.add_column(
        "registry_term", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)
    )
    said, at = SAID[dialect].format, AT[dialect]
    op.execute(f"CREATE INDEX ix__history__at ON history ({at})")
    for word in ("by", "action"):
        op.execute(f"CREATE INDEX ix__history__{word} ON history ({said(word)}, {at})")
    someone = f"{said('for')} IS NOT NULL"
    op.execute(f"CREATE INDEX ix__history__for ON history ({said('for')}, {at}) WHERE {someone}")
