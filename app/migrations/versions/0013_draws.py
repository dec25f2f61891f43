"""draws."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("id", BigId, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("supplements_id", BigId, nullable=True),
        sa.Column("replaces_id", BigId, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "frozen",
                "committed",
                "drawn",
                "confirmed",
                "closed",
                "cancelled",
                name="drawstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sectors", sa.JSON(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("frozen_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", BigId, nullable=True),
        sa.Column("roster_sha256", sa.String(length=64), nullable=False),
        sa.Column("reasons_sha256", sa.String(length=64), nullable=False),
        sa.Column("load", sa.Integer(), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=True),
        sa.Column("after", sa.Date(), nullable=True),
        sa.Column("committed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("committed_by", BigId, nullable=True),
        sa.Column("value", sa.String(length=128), nullable=True),
        sa.Column("typed_by", BigId, nullable=True),
        sa.Column("typed_again_by", BigId, nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("drawn_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", BigId, nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", BigId, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck__draw__cancelled_at_if_cancelled"),
        ),
        sa.CheckConstraint(
            "(seed IS NULL) = (drawn_at IS NULL)", name=op.f("ck__draw__seed_if_drawn")
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["account.id"], name=op.f("fk__draw__cancelled_by__account")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__draw__case_id__case")),
        sa.ForeignKeyConstraint(
            ["committed_by"], ["account.id"], name=op.f("fk__draw__committed_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["account.id"], name=op.f("fk__draw__confirmed_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["frozen_by"], ["account.id"], name=op.f("fk__draw__frozen_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__draw__organisation_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["draw.id"], name=op.f("fk__draw__replaces_id__draw")
        ),
        sa.ForeignKeyConstraint(
            ["supplements_id"], ["draw.id"], name=op.f("fk__draw__supplements_id__draw")
        ),
        sa.ForeignKeyConstraint(
            ["typed_again_by"], ["account.id"], name=op.f("fk__draw__typed_again_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["typed_by"], ["account.id"], name=op.f("fk__draw__typed_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__draw")),
        sa.UniqueConstraint("number", name=op.f("uq__draw__number")),
        sa.UniqueConstraint(
            "organisation_id", "year", "serial", name=op.f("uq__draw__organisation_id_year_serial")
        ),
    )
    op.create_index(
        "ix__draw__one_of_a_case",
        "draw",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(op.f("ix__draw__place_id"), "draw", ["place", "id"], unique=False)
    op.create_index(op.f("ix__draw__supplements_id"), "draw", ["supplements_id"], unique=False)
    op.create_table(
        "draw_conflict",
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("declared_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__draw_conflict__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk__draw_conflict__draw_id__draw")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__draw_conflict__enterprise_id__enterprise"),
        ),
        sa.PrimaryKeyConstraint(
            "draw_id", "account_id", "enterprise_id", name=op.f("pk__draw_conflict")
        ),
    )
    op.create_table(
        "draw_entry",
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("county", PlaceCode, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("key", sa.Boolean(), nullable=False),
        sa.Column("worrisome", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "how", sa.Enum("drawn", "full", name="how", native_enum=False, length=32), nullable=True
        ),
        sa.Column("ticket", sa.String(length=64), nullable=True),
        sa.Column("visit_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk__draw_entry__draw_id__draw")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__draw_entry__enterprise_id__enterprise"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["case.id"], name=op.f("fk__draw_entry__visit_id__case")
        ),
        sa.PrimaryKeyConstraint("draw_id", "enterprise_id", name=op.f("pk__draw_entry")),
        sa.UniqueConstraint("draw_id", "code", name=op.f("uq__draw_entry__draw_id_code")),
    )
    op.create_index(op.f("ix__draw_entry__visit_id"), "draw_entry", ["visit_id"], unique=False)
    op.create_table(
        "draw_inspector",
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("licence", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("declared_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("pooled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__draw_inspector__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk__draw_inspector__draw_id__draw")
        ),
        sa.PrimaryKeyConstraint("draw_id", "account_id", name=op.f("pk__draw_inspector")),
        sa.UniqueConstraint("draw_id", "licence", name=op.f("uq__draw_inspector__draw_id_licence")),
    )
    op.create_table(
        "draw_visitor",
        sa.Column("draw_id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__draw_visitor__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk__draw_visitor__draw_id__draw")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__draw_visitor__enterprise_id__enterprise"),
        ),
        sa.PrimaryKeyConstraint(
            "draw_id", "enterprise_id", "account_id", name=op.f("pk__draw_visitor")
        ),
    )
