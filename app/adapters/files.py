"""Keep files by what is in them: the name of a file is the SHA-256 of its bytes."""

import hashlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

AT_ONCE = 2**20
"""Bytes that are copied at once."""


class FolderStore:
    """A folder of files, two letters deep; shared by every process on every machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`, synced to the disk, and return its SHA-256 in hexadecimal."""
        return self._keep(io.BytesIO(data), hashlib.sha256(data).hexdigest())

    def take(self, made: Path) -> str:
        """Keep what a file holds, however large, and return its SHA-256 in hexadecimal."""
        with made.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            return self._keep(source, digest)

    def _keep(self, source: BinaryIO, digest: str) -> str:
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(source, file, AT_ONCE)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(path.parent)
        _sync(path.parent.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes with this SHA-256.

        :raises OSError: if they are not here, or are no longer what they were
        """
        data = self.path(digest).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise OSError(f"The file {digest} was changed")
        return data

    def path(self, digest: str) -> Path:
        """Return where the file with this SHA-256 lies, if it is here."""
        return self._folder / digest[:2] / digest


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
