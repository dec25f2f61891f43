"""Plays a procedure as it lies in bpmn/ and forms/: answers are checked by the tasks' own forms."""

import json
from dataclasses import asdict

from app.adapters.papers import TEMPLATES
from app.adapters.templates import Templates
from app.domain.forms import Form
from app.domain.hazards import rows_of
from app.domain.prefill import prefill
from app.engine import definitions, runtime
from app.services.documents.course import of
from app.services.procedures import gather
from config import ROOT

FORM, UI = "formJsonSchemaFilename", "formUiSchemaFilename"
FOLDER = ROOT / "bpmn"
DIAGRAMS = {path.stem: path for path in [*FOLDER.glob("*.bpmn"), *FOLDER.glob("campaigns/*.bpmn")]}
PROCEDURES = sorted(DIAGRAMS)


KINDS = Templates(TEMPLATES).kinds


def asked(parameters):
    """Return how a paper goes out, as its kind says."""
    return asdict(of(KINDS[parameters["kind"]]))


def find(procedure):
    """Return the path of a procedure's diagram."""
    return DIAGRAMS[procedure]


def bundle(procedure):
    """Return the files of a procedure: its diagram, its parts and tables, every form they name."""
    return gather(ROOT, find(procedure))


REPORTING = "double_reporting_draft"
"""Tells of hazards that are in the ledger already."""


def ledger(answers):
    """Return the rows about hazards in some answers as the ledger gives them back, numbered."""
    rows = [row for row in rows_of(answers) if "description" in row]
    return [{**row, "hazard_id": str(number)} for number, row in enumerate(rows, 1)]


class Course:
    """One case of a procedure; `effects` holds what it asked for, `ended` where it ended."""

    def __init__(self, procedure, answers, results=None):
        self.definition = definitions.load(bundle(procedure))
        none = dict.fromkeys(("lift_card", "lift_supervision"), "none")
        self.results = {**none, **(results or {})}
        two = [{"name": name, "certificate": f"14-00000{name}"} for name in ("李建国", "王芳")]
        self.sources = {
            "@today": "2026-05-06",
            "@me": {"name": "李建国"},
            "@paper": {"officers": two},
        }
        self.effects, self.ended, self.passed = [], [], []
        given = self._answers(self.definition.start, answers)
        self._run(runtime.start(self.definition, 1, given))

    def _answers(self, node, answers):
        """Complete the answers by what the form takes over, and check them."""
        form = Form(*(json.loads(self._read(node.properties[key])) for key in (FORM, UI)))
        before = prefill(form, self.sources)
        whole = {**before, **answers}
        for key, rows in answers.items():  # fixed rows: answers are added to what is given
            known = before.get(key)
            if isinstance(rows, list) and isinstance(known, list) and isinstance(known[0], dict):
                whole[key] = [{**old, **new} for old, new in zip(before[key], rows, strict=True)]
        self.sources[node.id] = form.check(whole, before)
        if node.id != REPORTING and (found := ledger(self.sources[node.id])):
            self.sources["@hazards"] = found
        return self.sources[node.id]

    def _read(self, name):
        return (ROOT / "forms" / name).read_text("utf-8")

    def _run(self, step):
        while step.effect:
            effect = step.effect
            self.effects.append((effect.node, dict(effect.parameters)))
            # As `set_case_deadline` and `set_order_deadlines` tell it.
            told = effect.parameters.get("plan", effect.parameters.get("deadline"))
            if effect.name == "paper_course":
                told = asked(effect.parameters)
            step.answer(self.results.get(effect.name, told))
        self.outcome = step.outcome()
        self.passed += self.outcome.passed
        self.ended += self.outcome.ended

    @property
    def open(self):
        return sorted(task.node for task in self.outcome.tasks)

    @property
    def timers(self):
        return {timer.node: timer.rule for timer in self.outcome.timers}

    def do(self, node, **answers):
        (task,) = (task for task in self.outcome.tasks if task.node == node)
        given = self._answers(self.definition.nodes[node], answers)
        self._run(runtime.complete(self.definition, 1, self.outcome.state, task.seq, given))
        return self

    def fire(self, node):
        (timer,) = (timer for timer in self.outcome.timers if timer.node == node)
        self._run(runtime.fire(self.definition, 1, self.outcome.state, timer.seq))
        return self

    def send_back(self, node, target):
        (task,) = (task for task in self.outcome.tasks if task.node == node)
        self._run(runtime.jump(self.definition, 1, self.outcome.state, task.seq, target))
        return self
