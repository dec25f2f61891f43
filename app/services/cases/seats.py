"""Which organisation and role a lane of `app.domain.lanes` means in a case."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.access import Role, above
from app.domain.lanes import LANES, Relation
from app.domain.text import T
from app.engine import CaseFault
from app.models.people import Account, Organisation, RoleGrant
from app.services import Work
from app.services.cases.locked import LOCKED, Locked

INSPECTORS = "执法人员"


def seat(work: Work, case: Locked, lane_name: str) -> tuple[int, Role]:
    """Return the organisation and role that a lane means in this case.

    :raises CaseFault: if there is no such organisation
    """
    if lane_name not in case.seats:
        lane = LANES[lane_name]
        organisation: int | None
        match lane.relation:
            case Relation.OWNER:
                organisation = case.owner_id
            case Relation.SUBJECT:
                organisation = case.subject_id
            case Relation.BESIDE:
                organisation = _nearest(work, lane.kind, above(case.place))
            case Relation.UPPER:
                organisation = superior(work, case.place)
            case Relation.COUNTY:
                home = select(Organisation.place).where(Organisation.id == case.subject_id)
                place = work.session.scalar(home, execution_options=LOCKED) or ""
                organisation = _nearest(work, lane.kind, above(place))
        if organisation is None:
            raise CaseFault(T("没有找到“{lane}”对应的单位，请先登记", lane=lane_name))
        case.seats[lane_name] = (organisation, lane.role)
    return case.seats[lane_name]


def office(work: Work, case: Locked, lane_name: str) -> tuple[int, str]:
    """Return the organisation that a lane means and its place; without a lane, the case's owner."""
    if not lane_name:
        return case.owner_id, case.place
    organisation = seat(work, case, lane_name)[0]
    home = select(Organisation.place).where(Organisation.id == organisation)
    return organisation, work.session.scalars(home, execution_options=LOCKED).one()


def seat_for(
    work: Work, case: Locked, lane_name: str, variables: Mapping[str, Any]
) -> tuple[tuple[int, Role], int | None]:
    """Return the organisation and role that a lane means, and the person if it names one.

    Who is named but has no account there is found by the inspectors, who enter what they said.
    """
    seated, lane = seat(work, case, lane_name), LANES[lane_name]
    if not lane.named:
        return seated, None
    person = voice(work, case, seated, variables.get(lane.named))
    return (seated, person) if person is not None else (seat(work, case, INSPECTORS), None)


def superior(work: Work, place: str) -> int | None:
    """Return the nearest bureau above a place, or None: the topmost has none."""
    return _nearest(work, LANES["上级"].kind, above(place)[1:])


def voice(work: Work, case: Locked, seated: tuple[int, Role], name: object) -> int | None:
    """Return who of a role bears a name: the voice of a named member (会签) is theirs alone.

    None if nobody does, or more than one: then any holder of the role may speak, each once.
    """
    if seated not in case.holders:
        organisation, role = seated
        rows = work.session.execute(
            select(Account.name, Account.id)
            .distinct()
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(RoleGrant.organisation_id == organisation, RoleGrant.role == role)
            .where(Account.active),
            execution_options=LOCKED,
        ).all()
        alike = Counter(row.name for row in rows)
        case.holders[seated] = {row.name: row.id for row in rows if alike[row.name] == 1}
    return case.holders[seated].get(name.strip()) if isinstance(name, str) else None


def _nearest(work: Work, kind: str, places: Sequence[str]) -> int | None:
    rows = work.session.execute(
        select(Organisation.place, Organisation.id)
        .where(Organisation.kind == kind, Organisation.place.in_(places), Organisation.active)
        .order_by(Organisation.id),
        execution_options=LOCKED,
    ).all()
    by_place: dict[str, int] = {}
    for place, organisation in rows:
        by_place.setdefault(place, organisation)
    return next((by_place[place] for place in places if place in by_place), None)
