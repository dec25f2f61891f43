"""Who may do what, and where: roles, areas, and the whole permission table.

An *area* (辖区) is written as a place: the significant digits of a GB/T 2260 code ("14" 山西省,
"1411" 吕梁市, "141123" 兴县), followed by a letter and digits for a development zone ("141123K01").
A place contains every place that begins with it; "" is the whole country.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain import Forbidden
from app.domain.text import T, Text


class Family(StrEnum):
    """What an organisation is in law; its kind (应急管理局, 供电公司 …) is data."""

    BUREAU = "bureau"
    GOVERNMENT = "government"
    PARTNER = "partner"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    STAFF = "staff"
    LEGAL_REVIEWER = "legal_reviewer"
    DEPUTY_HEAD = "deputy_head"
    HEAD = "head"
    PANEL_MEMBER = "panel_member"
    HEARING_HOST = "hearing_host"
    SEAL_KEEPER = "seal_keeper"
    COMMITTEE_OFFICE = "committee_office"
    GOVERNMENT_OFFICER = "government_officer"
    GOVERNMENT_LEADER = "government_leader"
    GOVERNMENT_SEAL_KEEPER = "government_seal_keeper"
    LEGALITY_REVIEWER = "legality_reviewer"
    PRINCIPAL = "principal"
    WORKERS_CONGRESS = "workers_congress"
    EXPERT = "expert"
    PARTNER = "partner"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_NAMES: Mapping[Role, Text] = {
    Role.STAFF: T("执法人员"),
    Role.LEGAL_REVIEWER: T("法制审核人员"),
    Role.DEPUTY_HEAD: T("分管领导"),
    Role.HEAD: T("主要负责人"),
    Role.PANEL_MEMBER: T("集体讨论成员"),
    Role.HEARING_HOST: T("听证主持人"),
    Role.SEAL_KEEPER: T("用印管理人"),
    Role.COMMITTEE_OFFICE: T("安委办"),
    Role.GOVERNMENT_OFFICER: T("人民政府经办"),
    Role.GOVERNMENT_LEADER: T("政府领导"),
    Role.GOVERNMENT_SEAL_KEEPER: T("政府用印管理人"),
    Role.LEGALITY_REVIEWER: T("合法性审查人员"),
    Role.PRINCIPAL: T("企业主要负责人"),
    Role.WORKERS_CONGRESS: T("职代会"),
    Role.EXPERT: T("专家"),
    Role.PARTNER: T("协同部门"),
    Role.AUDITOR: T("督查审计人员"),
    Role.ADMIN: T("系统管理员"),
}

BUREAU_ROLES = frozenset(
    {
        Role.STAFF,
        Role.LEGAL_REVIEWER,
        Role.DEPUTY_HEAD,
        Role.HEAD,
        Role.PANEL_MEMBER,
        Role.HEARING_HOST,
        Role.SEAL_KEEPER,
        Role.COMMITTEE_OFFICE,
    }
)
LEADERS = frozenset({Role.DEPUTY_HEAD, Role.HEAD})
SEAL_KEEPERS = frozenset({Role.SEAL_KEEPER, Role.GOVERNMENT_SEAL_KEEPER})
# Who serves papers for their organ, each under the number of a licence.
OFFICERS = frozenset({Role.STAFF, Role.GOVERNMENT_OFFICER})
# A deputy (授权代理) never gets these: who gives out roles is decided by giving that role itself.
NOT_DELEGATED = frozenset({Role.ADMIN})

# A role can be held only in an organisation of one of these families.
ROLE_FAMILIES: Mapping[Role, frozenset[Family]] = {
    **dict.fromkeys(BUREAU_ROLES, frozenset({Family.BUREAU})),
    Role.EXPERT: frozenset({Family.BUREAU}),
    Role.GOVERNMENT_OFFICER: frozenset({Family.GOVERNMENT}),
    Role.GOVERNMENT_LEADER: frozenset({Family.GOVERNMENT}),
    Role.GOVERNMENT_SEAL_KEEPER: frozenset({Family.GOVERNMENT}),
    Role.LEGALITY_REVIEWER: frozenset({Family.PARTNER}),
    Role.PARTNER: frozenset({Family.PARTNER}),
    Role.PRINCIPAL: frozenset({Family.ENTERPRISE}),
    Role.WORKERS_CONGRESS: frozenset({Family.ENTERPRISE}),
    Role.AUDITOR: frozenset({Family.BUREAU, Family.GOVERNMENT, Family.PARTNER}),
    Role.ADMIN: frozenset({Family.BUREAU}),
}

OF_ENTERPRISES = frozenset({Role.PRINCIPAL, Role.WORKERS_CONGRESS})


def incompatible(one: Role, other: Role) -> bool:
    """Test whether nobody may hold both roles: who is watched does not watch, nor speak for both.

    The principal of an enterprise is neither its workers' congress, which hears them, nor anybody
    of an office.
    """
    if one is other:
        return False
    both = {one, other}
    return both == OF_ENTERPRISES or len(both & OF_ENTERPRISES) == 1


# Who sees an area by its prefix; all others see only what they take part in.
SEES_AREA = BUREAU_ROLES | {Role.AUDITOR}


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one organisation; a deputy (授权代理) acts `on_behalf_of` an account."""

    role: Role
    organisation: int
    place: str
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a signed-in person with every grant they hold, or the system itself."""

    id: int | None
    name: str
    grants: tuple[Grant, ...] = ()


SYSTEM = Actor(id=None, name="系统")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a permission is asked for: where it lies, and whose task it is."""

    place: str = ""
    organisation: int | None = None
    role: Role | None = None
    account: int | None = None


