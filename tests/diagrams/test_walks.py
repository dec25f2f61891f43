"""Every way through every procedure is walked, with answers that its own forms accept."""

import random

import pytest

from tests.diagrams.course import PROCEDURES
from tests.diagrams.search import Search

WALKS = 3000


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_way_is_walked(procedure):
    search = Search(procedure, random.Random(1))  # noqa: S311
    search.run(WALKS)
    assert search.left == set()
    assert search.ends
