"""enterprises."""

import sqlalchemy as sa
from alembic import op

from app.models import BigId, PlaceCode, UTCDateTime

revision = "0004"
down_revision = "0003"

# (code, 名称, English, other words for it); an office may add more and retire some.
SECTORS = (
    ("steel", "钢铁", "Iron and steel", "炼钢 炼铁 轧钢 黑色金属冶炼 铸造 铸钢 铸铁"),
    ("cement", "水泥", "Cement", "水泥制品 熟料 粉磨"),
    ("aluminium", "电解铝", "Electrolytic aluminium", "氧化铝"),
    ("glass", "平板玻璃", "Flat glass", "玻璃"),
    ("ferroalloy", "铁合金", "Ferroalloy", "硅铁 锰铁 硅锰"),
    ("carbide", "电石", "Calcium carbide", ""),
    ("coking", "焦化", "Coking", "焦炭 炼焦 洗煤焦化"),
    ("nonferrous", "有色金属", "Non-ferrous metal", "有色 铜冶炼 铅锌 镁冶炼 金属镁"),
    ("phosphorus", "黄磷", "Yellow phosphorus", ""),
    ("coal", "煤炭", "Coal", "煤矿 洗选煤 洗煤 选煤 煤业"),
    ("aluminium_products", "铝加工", "Aluminium processing", "铝型材 铝制品 铝材"),
    ("food", "食品", "Food", "食品加工 粮油 酿造 酿酒 杂粮"),
    ("pickles", "蔬菜腌制", "Pickled vegetables", "腌制 酱腌菜"),
    ("leather", "皮革", "Leather", "制革 皮毛"),
    ("paper", "造纸", "Paper", "纸业 纸制品"),
    ("dyeing", "印染", "Dyeing and printing", "纺织印染"),
    ("machinery", "机械制造", "Machinery", "机械加工 机械 装备制造"),
    ("building_materials", "建材", "Building materials", "砖瓦 石灰 商砼 混凝土 陶瓷 耐火材料"),
    ("chemical", "化工", "Chemicals", "化学 化肥"),
    ("wood", "木材加工", "Wood processing", "木业 家具"),
    ("other", "其他", "Other", "其它"),
)
TAGS = (
    ("metal", "金属冶炼", "Metal smelting", "冶炼"),
    ("casting", "深井铸造", "Deep-well casting", ""),
    ("dust", "粉尘涉爆", "Explosive dust", "涉爆粉尘 粉尘"),
    ("confined", "有限空间", "Confined space", "受限空间"),
    ("ammonia", "涉氨制冷", "Ammonia refrigeration", "涉氨"),
    ("gas", "煤气", "Coal gas", ""),
    ("major_source", "重大危险源", "Major hazard source", ""),
)
OWNERSHIPS = (
    ("central", "央企", "Central state-owned", "中央企业"),
    ("province", "省属国有", "Province-owned", "省属"),
    ("city", "市属国有", "City-owned", "市属"),
    ("county", "县属国有", "County-owned", "县属"),
    ("collective", "集体", "Collective", "集体企业"),
    ("private", "民营", "Private", "私营 民企 私企"),
    ("foreign", "外资合资", "Foreign or joint venture", "外资 合资"),
)
# What was an enterprise before there was a registry is in it, with nothing known yet.
ADOPT = """
INSERT INTO enterprise (
    id, place, name_key, address_key, address, supervision, ownership, sector, tags, principal,
    phone, contact, contact_phone, points, production, idle, catalogued, electricity_account, grade,
    dust_workers, dispatched, unified, dispatcher, insurer, policy, remark, capacities, equipment,
    cranes, permits, contractors, projects, "key", worrisome, blacklisted, card, life, created_at,
    updated_at, revision
)
SELECT id, place, name, '', '', 'county', '', '', '', '', '', '', '', 0, '', false, false, '', '',
    0, 0, false, '', '', '', '', '[]', '[]', '[]', '[]', '[]', '[]', false, false, false, 'none',
    'registered', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1
FROM organisation WHERE kind = 'enterprise'
"""


