"""Bind many PDF files into one PDF/A-3: pages one after the other, numbered, originals attached.

It runs in a process of its own, and takes and leaves files: a thousand pages would stay in the
memory of whoever bound them. What is signed loses its signatures by being bound, so its visible
signs become part of the page, and the signed file is attached as it is.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, OutlineItem, Pdf
from pikepdf.models.metadata import encode_pdf_date

LONGEST = 600.0
"""Seconds after which the process is ended."""
NUMBERED = "卷内第 {} 页"
LETTERS = "卷内第 0123456789页"
SIZE, FROM_RIGHT, FROM_TOP = 10, 96, 30
"""Points of the number of a page, and how far from the corner of its page it begins."""
PRODUCER = "Bihuan"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file whose pages are bound."""

    path: str
    title: str = ""
    """In the outline; "" for none."""
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Original:
    """A file that is attached as it is."""

    path: str
    name: str
    media_type: str
    relationship: str
    """As PDF/A-3 calls it: Data, Source, Supplement."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What is bound, and into which file."""

    target: str
    title: str
    author: str
    made: str
    """A moment in ISO 8601."""
    pieces: Sequence[Piece]
    letters: str
    """A file with `LETTERS` alone, in the font of the numbers of pages."""
    originals: Sequence[Original]


class BindingFailed(RuntimeError):
    """The process that was binding died, took too long, or could not read a file."""


def bind(volume: Volume) -> int:
    """Bind a volume in a process of its own, and return how many pages it has.

    :raises BindingFailed: if it could not be bound
    """
    root = Path(__file__).resolve().parents[3]
    try:
        done = subprocess.run(  # noqa: S603  (our own module)
            [sys.executable, "-m", __name__],
            input=json.dumps(asdict(volume)).encode(),
            capture_output=True,
            cwd=root,
            timeout=LONGEST,
            check=True,
        )
    except subprocess.CalledProcessError as failed:
        raise BindingFailed(failed.stderr.decode("utf-8", "replace")[-2000:]) from failed
    except subprocess.TimeoutExpired as late:
        raise BindingFailed(str(late)) from late
    return int(done.stdout)


def bound(volume: Volume) -> int:
    """Bind a volume in this process, and return how many pages it has."""
    with Pdf.new() as out:
        letters = _Letters(out, volume.letters)
        kept = [_append(out, piece) for piece in volume.pieces]
        numbered = [page for pages, counted in kept if counted for page in pages]
        for number, page in enumerate(numbered, 1):
            letters.write(page, NUMBERED.format(number))
        _outline(out, volume.pieces, [len(pages) for pages, _counted in kept])
        _attach(out, volume.originals, datetime.fromisoformat(volume.made))
        _declare(out, volume)
        out.save(volume.target, deterministic_id=True)
        return len(out.pages)


def _append(out: Pdf, piece: Piece) -> tuple[list[pikepdf.Page], bool]:
    """Add a file's pages; what was signed on them becomes part of them."""
    source = Pdf.open(piece.path)  # it stays open: its streams are read when all is written
    source.flatten_annotations("all")
    if "/AcroForm" in source.Root:
        del source.Root.AcroForm
    for page in source.pages:
        for key in ("/Annots", "/AA"):
            if key in page:
                del page[key]
    if "/OutputIntents" in source.Root and "/OutputIntents" not in out.Root:
        intents = source.make_indirect(source.Root.OutputIntents)
        out.Root.OutputIntents = out.copy_foreign(intents)
    before = len(out.pages)
    out.pages.extend(source.pages)
    return list(out.pages[before:]), piece.numbered


class _Letters:
    """Writes with the letters of a typeset page, so that what is written can be read out again."""

    def __init__(self, out: Pdf, path: str) -> None:
        source = Pdf.open(path)
        page = source.pages[0]
        ((_name, font),) = page.resources.Font.items()
        self._font = out.copy_foreign(font)
        codes = b"".join(_strings(page))
        self._codes = {letter: codes[2 * n : 2 * n + 2] for n, letter in enumerate(LETTERS)}

    def write(self, page: pikepdf.Page, text: str) -> None:
        """Write a text in the upper right corner of a page."""
        codes = b"".join(self._codes[letter] for letter in text)
        name = page.add_resource(self._font, Name.Font)
        _left, _bottom, right, top = (float(side) for side in page.trimbox)
        at = f"1 0 0 1 {right - FROM_RIGHT:.2f} {top - FROM_TOP:.2f} Tm"
        line = f"q BT {name} {SIZE} Tf {at} <{codes.hex()}> Tj ET Q"
        page.contents_add(b"q", prepend=True)
        page.contents_add(f"Q {line}".encode())


def _strings(page: pikepdf.Page) -> Iterator[bytes]:
    """Yield the codes of the letters that are written on a page."""
    for done in pikepdf.parse_content_stream(page, "Tj TJ"):
        several = done.operator == pikepdf.Operator("TJ")
        shown: Any = done.operands[0] if several else done.operands
        yield from (bytes(part) for part in shown if isinstance(part, pikepdf.String))


def _outline(out: Pdf, pieces: Sequence[Piece], lengths: Sequence[int]) -> None:
    with out.open_outline() as outline:
        at = 0
        for piece, length in zip(pieces, lengths, strict=True):
            if piece.title and length:
                outline.root.append(OutlineItem(piece.title, at))
            at += length


def _attach(out: Pdf, originals: Sequence[Original], made: datetime) -> None:
    at = encode_pdf_date(made)
    specs = []
    for original in originals:
        # Its stub knows no relationship.
        spec = AttachedFileSpec(  # type: ignore[call-arg]
            out,
            Path(original.path).read_bytes(),
            filename=original.name,
            description=original.name,
            mime_type=original.media_type,
            creation_date=at,
            mod_date=at,
            relationship=Name(f"/{original.relationship}"),
        )
        out.attachments[original.name] = spec
        specs.append(spec.obj)
    if specs:
        out.Root.AF = Array(specs)


def _declare(out: Pdf, volume: Volume) -> None:
    """Say in the metadata what the file is: PDF/A-3 with text that can be read out."""
    out.Root.Lang = "zh-CN"
    out.Root.MarkInfo = Dictionary(Marked=False)
    with out.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = volume.title
        metadata["dc:creator"] = [volume.author]
        metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = volume.made
        metadata["pdf:Producer"] = PRODUCER
        metadata["pdfaid:part"] = "3"
        metadata["pdfaid:conformance"] = "U"


def main() -> None:
    """Bind the volume that standard input describes, and print how many pages it has."""
    told = json.load(sys.stdin)
    pieces = [Piece(**piece) for piece in told.pop("pieces")]
    originals = [Original(**original) for original in told.pop("originals")]
    sys.stdout.write(str(bound(Volume(pieces=pieces, originals=originals, **told))))


if __name__ == "__main__":
    main()
