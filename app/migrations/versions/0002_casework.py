"""casework."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("deployed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["deployed_by"], ["account.id"], name=op.f("fk__deployment__deployed_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__deployment")),
        sa.UniqueConstraint("digest", name=op.f("uq__deployment__digest")),
        sa.UniqueConstraint("procedure", "version", name=op.f("uq__deployment__procedure_version")),
    )
    op.create_table(
        "case",
        sa.Column("id", BigId, nullable=False),
        sa.Column("deployment_id", BigId, nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "running", "finished", "cancelled", name="casestatus", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("deadline", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(length=64), nullable=True),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", BigId, nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (closed_at IS NULL)", name=op.f("ck__case__closed_at_if_closed")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk__case__deployment_id__deployment")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["account.id"], name=op.f("fk__case__opened_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("fk__case__owner_id__organisation")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["case.id"], name=op.f("fk__case__parent_id__case")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["organisation.id"], name=op.f("fk__case__subject_id__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__case")),
    )
    op.create_index(op.f("ix__case__deployment_id"), "case", ["deployment_id"], unique=False)
    op.create_index(op.f("ix__case__parent_id"), "case", ["parent_id"], unique=False)
    op.create_index(op.f("ix__case__place_id"), "case", ["place", "id"], unique=False)
    op.create_index(
        op.f("ix__case__procedure_place_id"), "case", ["procedure", "place", "id"], unique=False
    )
    op.create_index(op.f("ix__case__subject_id_id"), "case", ["subject_id", "id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", BigId, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__incident__case_id__case")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk__incident__closed_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__incident")),
    )
    op.create_index(op.f("ix__incident__case_id"), "incident", ["case_id"], unique=False)
    op.create_index(
        "ix__incident__open",
        "incident",
        ["id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "message",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "staff",
                "legal_reviewer",
                "deputy_head",
                "head",
                "panel_member",
                "hearing_host",
                "seal_keeper",
                "committee_office",
                "government_officer",
                "government_leader",
                "legality_reviewer",
                "principal",
                "workers_congress",
                "expert",
                "partner",
                "auditor",
                "admin",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__message__account_id__account")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__message__case_id__case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__message__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__message")),
    )
    op.create_index(
        op.f("ix__message__account_id_id"), "message", ["account_id", "id"], unique=False
    )
    op.create_index(op.f("ix__message__case_id"), "message", ["case_id"], unique=False)
    op.create_index(
        op.f("ix__message__organisation_id_role_id"),
        "message",
        ["organisation_id", "role", "id"],
        unique=False,
    )
    op.create_table(
        "participant",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("from_step", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(organisation_id IS NULL) <> (account_id IS NULL)",
            name=op.f("ck__participant__one_of_two"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__participant__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk__participant__case_id__case")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__participant__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__participant")),
    )
    op.create_index(
        op.f("ix__participant__account_id_case_id"),
        "participant",
        ["account_id", "case_id"],
        unique=True,
    )
    op.create_index(op.f("ix__participant__case_id"), "participant", ["case_id"], unique=False)
    op.create_index(
        op.f("ix__participant__organisation_id_case_id"),
        "participant",
        ["organisation_id", "case_id"],
        unique=True,
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("shown_sha256", sa.String(length=64), nullable=True),
        sa.Column("uploaded_by", BigId, nullable=False),
        sa.Column("uploaded_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("case_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__upload__case_id__case")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["account.id"], name=op.f("fk__upload__uploaded_by__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__upload")),
    )
    op.create_index(op.f("ix__upload__case_id"), "upload", ["case_id"], unique=False)
    op.create_index(op.f("ix__upload__sha256"), "upload", ["sha256"], unique=False)
    op.create_table(
        "wait",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("timer", "message", "effect", name="waitkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=128), nullable=False),
        sa.Column("armed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__wait__case_id__case")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk__wait")),
    )
    op.create_index(op.f("ix__wait__due_at"), "wait", ["due_at"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column(
            "county", PlaceCode, sa.Computed("substr(place, 1, 6)", persisted=True), nullable=True
        ),
        sa.Column(
            "city", PlaceCode, sa.Computed("substr(place, 1, 4)", persisted=True), nullable=True
        ),
        sa.Column(
            "province", PlaceCode, sa.Computed("substr(place, 1, 2)", persisted=True), nullable=True
        ),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "staff",
                "legal_reviewer",
                "deputy_head",
                "head",
                "panel_member",
                "hearing_host",
                "seal_keeper",
                "committee_office",
                "government_officer",
                "government_leader",
                "legality_reviewer",
                "principal",
                "workers_congress",
                "expert",
                "partner",
                "auditor",
                "admin",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("assignee_id", BigId, nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("due_rule", sa.String(length=64), nullable=True),
        sa.Column("wake_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", BigId, nullable=True),
        sa.Column("on_behalf_of", BigId, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("urged_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(status = 0) = (closed_at IS NULL)", name=op.f("ck__work_item__closed_at_if_closed")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["account.id"], name=op.f("fk__work_item__assignee_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk__work_item__case_id__case")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk__work_item__closed_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["account.id"], name=op.f("fk__work_item__on_behalf_of__account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__work_item__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__work_item")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq__work_item__case_id_seq")),
    )
    op.create_index(
        "ix__work_item__city",
        "work_item",
        ["city", "id"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index(
        "ix__work_item__county",
        "work_item",
        ["county", "id"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index("ix__work_item__done", "work_item", ["closed_by", "id"], unique=False)
    op.create_index(
        "ix__work_item__due",
        "work_item",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index(
        "ix__work_item__mine",
        "work_item",
        ["assignee_id", "id"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index(
        "ix__work_item__province",
        "work_item",
        ["province", "id"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index(
        "ix__work_item__todo",
        "work_item",
        ["organisation_id", "role", "id"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
    op.create_index(
        "ix__work_item__wake",
        "work_item",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("status = 0"),
        postgresql_where=sa.text("status = 0"),
    )
