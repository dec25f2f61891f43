"""The demo organisations and accounts: every role in 兴县, 吕梁市, 山西省 and one other county.

Everybody here is invented; each name says so.
"""

from dataclasses import dataclass

from app.domain.access import Role

PASSWORD = "bihuan-demo"  # noqa: S105  (shown on the sign-in page of a demo)
PIN = "260518"
MARK = "（演示）"


@dataclass(frozen=True, slots=True)
class Area:
    """A division whose bureau and neighbours get demo accounts."""

    place: str
    prefix: str
    name: str
    short: str
    level: str
    surname: str


AREAS = (
    Area("141123", "xingxian", "兴县", "兴", "县", "白"),
    Area("1411", "lvliang", "吕梁市", "吕", "市", "秦"),
    Area("14", "shanxi", "山西省", "晋", "省", "晋"),
    Area("141182", "fenyang", "汾阳市", "汾", "县", "杨"),
)

# kind of organisation -> (suffix of its name, roles with the account's suffix and given name)
Seats = tuple[tuple[str, Role, str], ...]
ORGANISATIONS: tuple[tuple[str, str, Seats], ...] = (
    (
        "emergency_bureau",
        "应急管理局",
        (
            ("staff1", Role.STAFF, "建国"),
            ("staff2", Role.STAFF, "志强"),
            ("staff3", Role.STAFF, "晓梅"),
            ("legal", Role.LEGAL_REVIEWER, "文博"),
            ("deputy", Role.DEPUTY_HEAD, "永刚"),
            ("head", Role.HEAD, "守正"),
            ("panel1", Role.PANEL_MEMBER, "立新"),
            ("panel2", Role.PANEL_MEMBER, "秀兰"),
            ("panel3", Role.PANEL_MEMBER, "海涛"),
            ("hearing", Role.HEARING_HOST, "公明"),
            ("seal", Role.SEAL_KEEPER, "慎之"),
            ("expert", Role.EXPERT, "博学"),
            ("auditor", Role.AUDITOR, "明察"),
            ("admin", Role.ADMIN, "维信"),
        ),
    ),
    (
        "committee_office",
        "安全生产委员会办公室",
        (("office", Role.COMMITTEE_OFFICE, "安宁"),),
    ),
    (
        "government",
        "人民政府",
        (
            ("gov", Role.GOVERNMENT_OFFICER, "承办"),
            ("gov2", Role.GOVERNMENT_OFFICER, "协理"),
            ("govhead", Role.GOVERNMENT_LEADER, "执中"),
            ("govdeputy", Role.GOVERNMENT_LEADER, "善政"),
            ("govseal", Role.GOVERNMENT_SEAL_KEEPER, "守印"),
        ),
    ),
    (
        "justice",
        "司法局",
        (
            ("justice", Role.LEGALITY_REVIEWER, "依法"),
            ("justice2", Role.LEGALITY_REVIEWER, "公正"),
        ),
    ),
    ("industry", "工业和信息化局", (("industry", Role.PARTNER, "兴业"),)),
    ("power_supply", "供电公司", (("power", Role.PARTNER, "光明"),)),
    ("water_supply", "供水公司", (("water", Role.PARTNER, "清源"),)),
)

ENTERPRISE: Seats = (
    ("plant", Role.PRINCIPAL, "厂长"),
    ("congress", Role.WORKERS_CONGRESS, "工友"),
)
# One plant an area with people of its own, so that both sides of a case can be played.
PLANTS = {
    "141123": ("兴县蔚汾特种铸造有限公司（演示）", "蔚汾镇工业路 1 号", "钢铁"),
    "1411": ("吕梁离石冶金制造有限公司（演示）", "离石区滨河北路 18 号", "钢铁"),
    "14": ("山西三晋铝业集团有限公司（演示）", "太原市小店区并州南路 6 号", "铝加工"),
    "141182": ("汾阳杏花食品有限公司（演示）", "杏花村镇酒都大道 9 号", "食品"),
}
# Every other plant of the demo's list has the same two people: 兴县 1 is `xingxian.plant01`.
LISTED: Seats = (
    ("plant{:02}", Role.PRINCIPAL, "厂长"),
    ("congress{:02}", Role.WORKERS_CONGRESS, "工友"),
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
