"""Play cases as the demo people, with answers that the forms accept."""

import io
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image
from sqlalchemy import select

from app.domain import Conflict, Forbidden
from app.domain.casefiles import FileState
from app.domain.casework import ItemStatus
from app.domain.deadlines import BEIJING
from app.domain.documents import Act, about_paper, handles
from app.models.casefiles import CaseFile
from app.models.casework import Case, WorkItem
from app.models.people import Account, Organisation, RoleGrant
from app.services import messages, procedures, uploads
from app.services.cases import reading as cases
from app.services.cases import starting
from app.services.demo.people import PIN
from app.services.documents import inhand
from app.services.documents import reading as documents
from app.services.items import rows_of
from app.services.pdf import signing
from app.services.sweeping import Sweep
from app.services.tasks import commands, lists
from app.services.tasks import reading as tasks
from app.services.tasks.sources import first_values
from tests.answers import answers_for

PLANT = "兴县蔚汾特种铸造有限公司（演示）"
ANSWERS: dict[str, dict[str, Any]] = {
    "draft_order": {
        "deadline": "2026-12-20",
        "hazard_class": "general",
        "officers": [
            {"name": "白建国", "certificate": "14-000001"},
            {"name": "白志强", "certificate": "14-000002"},
        ],
    },
    "choose": {"comply_by": "2027-03-31"},
    "on_site_draft": {"basis": "《中华人民共和国安全生产法》第六十五条第一款第三项"},
    "plan": {"items": [{"checker": "陈静"}]},
    "rectify": {"request": "reinspection"},
    "reinspect": {
        "conclusion": "pass",
        "officers": [
            {"name": "白建国", "certificate": "14-000001"},
            {"name": "白志强", "certificate": "14-000002"},
        ],
    },
}
MOST_STEPS = 80
BOUND = b"%PDF-1.7 bound"
"""What a case file is, where nothing is bound."""
STROKES = (((200, 250), (1400, 220)), ((1000, 100), (1010, 800), (900, 720)))
SERVING = {"serve_order", "serve_review"}
WHO = {
    "draft_order": "xingxian.staff1",
    "sign_order": "xingxian.staff1",
    "countersign_order": "xingxian.staff2",
    "approve_seal": "xingxian.seal",
    "serve_order": "xingxian.staff1",
    "paper_sign": "xingxian.staff1",
    "paper_countersign": "xingxian.staff2",
    "paper_approve": "xingxian.seal",
    "plan": "xingxian.plant",
    "rectify": "xingxian.plant",
    "reinspect": "xingxian.staff1",
    "serve_review": "xingxian.staff1",
    "decide": "xingxian.deputy",
}


@dataclass(frozen=True)
class Begun:
    """A task as it begins."""

    case_id: int
    node: str
    form: Any
    paper: int | None
    prefill: dict


