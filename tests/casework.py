"""Play cases as the demo people, with answers that the forms accept."""

import io
from typing import Any

from PIL import Image
from sqlalchemy import select

from app.models.people import Organisation
from app.services import messages, uploads
from app.services.cases import reading as cases
from app.services.cases import starting
from app.services.tasks import commands, lists
from app.services.tasks import reading as tasks
from tests.answers import answers_for

PLANT = "兴县蔚汾特种铸造有限公司（演示）"
ANSWERS: dict[str, dict[str, Any]] = {
    "draft_order": {"deadline": "2026-12-20", "hazard_class": "general"},
    "rectify": {"request": "reinspection"},
    "reinspect": {"conclusion": "pass"},
}
WHO = {
    "draft_order": "xingxian.staff1",
    "serve_order": "xingxian.staff1",
    "plan": "xingxian.plant",
    "rectify": "xingxian.plant",
    "reinspect": "xingxian.staff1",
    "serve_review": "xingxian.staff1",
    "decide": "xingxian.deputy",
}


class Play:
    """Runs use cases, each in a transaction of its own."""

    def __init__(self, deps, actor):
        self.deps = deps
        self.actor = actor

    def run(self, username, use_case, *args, **values):
        with self.deps.transaction(self.actor(username)) as work:
            return use_case(work, *args, **values)

    def subject(self, name=PLANT) -> int:
        with self.deps.system_reading("test") as work:
            return work.session.scalars(select(Organisation.id).filter_by(name=name)).one()

    def start(self, username, procedure="rectification", **answers) -> int:
        given = answers or {"source": "inspection"}
        return self.run(username, starting.start, procedure, self.subject(), given).case_id

    def todo(self, username):
        return self.run(username, lists.find, "todo").rows

    def find(self, username):
        return self.run(username, cases.find)[0]

    def case(self, username, case_id):
        return self.run(username, cases.get, case_id)

    def task(self, username, item_id):
        return self.run(username, tasks.get, item_id)

    def messages(self, username):
        return self.run(username, messages.find)

    def do(self, username, node, **changes):
        item = next(row for row in self.todo(username) if row.node == node)
        view = self.task(username, item.id)
        wanted = {**ANSWERS.get(node, {}), **changes}
        answers = answers_for(view.form, wanted, lambda: self.upload(username))
        return self.run(username, commands.complete, item.id, answers)

    def upload(self, username, data=None) -> str:
        return self.run(username, uploads.store, "现场.png", data or picture()).id

    def through(self, *nodes):
        for node in nodes:
            self.do(WHO[node], node)


def picture(size=(40, 30), kind="PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "orange").save(out, kind)
    return out.getvalue()
