"""Who a lane is: which organisation, seen from the case, and which role there.

A lane's name in a diagram is looked up here and nowhere else; the English name stands here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.access import Role


class Relation(StrEnum):
    """Where an organisation stands, seen from a case."""

    OWNER = "owner"  # the organisation that owns the case
    SUBJECT = "subject"  # the enterprise or organisation that the case is about
    BESIDE = "beside"  # of a kind, in the owner's division or the nearest one above it
    COUNTY = "county"  # of a kind, in the subject's county or the nearest division above it
    UPPER = "upper"  # the emergency bureau of the division above the owner's


@dataclass(frozen=True, slots=True)
class Lane:
    """An organisation, relative to the case, and a role in it."""

    english: str
    relation: Relation
    role: Role
    kind: str = "emergency_bureau"
    """The kind of organisation, where `relation` leaves it open."""
    named: str = ""
    """The routing variable that names the person who is meant; whom it does not name is found by
    the inspectors, who do the task in their place. Where that would not do, as where the person
    signs, a diagram asks first (`find_expert`)."""


LANES: Mapping[str, Lane] = {
    "企业": Lane("Enterprise", Relation.SUBJECT, Role.PRINCIPAL),
    "职代会": Lane("Workers' congress", Relation.SUBJECT, Role.WORKERS_CONGRESS),
    "执法人员": Lane("Inspectors", Relation.OWNER, Role.STAFF),
    "法制审核": Lane("Legal review", Relation.OWNER, Role.LEGAL_REVIEWER),
    "集体讨论成员": Lane("Panel", Relation.OWNER, Role.PANEL_MEMBER),
    "听证主持人": Lane("Hearing host", Relation.OWNER, Role.HEARING_HOST),
    "分管领导": Lane("Deputy head", Relation.OWNER, Role.DEPUTY_HEAD),
    "主要负责人": Lane("Head", Relation.OWNER, Role.HEAD),
    "用印管理人": Lane("Seal keeper", Relation.OWNER, Role.SEAL_KEEPER),
    "专家": Lane("Expert", Relation.OWNER, Role.EXPERT, named="expert_name"),
    "县局": Lane("County bureau", Relation.COUNTY, Role.STAFF),
    "县局分管领导": Lane("County deputy head", Relation.COUNTY, Role.DEPUTY_HEAD),
    "县局主要负责人": Lane("County head", Relation.COUNTY, Role.HEAD),
    "县级人民政府": Lane(
        "County government", Relation.COUNTY, Role.GOVERNMENT_OFFICER, "government"
    ),
    "上级": Lane("Superior bureau", Relation.UPPER, Role.STAFF),
    "上级分管领导": Lane("Superior deputy head", Relation.UPPER, Role.DEPUTY_HEAD),
    "安委办": Lane(
        "Safety committee office", Relation.BESIDE, Role.COMMITTEE_OFFICE, "committee_office"
    ),
    "人民政府": Lane("Government", Relation.BESIDE, Role.GOVERNMENT_OFFICER, "government"),
    "政府领导": Lane("Government leader", Relation.BESIDE, Role.GOVERNMENT_LEADER, "government"),
    "政府用印管理人": Lane(
        "Government seal keeper", Relation.BESIDE, Role.GOVERNMENT_SEAL_KEEPER, "government"
    ),
    "司法局": Lane("Justice bureau", Relation.BESIDE, Role.LEGALITY_REVIEWER, "justice"),
    "工信部门": Lane("Industry department", Relation.BESIDE, Role.PARTNER, "industry"),
    "供电": Lane("Power supply", Relation.BESIDE, Role.PARTNER, "power_supply"),
    "供水": Lane("Water supply", Relation.BESIDE, Role.PARTNER, "water_supply"),
}
ENGLISH = {name: lane.english for name, lane in LANES.items()}
