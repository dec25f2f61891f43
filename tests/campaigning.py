"""Carry out a campaign of 兴县 as the demo people."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from app.domain.casework import ItemStatus
from app.models.people import Organisation
from app.services.campaigns import reading
from app.services.cases import starting
from tests.casework import Play

FEW = ["steel"]
STAFF, LEADER = "xingxian.staff1", "xingxian.deputy"
CAMPAIGN = "campaign_xingxian_2022"
START = {"name": "兴县冶金工贸行业大整治（演示）", "year": "2027"}


class Run(Play):
    """Carries out a campaign of 兴县; `rules` is what it prescribes otherwise than its notice."""

    rules: Mapping[str, str] = MappingProxyType({})

    def begin(self, **scope):
        office = self.office()
        self.campaign = self.run(STAFF, starting.start, CAMPAIGN, office, START).case_id
        self.do(STAFF, "fix_scope", **self.ticked(**scope), **self.rules)
        return self.campaign

    def ticked(self, **only):
        """Return the rows of the scope: all divisions, few sectors, no theme, unless named; None: all."""
        shown = self.shown("fix_scope")
        wanted = {"tags": [], "sectors": FEW, **only}
        return {
            name: [
                {"included": wanted.get(name) is None or row["code"] in wanted[name]}
                for row in shown.get(name, ())
            ]
            for name in ("divisions", "sectors", "tags")
        }

    def office(self, name="兴县应急管理局"):
        with self.deps.system_reading("test") as work:
            return work.session.scalars(select(Organisation.id).filter_by(name=name)).one()

    def shown(self, node):
        (task,) = [row.id for row in self.todo(STAFF) if row.node == node]
        return self.task(STAFF, task).prefill

    def open(self, days=(), **scope):
        self.begin(**scope)
        rows = [
            {"day": dict(days).get(row["key"], row["day"])}
            for row in self.shown("fix_calendar")["days"]
        ]
        self.do(STAFF, "fix_calendar", days=rows)
        self.do(LEADER, "approve")
        self.sweep()
        return self.campaign

    def open_nodes(self):
        """Return the tasks at which the campaign itself stands."""
        tasks = self.case(STAFF, self.campaign).tasks
        return {task.node for task in tasks if task.status is ItemStatus.OPEN}

    def view(self, who=STAFF):
        return self.run(who, reading.get, self.campaign)

    def rows(self, statement):
        with self.deps.system_reading("test") as work:
            return work.session.execute(statement).all()
