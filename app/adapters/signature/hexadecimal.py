"""Read the hexadecimal strings of a PDF at once: pyHanko 0.38 asks for each digit by itself.

A signature is 16 000 digits, and every further one reads those before it. Whatever is not plain
digits and blanks is left to pyHanko's own function, and its errors with it.
"""

import binascii
import re
from typing import Any

from pyhanko.pdf_utils import generic

AT_ONCE = 1024
PLAIN = re.compile(rb"[0-9A-Fa-f\x00\t\n\x0c\r ]*")
BLANKS = b"\x00\t\n\x0c\r "

_plain = generic.read_hex_string_from_stream


def install() -> None:
    """Replace the function in this process; harmless when it was done before."""
    generic.read_hex_string_from_stream = read


def read(stream: Any) -> Any:
    """Return the string that begins at "<", and leave the stream behind its end."""
    start = stream.tell()
    stream.read(1)
    found = bytearray()
    while True:
        part = stream.read(AT_ONCE)
        digits, end, _rest = part.partition(b">")
        if not part or not PLAIN.fullmatch(digits):
            stream.seek(start)
            return _plain(stream)
        found += digits
        if end:
            break
    stream.seek(start + len(found) + 2)
    packed = bytes(found).translate(None, BLANKS)
    return generic.pdf_string(binascii.unhexlify(packed + b"0" * (len(packed) % 2)))
