"""Which files are taken, told by what is in them and never by their name."""

import io
import re
import zipfile

# What no file's name may hold: separators, control characters, marks that turn text round.
NAME = re.compile("[/\\\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_PARTS = 10_000
ENTRY = b"PK\x01\x02"
"""What each part's line in a container's directory begins with."""
UNREADABLE = (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError)
"""What reading a directory fails with: names no UTF-8, places and versions out of reach."""


def kind_of(data: bytes) -> str | None:
    """Return the media type of a file we take, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return None


def _office(data: bytes) -> str | None:
    # Counted before it is read: a directory of hundreds of thousands would fill the memory.
    if data.count(ENTRY) > MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except UNREADABLE:
        return None
    # A macro hides in the same container.
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in OFFICE.items() if part in names), None)
