"""Play a spot-check of the city: from the roster to the list."""

from sqlalchemy import select, update

from app.domain.access import Role
from app.domain.casework import CaseStatus
from app.models.casework import Case
from app.models.draws import Draw, DrawEntry
from app.models.people import Account, Organisation, RoleGrant
from app.models.rankings import Ranking
from app.services.cases import ending, starting
from app.services.cases import reading as cases
from app.services.draws import declaring, owned, reading, visiting
from app.services.enterprises import standing
from app.services.rankings import reading as rankings
from tests.casework import PLANT, Play

STAFF = ("lvliang.staff1", "lvliang.staff2", "lvliang.staff3")
BASIS = {"title": "2026年冶金工贸行业市级督查抽查", "basis": "《2026年度安全生产监督检查计划》"}
SCOPE = {"kind": "main", "percent": 10}
COMMIT = {"commit_way": "commit", "load": 100, "source": "ssq"}
FINDING = {
    "description": "除尘系统未设置泄爆口",
    "place": "打磨车间",
    "basis": "《粉尘防爆安全规程》第6.4条",
    "class": "general",
    "known": "none",
}
CIRCULAR = {
    "title": "关于市级安全生产督查抽查情况的通报",
    "addressee": "兴县应急管理局、汾阳市应急管理局",
    "body": "现将市级督查抽查情况通报如下。\n一、总体情况\n各县按期完成了整改。",
}
VALUE = {"issue": "2026134", "numbers": "03 07 12 19 25 31 09"}


