"""Enter many enterprises at once: the same rows and histories as one by one, in few statements."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, tuple_

from app.domain.access import Grant, Permission, Thing
from app.domain.enterprises import FIELDS
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.enterprises import Enterprise
from app.models.people import ENTERPRISE, Organisation
from app.services import Work
from app.services.enterprises import writing
from app.services.enterprises.writing import Facts

CODE = T("该统一社会信用代码已登记在其他企业名下")
NAME = T("该区划已有同名企业")


def taken(work: Work, wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Text]]:
    """Return for each set of facts which of them another enterprise has: a step of those who asked.

    What one of them takes, the later ones find taken.
    """
    codes = {facts["credit_code"] for facts in wanted if "credit_code" in facts}
    named = {(facts["place"], facts["name"]) for facts in wanted}
    held: set[Any] = set(
        work.session.scalars(
            select(Enterprise.credit_code).where(Enterprise.credit_code.in_(codes)),
            execution_options={"unscoped": "a credit code belongs to one enterprise anywhere"},
        )
    )
    held |= {
        (place, name)
        for place, name in work.session.execute(
            select(Organisation.place, Organisation.name).where(
                Organisation.kind == ENTERPRISE,
                tuple_(Organisation.place, Organisation.name).in_(named),
            )
        )
    }
    found: list[dict[str, Text]] = []
    for facts in wanted:
        code, name = facts.get("credit_code"), (facts["place"], facts["name"])
        errors = {"/credit_code": CODE} if code in held else {}
        if name in held:
            errors["/name"] = NAME
        found.append(errors)
        if not errors:
            held |= {code, name} - {None}
    return found


def enter_many(work: Work, wanted: Sequence[tuple[Facts, Mapping[str, Any]]]) -> list[int]:
    """Write new enterprises whose facts were checked and are nobody else's: a step of a job.

    With each comes what its history is to tell; the ids are in the same order.
    """
    if not wanted:
        return []
    grants: dict[str, Grant] = {}
    divisions: dict[str, tuple[str, ...]] = {}
    for place in {facts["place"] for facts, _told in wanted}:
        grants[place] = work.require(Permission.MANAGE_ENTERPRISES, Thing(place=place))
        divisions[place] = writing.around(work, place)
    made = work.session.scalars(
        insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True),
        [
            {"kind": ENTERPRISE, "place": facts["place"], "name": facts["name"], "revision": 1}
            for facts, _told in wanted
        ],
    )
    ids = list(made)
    rows = [
        {
            "id": enterprise_id,
            "place": facts["place"],
            **writing.keys_of(facts, divisions[facts["place"]]),
            **{
                key: writing.column_value(key, facts.get(key))
                for key in FIELDS
                if key not in writing.ELSEWHERE
            },
            "created_at": work.now,
            "updated_at": work.now,
            "revision": 1,
        }
        for enterprise_id, (facts, _told) in zip(ids, wanted, strict=True)
    ]
    work.session.execute(insert(Enterprise), rows)
    for enterprise_id, (facts, told) in zip(ids, wanted, strict=True):
        grant = grants[facts["place"]]
        work.record(Stream.ENTERPRISE, enterprise_id, "enterprise.create", grant, **told)
    return ids
