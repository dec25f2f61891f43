"""The messages of the lint, one golden case and more for each rule.

`<case>.bpmn` is the main diagram, `<case>+<path>` another file of its bundle, with + for /;
`<case>.txt` holds the expected problems. `GOLDEN=write pytest tests/engine/test_lint.py` rewrites them.
"""

import os
from pathlib import Path

import pytest

from app.engine import Signature, definitions
from app.engine.bundle import Bundle
from app.engine.lint import check
from app.engine.lint.report import RULES
from tests.engine.draw import forms

FOLDER = Path(__file__).parent / "lint"
CASES = sorted(path.stem for path in FOLDER.glob("*.bpmn") if "+" not in path.name)
EFFECTS = {
    "note": Signature(optional=frozenset({"text"})),
    "start_case": Signature(required=frozenset({"procedure"})),
}
LANES = ["企业", "执法人员"]


def load(case):
    files = {"bpmn/p.bpmn": (FOLDER / f"{case}.bpmn").read_bytes()} | dict(forms())
    for path in FOLDER.glob(f"{case}+*"):
        files[path.name.removeprefix(f"{case}+").replace("+", "/")] = path.read_bytes()
    return Bundle(files)


def problems(case):
    return check(load(case), effects=EFFECTS, lanes=LANES, given=["case_id"])


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    found = "".join(f"{problem}\n" for problem in problems(case))
    golden = FOLDER / f"{case}.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(found)
    assert found == golden.read_text()
    assert bool(found) is not case.startswith("good")


def test_every_rule_has_a_case():
    seen = {problem.reason.wording for case in CASES for problem in problems(case)}
    assert [rule.reason for rule in RULES if rule.reason not in seen] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("good")])
def test_what_passes_can_be_built(case):
    assert definitions.load(load(case)).procedure == "p"


def test_wordings_are_unique():
    reasons = [rule.reason for rule in RULES]
    assert len(reasons) == len(set(reasons))