class City(Play):
    """The bureau of 吕梁市 draws from what 兴县 and 汾阳市 supervise."""

    def bureau(self) -> int:
        with self.deps.system_reading("test") as work:
            return work.session.scalars(
                select(Organisation.id).filter_by(kind="emergency_bureau", place="1411")
            ).one()

    def begin(self, **scope) -> int:
        """Start a spot-check and freeze its roster."""
        started = self.run(STAFF[0], starting.start, "city_spot_check", self.bureau(), BASIS)
        self.do(STAFF[0], "scope", **{**SCOPE, **scope})
        return started.case_id

    def draw(self, case_id):
        """Return the id of the newest draw of a case."""
        with self.deps.system_reading("test") as work:
            wanted = select(Draw.id).where(Draw.case_id == case_id).order_by(Draw.id.desc())
            return work.session.scalars(wanted.limit(1)).one()

    def row(self, case_id) -> Draw:
        with self.deps.system_reading("test") as work:
            return work.session.get_one(Draw, self.draw(case_id))

    def declare(self, case_id, staff=STAFF):
        for username in staff:
            self.run(username, declaring.declare, self.draw(case_id), None)

    def committed(self, **changes) -> int:
        case_id = self.begin()
        self.declare(case_id)
        self.do(STAFF[0], "commit", **{**COMMIT, **changes})
        return case_id

    def drawing(self, clock, case_id):
        """Let the drawing be held."""
        clock.now = max(clock.now, reading.rule_of(self.row(case_id).rule).known_from)
        self.sweep()

    def drawn(self, clock, **value) -> int:
        """Return a case whose list is drawn and waits for its leader."""
        case_id = self.committed()
        self.drawing(clock, case_id)
        self.type(value)
        return case_id

    def type(self, value=(), again=()):
        self.do(STAFF[0], "enter_first", **{**VALUE, **dict(value)})
        self.do(STAFF[1], "enter_second", **{**VALUE, **dict(value), **dict(again)})

    def confirmed(self, clock) -> int:
        """Return a case whose list is confirmed and recorded, and whose visits have begun."""
        return self.record(self.drawn(clock))

    def record(self, case_id) -> int:
        """Have a drawn list confirmed and recorded, and its visits begun."""
        self.do("lvliang.deputy", "confirm", confirm_way="confirm")
        for username, node in (
            (STAFF[0], "sign_record"),
            (STAFF[1], "cosign_record"),
            ("lvliang.deputy", "approve_record"),
        ):
            self.sign_one(username, node)
        self.do("lvliang.seal", "seal_record")
        self.deps.jobs.drain(self.deps)
        return case_id

    def visited(self, case_id):
        """Let every visit of the list have ended."""
        for line in self.view(case_id).targets:
            self.run("lvliang.deputy", ending.cancel, line.visit_id, "已随其他检查办理")

    def own_done(self, case_id):
        """Let the city have inspected all that it supervises itself."""
        with self.deps.system("test") as work:
            own = [one.case_id for one in owned.of_draw(work, self.draw(case_id))]
            work.session.execute(
                update(Case)
                .where(Case.id.in_(own))
                .values(
                    status=CaseStatus.FINISHED, ended="end_done", closed_at=work.now, state=None
                )
            )

    def rectified(self, visit_id):
        """Let the county put right what a visit has fed back, to its review, and report it."""
        self.at(visit_id, "xingxian.staff1", "issue", way="rectify")
        self.rectify(self.child(visit_id, "rectification").id)
        self.at(visit_id, "xingxian.staff1", "report", done="all")

    def child(self, case_id, procedure):
        """Return the case of a procedure that a case has started: id, owner, place."""
        with self.deps.system_reading("test") as work:
            wanted = select(Case.id, Case.owner_id, Case.place).where(
                Case.parent_id == case_id, Case.procedure == procedure
            )
            return work.session.execute(wanted).one()

    def rectify(self, case_id):
        """Have the county's rectification done, to its end."""
        self.deps.jobs.drain(self.deps)
        left = self.walk(
            case_id,
            "nothing",
            draft_order={
                "deadline": self.today.replace(month=12).isoformat(),
                "officers": [
                    {"name": "白建国（演示）", "certificate": "14-000001"},
                    {"name": "白志强（演示）", "certificate": "14-000002"},
                ],
            },
            rectify={"request": "reinspection"},
            reinspect={"conclusion": "pass"},
        )
        assert left == []

    def scored(self, clock, *findings) -> int:
        """Return a case whose counties are scored: one plant was visited, the others not at all."""
        case_id = self.confirmed(clock)
        if findings:
            self.feed_back(self.target(case_id).visit_id, *findings)
        return self.gathered(case_id, len(findings))

    def gathered(self, case_id, hazards=0) -> int:
        """Gather the results, with visits that nobody began called off; the counties are scored."""
        for line in self.view(case_id).targets:
            if not line.visited:
                self.run("lvliang.deputy", ending.cancel, line.visit_id, "已随其他检查办理")
        self.own_done(case_id)
        told = {"enterprises": 1, "hazards": hazards, "major": 0, "summary": "检查全部办结"}
        self.do(STAFF[0], "gather", **told)
        return case_id

    def circulated(self, case_id):
        """Have scores checked and approved, and the circular signed, sealed and sent."""
        self.do(STAFF[0], "check_scores")
        self.do("lvliang.deputy", "approve_scores")
        self.do(STAFF[0], "draft_circular", **CIRCULAR)
        self.sign_one("lvliang.head", "sign_circular")
        self.do("lvliang.seal", "seal_circular")
        self.deps.jobs.drain(self.deps)

    def ranking(self, case_id, username="lvliang.staff1"):
        """Return the ranking of a case as somebody sees it."""
        with self.deps.system_reading("test") as work:
            number = work.session.scalars(
                select(Ranking.id).where(Ranking.draw_id == self.draw(case_id))
            ).one()
        return self.run(username, rankings.get, number)

    def target(self, case_id, name=PLANT):
        """Return the line of an enterprise of the list."""
        return next(line for line in self.view(case_id).targets if line.entry.name == name)

    def going(self, visit_id):
        """Return the usernames of those drawn to make a visit: who leads it, and who goes along."""
        with self.deps.system_reading("test") as work:
            people = visiting.drawn(work, visit_id)
            wanted = select(Account.id, Account.username).where(Account.id.in_(people))
            names = {row.id: row.username for row in work.session.execute(wanted)}
        return [names[person] for person in people]

    def at(self, visit_id, username, node, **answers):
        """Do a task of one visit."""
        item = next(
            row for row in self.todo(username) if row.node == node and row.case_id == visit_id
        )
        if node.startswith("site_record_"):
            return self.sign_with(username, item.id, **answers)
        return self.complete(username, item.id, **answers)

    def arrive(self, visit_id, **answers):
        """Have both inspectors of a visit register their arrival."""
        first, second = self.going(visit_id)
        answers = {"access": "admitted", "arrived_on": self.today.isoformat(), **answers}
        self.at(visit_id, first, "arrive", **answers)
        self.at(visit_id, second, "join")
        return first, second

    def inspect(self, visit_id, *findings, **answers):
        """Make a visit with these findings, to its signed record; the plant refuses to sign."""
        first, second = self.arrive(visit_id)
        found = {"hazards": list(findings)} if findings else {"clean": True}
        self.at(visit_id, first, "visit", danger="no", **found, **answers)
        self.deps.jobs.drain(self.deps)
        self.at(visit_id, first, "site_record_sign", paper_state="made")
        self.at(visit_id, second, "site_record_cosign", paper_state="made", plant_signs="refused")
        self.at(visit_id, first, "site_record_refusal")
        return first, second

    def feed_back(self, visit_id, *findings, report_by="2027-01-20"):
        """Make a visit and feed back what it found; the county is to act."""
        first, _second = self.inspect(visit_id, *findings)
        self.at(visit_id, first, "feedback", report_by=report_by, hazards=[{}] * len(findings))
        self.at(visit_id, "lvliang.deputy", "approve_feedback")

    def sign_one(self, username, node):
        self.deps.jobs.drain(self.deps)
        item = next(row for row in self.todo(username) if row.node == node)
        self.sign(username, self.paper(username, item.id))

    def view(self, case_id, username="lvliang.staff1"):
        return self.run(username, reading.get, self.draw(case_id))

    def open_nodes(self, case_id):
        found = self.run("lvliang.staff1", cases.get, case_id)
        return {task.node for task in found.tasks if task.status == 0}

    def worry(self, *names, reason="连续两次检查发现重大隐患"):
        """Call enterprises worrisome."""
        with self.deps.system("test") as work:
            for enterprise in work.session.scalars(
                select(Organisation.id).where(Organisation.name.in_(names))
            ).all():
                standing.set_worrisome(work, enterprise, reason, 0, None, worrisome=True)

    def entries(self, case_id):
        with self.deps.system_reading("test") as work:
            wanted = select(DrawEntry).where(DrawEntry.draw_id == self.draw(case_id))
            return work.session.scalars(wanted).all()

    def staff(self):
        with self.deps.system_reading("test") as work:
            return work.session.scalars(
                select(Account.id)
                .join(RoleGrant, RoleGrant.account_id == Account.id)
                .where(RoleGrant.role == Role.STAFF, RoleGrant.organisation_id == self.bureau())
            ).all()
