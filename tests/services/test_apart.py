"""Duties held apart (职责分离), and one voice for each member of a panel (会签)."""

from datetime import timedelta

import pytest

from app.domain import Forbidden
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play

STAFF = "xingxian.staff1"
FIRST, SECOND = "xingxian.panel1", "xingxian.panel2"


@pytest.fixture
def play(deps, actor):
    drawn.deploy(deps, drawn.discussing())
    return Play(deps, actor)


def say(play, username):
    item = next(row for row in play.todo(username) if row.node == "say")
    return play.run(username, commands.complete, item.id, {"ok": username})


def test_a_member_has_one_voice(play):
    case = play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    other = next(row for row in play.todo(SECOND) if row.node == "say").id
    for act, given in (
        (commands.claim, ()),
        (commands.save_draft, ({},)),
        (commands.complete, ({"ok": "又"},)),
    ):
        with pytest.raises(Forbidden, match="每人只能办理一份"):
            play.run(FIRST, act, other, *given)
    say(play, SECOND)
    assert play.case(STAFF, case).current == ["write"]


def test_every_round_asks_every_member_again(play, clock):
    play.start(STAFF, "discussing", panel=["甲", "乙"])
    say(play, FIRST)
    say(play, SECOND)
    clock.now += timedelta(minutes=1)
    (write,) = play.todo(STAFF)
    play.run(STAFF, commands.return_to, write.id, "say", "理由不充分")
    say(play, FIRST)
    with pytest.raises(Forbidden):
        say(play, FIRST)
    say(play, SECOND)
    assert [row.node for row in play.todo(STAFF)] == ["write"]