class Play:
    """Runs use cases, each in a transaction of its own.

    `words` says what is written in a field at a node, else the field's title is.
    """

    def __init__(self, deps, actor, words=lambda _node, _field: None):
        self.deps = deps
        self.actor = actor
        self.words = words

    def answers(self, username, node, form, wanted):
        """Return answers that a form accepts, with what is wanted."""
        write = partial(self.words, node)
        upload = partial(self.upload, username)
        return answers_for(form, wanted, upload, words=write, today=self.today)

    @property
    def today(self):
        """By the clock of the test, in Beijing."""
        return self.deps.clock().astimezone(BEIJING).date()

    def run(self, username, use_case, *args, **values):
        with self.deps.transaction(self.actor(username)) as work:
            return use_case(work, *args, **values)

    def subject(self, name=PLANT) -> int:
        with self.deps.system_reading("test") as work:
            return work.session.scalars(select(Organisation.id).filter_by(name=name)).one()

    def start(self, username, procedure="rectification", **answers) -> int:
        with self.deps.system_reading("test") as work:
            found = procedures.find_newest(work, procedure)
            loaded = procedures.running(work, found.id)
        wanted = answers or ({"source": "inspection"} if procedure == "rectification" else {})
        start = loaded.definition.start.id
        given = self.answers(username, start, loaded.form(start), wanted)
        return self.run(username, starting.start, procedure, self.subject(), given).case_id

    def sweep(self):
        """Do what is due, and what follows from it."""
        sweep = Sweep(self.deps)
        while sweep.run():
            self.deps.jobs.drain(self.deps)

    def todo(self, username):
        return self.run(username, lists.find, "todo").rows

    def find(self, username):
        return self.run(username, cases.find)[0]

    def case(self, username, case_id):
        return self.run(username, cases.get, case_id)

    def task(self, username, item_id):
        return self.run(username, tasks.get, item_id)

    def begun(self, username, item_id):
        """Return the form of a task as it begins, without all else that belongs on its page."""
        return self.run(username, _begun, item_id)

    def messages(self, username):
        return self.run(username, messages.find)

    def do(self, username, node, **changes):
        if node in SERVING:
            self.finish_papers()
        item = next(row for row in self.todo(username) if row.node == node)
        done = self.complete(username, item.id, **changes)
        if node == "draft_order":
            self.deps.jobs.drain(self.deps)  # the order is typeset
        return done

    def complete(self, username, item_id, **changes):
        """Answer a task as its form begins, changed by what is wanted, and hand it in."""
        answers = self.answered(username, item_id, **changes)
        return self.run(username, commands.complete, item_id, answers)

    def answered(self, username, item_id, **changes):
        """Return answers to a task: as its form begins, changed by what is wanted."""
        begun = self.begun(username, item_id)
        wanted = {**begun.prefill, **ANSWERS.get(begun.node, {}), **changes}
        for field in begun.form.fields if begun.form else ():
            if field.fixed and field.key in begun.prefill:  # every row that is given is answered
                rows = changes.get(field.key, ANSWERS.get(begun.node, {}).get(field.key, []))
                given = len(begun.prefill[field.key])
                wanted[field.key] = [*rows[:given], *[{}] * given][:given]
        return self.answers(username, begun.node, begun.form, wanted)

    def walk(self, case_id, until, **answers):
        """Do every open task of a case, each by somebody who may, until `until` is open.

        `answers` are by node; what is not said is answered as the form begins.
        """
        for _ in range(MOST_STEPS):
            open_tasks = self.open_of(case_id)
            if any(task.node == until for task in open_tasks) or not open_tasks:
                return open_tasks
            task = open_tasks[0]
            self.by_somebody(task, answers.get(task.node, {}))
            self.deps.jobs.drain(self.deps)
        raise AssertionError(f"{until} is not reached: {[task.node for task in open_tasks]}")

    def child(self, case_id, procedure):
        """Return the newest case of a procedure that another one started."""
        children = self.case("xingxian.staff1", case_id).children
        return max(row.id for row in children if row.procedure == procedure)

    def open_of(self, case_id):
        """Return the open tasks of a case, whoever may know of them."""
        items = select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.seq > 0)
        with self.deps.system_reading("test") as work:
            return rows_of(work, items.where(WorkItem.status == ItemStatus.OPEN))

    def by_somebody(self, task, answers):
        refused = None
        for username in self.holders(task):
            try:
                if self.signs(task):
                    return self.sign_with(username, task.id, **answers)
                return self.complete(username, task.id, **answers)
            except (Conflict, Forbidden) as forbidden:  # another one is to do it
                refused = forbidden
        raise refused or AssertionError(f"nobody does {task.node}")

    def signs(self, task):
        """Test whether a task is done by signing a paper."""
        with self.deps.system_reading("test") as work:
            running = procedures.running(
                work, work.session.get_one(Case, task.case_id).deployment_id
            )
        return handles(running.node(task.node).words("papers"), Act.SIGN)

    def sign_with(self, username, item_id, **changes):
        """Sign the paper of a task, answering its form as it begins, changed by what is wanted."""
        begun = self.begun(username, item_id)
        answers = None
        if len(begun.form.fields) > 1:
            wanted = {**begun.prefill, **changes}
            answers = self.answers(username, begun.node, begun.form, wanted)
            if about_paper(begun.form.schema, answers):
                return self.run(username, commands.complete, item_id, answers)
        return self.sign(username, self.paper(username, item_id), answers=answers)

    def holders(self, task):
        """Return the usernames of those who hold a task's role."""
        with self.deps.system_reading("test") as work:
            return work.session.scalars(
                select(Account.username)
                .join(RoleGrant, RoleGrant.account_id == Account.id)
                .where(RoleGrant.organisation_id == task.organisation_id)
                .where(RoleGrant.role == task.role)
                .order_by(Account.id)
            ).all()

    def finish_papers(self):
        """Do what lies between drafting a paper and serving it, as far as it is still to do."""
        self.deps.jobs.drain(self.deps)
        for node in ("sign_order", "countersign_order", "paper_sign", "paper_countersign"):
            for item in [row for row in self.todo(WHO[node]) if row.node == node]:
                made = {"paper_state": "made"} if node.startswith("paper_") else None
                self.sign(WHO[node], self.paper(WHO[node], item.id), answers=made)
        for node in ("approve_seal", "paper_approve"):
            while any(row.node == node for row in self.todo(WHO[node])):
                self.do(WHO[node], node)
        self.deps.jobs.drain(self.deps)

    def paper(self, username, item_id):
        """Return the paper that a task is about."""
        begun = self.begun(username, item_id)
        return next(row for row in self.papers(username, begun.case_id) if row.id == begun.paper)

    def sign_task(self, username, node, **answers):
        """Sign the paper of one's task of this node, with these answers to its form."""
        self.deps.jobs.drain(self.deps)
        item = next(row for row in self.todo(username) if row.node == node)
        form = self.begun(username, item.id).form
        given = self.answers(username, node, form, answers)
        done = self.sign(username, self.paper(username, item.id), answers=given)
        self.deps.jobs.drain(self.deps)
        return done

    def report_majors(self, **changes):
        """Have the plant write the report of its major hazards (双报告), and its principal sign it."""
        self.do("xingxian.plant", "double_reporting_draft", **changes)
        self.sign_task("xingxian.plant", "double_reporting_sign", checked=True)

    def papers(self, username, case_id):
        return self.run(username, documents.of_case, case_id)

    def sign(self, username, paper, pin=PIN, answers=None, strokes=None):
        by = self.actor(username)
        if strokes is None and (answers or {}).get("by_hand") == "pad":
            strokes = STROKES
        signed = signing.prepare(self.deps, by, paper.id, pin, paper.sha256, answers, strokes)
        return self.run(username, signing.register, signed, answers)

    def upload(self, username, data=None) -> str:
        return self.run(username, uploads.store, "现场.png", data or picture()).id

    def through(self, *nodes):
        for node in nodes:
            self.do(WHO[node], node)


def picture(size=(40, 30), kind="PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "orange").save(out, kind)
    return out.getvalue()


def made_ready(deps, file):
    """Let a case file be made, as a worker does."""
    with deps.system("test") as work:
        row = work.session.get_one(CaseFile, file)
        row.state, row.done, row.pages, row.size = FileState.READY, row.total, 12, len(BOUND)
        row.sha256, row.finished_at = deps.files.put(BOUND), work.now


def _begun(work, item_id):
    found, running = tasks._found(work, item_id)
    form = running.form(found.node, found.choice)
    words = running.papers(found.node, found.choice)
    paper = inhand.of_task(work, item_id, found.case_id, words)
    returned = select(WorkItem.reason.is_not(None)).where(WorkItem.id == item_id)
    back = found.node if work.session.scalar(returned) else ""
    case = (found.case_id, found.subject_id, running)
    prefill = first_values(work, *case, form, paper, returned=back)
    return Begun(found.case_id, found.node, form, paper, prefill)
