"""Consent to electronic service."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "service_consent",
        sa.Column("id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", BigId, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", BigId, nullable=True),
        sa.Column("end_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_at IS NULL)",
            name=op.f("ck__service_consent__ended_at_if_ended"),
        ),
        _to("enterprise_id", "enterprise"),
        _to("recorded_by", "account"),
        _to("ended_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__service_consent")),
    )
    op.create_index(
        op.f("ix__service_consent__enterprise_id_id"),
        "service_consent",
        ["enterprise_id", "id"],
    )
    op.add_column("service_record", sa.Column("consent_id", BigId, nullable=True))


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk__service_consent__{column}__{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)