def stem(code: str) -> str:
    """Return the place of a six-digit GB/T 2260 `code`: its digits up to the last level in use."""
    digits = code.rstrip("0")
    return digits + "0" * (len(digits) % 2)


def code_of(place: str) -> str:
    """Return the GB/T 2260 code of a place; a zone has none, and keeps its place."""
    padded = place.ljust(6, "0")
    return padded if stem(padded) == place else place


def covers(wide: str, narrow: str) -> bool:
    """Test whether the place `wide` contains the place `narrow`."""
    return narrow.startswith(wide)


def above(place: str) -> list[str]:
    """Return a place and every place around it, the nearest first."""
    digits = place.partition("K")[0]
    wider = [digits[:length] for length in range(len(digits), -1, -2)]
    return wider if digits == place else [place, *wider]


def widest(places: Iterable[str]) -> tuple[str, ...]:
    """Return the places of which none lies inside another, in order."""
    found: list[str] = []
    for place in sorted(set(places)):
        if not any(covers(other, place) for other in found):
            found.append(place)
    return tuple(found)


def areas(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Return the widest places that `grants` let somebody see, none inside another."""
    return widest(grant.place for grant in grants if grant.role in SEES_AREA)


class Permission(StrEnum):
    """Something a person can do; `TABLE` says who."""

    OWN_ACCOUNT = "account:own"
    SEE_ORGANISATIONS = "organisation:see"
    MANAGE_ORGANISATIONS = "organisation:manage"
    MANAGE_ACCOUNTS = "account:manage"
    SEE_ENTERPRISES = "enterprise:see"
    MANAGE_ENTERPRISES = "enterprise:manage"
    EDIT_OWN_ENTERPRISE = "enterprise:own"
    CONFIRM_SERVICE = "enterprise:serve"
    SEE_HAZARDS = "hazard:see"
    SEE_DRAWS = "draw:see"
    DECLARE_INTEREST = "draw:declare"
    SEE_SCORING = "scoring:see"
    MANAGE_SCORING = "scoring:manage"
    MANAGE_TERMS = "term:manage"
    SEE_CHECKLISTS = "checklist:see"
    MANAGE_CHECKLISTS = "checklist:manage"
    SEE_PROCEDURES = "procedure:see"
    DEPLOY = "procedure:deploy"
    START_CASE = "case:start"
    SEE_CASE = "case:see"
    CANCEL_CASE = "case:cancel"
    MAKE_CASE_FILE = "case:file"
    SEE_CAMPAIGN = "campaign:see"
    MOVE_CAMPAIGN_DAY = "campaign:move"
    TEND_CAMPAIGN = "campaign:tend"
    SEE_REPORTS = "report:see"
    MANAGE_TABLES = "table:manage"
    PERFORM_TASK = "task:perform"
    MANAGE_TASK = "task:manage"
    URGE_TASK = "task:urge"
    UPLOAD = "file:upload"
    SEE_FILE = "file:see"
    SEE_DOCUMENT = "document:see"
    SIGN_DOCUMENT = "document:sign"
    VOID_DOCUMENT = "document:void"
    SET_PAPERS = "document:set"
    SEE_CLAUSES = "clause:see"
    MANAGE_CLAUSES = "clause:manage"
    SEE_WORDING = "wording:see"
    MANAGE_WORDING = "wording:manage"
    MANAGE_KEYS = "key:manage"
    SEE_INCIDENT = "incident:see"
    MANAGE_INCIDENT = "incident:manage"
    VERIFY_HISTORY = "history:verify"
    SEARCH_HISTORY = "history:search"
    SEE_CALENDAR = "calendar:see"
    PUBLISH_CALENDAR = "calendar:publish"
    MOVE_CLOCK = "clock:move"


Rule = Callable[[Actor, Grant, Thing], bool]


def anywhere(_actor: Actor, _grant: Grant, _thing: Thing) -> bool:
    return True


def in_area(_actor: Actor, grant: Grant, thing: Thing) -> bool:
    return covers(grant.place, thing.place)


def in_lane(_actor: Actor, grant: Grant, thing: Thing) -> bool:
    """The task belongs to this role of this organisation."""
    return grant.organisation == thing.organisation and grant.role == thing.role


def not_oneself(actor: Actor, grant: Grant, thing: Thing) -> bool:
    """Nobody gives themselves a role (职责分离), nor has a deputy give it."""
    return thing.account is None or thing.account not in (actor.id, grant.on_behalf_of)


def of_organisation(_actor: Actor, grant: Grant, thing: Thing) -> bool:
    return grant.organisation == thing.organisation


ANYBODY = frozenset(Role)
ADMINS = frozenset({Role.ADMIN})
# A principal, for the enterprise that is their own.
OWN_PLANT = frozenset({Role.PRINCIPAL}), (of_organisation,)
STARTERS = frozenset({Role.STAFF, Role.COMMITTEE_OFFICE, Role.PARTNER})

# Any one row grants the permission: the grant's role is in the set, and every rule holds.
TABLE: Mapping[Permission, tuple[tuple[frozenset[Role], tuple[Rule, ...]], ...]] = {
    Permission.OWN_ACCOUNT: ((ANYBODY, (anywhere,)),),
    Permission.SEE_ORGANISATIONS: ((ANYBODY, (anywhere,)),),
    Permission.MANAGE_ORGANISATIONS: ((ADMINS, (in_area,)),),
    Permission.MANAGE_ACCOUNTS: ((ADMINS, (in_area, not_oneself)),),
    # Which enterprises are seen at all, the scope guard decides.
    Permission.SEE_ENTERPRISES: ((ANYBODY - ADMINS, (anywhere,)),),
    Permission.MANAGE_ENTERPRISES: ((frozenset({Role.STAFF}), (in_area,)),),
    Permission.EDIT_OWN_ENTERPRISE: (OWN_PLANT,),
    # Where papers may be sent the enterprise itself says, or staff enter what it signed.
    Permission.CONFIRM_SERVICE: ((frozenset({Role.STAFF}), (in_area,)), OWN_PLANT),
    # The offices of an area, and the enterprise itself: the scope guard decides.
    Permission.SEE_HAZARDS: ((SEES_AREA | {Role.PRINCIPAL, Role.WORKERS_CONGRESS}, (anywhere,)),),
    # A draw lies where its city does, out of the sight of the counties it is about.
    Permission.SEE_DRAWS: ((SEES_AREA, (anywhere,)),),
    Permission.DECLARE_INTEREST: ((frozenset({Role.STAFF}), (of_organisation,)),),
    # By which rule counties are scored holds for everybody, as the tables of statistics do.
    Permission.SEE_SCORING: ((SEES_AREA | ADMINS, (anywhere,)),),
    Permission.MANAGE_SCORING: ((ADMINS, (in_area,)),),
    # The registry's words hold for everybody: the topmost bureau's administrators keep them.
    Permission.MANAGE_TERMS: ((ADMINS, (in_area,)),),
    # What inspections look for is no secret; it holds for everybody, as the words do.
    Permission.SEE_CHECKLISTS: ((ANYBODY, (anywhere,)),),
    Permission.MANAGE_CHECKLISTS: ((ADMINS, (in_area,)),),
    # Laws are public; who writes a hazard looks its basis up, and the topmost bureau keeps them.
    Permission.SEE_CLAUSES: ((ANYBODY, (anywhere,)),),
    Permission.MANAGE_CLAUSES: ((ADMINS, (in_area,)),),
    # What papers say stands on papers; it holds for everybody, as the checklists do.
    Permission.SEE_WORDING: ((ANYBODY, (anywhere,)),),
    Permission.MANAGE_WORDING: ((ADMINS, (in_area,)),),
    Permission.SEE_PROCEDURES: ((ANYBODY, (anywhere,)),),
    # Diagrams rule everybody's cases: only an administrator of the whole installation deploys.
    Permission.DEPLOY: ((ADMINS, (in_area,)),),
    # A case is started by its owner, about somebody in its area, or by the enterprise itself.
    Permission.START_CASE: ((STARTERS, (of_organisation, in_area)), OWN_PLANT),
    # What is seen at all, the scope guard decides; the roles here may look at cases.
    Permission.SEE_CASE: ((ANYBODY - ADMINS, (anywhere,)),),
    Permission.CANCEL_CASE: ((LEADERS, (of_organisation,)),),
    # The whole of a case in one file is for those who see the whole of it.
    Permission.MAKE_CASE_FILE: ((SEES_AREA, (in_area,)),),
    # A campaign is seen by the offices of its area; its days are the leaders' to move.
    Permission.SEE_CAMPAIGN: ((SEES_AREA, (anywhere,)),),
    Permission.MOVE_CAMPAIGN_DAY: ((LEADERS, (of_organisation,)),),
    Permission.TEND_CAMPAIGN: ((frozenset({Role.STAFF}), (of_organisation,)),),
    # Who reports sees their own, offices those of their area: the scope guard decides. The tables
    # hold for everybody, as the words do.
    Permission.SEE_REPORTS: ((SEES_AREA | ADMINS | {Role.PRINCIPAL}, (anywhere,)),),
    Permission.MANAGE_TABLES: ((ADMINS, (in_area,)),),
    Permission.PERFORM_TASK: ((ANYBODY, (in_lane,)),),
    # A leader of the acting organisation may hand a task over as well as its performer.
    Permission.MANAGE_TASK: ((ANYBODY, (in_lane,)), (LEADERS, (of_organisation,))),
    Permission.URGE_TASK: ((ANYBODY - ADMINS, (anywhere,)),),
    Permission.UPLOAD: ((ANYBODY - ADMINS, (anywhere,)),),
    Permission.SEE_FILE: ((ANYBODY - ADMINS, (anywhere,)),),
    # Which papers, the scope guard decides; who signs one, its task and the paper itself say.
    Permission.SEE_DOCUMENT: ((ANYBODY - ADMINS, (anywhere,)),),
    Permission.SIGN_DOCUMENT: ((ANYBODY - ADMINS, (in_lane,)),),
    # A paper is its own organ's to take back, a government's by its leader.
    Permission.VOID_DOCUMENT: ((LEADERS | {Role.GOVERNMENT_LEADER}, (of_organisation,)),),
    # What an office's papers say of it, and who may sign them: never one's own certificate.
    Permission.SET_PAPERS: ((ADMINS, (in_area,)),),
    Permission.MANAGE_KEYS: ((ADMINS, (in_area, not_oneself)),),
    Permission.SEE_INCIDENT: ((ADMINS | LEADERS, (in_area,)),),
    Permission.MANAGE_INCIDENT: ((ADMINS, (in_area,)),),
    # Whose cases, the scope guard decides.
    Permission.VERIFY_HISTORY: ((frozenset({Role.AUDITOR}), (anywhere,)),),
    # Every history of the area (督查、审计), those of accounts too.
    Permission.SEARCH_HISTORY: ((frozenset({Role.AUDITOR}), (in_area,)),),
    Permission.SEE_CALENDAR: ((ANYBODY, (anywhere,)),),
    # Working days hold for everybody: the topmost bureau's administrators publish them.
    Permission.PUBLISH_CALENDAR: ((ADMINS, (in_area,)),),
    # Only a demo's clock can be moved, and there anybody may.
    Permission.MOVE_CLOCK: ((ANYBODY, (anywhere,)),),
}


def leads(actor: Actor, organisation: int) -> bool:
    """Test whether `actor` is a leader of an organisation."""
    return any(g.role in LEADERS and g.organisation == organisation for g in actor.grants)


def granted_by(actor: Actor, permission: Permission, thing: Thing) -> Grant | None:
    """Return the grant that gives `actor` the permission on `thing`, or None."""
    for roles, rules in TABLE[permission]:
        for grant in actor.grants:
            if grant.role in roles and all(rule(actor, grant, thing) for rule in rules):
                return grant
    return None


def require(actor: Actor, permission: Permission, thing: Thing) -> Grant:
    """Return the grant that gives the permission: history records it.

    :raises Forbidden: if there is none
    """
    grant = granted_by(actor, permission, thing)
    if grant is None:
        raise Forbidden(T("您没有办理此事项的权限"))
    return grant


def may_somewhere(actor: Actor, permission: Permission) -> bool:
    """Test whether `actor` holds a role that the permission names: what menus ask."""
    roles = {role for row_roles, _rules in TABLE[permission] for role in row_roles}
    return any(grant.role in roles for grant in actor.grants)


def places(actor: Actor, permission: Permission) -> tuple[str, ...]:
    """Return the widest places in which `actor` holds a permission that goes by area.

    Who sees a wide area by one role may hold the permission by another, in a part of it only.
    """
    roles = {
        role for row_roles, rules in TABLE[permission] if in_area in rules for role in row_roles
    }
    return widest(grant.place for grant in actor.grants if grant.role in roles)


def require_somewhere(actor: Actor, permission: Permission) -> None:
    """Ask for a permission before a list whose rows the scope guard chooses.

    :raises Forbidden: if `actor` holds no role that the permission names
    """
    if not may_somewhere(actor, permission):
        raise Forbidden(T("您没有办理此事项的权限"))
