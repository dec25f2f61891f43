"""Everybody at random, in a hundred demos: what must hold, holds; and it is known where nobody was."""

from tests.robots import crowd

SEEDS, MOVES = 100, 30


def test_whatever_people_do_the_rules_hold(capsys):
    report = crowd.play(range(1, SEEDS + 1), MOVES)
    with capsys.disabled():
        print(f"\n{report}")  # noqa: T201
    assert report.broken == []
