"""documents."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "lookup",
        sa.Column("id", BigId, nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("upload", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__lookup")),
    )
    op.create_index(op.f("ix__lookup__address_at"), "lookup", ["address", "at"], unique=False)
    op.create_table(
        "number_counter",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__number_counter__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "year", name=op.f("pk__number_counter")),
    )
    op.create_table(
        "paper_setting",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("number_pattern", sa.String(length=64), nullable=False),
        sa.Column("review_organ", sa.String(length=64), nullable=False),
        sa.Column("court", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__paper_setting__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk__paper_setting")),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", BigId, nullable=False),
        sa.Column(
            "use",
            sa.Enum(
                "root",
                "issuing",
                "stamp",
                "person",
                "seal",
                name="keyuse",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("serial", sa.String(length=48), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__signing_key__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__signing_key__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__signing_key")),
        sa.UniqueConstraint("holder", name=op.f("uq__signing_key__holder")),
        sa.UniqueConstraint("serial", name=op.f("uq__signing_key__serial")),
    )
    op.create_index(
        op.f("ix__signing_key__account_id"), "signing_key", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix__signing_key__organisation_id"), "signing_key", ["organisation_id"], unique=False
    )
    op.create_table(
        "document",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("item_id", BigId, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "issued",
                "signing",
                "sealed",
                "served",
                "void",
                name="documentstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=False),
        sa.Column("template_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.SmallInteger(), nullable=True),
        sa.Column("issued_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("issued_by", BigId, nullable=True),
        sa.Column("served_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("void_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(state = 'void') = (void_at IS NOT NULL)", name=op.f("ck__document__void_at_if_void")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk__document__case_id__case")),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk__document__issued_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["work_item.id"], name=op.f("fk__document__item_id__work_item")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__document__organisation_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["organisation.id"], name=op.f("fk__document__subject_id__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__document")),
        sa.UniqueConstraint("code", name=op.f("uq__document__code")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "year",
            "serial",
            name=op.f("uq__document__organisation_id_kind_year_serial"),
        ),
    )
    op.create_index(op.f("ix__document__case_id_id"), "document", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix__document__number"), "document", ["number"], unique=False)
    op.create_index(op.f("ix__document__state_id"), "document", ["state", "id"], unique=False)
    op.create_index(op.f("ix__document__place_id"), "document", ["place", "id"], unique=False)
    op.create_index(
        op.f("ix__document__subject_id_id"), "document", ["subject_id", "id"], unique=False
    )
    op.create_table(
        "document_revision",
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("revision", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk__document_revision__document_id__document"),
        ),
        sa.PrimaryKeyConstraint("document_id", "revision", name=op.f("pk__document_revision")),
    )
    op.create_index(
        op.f("ix__document_revision__sha256"), "document_revision", ["sha256"], unique=False
    )
    op.create_table(
        "service_record",
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("receipt_id", BigId, nullable=True),
        sa.Column("item_id", BigId, nullable=False),
        sa.Column("manner", sa.String(length=32), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("served_at", sa.String(length=200), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk__service_record__document_id__document")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["work_item.id"], name=op.f("fk__service_record__item_id__work_item")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["document.id"], name=op.f("fk__service_record__receipt_id__document")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk__service_record__recorded_by__account")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk__service_record")),
    )
    op.create_table(
        "signature_record",
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("item_id", BigId, nullable=True),
        sa.Column("key_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__signature_record__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk__signature_record__document_id__document"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["work_item.id"], name=op.f("fk__signature_record__item_id__work_item")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_key.id"], name=op.f("fk__signature_record__key_id__signing_key")
        ),
        sa.PrimaryKeyConstraint("document_id", "slot", name=op.f("pk__signature_record")),
    )
