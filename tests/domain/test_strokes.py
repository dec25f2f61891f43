"""Strokes of a signing pad: what is taken, and what is refused at its place."""

import contextlib
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Invalid
from app.domain.strokes import MOST_POINTS, MOST_STROKES, MOST_TEXT, packed, read

NAME = [[[100, 200], [400, 210], [700, 180]], [[400, 100], [410, 800]]]
points = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 1000)), min_size=1, max_size=9)


def test_what_a_pad_sends_is_taken_and_kept_as_it_is():
    strokes = read(json.dumps(NAME))
    assert [[list(point) for point in stroke] for stroke in strokes] == NAME
    assert orjson.loads(packed(strokes)) == NAME


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_who_writes_nothing_is_asked_nothing(nothing):
    assert read(nothing) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "[]",
        "[[]]",
        "null",
        "0",
        '"x"',
        "{}",
        "[[[1]]]",
        "[[[1,2,3]]]",
        "[[[1,-1]]]",
        "[[[0,0],[3001,0]]]",
        "[[[0,0],[0,1001]]]",
        "[[[0,0],[0.5,900]]]",
        "[[[0,0],[true,900]]]",
        '[[[0,0],["9",900]]]',
        "[[[0,0],[1e999,900]]]",
        "[[[0,0],[NaN,900]]]",
        "[[[0,0],[null,900]]]",
        "[[0,0],[0,900]]",
        "[" * 5000,
        "[" * 5000 + "]" * 5000,
        "nonsense",
        "[[[5,5]]]",
        "[[[5,5],[100,100]]]",
        json.dumps([[[0, 0], [900, 900]]] * (MOST_STROKES + 1)),
        json.dumps([[[0, 0], [900, 900]] * (MOST_POINTS // 2 + 1)]),
        json.dumps([[[0, 0], [900, 900]] * (MOST_POINTS // 4 + 1)] * 2),
        "[[[0,0],[900,900]]]" + " " * MOST_TEXT,
    ],
)
def test_anything_else_is_refused_at_the_pad(hostile):
    with pytest.raises(Invalid) as refused:
        read(hostile)
    assert list(refused.value.errors) == ["/strokes"]


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats(), st.lists).map(repr))
def test_nothing_but_a_refusal_comes_of_nonsense(text):
    with contextlib.suppress(Invalid):
        assert read(text) is None or json.loads(text)


@given(st.lists(points, min_size=1, max_size=9))
def test_it_takes_what_reaches_far_enough(strokes):
    across = [x for stroke in strokes for x, _y in stroke]
    down = [y for stroke in strokes for _x, y in stroke]
    far = max(max(across) - min(across), max(down) - min(down)) >= 150
    try:
        assert read(json.dumps(strokes)) == tuple(map(tuple, strokes))
        assert far
    except Invalid:
        assert not far
