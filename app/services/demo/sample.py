"""The list that comes with the product: 60 invented enterprises of 兴县, laid out as annex 1."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("annex-1-xingxian.xlsx")


@cache
def sample() -> bytes:
    """Return the list as a spreadsheet, as untidy as such lists are."""
    return FILE.read_bytes()
