"""The English catalogue and its keeper.

    python -m app.web.translations missing    what has no English yet, or English that is not
    python -m app.web.translations update     add what is missing to the catalogue, untranslated
    python -m app.web.translations compile    make messages.mo, as the set-up does

A wording is Chinese: `T("…")` in Python, `_('…')` in templates. Placeholders are `{name}` in the
first and `%(name)s` in the second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[3]
PO = Path(__file__).parent / "en/LC_MESSAGES/messages.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "T": None}


@dataclass(frozen=True, slots=True)
class Fault:
    """A wording whose English is missing or wrong, and the first place that uses it."""

    wording: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.wording!r} ({self.reason})"


def wordings() -> dict[str, str]:
    """Return every wording in the sources with the first place that uses it."""
    with (ROOT / "babel.cfg").open("r", encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    found: dict[str, str] = {}
    for file, line, wording, *_ in extract_from_dir(
        ROOT, method_map=methods, options_map=options, keywords=KEYWORDS
    ):
        if isinstance(wording, str) and wording:
            found.setdefault(wording, f"{file}:{line}")
    return found


def catalogue() -> Catalog:
    """Return the English catalogue."""
    if not PO.exists():
        return Catalog(locale="en")
    return read_po(BytesIO(PO.read_bytes()), locale="en")


def faults() -> Iterator[Fault]:
    """Yield every wording without English, with Chinese in its English, or with other places."""
    english = catalogue()
    for wording, place in wordings().items():
        message = english.get(wording)
        told = str(message.string) if message and not message.fuzzy else ""
        if not told:
            yield Fault(wording, place, "no English")
        elif any("\u4e00" <= character <= "\u9fff" for character in told):
            yield Fault(wording, place, "Chinese in the English")
        elif _places(wording) != _places(told):
            yield Fault(wording, place, "not the same placeholders")


def _places(text: str) -> set[str]:
    if "%(" in text:
        return {part.partition(")")[0] for part in text.split("%(")[1:]}
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return set()


def update() -> int:
    """Add what is missing, drop what nobody uses, and return how many lack English."""
    old = catalogue()
    used = wordings()
    fresh = Catalog(locale="en", project="bihuan", charset="utf-8")
    for wording in sorted(used):
        message = old.get(wording)
        fresh.add(wording, message.string if message else "", locations=())
    PO.parent.mkdir(parents=True, exist_ok=True)
    target = BytesIO()
    write_po(target, fresh, width=0, omit_header=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += '"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    PO.write_text(header + target.getvalue().decode().lstrip(), "utf-8")
    return sum(not message.string for message in fresh if message.id)


def compile_catalogue() -> Path:
    """Write messages.mo beside the catalogue."""
    compiled = PO.with_suffix(".mo")
    target = BytesIO()
    write_mo(target, catalogue())
    compiled.write_bytes(target.getvalue())
    return compiled
