"""Which clauses a hazard cites, in the version that holds when it is written.

The words are the hazard's own and may be changed; what they cite is read from them, so that a
citation that was taken out is not kept, and one that was typed is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from app.domain.clauses import cites, titled
from app.models.clauses import Clause, Law
from app.services import Work
from app.services.clauses.reading import in_force

FROM = ("basis", "criterion")
"""The facts of a hazard that cite."""


class Citations:
    """What the hazards of one step cite; laws and their clauses are read once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._laws: Sequence[Row[*tuple[Any, ...]]] | None = None
        self._clauses: dict[int, list[dict[str, Any]]] = {}
        self.told: list[dict[str, Any]] = []
        """The clauses cited so far, each once."""

    def of(self, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the clauses that the facts of a hazard cite, and add them to those told.

        Each says law, version, title and article, in the order in which laws were published.
        """
        text = "\n".join(str(facts.get(key) or "") for key in FROM)
        if "《" not in text:
            return []
        named = [law for law in self._in_force() if titled(law.name) in text]
        clauses = (clause for law in named for clause in self._of_law(law))
        found = {
            (clause["law"], clause["article"]): clause
            for clause in clauses
            if cites(text, clause["name"], clause["article"])
        }
        self.told += [one for one in found.values() if one not in self.told]
        return list(found.values())

    def _in_force(self) -> Sequence[Row[*tuple[Any, ...]]]:
        if self._laws is None:
            columns = (Law.id, Law.code, Law.version, Law.name)
            laws = select(*columns).where(*in_force(self._work)).order_by(Law.id)
            self._laws = self._work.session.execute(laws).all()
        return self._laws

    def _of_law(self, law: Row[*tuple[Any, ...]]) -> list[dict[str, Any]]:
        if law.id not in self._clauses:
            articles = self._work.session.scalars(
                select(Clause.article).where(Clause.law_id == law.id).order_by(Clause.position)
            )
            about = {"law": law.code, "version": law.version, "name": law.name}
            self._clauses[law.id] = [{**about, "article": article} for article in articles]
        return self._clauses[law.id]
