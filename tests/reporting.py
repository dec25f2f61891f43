"""Carry out the reports of a campaign: enterprises report, their county adds up."""

from datetime import date

from sqlalchemy import select

from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING
from app.models.campaigns import CampaignMember
from app.models.casework import WorkItem
from app.models.hazards import Hazard
from app.models.people import Account, Organisation, RoleGrant
from app.models.reports import Report
from tests.campaigning import STAFF, Run

PERIOD = "2026-11-23"
PLANT_USER, DEPUTY, KEEPER, CITY = (
    "xingxian.plant",
    "xingxian.deputy",
    "xingxian.seal",
    "lvliang.staff1",
)
TYPED = {"plant_groups": 1, "plant_persons": 4, "funds": 20000}


class Reports(Run):
    """Reports for a campaign of 兴县, whose first reporting day is 23 November."""

    def members(self):
        """Return the names of the campaign's enterprises, by id."""
        found = self.rows(
            select(CampaignMember.enterprise_id, Organisation.name)
            .join(Organisation, Organisation.id == CampaignMember.enterprise_id)
            .where(CampaignMember.campaign_id == self.campaign)
        )
        return dict(tuple(row) for row in found)

    def principal(self, enterprise):
        """Return the username of an enterprise's principal, made where there was none."""
        with self.deps.system("test") as work:
            known = work.session.scalar(
                select(Account.username)
                .join(RoleGrant, RoleGrant.account_id == Account.id)
                .where(RoleGrant.organisation_id == enterprise, RoleGrant.role == Role.PRINCIPAL)
            )
            if known:
                return known
            like = work.session.scalars(select(Account).filter_by(username=PLANT_USER)).one()
            made = Account(
                username=f"xingxian.plant{enterprise}",
                name=f"企业{enterprise}（演示）",
                password_hash=like.password_hash,
                pin_hash=like.pin_hash,
                home_id=enterprise,
                place=like.place,
                created_at=work.wall,
            )
            work.session.add(made)
            work.session.flush()
            work.session.add(
                RoleGrant(account_id=made.id, role=Role.PRINCIPAL, organisation_id=enterprise)
            )
            return made.username

    def asked(self, enterprise, period=PERIOD, kind="progress"):
        """Return the open task in which an enterprise reports, and its case."""
        ((item, case),) = self.rows(
            select(WorkItem.id, WorkItem.case_id)
            .join(Report, Report.case_id == WorkItem.case_id)
            .where(Report.organisation_id == enterprise, Report.period == period)
            .where(Report.kind == kind, WorkItem.node == "fill")
            .where(WorkItem.status == ItemStatus.OPEN)
        )
        return item, case

    def figures(self, username, item, changes):
        """Return the rows of a report's form as it begins, some changed: by key, value or both."""
        rows = []
        for row in self.task(username, item).prefill.get("figures", ()):
            told = changes.get(row["key"])
            if told is None:
                rows.append(row)
                continue
            value, reason = told if isinstance(told, tuple) else (told, None)
            rows.append({**row, "value": str(value), "reason": reason})
        return rows

    def report(self, enterprise, period=PERIOD, kind="progress", **answers):
        """Have an enterprise report; `figures` are what it types and corrects."""
        username = self.principal(enterprise)
        item, case = self.asked(enterprise, period, kind)
        figures = answers.pop("figures", {})
        told = {"content": "已组织自查，正在整改", "zero": False, **answers}
        if rows := self.figures(username, item, figures):
            told["figures"] = rows
        self.complete(username, item, **told)
        return case

    def accept(self, case, who=STAFF):
        return self.judge(case, who, accepted="yes")

    def judge(self, case, who=STAFF, **answers):
        (item,) = [row.id for row in self.todo(who) if row.case_id == case]
        return self.complete(who, item, **answers)

    def of(self, organisation, period=PERIOD, kind="progress"):
        """Return the report of an organisation."""
        with self.deps.system_reading("test") as work:
            return work.session.scalars(
                select(Report).filter_by(
                    campaign_id=self.campaign,
                    organisation_id=organisation,
                    period=period,
                    kind=kind,
                )
            ).one()

    def hazard(self, enterprise, *, major=False, closed=False, found=None, case=None):
        """Enter a hazard into the ledger."""
        with self.deps.system("test") as work:
            at = found or work.now
            row = Hazard(
                place="141123",
                enterprise_id=enterprise,
                found_in=case or self.campaign,
                procedure="self_inspection",
                found_at=at,
                case_id=case or self.campaign,
                description="煤气柜区未设置固定式一氧化碳报警装置" if major else "安全标志缺失",
                spot="煤气柜区",
                measure="加装报警装置",
                major=major,
                deadline=date(2026, 12, 31),
                state="closed" if closed else "working",
                state_at=at,
                closed_at=work.now if closed else None,
            )
            work.session.add(row)
            work.session.flush()
            return row.id

    def until(self, clock, day):
        """Let the clock come to a day, sweeping each one."""
        while clock.now.astimezone(BEIJING).date() < date.fromisoformat(day):
            clock.advance(days=1)
            self.sweep()
        self.sweep()
