"""Scores and ranking of counties; papers sent to offices for them to know."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "ranking",
        sa.Column("id", BigId, nullable=False),
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("computed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("approved_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("approved_by", BigId, nullable=True),
        sa.Column("issued_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("document_id", BigId, nullable=True),
        _to("ranking", "draw_id", "draw"),
        _to("ranking", "organisation_id", "organisation"),
        _to("ranking", "approved_by", "account"),
        _to("ranking", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__ranking")),
        sa.UniqueConstraint("draw_id", name=op.f("uq__ranking__draw_id")),
    )
    op.create_index(op.f("ix__ranking__place_id"), "ranking", ["place", "id"], unique=False)
    op.create_table(
        "ranked_county",
        sa.Column("ranking_id", BigId, nullable=False),
        sa.Column("county", PlaceCode, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        _to("ranked_county", "ranking_id", "ranking"),
        sa.PrimaryKeyConstraint("ranking_id", "county", name=op.f("pk__ranked_county")),
    )
    op.create_table(
        "ranked_count",
        sa.Column("ranking_id", BigId, nullable=False),
        sa.Column("county", PlaceCode, nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("new_part", sa.Integer(), nullable=True),
        sa.Column("new_whole", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("corrected_by", BigId, nullable=True),
        _to("ranked_count", "ranking_id", "ranking"),
        _to("ranked_count", "corrected_by", "account"),
        sa.PrimaryKeyConstraint("ranking_id", "county", "measure", name=op.f("pk__ranked_count")),
    )
    op.create_table(
        "document_copy",
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        _to("document_copy", "document_id", "document"),
        _to("document_copy", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("document_id", "organisation_id", name=op.f("pk__document_copy")),
    )
    op.create_index(
        op.f("ix__document_copy__organisation_id_document_id"),
        "document_copy",
        ["organisation_id", "document_id"],
        unique=False,
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk__{table}__{column}__{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)
