import pytest

from app.engine import CaseFault
from tests.engine.draw import (
    Drawing,
    for_each,
    table,
)
from tests.engine.play import Case, line, load


def test_each_member_gives_an_opinion():
    drawing = line("m", "a", start="panel")
    drawing.user("m", "opinion", inner=for_each(), due='"P1D" if member == "p" else "P2D"')
    drawing.user("a")
    case = Case(load(drawing), panel=["p", "q", "r"])
    assert [(t.variables["member"], t.due) for t in case.outcome.tasks] == [
        ("p", "P1D"),
        ("q", "P2D"),
        ("r", "P2D"),
    ]
    case.do("m", at=2, opinion="C").do("m", at=0, opinion="A")
    assert case.outcome.passed == ()
    case.do("m", opinion="B")
    assert case.data("a") == {"panel": ["p", "q", "r"], "opinions": ["A", "B", "C"]}
    assert case.outcome.passed == ("m", "p_f2")


def test_enough_opinions_withdraw_the_rest():
    drawing = line("m", "a", start="panel")
    drawing.user("m", "opinion", inner=for_each(until="&quot;yes&quot; in opinions"))
    drawing.user("a")
    case = Case(load(drawing), panel=["p", "q", "r"])
    case.do("m", at=1, opinion="no").do("m", at=0, opinion="yes")
    assert case.open == ["a"]
    assert case.data("a")["opinions"] == ["yes", "no"]


@pytest.mark.parametrize("panel", [None, "pq", list(range(51))])
def test_a_panel_is_a_short_list(panel):
    drawing = line("m", start="panel")
    drawing.user("m", "opinion", inner=for_each())
    with pytest.raises(CaseFault):
        Case(load(drawing), panel=panel)


def test_nobody_gives_no_opinion():
    drawing = line("m", "a", start="panel")
    drawing.user("m", "opinion", inner=for_each())
    drawing.user("a")
    assert Case(load(drawing), panel=[]).data("a")["opinions"] == []


def part(io, *, end=""):
    inner = Drawing("q", io=io)
    inner.start("qs")
    inner.user("u", "x y")
    inner.end("qe", inner=end)
    inner.chain("qs", "u", "qe")
    return inner


def test_a_part_sees_and_gives_what_it_declares():
    drawing = line("k", "a", start="n secret")
    drawing.call("k", "q")
    drawing.user("a")
    case = Case(load(drawing, part((("n",), ("x",)))), n=1, secret=2)
    assert case.data("u") == {"n": 1}
    case.do("u", x=5, y=6)
    assert case.data("a") == {"n": 1, "secret": 2, "x": 5}
    assert case.outcome.passed == ("u", "q_f2", "qe", "k", "p_f2")
    assert case.outcome.ended == ()


@pytest.mark.parametrize("io", [(("absent",), ()), ((), ("absent",))])
def test_a_part_without_its_data_fails(io):
    drawing = line("k")
    drawing.call("k", "q")
    with pytest.raises(CaseFault):
        Case(load(drawing, part(io))).do("u")


def test_decisions_decide():
    drawing = line("d", "a", start="n s")
    drawing.decide("d", "level")
    drawing.user("a")
    rules_ = [
        (["> 10", "-"], ['"high"', "n * 2"]),
        (["5 < ? <= 10", '"a?b"'], ['"middle"', "0"]),
        (["", 'in ["x", "y"]'], ['"odd"', "None"]),
        (["-", "-"], ['"low"', "0"]),
    ]
    definition = load(drawing, decisions=[table("level", ["n", "s"], ["level", "more"], rules_)])
    for n, s, level in (
        (11, "a", "high"),
        (7, "a?b", "middle"),
        (7, "x", "odd"),
        (7, "z", "low"),
        (1, "a?b", "low"),
    ):
        assert Case(definition, n=n, s=s).data("a")["level"] == level


def test_no_rule_applies():
    drawing = line("d")
    drawing.decide("d", "level")
    definition = load(drawing, decisions=[table("level", ["n"], ["level"], [(["1"], ["1"])])])
    with pytest.raises(CaseFault):
        Case(definition, n=2)