def upgrade() -> None:
    terms = op.create_table(
        "registry_term",
        sa.Column(
            "kind",
            sa.Enum("sector", "tag", "ownership", name="termkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column("aliases", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk__registry_term")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("name_key", sa.String(length=128), nullable=False),
        sa.Column("address_key", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column(
            "supervision",
            sa.Enum("province", "city", "county", name="supervision", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("ownership", sa.String(length=32), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("tags", sa.String(length=400), nullable=False),
        sa.Column("principal", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("contact_phone", sa.String(length=32), nullable=False),
        sa.Column("pledged_on", sa.Date(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column(
            "production",
            sa.Enum(
                "", "normal", "partial", "stopped", name="production", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("idle", sa.Boolean(), nullable=False),
        sa.Column("catalogued", sa.Boolean(), nullable=False),
        sa.Column("electricity_account", sa.String(length=32), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "", "first", "second", "third", "below", name="grade", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("dust_workers", sa.Integer(), nullable=False),
        sa.Column("dispatched", sa.Integer(), nullable=False),
        sa.Column("unified", sa.Boolean(), nullable=False),
        sa.Column("dispatcher", sa.String(length=128), nullable=False),
        sa.Column("insurer", sa.String(length=128), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("insured_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("capacities", sa.JSON(), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("cranes", sa.JSON(), nullable=False),
        sa.Column("permits", sa.JSON(), nullable=False),
        sa.Column("contractors", sa.JSON(), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=False),
        sa.Column("key", sa.Boolean(), nullable=False),
        sa.Column("worrisome", sa.Boolean(), nullable=False),
        sa.Column("blacklisted", sa.Boolean(), nullable=False),
        sa.Column(
            "card",
            sa.Enum("none", "yellow", "red", name="card", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "life",
            sa.Enum(
                "registered",
                "suspended",
                "stopped",
                "closing",
                "closed",
                "banned",
                "resumed",
                name="life",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck__enterprise__whole_position")
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["organisation.id"], name=op.f("fk__enterprise__id__organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__enterprise")),
        sa.UniqueConstraint("credit_code", name=op.f("uq__enterprise__credit_code")),
    )
    op.create_index(
        op.f("ix__enterprise__place_address_key"),
        "enterprise",
        ["place", "address_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix__enterprise__place_name_key"), "enterprise", ["place", "name_key"], unique=False
    )
    op.create_index(
        op.f("ix__enterprise__place_sector"), "enterprise", ["place", "sector"], unique=False
    )
    op.create_index(op.f("ix__enterprise__updated_at"), "enterprise", ["updated_at"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
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
        sa.Column("on_behalf_of", BigId, nullable=True),
        sa.Column("created_by", BigId, nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reading",
                "refused",
                "ready",
                "running",
                "done",
                "dropped",
                name="importstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("similar", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column(
            "on_same",
            sa.Enum("skip", "update", "create", name="treatment", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "on_similar",
            sa.Enum("skip", "update", "create", name="treatment", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", BigId, nullable=True),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["account.id"], name=op.f("fk__import_batch__confirmed_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk__import_batch__created_by__account")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["account.id"], name=op.f("fk__import_batch__on_behalf_of__account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk__import_batch__organisation_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["place"], ["division.place"], name=op.f("fk__import_batch__place__division")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__import_batch")),
    )
    op.create_index(
        op.f("ix__import_batch__place_id"), "import_batch", ["place", "id"], unique=False
    )
    op.create_table(
        "import_row",
        sa.Column("batch_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", PlaceCode, nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "good", "bad", "same", "similar", name="rowstatus", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("match_id", BigId, nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "created",
                "updated",
                "skipped",
                "failed",
                name="outcome",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("enterprise_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk__import_row__batch_id__import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["organisation.id"],
            name=op.f("fk__import_row__enterprise_id__organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["organisation.id"], name=op.f("fk__import_row__match_id__organisation")
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk__import_row")),
    )
    op.create_index(
        op.f("ix__import_row__batch_id_status_number"),
        "import_row",
        ["batch_id", "status", "number"],
        unique=False,
    )
    op.bulk_insert(
        terms,
        [
            {
                "kind": kind,
                "code": code,
                "name": name,
                "name_en": english,
                "aliases": aliases,
                "position": position,
                "active": True,
            }
            for kind, words in (("sector", SECTORS), ("tag", TAGS), ("ownership", OWNERSHIPS))
            for position, (code, name, english, aliases) in enumerate(words)
        ],
    )
    op.execute(ADOPT)
