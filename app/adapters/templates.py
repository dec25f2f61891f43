"""Templates of papers: for each kind an HTML page and the JSON Schema of its data, and the wording.

The wording (legal bases, periods, remedies) is data. What came with the product is read here; what
offices publish of it is kept version by version in the database (`services.documents.wordings`).
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.domain.lazy import lazy
from app.domain.text import Term, Text
from app.domain.wordings import entries

SCHEMA, WORDING, TITLES = ".schema.json", "wording.json", "wording_titles.json"
USED = re.compile(r"\bwording\.([a-z_]+)")
PARTS = (".html", ".css")
SAYS = ("optional", "approves", "dated", "by_hand", "decides")
"""What a signer of a role may say of itself."""


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
    by_hand: bool = False
    """Whether they may sign by hand, on the print or on an officer's device, who certifies it."""
    decides: bool = False
    """Whether they decide what the paper proposes: it is complete if they decline it, too."""


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
    served: bool
    """Whether it is served on the one it is about, and counts from then on."""
    after: tuple[tuple[str, ...], ...]
    """What has to be complete before it may be issued: of each entry, one of these kinds."""
    singly: bool
    """Whether it is made by itself too, for a case whose own diagram does not draft it."""
    lasts: bool
    """Whether what it orders lasts until a day of its own, `to_day`, and somebody ends it then."""
    lists: bool
    """Whether whom it is about is on the blacklist (严重失信主体名单) as long as it lasts."""
    prolongs: str
    """The kind of paper whose term it prolongs, until its own `to_day`; "" if none."""
    in_time: str
    """The field of the day after which nobody signs it any more, as a term was over; "" if none."""
    served_in_time: bool
    """Whether nobody seals or serves it after that day either: it is drafted anew."""
    group: str
    """Among which it is shown to whoever looks for a paper to make; "" if it never is."""
    purpose: Text
    """What it is for, in one line."""

    @property
    def places(self) -> tuple[str, ...]:
        """The ids of the places where people sign."""
        return tuple(signer.id for signer in self.signers)

    @property
    def dates(self) -> tuple[str, ...]:
        """The fields that say on which day the paper was made."""
        fields = self.schema["properties"].items()
        return tuple(name for name, field in fields if field.get("x-from") == "@date")

    @property
    def names_subject(self) -> bool:
        """Whether it has to name whom it is about: it speaks of a plant, not of its own office."""
        fields = self.schema["properties"]
        sources = (str(fields[name].get("x-from", "")) for name in self.schema["required"])
        return any(source.startswith("@subject.") for source in sources)

    @property
    def decided(self) -> bool:
        """Whether a signer decides what it proposes, and may decline it."""
        return any(signer.decides for signer in self.signers)

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
            says = {name: one.get(name, False) for name in SAYS}
            yield Signer(one["id"], None, tuple(one["roles"]), **says)


def _either(entry: str | Sequence[str]) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry)


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
                served=says.get("served", False),
                after=tuple(_either(entry) for entry in says.get("after", ())),
                singly=says.get("singly", False),
                lasts=says.get("lasts", False),
                lists=says.get("lists", False),
                prolongs=says.get("prolongs", ""),
                in_time=says.get("in_time", ""),
                served_in_time=says.get("served_in_time", False),
                group=says.get("group", ""),
                purpose=Term(
                    says.get("purpose", ""), english=says.get("x-en", {}).get("purpose", "")
                ),
            )
        return found

    def title(self, kind: str) -> Text:
        """Return what a kind of paper is called, or its id if there is no such kind any more."""
        known = self.kinds.get(kind)
        return Term(known.title, english=known.english) if known else Term(kind)

    @lazy
    def wording(self) -> dict[str, dict[str, Any]]:
        """The wording that came with the product, by the kind of paper."""
        found: dict[str, dict[str, Any]] = json.loads((self._folder / WORDING).read_text("utf-8"))
        return found

    @property
    def own(self) -> dict[str, Any]:
        """What an operator laid beside the database, to be published when there is no version."""
        if self._own is None or not self._own.is_file():
            return {}
        found: dict[str, Any] = json.loads(self._own.read_text("utf-8"))
        return found

    @lazy
    def sources(self) -> dict[str, str]:
        """Pages and style sheets, by their names."""
        return {
            path.name: path.read_text("utf-8")
            for path in sorted(self._folder.iterdir())
            if path.suffix in PARTS
        }

    def bundled(self, wording: Mapping[str, Any]) -> bytes:
        """Return everything that a paper's look and wording come from, as one exact text."""
        both = {"sources": self.sources, "wording": wording}
        return json.dumps(both, ensure_ascii=False, sort_keys=True).encode()

    @lazy
    def bundle(self) -> bytes:
        """All of it as it came with the product."""
        return self.bundled(self.wording)

    @lazy
    def digest(self) -> str:
        """The SHA-256 of `bundle`."""
        return sha256(self.bundle).hexdigest()

    def order(self, kind: str) -> list[str]:
        """Return the keys of a kind's wording in the order of their places in the paper."""
        keys = list(self.wording.get(kind, {}))
        page = self.sources.get(f"{kind}.html", "")
        used = list(dict.fromkeys(USED.findall(page)))
        return sorted(keys, key=lambda key: used.index(key) if key in used else len(used))

    def place_of(self, kind: str, key: str) -> Text:
        """Return what the place of an entry of the wording is called."""
        name, _, choice = key.partition(".")
        zh, en = self._titles.get(f"{kind}.{name}") or self._titles.get(name) or (name, name)
        if not choice:
            return Term(zh, english=en)
        here = [one for one in entries(self.wording[kind]) if one.startswith(f"{name}.")]
        number = here.index(key) + 1
        return Term(f"{zh} {number}", english=f"{en} {number}")

    @lazy
    def _titles(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads((self._folder / TITLES).read_text("utf-8"))
        return found
