"""Count the ledgers for a report: each figure with the list behind it, as of a moment."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select

from app.domain.casework import ItemStatus
from app.domain.documents import DocumentState
from app.domain.hazards import BY_PLANTS, STATES, HazardState
from app.domain.lazy import lazy
from app.domain.statistics import By
from app.models.campaigns import CampaignMember
from app.models.casework import Case, WorkItem, counts_for, visited
from app.models.documents import Document
from app.models.hazards import Hazard
from app.services import Work
from app.services.reports import STEP, Held

RECORD, ORDER, MEASURE, STOP = (
    "inspection_record",
    "rectification_order",
    "on_site_measure",
    "stop_decision",
)
EXPERTS = ("expert", "expert_paper")
"""The tasks in which an expert's opinion is given or entered."""


@dataclass(frozen=True, slots=True)
class Found:
    """A figure, and the ids of what it counts."""

    number: int
    behind: tuple[int, ...] = ()


@dataclass
class Ledgers:
    """The ledgers of a report from one moment to another: a step of those who draft it.

    Hazards count whoever found them, inspections and papers as far as they are the office's own.
    """

    work: Work
    report: Held
    since: datetime
    until: datetime

    @property
    def who(self) -> Select[int]:
        """The ids of the enterprises that it is about."""
        if self.report.by is By.PLANT:
            return select(literal(self.report.organisation_id))
        return select(CampaignMember.enterprise_id).where(
            CampaignMember.campaign_id == self.report.campaign_id
        )

    def count(self, source: str) -> Found:
        """Return the figure of a source of `app.domain.statistics`."""
        return COUNTED[source](self)

    @lazy
    def _hazards(self) -> list[Any]:
        rows = self.work.session.execute(
            select(Hazard.id, Hazard.major, Hazard.procedure, Hazard.closed_at)
            .where(Hazard.enterprise_id.in_(self.who))
            .where(Hazard.found_at >= self.since, Hazard.found_at <= self.until)
            .order_by(Hazard.id),
            execution_options=STEP,
        )
        return list(rows)

    def hazards(
        self,
        *,
        major: bool | None = None,
        closed: bool | None = None,
        by_plant: bool | None = None,
    ) -> Found:
        """Return how many hazards were found; of which kind, and how they stood at the end."""
        ids = tuple(
            row.id
            for row in self._hazards
            if major in (None, row.major)
            and closed in (None, row.closed_at is not None and row.closed_at <= self.until)
            and by_plant in (None, row.procedure in BY_PLANTS)
        )
        return Found(len(ids), ids)

    def members(self) -> Found:
        ids = tuple(self.work.session.scalars(self.who, execution_options=STEP))
        return Found(len(ids), ids)

    @lazy
    def _papers(self) -> list[Any]:
        rows = self.work.session.execute(
            select(Document.id, Document.kind, Document.case_id)
            .where(Document.subject_id.in_(self.who))
            .where(Document.organisation_id == self.report.organisation_id)
            .where(Document.state != DocumentState.VOID)
            .where(Document.kind.in_((RECORD, ORDER, MEASURE, STOP)))
            .where(Document.issued_at >= self.since, Document.issued_at <= self.until)
            .order_by(Document.id),
            execution_options=STEP,
        )
        return list(rows)

    def papers(self, kind: str) -> Found:
        ids = tuple(row.id for row in self._papers if row.kind == kind)
        return Found(len(ids), ids)

    def inspections(self) -> Found:
        """Return how many inspections were recorded: a case may have several records."""
        by_case = {row.case_id: row.id for row in self._papers if row.kind == RECORD}
        return Found(len(by_case), tuple(by_case.values()))

    def plants_inspected(self) -> Found:
        """Return whom the office has inspected, as the coverage of its campaign counts it (R3)."""
        ids = tuple(
            self.work.session.scalars(
                select(Case.subject_id)
                .distinct()
                .where(visited(), Case.subject_id.in_(self.who))
                .where(Case.owner_id == self.report.organisation_id)
                .where(counts_for(self.report.campaign_id))
                .where(Case.opened_at >= self.since, Case.closed_at <= self.until)
                .order_by(Case.subject_id),
                execution_options=STEP,
            )
        )
        return Found(len(ids), ids)

    @lazy
    def _crews(self) -> dict[int, tuple[str, ...]]:
        """Who went, by record: the numbers of their licences."""
        wanted = [row.id for row in self._papers if row.kind == RECORD]
        rows = self.work.session.execute(
            select(Document.id, Document.data).where(Document.id.in_(wanted)),
            execution_options=STEP,
        )
        return {
            row.id: tuple(
                sorted({one["certificate"] for one in json.loads(row.data).get("officers", ())})
            )
            for row in rows
        }

    def groups(self) -> Found:
        crews = {crew: record for record, crew in self._crews.items()}
        return Found(len(crews), tuple(crews.values()))

    def inspectors(self) -> Found:
        people = {one: record for record, crew in self._crews.items() for one in crew}
        return Found(len(people), tuple(dict.fromkeys(people.values())))

    def inspector_times(self) -> Found:
        return Found(sum(map(len, self._crews.values())), tuple(self._crews))

    def expert_times(self) -> Found:
        ids = tuple(
            self.work.session.scalars(
                select(func.max(WorkItem.id).label("last"))
                .join(Case, Case.id == WorkItem.case_id)
                .where(Case.subject_id.in_(self.who))
                .where(Case.owner_id == self.report.organisation_id)
                .where(WorkItem.node.in_(EXPERTS))
                .where(WorkItem.status == ItemStatus.DONE)
                .where(WorkItem.closed_at >= self.since, WorkItem.closed_at <= self.until)
                .group_by(WorkItem.case_id)
                .order_by("last"),
                execution_options=STEP,
            )
        )
        return Found(len(ids), ids)

    def changed(self) -> bool:
        """Test whether a hazard was found or closed meanwhile."""
        found = self.work.session.scalar(
            select(Hazard.id)
            .where(Hazard.enterprise_id.in_(self.who))
            .where(
                Hazard.found_at.between(self.since, self.until)
                | Hazard.closed_at.between(self.since, self.until)
            )
            .limit(1),
            execution_options=STEP,
        )
        return found is not None

    def major(self) -> list[dict[str, Any]]:
        """Return the facts of each major hazard, by the names that columns give them."""
        rows = self.work.session.execute(
            select(
                Hazard.id,
                Hazard.enterprise_id,
                Hazard.description,
                Hazard.spot,
                Hazard.measure,
                Hazard.deadline,
                Hazard.finish,
                Hazard.state,
                Hazard.closed_at,
            )
            .where(Hazard.enterprise_id.in_(self.who), Hazard.major)
            .where(Hazard.found_at >= self.since, Hazard.found_at <= self.until)
            .order_by(Hazard.enterprise_id, Hazard.id),
            execution_options=STEP,
        )
        return [self._told(row) for row in rows]

    def _told(self, row: Any) -> dict[str, Any]:
        closed = row.closed_at is not None and row.closed_at <= self.until
        open_then = HazardState.WORKING if row.closed_at is not None else row.state
        day = row.deadline or row.finish
        return {
            "hazard": row.id,
            "content": row.description,
            "place": row.spot,
            "measures": row.measure,
            "deadline": day.isoformat() if day else "",
            "state": str(STATES[HazardState.CLOSED if closed else open_then]),
        }


COUNTED: Mapping[str, Callable[[Ledgers], Found]] = {
    "general_found": lambda of: of.hazards(major=False),
    "general_closed": lambda of: of.hazards(major=False, closed=True),
    "major_found": lambda of: of.hazards(major=True),
    "major_closed": lambda of: of.hazards(major=True, closed=True),
    "found": lambda of: of.hazards(),
    "found_by_plant": lambda of: of.hazards(by_plant=True),
    "found_by_inspectors": lambda of: of.hazards(by_plant=False),
    "closed": lambda of: of.hazards(closed=True),
    "under_way": lambda of: of.hazards(closed=False),
    "members": Ledgers.members,
    "inspection_groups": Ledgers.groups,
    "inspectors": Ledgers.inspectors,
    "inspections": Ledgers.inspections,
    "plants_inspected": Ledgers.plants_inspected,
    "inspector_times": Ledgers.inspector_times,
    "expert_times": Ledgers.expert_times,
    "orders": lambda of: of.papers(ORDER),
    "measures": lambda of: of.papers(MEASURE),
    "stops": lambda of: of.papers(STOP),
}
