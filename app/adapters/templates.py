"""Templates of papers: for each kind an HTML page and the JSON Schema of its data, and the wording.

The wording (legal bases, periods, remedies) is data: what lies in the data directory's
`wording.json` goes before what came with the product, key by key.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.domain.lazy import lazy
from app.domain.text import Term, Text

SCHEMA, WORDING = ".schema.json", "wording.json"
PARTS = (".html", ".css")


@dataclass(frozen=True, slots=True)
class Signer:
    """A place where somebody signs."""

    id: str
    """Of the place, in the template."""
    person: int | None
    """Who it is in the list of those who sign; None for whoever signs in one of the roles."""
    roles: tuple[str, ...] = ()
    optional: bool = False
    """Whether the paper can be complete without them, who may refuse."""
    approves: bool = False
    """Whether theirs is the leader's signature by which the paper goes out (签发人)."""
    dated: bool = False
    """Whether the day on which they sign is written beside their name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of paper."""

    id: str
    title: str
    english: str
    code: str
    """Its characters in numbers, as 责改."""
    pattern: str
    """How it is numbered, if not as its organisation numbers papers; "" if so."""
    schema: dict[str, Any]
    signers: tuple[Signer, ...]
    people: str
    """The field of the data that lists those who sign and are named by it, in their order."""
    sealed: bool
    reviewed: bool
    """Whether it demands what is looked at later, in a review that names it."""
    proof: bool
    """Whether it proves the service of another paper, and is made where that is recorded."""
    dated_when_signed: bool
    """Whether it bears the day of its first signature (成文日期), not that of its draft."""
    letter: bool
    """Whether it goes to another organ, which notes that it came and answers it."""
    public: bool
    """Whether it speaks to everybody: it names whom it is about to whoever asks."""
    card: str
    """The field that says which card (黄牌、红牌) it publishes; "" if it publishes none."""

    @property
    def places(self) -> tuple[str, ...]:
        """The ids of the places where people sign."""
        return tuple(signer.id for signer in self.signers)

    @property
    def dates(self) -> tuple[str, ...]:
        """The fields that say on which day the paper was made."""
        fields = self.schema["properties"].items()
        return tuple(name for name, field in fields if field.get("x-from") == "@date")

    def missing(self, signed: Collection[str]) -> tuple[Signer, ...]:
        """Return who has not signed yet, of those without whom it is not complete."""
        return tuple(one for one in self.signers if one.id not in signed and not one.optional)


def _signers(said: Sequence[Any]) -> Iterator[Signer]:
    """Yield the signers of a kind: a plain id is the next of its people, others say their roles."""
    named = 0
    for one in said:
        if isinstance(one, str):
            yield Signer(one, named)
            named += 1
        else:
            says = {name: one.get(name, False) for name in ("optional", "approves", "dated")}
            yield Signer(one["id"], None, tuple(one["roles"]), **says)


class Templates:
    """The templates in a folder; read once, when the process first needs them."""

    def __init__(self, folder: Path, own: Path | None = None) -> None:
        self._folder = folder
        self._own = own

    @lazy
    def kinds(self) -> dict[str, Kind]:
        """Every kind there is, by its id."""
        found = {}
        for path in sorted(self._folder.glob(f"*{SCHEMA}")):
            kind = path.name.removesuffix(SCHEMA)
            schema = json.loads(path.read_text("utf-8"))
            says = schema["x-paper"]
            found[kind] = Kind(
                id=kind,
                title=schema["title"],
                english=schema["x-en"]["title"],
                code=says["code"],
                pattern=says.get("pattern", ""),
                schema=schema,
                signers=tuple(_signers(says["signers"])),
                people=says.get("people", ""),
                sealed=says["seal"],
                reviewed=says.get("reviewed", False),
                proof=says.get("proof", False),
                dated_when_signed=says.get("dated_when_signed", False),
                letter=says.get("letter", False),
                public=says.get("public", False),
                card=says.get("card", ""),
            )
        return found

    def title(self, kind: str) -> Text:
        """Return what a kind of paper is called, or its id if there is no such kind any more."""
        known = self.kinds.get(kind)
        return Term(known.title, english=known.english) if known else Term(kind)

    @lazy
    def bundle(self) -> bytes:
        """Everything that a paper's look and wording come from, as one exact text."""
        sources = {
            path.name: path.read_text("utf-8")
            for path in sorted(self._folder.iterdir())
            if path.suffix in PARTS
        }
        whole = {"sources": sources, "wording": self._wording()}
        return json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()

    @lazy
    def digest(self) -> str:
        """The SHA-256 of `bundle`."""
        return sha256(self.bundle).hexdigest()

    def _wording(self) -> dict[str, Any]:
        wording: dict[str, Any] = json.loads((self._folder / WORDING).read_text("utf-8"))
        if self._own is not None and self._own.is_file():
            for kind, changes in json.loads(self._own.read_text("utf-8")).items():
                wording[kind] = {**wording.get(kind, {}), **changes}
        return wording
