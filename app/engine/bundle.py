"""A bundle (部署包): the files of one procedure, immutable and named by their digest.

Paths are as in the repository: `bpmn/<procedure>.bpmn`, `bpmn/parts/<part>.bpmn`,
`bpmn/decisions/<id>.dmn`, `forms/<path>`. The one `.bpmn` that lies in no `parts/` is the main one.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

import zstandard

from app.domain.lazy import lazy

_FORMAT = b"\x01"
_WORD = 8
_LIMIT = 64 * 1024 * 1024


class BadBundle(ValueError):
    """The stored bytes are not a bundle."""


@dataclass(frozen=True)
class Bundle:
    files: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        ordered = {path: bytes(self.files[path]) for path in sorted(self.files)}
        object.__setattr__(self, "files", MappingProxyType(ordered))

    @lazy
    def digest(self) -> str:
        """The SHA-256 over the sorted paths and bytes, in hexadecimal."""
        return hashlib.sha256(self._canonical()).hexdigest()

    @lazy
    def diagrams(self) -> Mapping[str, bytes]:
        """Every BPMN file, the main one first."""
        found = sorted(
            ((path, data) for path, data in self.files.items() if path.endswith(".bpmn")),
            key=lambda item: (_is_part(item[0]), item[0]),
        )
        return MappingProxyType(dict(found))

    @lazy
    def decisions(self) -> Mapping[str, bytes]:
        """Every DMN file."""
        return MappingProxyType({p: data for p, data in self.files.items() if p.endswith(".dmn")})

    @property
    def mains(self) -> tuple[str, ...]:
        """The paths of the BPMN files that are no parts; a good bundle has exactly one."""
        return tuple(path for path in self.diagrams if not _is_part(path))

    def pack(self) -> bytes:
        """Return the bundle as bytes for storage; `unpack` reads them back."""
        return _FORMAT + zstandard.ZstdCompressor(level=9).compress(self._canonical())

    @classmethod
    def unpack(cls, packed: bytes) -> "Bundle":
        """Read what `pack` wrote.

        :raises BadBundle: if the bytes are something else
        """
        if packed[:1] != _FORMAT:
            raise BadBundle("unknown bundle format")
        try:
            data = zstandard.ZstdDecompressor().decompress(packed[1:], max_output_size=_LIMIT)
            chunks = list(_chunks(data))
            paths = [chunk.decode() for chunk in chunks[::2]]
            return cls(dict(zip(paths, chunks[1::2], strict=True)))
        except (zstandard.ZstdError, ValueError) as error:
            raise BadBundle(str(error)) from error

    def _canonical(self) -> bytes:
        parts = []
        for path, data in self.files.items():
            for chunk in (path.encode(), data):
                parts += [len(chunk).to_bytes(_WORD, "big"), chunk]
        return b"".join(parts)


def _is_part(path: str) -> bool:
    return "parts" in PurePosixPath(path).parts[:-1]


def _chunks(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + _WORD], "big")
        at += _WORD
        if at + size > len(data):
            raise ValueError("truncated")
        yield data[at : at + size]
        at += size
