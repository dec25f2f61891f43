"""measures."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from app.models import BigId, UTCDateTime

revision = "0010"
down_revision = "0009"

IN_FORCE = sa.text("lifted_at IS NULL")


def upgrade() -> None:
    table = op.create_table(
        "enterprise_measure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("enterprise_id", BigId, nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "yellow",
                "red",
                "suspended",
                "stopped",
                name="measure",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_in", BigId, nullable=False),
        sa.Column("given_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("lifted_in", BigId, nullable=True),
        sa.Column("lifted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_in IS NULL)",
            name=op.f("ck__enterprise_measure__lifted_in_if_lifted"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk__enterprise_measure__case_id__case")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk__enterprise_measure__enterprise_id__enterprise"),
        ),
        sa.ForeignKeyConstraint(
            ["given_in"], ["case.id"], name=op.f("fk__enterprise_measure__given_in__case")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_in"], ["case.id"], name=op.f("fk__enterprise_measure__lifted_in__case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__enterprise_measure")),
    )
    op.create_index(
        "ix__enterprise_measure__enterprise_id_id",
        "enterprise_measure",
        ["enterprise_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix__enterprise_measure__in_force",
        "enterprise_measure",
        ["case_id"],
        unique=False,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    _fill(table)


def _fill(table: sa.Table) -> None:
    """Enter the cards and stops there are; the history of each enterprise says which case gave it.

    A case that ended handed its measures on to the one it started, if that one runs.
    """
    bind = op.get_bind()
    standing = bind.execute(
        sa.text(
            "SELECT id, card, life FROM enterprise WHERE card IN ('yellow', 'red')"
            " OR life IN ('suspended', 'stopped')"
        )
    ).all()
    for enterprise, card, life in standing:
        lines = bind.execute(
            sa.text(
                "SELECT body FROM history WHERE stream = 'enterprise' AND subject = :subject"
                " ORDER BY seq DESC"
            ),
            {"subject": enterprise},
        ).scalars()
        wanted = {"card": card, "life": life}
        for body in lines:
            line = json.loads(body)
            detail = line.get("detail", {})
            for key, value in list(wanted.items()):
                if detail.get(key) != value:
                    continue
                del wanted[key]
                if value in ("yellow", "red", "suspended", "stopped"):
                    row = {
                        "enterprise_id": enterprise,
                        "measure": value,
                        "reason": detail.get("reason", ""),
                        "given_in": detail["case"],
                        "given_at": datetime.fromisoformat(line["at"]),
                        "case_id": _answering(detail["case"]),
                        "lift_reason": "",
                    }
                    bind.execute(sa.insert(table).values(row))


def _answering(case: int) -> int:
    bind = op.get_bind()
    running = bind.execute(
        sa.text(
            'SELECT c.id FROM "case" c JOIN "case" p ON p.id = :given'
            " WHERE c.status = 'running' AND"
            " (c.id = p.id OR (p.status <> 'running' AND c.parent_id = p.id)) ORDER BY c.id DESC"
        ),
        {"given": case},
    ).scalar()
    return running if running is not None else case
