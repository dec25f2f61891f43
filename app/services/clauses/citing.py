"""Which clauses a hazard cites, in the version that holds when it is written.

The words are the hazard's own and may be changed; what they cite is read from them, so that a
citation that was taken out is not kept, and one that was typed is.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.domain.clauses import cites, titled
from app.models.clauses import Clause, Law
from app.services import Work
from app.services.clauses.reading import in_force

FROM = ("basis", "criterion")
"""The facts of a hazard that cite."""


def cited_by(
    work: Work, facts: Mapping[str, Any], told: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the clauses that the facts of a hazard cite: a step of writing it.

    Each says law, version, title and article, in the order in which laws were published.

    :param told: the clauses that the step's hazards cite, to which these are added
    """
    text = "\n".join(str(facts.get(key) or "") for key in FROM)
    if "《" not in text:
        return []
    laws = work.session.execute(select(Law.id, Law.name).where(*in_force(work))).all()
    named = [row.id for row in laws if titled(row.name) in text]
    if not named:
        return []
    rows = work.session.execute(
        select(Law.code, Law.version, Law.name, Clause.article)
        .join(Clause, Clause.law_id == Law.id)
        .where(Law.id.in_(named))
        .order_by(Law.id, Clause.position)
    )
    found = {
        (row.code, row.article): {
            "law": row.code,
            "version": row.version,
            "name": row.name,
            "article": row.article,
        }
        for row in rows
        if cites(text, row.name, row.article)
    }
    told += [one for one in found.values() if one not in told]
    return list(found.values())
