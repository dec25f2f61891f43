"""How a saved state grows with what a case went through."""

from app.engine import Outcome, definitions, runtime
from app.services import procedures
from config import ROOT
from tests.bench import Row

CASE_ID = 7
FEW, MANY = 6, 200
DRAFT = {"deadline": "2026-12-20", "plan_deadline": "2026-11-30", "hazard_class": "general"}


def measure() -> Row:
    """Return the state after 200 tasks against the one after 6, of a case that goes round."""
    bundle = procedures.gather(ROOT, ROOT / "bpmn/rectification.bpmn")
    definition = definitions.load(bundle)
    outcome = runtime.start(definition, CASE_ID, {}).outcome()
    sizes = {}
    for number in range(1, MANY + 1):
        outcome = _next(definition, outcome)
        sizes[number] = len(outcome.state)
    return Row("state after 200 tasks ÷ after 6", sizes[MANY] / sizes[FEW], 1.2)


def _next(definition: definitions.Definition, outcome: Outcome) -> Outcome:
    """Draft the order, or send it back to be drafted again."""
    (task,) = outcome.tasks
    at = (definition, CASE_ID, outcome.state, task.seq)
    if definition.nodes[task.node].words("returnTo"):
        return runtime.jump(*at, "draft_order").outcome()
    step = runtime.complete(*at, DRAFT)
    while step.effect is not None:
        step.answer("done")
    return step.outcome()
