"""The enterprises of a list with all plain facts, to be taken away as a file."""

from typing import Any

from sqlalchemy import select

from app.domain.access import Permission
from app.models.enterprises import Enterprise
from app.services import Work
from app.services.enterprises.registry import NAMED, Wanted, narrowed

MOST = 50_000
PLAIN = (
    *("credit_code", "place", "address", "longitude", "latitude", "supervision", "ownership"),
    *("sector", "tags", "principal", "phone", "contact", "contact_phone", "points"),
    *("production", "idle", "key", "worrisome", "catalogued", "grade", "dust_workers"),
    *("dispatched", "electricity_account", "insurer", "policy", "insured_until", "remark"),
    *("life", "card", "blacklisted"),
)


def everything(work: Work, wanted: Wanted) -> list[dict[str, Any]]:
    """Return all enterprises that `wanted` asks for, by name, as far as the actor sees them."""
    work.require_somewhere(Permission.SEE_ENTERPRISES)
    columns = [getattr(Enterprise, key) for key in PLAIN]
    query = narrowed(select(NAMED.c.name, *columns), wanted)
    rows = work.session.execute(query.order_by(NAMED.c.name, Enterprise.id).limit(MOST))
    return [dict(row) for row in rows.mappings()]
