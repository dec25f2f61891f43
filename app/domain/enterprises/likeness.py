"""Find the same plant again, however people write its name and address."""

import re
import unicodedata
from difflib import SequenceMatcher

# Marks and blanks that say nothing about which plant it is; "（演示）" is part of a name.
NOISE = re.compile(r"[\s\-_*.,;:·•、，。；：“”\"'‘’《》<>#()（）\[\]【】]+")
SAME_KIND = (("有限责任公司", "有限公司"), ("股份有限公司", "股份公司"), ("集团公司", "集团"))
NUMBER = re.compile(r"[号號]$")
ALIKE = 0.8


def name_key(name: str) -> str:
    """Return a name without what is written now one way, now another."""
    key = NOISE.sub("", unicodedata.normalize("NFKC", name)).lower()
    for long, short in SAME_KIND:
        key = key.replace(long, short)
    return key


def address_key(address: str, around: tuple[str, ...] = ()) -> str:
    """Return an address without blanks, marks, and the names of the divisions it begins with."""
    key = NOISE.sub("", unicodedata.normalize("NFKC", address)).lower()
    for division in around:
        key = key.removeprefix(division)
    return NUMBER.sub("", key)


def alike(one: str, other: str) -> bool:
    """Test whether two keys are nearly the same."""
    if not one or not other:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def same_address(one: str, other: str) -> bool:
    """Test whether two address keys can mean the same place: one may say more than the other."""
    return not one or not other or one in other or other in one or alike(one, other)
