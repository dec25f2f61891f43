"""Repair asn1crypto 1.5.1, which now and then takes ten seconds to write a signature.

It takes any length whose last byte is 0x80 for the BER mark of an unknown length, and then encodes
the value anew, all its parts too, again and again. Only a header that is a tag and 0x80 is such a
mark. A regression test holds the repair in place.
"""

from typing import Any

from asn1crypto import core

INDEFINITE = b"\x80"
SHORT = 2
"""Bytes of a header whose length is unknown: the tag, and the mark."""


def install() -> None:
    """Repair this process's asn1crypto; harmless when it was done before."""
    for kind in (core.Sequence, core.SequenceOf, core.Constructable):
        plain = kind.__dict__.get("dump")
        if plain is not None and not hasattr(plain, "repaired"):
            kind.dump = _repaired(plain)


def _repaired(plain: Any) -> Any:
    def dump(self: Any, force: bool = False) -> bytes:  # noqa: FBT001, FBT002
        header = self._header
        if not force and header is not None and len(header) > SHORT and header[-1:] == INDEFINITE:
            contents = self.contents  # may encode anew, and then resets the header
            if self._header is header:
                whole: bytes = header + contents + (self._trailer or b"")
                return whole
        done: bytes = plain(self, force)
        return done

    dump.__dict__["repaired"] = True
    return dump
