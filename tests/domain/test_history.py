"""Any change of a sealed history is found: no byte, no entry, no order can differ."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.history import GENESIS, Entry, Stream, first_break, seal, write

BODIES = st.lists(st.text(max_size=40), min_size=1, max_size=8)


def chain(bodies, stream="account", subject=7):
    entries, previous = [], GENESIS
    for seq, body in enumerate(bodies, 1):
        previous = seal(previous, stream, subject, seq, body)
        entries.append(Entry(stream, subject, seq, body, previous))
    return entries


@given(BODIES)
def test_a_whole_chain_fits(bodies):
    assert first_break(chain(bodies)) is None


def test_no_history_is_whole():
    assert first_break([]) is None


@given(BODIES, st.data())
def test_any_changed_byte_is_found(bodies, data):
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[at]
    changes = [
        replace(entry, body=entry.body + "x"),
        replace(entry, seq=entry.seq + 1),
        replace(entry, subject=entry.subject + 1),
        replace(entry, stream="case"),
    ]
    byte = data.draw(st.integers(0, 31))
    flipped = bytearray(entry.hash)
    flipped[byte] ^= 1 << data.draw(st.integers(0, 7))
    changes.append(replace(entry, hash=bytes(flipped)))
    if entry.body:
        where = data.draw(st.integers(0, len(entry.body) - 1))
        other = "甲" if entry.body[where] != "甲" else "乙"
        changes.append(replace(entry, body=entry.body[:where] + other + entry.body[where + 1 :]))
    for changed in changes:
        assert first_break([*entries[:at], changed, *entries[at + 1 :]]) == at + 1


@given(st.lists(st.text(max_size=20), min_size=2, max_size=8), st.data())
def test_a_dropped_entry_is_found_unless_it_is_the_last(bodies, data):
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 2))
    assert first_break([*entries[:at], *entries[at + 1 :]]) == at + 1


@given(st.lists(st.text(max_size=20), min_size=2, max_size=8), st.data())
def test_a_swapped_pair_is_found(bodies, data):
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 2))
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    assert first_break(entries) == at + 1


@given(BODIES, st.data())
def test_an_inserted_or_repeated_entry_is_found(bodies, data):
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 1))
    assert first_break([*entries[: at + 1], entries[at], *entries[at + 1 :]]) == at + 2


@given(BODIES)
def test_a_history_of_somebody_else_does_not_fit(bodies):
    moved = [replace(entry, subject=8) for entry in chain(bodies)]
    assert first_break(moved) == 1


def test_the_sum_is_the_one_that_is_documented():
    """A verifier in any language gets the same: this value never changes."""
    assert seal(GENESIS, "account", 7, 1, '{"action":"账户"}').hex() == (
        "f80d7920d9d1dd056a98a351d51741dc36bcda6c25128356d9839cabed01ab50"
    )


def test_the_text_of_an_entry_is_always_the_same():
    body = {"b": 1, "a": "整改", "detail": {"z": None, "y": [1.5, True]}}
    assert write(body) == '{"a":"整改","b":1,"detail":{"y":[1.5,true],"z":null}}'


@pytest.mark.parametrize("stream", list(Stream))
def test_streams_have_short_names(stream):
    assert stream.isascii()
    assert len(stream) <= 32
