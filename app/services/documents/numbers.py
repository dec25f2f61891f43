"""Numbers of papers: without a gap per organisation, kind and year.

A number is taken by the transaction that issues the paper, and goes back with it. The row is locked
until then, so that nobody gets the number after one that may still be undone.
"""

from sqlalchemy.dialects import postgresql, sqlite

from app.domain.deadlines import BEIJING
from app.models.documents import NumberCounter
from app.services import Work


def take(work: Work, organisation_id: int, kind: str) -> tuple[int, int]:
    """Return the year, by the business clock in Beijing, and the next number: a step of issuing."""
    year = work.now.astimezone(BEIJING).year
    insert = sqlite.insert if work.deps.database.sqlite else postgresql.insert
    counted = (
        insert(NumberCounter)
        .values(organisation_id=organisation_id, kind=kind, year=year, last=1)
        .on_conflict_do_update(
            index_elements=["organisation_id", "kind", "year"],
            set_={"last": NumberCounter.last + 1},
        )
        .returning(NumberCounter.last)
    )
    last = work.session.scalar(counted, execution_options={"unscoped": "the next number"})
    if last is None:
        raise RuntimeError("The counter gave no number")
    return year, last
