"""Where one procedure starts another: what is real, and what is still a task of handing over.

The table in docs/procedures.md is held against the diagrams both ways, so a link that is still
listed as handed over fails as soon as its procedure is drawn, and so does one that is not listed.
"""

import ast
import re

import pytest
from lxml import etree

from app.domain.procedures import PROCEDURES as KNOWN
from app.services.draws import VISIT
from config import ROOT
from tests.diagrams.course import PROCEDURES
from tests.diagrams.picture import SPIFF

STARTING = {"start_case", "start_batch"}
LINE = re.compile(r"^\| `(\w+)` \| (.+) \| (.*) \|$", re.MULTILINE)
HANDED_OVER = "handed over"


def targets(expression):
    """Return the procedures that an expression can name."""
    found = ast.parse(expression, mode="eval").body
    sides = [found]
    while any(isinstance(side, ast.IfExp) for side in sides):
        sides = [
            part
            for side in sides
            for part in ([side.body, side.orelse] if isinstance(side, ast.IfExp) else [side])
        ]
    assert all(isinstance(side, ast.Constant) for side in sides), expression
    return {side.value for side in sides}


def links():
    """Return the diagrams from which each procedure is started."""
    found = {VISIT: {"city_spot_check"}}  # by a job, for each enterprise of the list
    for path in sorted((ROOT / "bpmn").rglob("*.bpmn")):
        for operator in etree.parse(path).iter(f"{SPIFF}serviceTaskOperator"):
            if operator.get("id") in STARTING:
                (named,) = [
                    one
                    for one in operator.iter(f"{SPIFF}parameter")
                    if one.get("id") == "procedure"
                ]
                for target in targets(named.get("value")):
                    found.setdefault(target, set()).add(path.stem)
    return found


def told():
    """Return the same as docs/procedures.md tells it, and which targets hand over."""
    section = (
        (ROOT / "docs/procedures.md").read_text("utf-8").split("## Links between procedures")[1]
    )
    rows = LINE.findall(section.split("\n## ")[0])
    from_ = {target: set(re.findall(r"`(\w+)`", sources)) for target, sources, _note in rows}
    return from_, {target for target, _sources, note in rows if note == HANDED_OVER}


def test_every_link_is_told():
    assert told()[0] == links()


def test_what_has_no_diagram_is_handed_over_and_nothing_else():
    assert told()[1] == set(links()) - set(PROCEDURES)


@pytest.mark.parametrize("target", sorted(links()))
def test_every_target_is_a_procedure_of_the_field(target):
    assert target in KNOWN
