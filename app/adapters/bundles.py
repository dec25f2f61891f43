"""Bundles of text files in one ZIP: the same texts give the same bytes."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from app.domain import filetypes

MADE = (1980, 1, 1, 0, 0, 0)
SUFFIX = ".txt"
MOST_FILES, MOST_BYTES = 32, 64 * 2**20
# No ZIP, one that is encrypted, one that is cut short, one whose bytes are wrong.
DAMAGED = (*filetypes.UNREADABLE, RuntimeError, EOFError, zlib.error)


class NoBundle(ValueError):
    """What was given is no bundle; the message says why."""


def pack(files: Mapping[str, str]) -> bytes:
    """Return texts by name as a ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            told = zipfile.ZipInfo(f"{name}{SUFFIX}", MADE)
            told.external_attr = 0o644 << 16
            told.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(told, files[name].encode())
    return out.getvalue()


def unpack(data: bytes) -> dict[str, str]:
    """Return the texts of a ZIP by name, whatever folder they lie in.

    :raises NoBundle: if it is no ZIP, is damaged or too large, or holds what is no text
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [one for one in archive.infolist() if one.filename.endswith(SUFFIX)]
            if len(found) > MOST_FILES or sum(one.file_size for one in found) > MOST_BYTES:
                raise NoBundle("larger than a bundle is")
            return {PurePosixPath(one.filename).stem: _text(archive, one) for one in found}
    except DAMAGED as wrong:
        raise NoBundle(str(wrong)) from wrong


def _text(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> str:
    with archive.open(one) as file:
        data = file.read(one.file_size + 1)
    if len(data) > one.file_size:
        raise NoBundle("a file is larger than it says")
    return data.decode()
