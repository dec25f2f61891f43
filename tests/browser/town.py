"""A town in which everything has happened: what pages show when they have much to show."""

from functools import cached_property

from app.domain.documents import DocumentState, KeyUse
from app.models.documents import Document
from app.services import ledger
from app.services.imports import taking
from app.services.ledger import Wanted
from app.services.pdf import keys
from app.services.tasks import commands
from tests import lists
from tests.casework import ANSWERS, Play
from tests.findings import CRANE, GAS
from tests.people import actor_of
from tests.stories.closure import FOUND, NAME, STAFF, VISIT
from tests.stories.words import words
from tests.web.routes import Things

STOP = {
    "choose": {"finding": "unsafe", "yellow_rule": "yes", "comply_by": "2027-03-31"},
    "on_site_draft": {"measures": ["withdraw", "stop"]},
}
ORDERED = ANSWERS["draft_order"]
REVIEWED = {"supervision_rectify": {"request": "review"}}


def write(node, field):
    """Write as the people of the story do, but nothing that is a wording of ours as well."""
    return "厂长" if field in ("post", "receiver_post") else words(node, field)


class Town(Things):
    """One of everything, with as much to it as there can be."""

    def __init__(self, deps):
        super().__init__(deps)
        self.play = Play(deps, lambda username: actor_of(deps, username), write)

    @cached_property
    def case(self):
        """A temporary stop under supervision, from an inspection, up to its review."""
        play = self.play
        inspection = play.start(STAFF, "county_inspection")
        play.walk(inspection, "classify", **VISIT)
        play.walk(
            inspection, "conclude", classify={**FOUND, "worst": "major", "hazards": [GAS, CRANE]}
        )
        case = play.child(inspection, "stop_production")
        play.walk(case, "supervision_review", **STOP, **REVIEWED)
        return case

    @cached_property
    def item(self):
        return self.play.open_of(self.case)[0].id

    @cached_property
    def drafted(self):
        """A task with a draft that makes a paper."""
        play = self.play
        case = play.start(STAFF)
        (item,) = play.open_of(case)
        view = play.task(STAFF, item.id)
        answers = play.answers(STAFF, item.node, view.form, ANSWERS[item.node])
        play.run(STAFF, commands.save_draft, item.id, answers)
        return item.id

    @cached_property
    def document(self):
        """A paper that is signed, sealed and served."""
        papers = self.play.papers(STAFF, self.case)
        return next(row.id for row in papers if row.state == DocumentState.SERVED)

    @cached_property
    def code(self):
        with self.deps.system_reading("test") as work:
            return work.session.get_one(Document, self.document).code

    @cached_property
    def hazard(self):
        return max(row.id for row in self.play.run(STAFF, ledger.find, Wanted()).rows)

    @cached_property
    def batch(self):
        """A list of which some lines are wrong, and one is there already."""
        rows = [lists.row(1), lists.row(2, sector="魔法"), lists.row(3, name=NAME, address="别处")]
        with self.deps.transaction(actor_of(self.deps, STAFF)) as work:
            batch = taking.take(work, "141123", "名单.xlsx", lists.annex([*rows, lists.row(4)]))
        self.deps.jobs.drain(self.deps)
        return batch

    def real(self, route):
        """Return values for the parameters of a route, of things that have something to show."""
        found = route.real(self)
        if route.rule.endpoint == "tasks.preview":
            found["item_id"] = self.drafted
        if route.rule.endpoint == "verify.by_code":
            found["code"] = self.code
        if route.rule.endpoint == "verify.revoked":
            found["number"] = keys.number_of(keys.in_use(self.deps, KeyUse.ISSUING))
        return found
