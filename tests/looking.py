"""Look back on a plant of 兴县 as the demo people, with hazards that are simply there."""

from datetime import timedelta

from sqlalchemy import select

from app.domain.hazards import HazardState
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.services import ledger
from app.services.cases import ending
from app.services.ledger import Wanted
from tests.casework import Play
from tests.findings import OFFICERS

STAFF, PLANT, LEADER = "xingxian.staff1", "xingxian.plant", "xingxian.deputy"


class Look(Play):
    """Carries out look-backs on the demo's plant."""

    def begin(self, deadline="2026-12-10"):
        self.look_back = self.start(STAFF, "look_back", deadline=deadline)
        return self.look_back

    def ended_case(self):
        """Return a case of the plant that has ended: what it followed is followed by nobody."""
        case = self.start(STAFF)
        self.run(LEADER, ending.cancel, case, "原案件终止")
        return case

    def office(self):
        """Return the county's bureau, which owns its cases."""
        return self.case_row(self.look_back).owner_id

    def other(self):
        """Return another plant of the county."""
        with self.deps.system_reading("test") as work:
            others = select(Enterprise.id).where(Enterprise.place == "141123")
            return work.session.scalars(others.where(Enterprise.id != self.subject())).first()

    def hazard(self, case, words="煤气柜报警装置失灵", *, state=HazardState.CLOSED, **more):
        """Enter a hazard that a case follows, found a month ago."""
        with self.deps.system("test") as work:
            before = work.now - timedelta(days=30)
            values = {
                "place": "141123",
                "enterprise_id": self.subject(),
                "found_in": case,
                "procedure": "county_inspection",
                "found_at": before,
                "case_id": case,
                "description": words,
                "basis": "违反《安全生产法》第三十六条第二款的规定",
                "spot": "煤气柜区",
                "major": False,
                "state": state,
                "state_at": before,
                "closed_at": before if state is HazardState.CLOSED else None,
                **more,
            }
            row = Hazard(**values)
            work.session.add(row)
            work.session.flush()
            return row.id

    def shows(self, who, node):
        """Return what the form of a task begins with."""
        (task,) = [row.id for row in self.todo(who) if row.node == node]
        return self.task(who, task).prefill

    def reported(self, **answers):
        """Let the plant look back."""
        return self.do(PLANT, "look", **answers)

    def verified(self, **answers):
        """Let two inspectors verify, on the spot, what the plant has looked back on."""
        seen = {
            "accepted": "yes",
            "visited_on": self.today.isoformat(),
            "record": [self.upload(STAFF)],
            "officers": OFFICERS,
        }
        return self.do(STAFF, "verify", **{**seen, **answers})

    def concluded(self):
        return self.do(LEADER, "conclude", conclusion="隐患全部整改到位")

    def stands(self):
        """Return where the look-back stands: its open tasks, or how it ended."""
        case = self.case_row(self.look_back)
        return case.ended or sorted(task.node for task in self.open_of(self.look_back))

    def case_row(self, case_id):
        with self.deps.system_reading("test") as work:
            return work.session.get_one(Case, case_id)

    def hazards(self, **wanted):
        """Return the ledger, the oldest first."""
        return self.run(STAFF, ledger.find, Wanted(**wanted)).rows[::-1]

    def way(self, hazard_id):
        return [change.what for change in self.run(STAFF, ledger.get, hazard_id).changes]

    def change_plant(self, **values):
        with self.deps.system("test") as work:
            plant = work.session.get_one(Enterprise, self.subject())
            for name, value in values.items():
                setattr(plant, name, value)

    def rectify(self, case_id):
        """Carry a rectification to its end, by whoever may."""
        ways = {"reinspect": {"conclusion": "pass", "officers": OFFICERS}}
        assert self.walk(case_id, "", **ways) == []

    def cases_of(self, procedure):
        with self.deps.system_reading("test") as work:
            return work.session.scalars(
                select(Case.id).where(Case.procedure == procedure).order_by(Case.id)
            ).all()
