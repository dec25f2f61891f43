"""The demo's enterprises: one plant an area with people of its own, and the list of 兴县."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.domain.access import Actor, Grant, Role
from app.domain.imports import ImportState, Treatment
from app.models.imports import ImportBatch
from app.models.people import Account, Organisation, RoleGrant
from app.services import Work
from app.services.demo.people import PLANTS, Area
from app.services.demo.sample import FILE, sample
from app.services.enterprises import writing
from app.services.imports import carrying
from app.services.imports import reading as lists

# What the registry knows of the plants; codes of an office that does not exist (MADEM).
FACTS: dict[str, dict[str, Any]] = {
    "141123": {
        "credit_code": "91141123MADEM00014",
        "sector": "steel",
        "tags": ["metal", "confined"],
        "longitude": 111.1268,
        "latitude": 38.4631,
        "electricity_account": "0358110001",
        "dust_workers": 12,
        "capacities": [{"name": "铸钢件", "amount": 3, "unit": "万吨/年", "state": "used"}],
        "equipment": [
            {"name": "中频炉", "model": "GW-5T", "amount": 2, "state": "used"},
            {
                "name": "工频炉",
                "model": "3T",
                "amount": 1,
                "state": "sealed",
                "catalogued": True,
            },
        ],
        "cranes": [{"name": "1 号桥式起重机", "tonnes": 16, "metallurgical": True}],
        "permits": [{"name": "排污许可证", "number": "（演示）001", "issuer": "吕梁市（演示）"}],
    },
    "1411": {"credit_code": "91141102MADEM0002R", "sector": "steel", "tags": ["metal"]},
    "14": {
        "credit_code": "91140105MADEM0003U",
        "sector": "aluminium_products",
        "tags": ["casting"],
    },
    "141182": {"credit_code": "91141182MADEM0004U", "sector": "food", "tags": ["ammonia"]},
}
LEVELS = {"省": "province", "市": "city", "县": "county"}


@contextmanager
def _acting(work: Work, area: Area) -> Iterator[None]:
    """Let the inspector of an area do what is done inside."""
    row = work.session.execute(
        select(Account.id, Account.name, Organisation.id.label("bureau"))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(Organisation.place == area.place, RoleGrant.role == Role.STAFF)
        .order_by(Account.id)
        .limit(1)
    ).one()
    before = work.actor
    work.actor = Actor(row.id, row.name, (Grant(Role.STAFF, row.bureau, area.place),))
    try:
        yield
    finally:
        work.actor = before


def enter_plant(work: Work, area: Area) -> Organisation:
    """Enter the plant of an area into the registry, as its inspector would."""
    name, address, _sector = PLANTS[area.place]
    facts = {
        "name": name,
        "place": area.place,
        "address": address,
        "supervision": LEVELS[area.level],
        "ownership": "private",
        "production": "normal",
        "principal": f"{area.surname}厂长（演示）",
        "phone": "0358-6000000",
        "grade": "third",
        **FACTS[area.place],
    }
    with _acting(work, area):
        created = writing.create(work, facts)
    return work.session.get_one(Organisation, created)


def import_list(work: Work, area: Area) -> None:
    """Import the list that comes with the product, as the inspector of 兴县 would."""
    data = sample()
    origin, table = lists.listed(data)
    with _acting(work, area):
        (grant,) = work.actor.grants
        batch = ImportBatch(
            place=area.place,
            organisation_id=grant.organisation,
            role=grant.role,
            created_by=work.me,
            confirmed_by=work.me,
            created_at=work.now,
            name=FILE.name,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            state=ImportState.READING,
        )
        work.session.add(batch)
        work.session.flush()
        lists.keep(work, batch.id, origin, table, lists.judged(work, area.place, table))
        batch.state, batch.whole = ImportState.RUNNING, True
        batch.on_same = Treatment.UPDATE
        carrying.carry_some(work, batch, 0, len(table.lines) + 1)
