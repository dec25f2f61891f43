"""Play a spot-check of the city: from the roster to the list."""

from sqlalchemy import select

from app.domain.access import Role
from app.models.draws import Draw, DrawEntry
from app.models.people import Account, Organisation, RoleGrant
from app.services.cases import ending, starting
from app.services.cases import reading as cases
from app.services.draws import declaring, reading
from app.services.enterprises import standing
from tests.casework import Play

STAFF = ("lvliang.staff1", "lvliang.staff2", "lvliang.staff3")
BASIS = {"title": "2026年冶金工贸行业市级督查抽查", "basis": "《2026年度安全生产监督检查计划》"}
SCOPE = {"kind": "main", "percent": 10}
COMMIT = {"commit_way": "commit", "load": 100, "source": "ssq"}
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
        case_id = self.drawn(clock)
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
