"""Which nodes and sequence flows of the diagrams have been passed, and which have not."""

import json
from collections import Counter, defaultdict
from functools import cache

from sqlalchemy import select

from app.domain.history import Stream
from app.models import Unscoped
from app.models.casework import Case
from app.models.records import HistoryEntry
from app.models.scope import open_session
from tests.diagrams import walker
from tests.diagrams.course import PROCEDURES


@cache
def diagrams(procedure):
    """Return in which diagram each node and flow of a procedure is drawn: its own, or a part."""
    definition = walker.load(procedure)[0]
    found = {node: name for name, process in definition.processes.items() for node in process.nodes}
    return found | {id_: found[flow.source] for id_, flow in definition.flows.items()}


def counted(procedure, element):
    """Return as what an element is counted: the diagram that draws it, and its id."""
    return diagrams(procedure).get(element, procedure), element


class Seen:
    """Counts how often each element of each diagram was passed, a part's in whatever called it."""

    def __init__(self):
        self.passed = Counter()

    def add(self, procedure, elements):
        self.passed.update(counted(procedure, id_) for id_ in elements)

    def read(self, database):
        """Add what the history of a database says, as a story has left it."""
        with open_session(database.reading, Unscoped("what a journey has passed")) as session:
            lines = (
                select(Case.procedure, HistoryEntry.body)
                .join(Case, Case.id == HistoryEntry.subject)
                .where(HistoryEntry.stream == Stream.CASE)
            )
            for procedure, body in session.execute(lines):
                self.add(procedure, json.loads(body).get("detail", {}).get("passed", ()))

    def of(self, procedure, element):
        """Return how often an element of a procedure was passed."""
        return self.passed[counted(procedure, element)]

    def unseen(self, procedure):
        """Return how many flows of a procedure, its parts too, nobody has taken."""
        flows = walker.load(procedure)[0].flows
        return sum(1 for id_ in flows if not self.of(procedure, id_))

    @staticmethod
    def flows():
        """Return every sequence flow, by diagram."""
        found = defaultdict(set)
        for procedure in PROCEDURES:
            drawn = diagrams(procedure)
            for id_ in walker.load(procedure)[0].flows:
                found[drawn[id_]].add(id_)
        return found

    def left(self):
        """Return the sequence flows that nobody has taken, by diagram."""
        found = {
            diagram: sorted(id_ for id_ in flows if not self.passed[diagram, id_])
            for diagram, flows in self.flows().items()
        }
        return {diagram: flows for diagram, flows in found.items() if flows}

    def __str__(self):
        flows, left = self.flows(), self.left()
        total, missing = sum(map(len, flows.values())), sum(map(len, left.values()))
        lines = [f"sequence flows taken: {total - missing} of {total} in {len(flows)} diagrams"]
        for diagram, ids in sorted(left.items()):
            lines.append(f"  {diagram}: {len(ids)} of {len(flows[diagram])} not: {' '.join(ids)}")
        return "\n".join(lines)
