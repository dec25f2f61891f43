"""Every way through every procedure is walked, with answers that its own forms accept."""

import random

import pytest

from tests.diagrams.course import PROCEDURES
from tests.diagrams.walker import unseen

WALKS = 3000


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_way_is_walked(procedure):
    left, ends = unseen(procedure, random.Random(1), WALKS)  # noqa: S311
    assert left == set()
    assert ends
