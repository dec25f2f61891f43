"""Rules of passwords, PINs and guessing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.credentials import (
    FREE_GUESSES,
    USERNAME,
    WINDOW,
    network,
    next_guess_at,
    password_problem,
    pin_problem,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "整改闭环二零二六年十一月", "x9!Lq#27pw"]
)
def test_good_passwords(password):
    assert password_problem(password, "staff1") is None


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 129, "aaaaaaaaaaaa", "ababababab", "my-STAFF1-password"]
)
def test_bad_passwords(password):
    assert password_problem(password, "staff1") is not None


@pytest.mark.parametrize("pin", ["260518", "904871", "112233"])
def test_good_pins(pin):
    assert pin_problem(pin) is None


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567", "abcdef", "１２３４５６", "000000", "123456", "654321", "890123 "],
)
def test_bad_pins(pin):
    assert pin_problem(pin) is not None


@pytest.mark.parametrize("name", ["abc", "xingxian.staff1", "a_b-c.d", "0" * 32])
def test_good_usernames(name):
    assert USERNAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "ab", "Abc", ".abc", "张三丰", "a b c", "a" * 33, "abc\n"])
def test_bad_usernames(name):
    assert not USERNAME.fullmatch(name)


@given(st.integers(0, 60))
def test_the_pause_grows_and_is_never_longer_than_the_window(count):
    failures = [NOW + timedelta(seconds=n) for n in range(count)]
    again = next_guess_at(failures)
    if count < FREE_GUESSES:
        assert again is None
    else:
        assert again is not None
        assert timedelta(0) < again - failures[-1] <= WINDOW
        more = next_guess_at([*failures, failures[-1]])
        assert more is not None
        assert more >= again


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_counts_as_one_address(address, counted):
    assert network(address) == counted
    assert len(network(address)) <= 45
