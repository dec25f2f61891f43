"""The history chain: each entry of a stream seals the one before it.

An entry is hashed over exact bytes, so that nobody needs our software to check it:
`SHA-256("BH1" | previous hash | stream kind | stream id | seq | body)`, where the id is 8 bytes and
the seq 4 bytes, big endian, the body is UTF-8 JSON with sorted keys and no blanks, and the first
entry's previous hash is 32 zero bytes. The database checks the same sum in a trigger.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TAG = b"BH1"
GENESIS = bytes(32)
FORGED = (ValueError, KeyError, TypeError, OverflowError)
"""What a line is read with that no use case wrote; that its chain is broken is told elsewhere."""


class Stream(StrEnum):
    """What a history is kept of."""

    CASE = "case"
    ENTERPRISE = "enterprise"
    ORGANISATION = "organisation"
    ACCOUNT = "account"
    DRAW = "draw"
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed line: `body` is the exact text that was hashed."""

    stream: str
    subject: int
    seq: int
    body: str
    hash: bytes


def write(body: Mapping[str, Any]) -> str:
    """Return the exact text of an entry."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(previous: bytes, stream: str, subject: int, seq: int, body: str) -> bytes:
    """Return the hash that binds an entry to the one sealed as `previous`."""
    return hashlib.sha256(
        TAG
        + previous
        + stream.encode()
        + subject.to_bytes(8, "big")
        + seq.to_bytes(4, "big")
        + body.encode()
    ).digest()


def first_break(entries: Iterable[Entry]) -> int | None:
    """Return the seq of the first entry of one stream that does not fit, or None if all do.

    `entries` are those of one stream in order of seq, from the first.
    """
    previous, expected = GENESIS, 1
    for entry in entries:
        sealed = seal(previous, entry.stream, entry.subject, entry.seq, entry.body)
        if entry.seq != expected or sealed != entry.hash:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
