import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Invalid
from app.domain.entered import LONG_ID, MOST_REASON, PLAIN_INTEGER, reason, whole


@given(st.integers(0, 10**LONG_ID - 1))
def test_plain_digits_are_a_whole_number(number):
    assert whole(str(number)) == number
    assert whole(str(number), PLAIN_INTEGER) == (number if number < 10**PLAIN_INTEGER else None)


@pytest.mark.parametrize("text", [None, "", "-1", "+1", "1.0", " 1", "１", "²", "1" * 19, "a"])
def test_anything_else_is_none(text):
    assert whole(text) is None


def test_a_reason_stands_without_blanks_and_within_its_length():
    assert reason(f"　{'因' * MOST_REASON} ") == "因" * MOST_REASON
    for wrong in ("", " 　\n", "因" * (MOST_REASON + 1)):
        with pytest.raises(Invalid) as refused:
            reason(wrong)
        assert list(refused.value.errors) == ["/reason"]
