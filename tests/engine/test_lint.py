"""The messages of the lint, one golden case and more for each rule.

`<case>.bpmn` is the main diagram, `<case>+<path>` another file of its bundle, with + for /;
`<case>.txt` holds the expected problems. `GOLDEN=write pytest tests/engine/test_lint.py` rewrites them.
"""

import copy
import os
import random
from pathlib import Path

import pytest
from lxml import etree

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
    return check(load(case), effects=EFFECTS, lanes=LANES, given=["case_id"], papers=["order"])


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


HOSTILE = {
    "attribute": lambda element, pick: element.attrib.pop(pick(list(element.attrib)), None),
    "value": lambda element, pick: element.attrib.update(
        {pick(list(element.attrib)): pick(["", "a", "ghost", "p", "-1", "(" * 500, "\U0001f4a9"])}
    ),
    "element": lambda element, _: element.getparent().remove(element),
    "twice": lambda element, _: element.getparent().append(copy.deepcopy(element)),
    "text": lambda element, pick: setattr(element, "text", pick(["", "P1", "-" * 900, "?" * 50])),
    "into": lambda element, pick: pick(list(element.getroottree().iter())).append(
        copy.deepcopy(element)
    ),
}


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_a_damaged_bundle_gives_problems_and_nothing_else(first):
    good = [case for case in CASES if case.startswith(("good", "each", "torn", "unset"))]
    for seed in range(first, first + 50):
        chance = random.Random(seed)  # noqa: S311  (a seed must give the same damage again)
        files = dict(load(chance.choice(good)).files)
        path = chance.choice([path for path in files if not path.endswith("json")])
        root = etree.fromstring(files[path])
        for _ in range(chance.randint(1, 3)):
            elements = [e for e in root.iter() if e.getparent() is not None and e.attrib]
            if elements:
                HOSTILE[chance.choice(list(HOSTILE))](chance.choice(elements), chance.choice)
        files[path] = etree.tostring(root)
        bundle = Bundle(files)
        if not check(bundle, effects=EFFECTS, lanes=LANES):
            definitions.load(bundle)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"bpmn/p.bpmn": b""},
        {"bpmn/p.bpmn": b"\x00" * 99},
        {"bpmn/p.bpmn": b"<a>" * 9999},
        {"bpmn/p.bpmn": b"x" * 2_000_000},
        {"bpmn/parts/p.bpmn": b"<a/>"},
        {"forms/a.json": b"[" * 5000},
        {"forms/a.json": b'{"properties": []}'},
        {"bpmn/p.dmn": b"<a/>"},
    ],
)
def test_what_is_no_bundle_gives_problems(files):
    assert check(Bundle(files), effects={}, lanes=[])


def test_a_problem_reads_as_a_line():
    (problem,) = problems("no_default")
    assert str(problem).startswith("bpmn/p.bpmn x: 网关 x 没有默认的线。")
