"""300 random diagrams, each played saved, kept and by the oracle; in chunks, to be shared out."""

import pytest

from app.engine.lint import check, shape, words
from tests.engine import fuzz
from tests.engine.test_lint import EFFECTS, LANES

CHUNK = 25
# What the generator draws on purpose, because the engine should run more than the lint allows.
ALLOWED = {shape.LOOP_INSIDE.reason, shape.END_INSIDE.reason, words.RETURN_INSIDE.reason}


@pytest.mark.parametrize("first", range(0, 300, CHUNK))
def test_random_walks(first):
    report = fuzz.run(first, CHUNK)
    assert report.differences == []
    assert report.finished > CHUNK * 0.8
    assert report.largest < 1000


@pytest.mark.parametrize("seed", range(40))
def test_the_lint_has_nothing_against_random_diagrams(seed):
    found = check(fuzz.Generator(seed).bundle(), effects=EFFECTS, lanes=LANES)
    assert {problem.reason.wording for problem in found} <= ALLOWED


def test_a_difference_is_reported(monkeypatch):
    monkeypatch.setattr(fuzz, "view", id)
    report = fuzz.run(0, 1)
    assert "seed 0: AssertionError" in str(report)
