"""A campaign in which everything stands somewhere else, at random: what figures are tested with."""

import random
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.domain.access import Role
from app.domain.casework import CaseStatus, ItemStatus
from app.domain.enterprises import Life
from app.domain.hazards import HazardState
from app.models.campaigns import CampaignBatch, CampaignMember, CampaignStart
from app.models.casework import Case, Deployment, WorkItem
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Account, Organisation

ENDS = {
    "county_inspection": ("end_done", "end_done", "end_refused", "end_cancelled"),
    "self_inspection": ("end_clean", "end_rectifying", "end_stage_closed"),
    "periodic_report": ("end_accepted",),
}
PLACES = ("141123", "141123K01")
SECTORS = ("steel", "cement", "")
PEOPLE = ("xingxian.staff1", "xingxian.staff2", "xingxian.plant")


class Filling:
    """Puts the cases, tasks and hazards of a campaign anywhere they could be, by a seed."""

    def __init__(self, deps, campaign, seed, places=PLACES):
        self.deps, self.campaign, self.places = deps, campaign, places
        self.random = random.Random(seed)  # noqa: S311
        self.leaving = random.Random(seed)  # noqa: S311

    def fill(self):
        with self.deps.system("test") as work:
            self.work, self.session = work, work.session
            self.case = self.session.get_one(Case, self.campaign)
            self.people = self.session.scalars(
                select(Account.id).where(Account.username.in_(PEOPLE))
            ).all()
            self.office = self.session.get_one(Organisation, self.case.owner_id)
            self._members()
            self._inspections()
            for start in self.session.scalars(select(CampaignStart)).all():
                self._start(start)
            self._others()

    def _members(self):
        self.members = self.session.scalars(
            select(CampaignMember.enterprise_id).where(CampaignMember.campaign_id == self.campaign)
        ).all()
        for one in self.members:
            place = self.random.choice(self.places)
            self.session.execute(
                update(CampaignMember)
                .where(CampaignMember.enterprise_id == one)
                .values(place=place)
            )
            self.session.execute(
                update(Enterprise)
                .where(Enterprise.id == one)
                .values(sector=self.random.choice(SECTORS))
            )
        for one in self.leaving.sample(sorted(self.members), len(self.members) // 8):
            self._gone(one)

    def _gone(self, one):
        """Let a member be closed, banned or struck off, whatever became of its cases."""
        life = self.leaving.choice((Life.CLOSED, Life.BANNED, None))
        if life is None:
            self.session.get_one(Organisation, one).active = False
        else:
            self.session.get_one(Enterprise, one).life = life
        self.session.flush()

    def _inspections(self):
        """Start the county's inspection of everybody but one, who came later."""
        batch = CampaignBatch(
            campaign_id=self.campaign,
            node="county_batch",
            procedure="county_inspection",
            deadline="@county_inspection_ends",
            answers={},
            opened_at=self.work.now,
        )
        self.session.add(batch)
        self.session.flush()
        for one in self.members[1:]:
            case = self._case(one, "county_inspection", self.campaign)
            self.session.add(CampaignStart(batch_id=batch.id, enterprise_id=one, case_id=case.id))
        self.session.flush()

    def _case(self, enterprise, procedure, campaign, opened=timedelta(0)):
        newest = select(Deployment.id).filter_by(procedure=procedure).order_by(Deployment.id.desc())
        made = Case(
            deployment_id=self.session.scalars(newest.limit(1)).one(),
            procedure=procedure,
            place=self.case.place,
            owner_id=self.case.owner_id,
            subject_id=enterprise,
            campaign_id=campaign,
            status=CaseStatus.RUNNING,
            step=1,
            opened_at=self.work.now + opened,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def _start(self, start):
        case = self.session.get(Case, start.case_id) if start.case_id else None
        luck = self.random.random()
        if luck < 0.1:
            start.case_id, start.problem = None, self.random.choice((None, "不能启动"))
            if case is not None:
                case.campaign_id = None
                self._end(case, CaseStatus.CANCELLED)
        elif case is not None:
            self._move(case)

    def _move(self, case):
        days = self.random.choice((-40, -1, 2, 30, None))
        case.deadline = None if days is None else self.work.now + timedelta(days=days)
        self._tasks(case)
        self._hazards(case)
        self._end(
            case,
            self.random.choice((CaseStatus.RUNNING, CaseStatus.FINISHED, CaseStatus.CANCELLED)),
        )

    def _end(self, case, status):
        case.status = status
        if status is CaseStatus.RUNNING:
            return
        case.closed_at = self.work.now
        if status is CaseStatus.FINISHED:
            case.ended = self.random.choice(ENDS[case.procedure])
        self.session.execute(
            update(WorkItem)
            .where(WorkItem.case_id == case.id, WorkItem.status == ItemStatus.OPEN)
            .values(status=ItemStatus.CANCELLED, closed_at=self.work.now)
        )

    def _tasks(self, case):
        self.session.execute(delete(WorkItem).where(WorkItem.case_id == case.id, WorkItem.seq > 0))
        for seq in range(1, self.random.randint(1, 4)):
            status = self.random.choice((ItemStatus.OPEN, ItemStatus.DONE))
            days = self.random.choice((-9, -1, 1, 3, 12, None))
            somebody = self.random.choice((None, *self.people))
            self.session.add(
                WorkItem(
                    case_id=case.id,
                    seq=seq,
                    node="visit",
                    place=case.place,
                    organisation_id=self.office.id,
                    role=self.random.choice((Role.STAFF, Role.DEPUTY_HEAD)),
                    assignee_id=somebody,
                    status=status,
                    opened_at=self.work.now,
                    due_at=None if days is None else self.work.now + timedelta(days=days),
                    closed_at=self.work.now if status is ItemStatus.DONE else None,
                    closed_by=somebody if status is ItemStatus.DONE else None,
                )
            )
        self.session.flush()

    def _hazards(self, case):
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            closed = self.random.random() < 0.4
            days = self.random.choice((-20, 0, 5, None))
            until = None if days is None else (self.work.now + timedelta(days=days)).date()
            self.session.add(
                Hazard(
                    place=case.place,
                    enterprise_id=case.subject_id,
                    found_in=case.id,
                    procedure=case.procedure,
                    found_at=self.work.now,
                    case_id=case.id,
                    description="安全出口堵塞",
                    major=self.random.random() < 0.3,
                    state=HazardState.CLOSED if closed else HazardState.WORKING,
                    state_at=self.work.now,
                    closed_at=self.work.now if closed else None,
                    deadline=until,
                )
            )

    def _others(self):
        """Inspections that are not the campaign's: by hand, of before, of another one."""
        for campaign, opened in ((None, 1), (None, -90), (self.campaign + 90_000, 1)):
            for one in self.random.sample(self.members, 4):
                case = self._case(one, "county_inspection", campaign, timedelta(days=opened))
                self._hazards(case)
                self._end(case, self.random.choice((CaseStatus.RUNNING, CaseStatus.FINISHED)))
