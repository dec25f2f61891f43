"""Passwords, PINs and how often one may guess them."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.text import T, Text

MIN_PASSWORD, MAX_PASSWORD = 10, 128
PIN = re.compile(r"[0-9]{6}")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")

# Guessing is limited per account and address together, so that a stranger cannot lock anybody out,
# and per address alone, so that one address cannot try every account.
WINDOW = timedelta(minutes=15)
FREE_GUESSES = 5
GUESSES_PER_ADDRESS = 50
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_DOUBLING = 10  # by then the pause is the whole window
IPV6_NETWORK = 64


def password_problem(password: str, username: str) -> Text | None:
    """Return what is wrong with a new password, or None."""
    if len(password) < MIN_PASSWORD:
        return T("密码至少 {n} 个字符", n=MIN_PASSWORD)
    if len(password) > MAX_PASSWORD:
        return T("密码不能超过 {n} 个字符", n=MAX_PASSWORD)
    if username.lower() in password.lower():
        return T("密码中不能包含用户名")
    if len(set(password)) < MIN_PASSWORD // 2:
        return T("密码过于简单，请使用更多不同的字符")
    return None


def pin_problem(pin: str) -> Text | None:
    """Return what is wrong with a new signing PIN, or None."""
    if not PIN.fullmatch(pin):
        return T("签名口令应为 6 位数字")
    if len(set(pin)) == 1 or pin in "01234567890" or pin in "09876543210":
        return T("签名口令过于简单")
    return None


def network(address: str) -> str:
    """Return what counts as one address: who has one IPv6 address has 2 ** 64 of them."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, IPV6_NETWORK), strict=False))


def next_guess_at(failures: Sequence[datetime]) -> datetime | None:
    """Return when an account may be tried again from one address, or None for at once.

    `failures` are the recent failed attempts, oldest first; each one past the free guesses doubles
    the pause.
    """
    excess = len(failures) - FREE_GUESSES
    if excess < 0:
        return None
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(excess, LONGEST_DOUBLING), WINDOW)
    return failures[-1] + pause
