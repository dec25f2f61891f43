"""The outside world behind small protocols; `config.py` chooses the adapter behind each."""

from typing import Protocol


class Passwords(Protocol):
    """Keeps secrets that people type."""

    def hash(self, secret: str) -> str:
        """Return what may be stored of `secret`."""
        ...

    def matches(self, hashed: str | None, secret: str) -> bool:
        """Test `secret`; takes as long for None as for a wrong one."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Test whether `hashed` was made with weaker settings than today's."""
        ...


class Files(Protocol):
    """Keeps files by the SHA-256 of their bytes."""

    def put(self, data: bytes) -> str:
        """Keep `data` for good and return its SHA-256 in hexadecimal."""
        ...

    def get(self, digest: str) -> bytes:
        """Return the bytes with this SHA-256, or raise OSError."""
        ...
