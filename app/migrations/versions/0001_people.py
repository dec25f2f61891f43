"""people."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("account_id", BigId, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk__answered")),
    )
    op.create_index(op.f("ix__answered__at"), "answered", ["at"], unique=False)
    op.create_table(
        "division",
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.Boolean(), nullable=False),
        sa.Column("parent", PlaceCode, nullable=True),
        sa.ForeignKeyConstraint(
            ["parent"], ["division.place"], name=op.f("fk__division__parent__division")
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk__division")),
    )
    op.create_table(
        "history",
        sa.Column(
            "stream",
            sa.Enum(
                "case",
                "enterprise",
                "organisation",
                "account",
                "draw",
                "installation",
                name="stream",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", BigId, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck__history__from_one")),
        sa.PrimaryKeyConstraint("stream", "subject", "seq", name=op.f("pk__history")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("root", PlaceCode, nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("clock_offset", BigId, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck__installation__one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__installation")),
    )
    op.create_table(
        "organisation_kind",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "bureau",
                "government",
                "partner",
                "enterprise",
                name="family",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk__organisation_kind")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__sign_in_failure")),
    )
    op.create_index(
        op.f("ix__sign_in_failure__address_at"), "sign_in_failure", ["address", "at"], unique=False
    )
    op.create_index(op.f("ix__sign_in_failure__at"), "sign_in_failure", ["at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("short", sa.String(length=16), nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind"],
            ["organisation_kind.code"],
            name=op.f("fk__organisation__kind__organisation_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organisation.id"],
            name=op.f("fk__organisation__parent_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["place"], ["division.place"], name=op.f("fk__organisation__place__division")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__organisation")),
        sa.UniqueConstraint(
            "kind", "place", "name", name=op.f("uq__organisation__kind_place_name")
        ),
    )
    op.create_index(
        op.f("ix__organisation__parent_id"), "organisation", ["parent_id"], unique=False
    )
    op.create_index(
        op.f("ix__organisation__place_kind"), "organisation", ["place", "kind"], unique=False
    )
    op.create_table(
        "account",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=160), nullable=False),
        sa.Column("pin_hash", sa.String(length=160), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.Column("licence", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("change_password", sa.Boolean(), nullable=False),
        sa.Column("home_id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk__account__home_id__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__account")),
        sa.UniqueConstraint("username", name=op.f("uq__account__username")),
    )
    op.create_index(op.f("ix__account__home_id"), "account", ["home_id"], unique=False)
    op.create_index(op.f("ix__account__place"), "account", ["place"], unique=False)
    op.create_table(
        "deputy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("deputy_id", BigId, nullable=False),
        sa.Column("since", UTCDateTime(timezone=True), nullable=False),
        sa.Column("until", UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("account_id <> deputy_id", name=op.f("ck__deputy__somebody_else")),
        sa.CheckConstraint("since < until", name=op.f("ck__deputy__period")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__deputy__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["account.id"], name=op.f("fk__deputy__deputy_id__account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__deputy")),
    )
    op.create_index(op.f("ix__deputy__account_id"), "deputy", ["account_id"], unique=False)
    op.create_index(
        op.f("ix__deputy__deputy_id_until"), "deputy", ["deputy_id", "until"], unique=False
    )
    op.create_table(
        "login_session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("token", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__login_session__account_id__account")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk__login_session")),
    )
    op.create_index(
        op.f("ix__login_session__account_id"), "login_session", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix__login_session__expires_at"), "login_session", ["expires_at"], unique=False
    )
    op.create_table(
        "role_grant",
        sa.Column("account_id", BigId, nullable=False),
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
        sa.Column("organisation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk__role_grant__account_id__account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__role_grant__organisation_id__organisation"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "role", "organisation_id", name=op.f("pk__role_grant")
        ),
    )
    op.create_index(
        op.f("ix__role_grant__organisation_id"), "role_grant", ["organisation_id"], unique=False
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


# The history can only grow, each entry sealed by the database's own reckoning. Whoever owns the
# database can drop the triggers: they prevent mistakes, the chain shows the rest.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER history_seal BEFORE INSERT ON history BEGIN
            SELECT RAISE(ABORT, 'history: the entry does not fit the chain')
            WHERE NEW.hash IS NOT history_seal(
                CASE NEW.seq WHEN 1 THEN zeroblob(32) ELSE (
                    SELECT hash FROM history
                    WHERE stream = NEW.stream AND subject = NEW.subject AND seq = NEW.seq - 1
                ) END,
                NEW.stream, NEW.subject, NEW.seq, NEW.body
            );
        END
        """,
        """
        CREATE TRIGGER history_once BEFORE INSERT ON history WHEN EXISTS (
            SELECT 1 FROM history
            WHERE stream = NEW.stream AND subject = NEW.subject AND seq = NEW.seq
        ) BEGIN SELECT RAISE(ABORT, 'history: the entry exists'); END
        """,
        """
        CREATE TRIGGER history_no_update BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'history: append only'); END
        """,
        """
        CREATE TRIGGER history_no_delete BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'history: append only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION history_seal() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE previous bytea := decode(repeat('00', 32), 'hex');
        BEGIN
            IF NEW.seq > 1 THEN
                SELECT hash INTO previous FROM history
                WHERE stream = NEW.stream AND subject = NEW.subject AND seq = NEW.seq - 1;
            END IF;
            IF NEW.hash IS DISTINCT FROM sha256(
                'BH1'::bytea || previous || convert_to(NEW.stream, 'UTF8')
                || int8send(NEW.subject) || int4send(NEW.seq) || convert_to(NEW.body, 'UTF8')
            ) THEN
                RAISE EXCEPTION 'history: the entry does not fit the chain'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE FUNCTION history_deny() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'history: append only' USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        """
        CREATE TRIGGER history_seal BEFORE INSERT ON history
        FOR EACH ROW EXECUTE FUNCTION history_seal()
        """,
        """
        CREATE TRIGGER history_deny BEFORE UPDATE OR DELETE ON history
        FOR EACH ROW EXECUTE FUNCTION history_deny()
        """,
        """
        CREATE TRIGGER history_deny_truncate BEFORE TRUNCATE ON history
        FOR EACH STATEMENT EXECUTE FUNCTION history_deny()
        """,
        # also when a superuser replays a replica's rows
        "ALTER TABLE history ENABLE ALWAYS TRIGGER history_seal",
        "ALTER TABLE history ENABLE ALWAYS TRIGGER history_deny",
        "ALTER TABLE history ENABLE ALWAYS TRIGGER history_deny_truncate",
    ),
}
