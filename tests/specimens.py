"""`manage.py papers DIR`: every kind of paper with little and with much in it, as PDF and PNG.

They are made of the tests' samples, marked as a demo's and signed by nobody: to be looked at. The
pictures show where names and the seal would stand, drawn as on a signed paper.
"""

import argparse
import io
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf

from app.adapters import Typeset
from app.adapters.papers import Papers
from app.adapters.pdf.pictures import picture
from app.adapters.signature import drawing
from app.adapters.templates import Kind
from app.domain.documents import canonical
from app.services.pdf.typesetting import typeset
from tests import documents_made as made
from tests import fakes
from tests.paper_samples import LONG, LONG_NAME, SHORT, content

SIGNED = "白建国"
SAMPLES = {"short": (SHORT, ""), "long": (LONG, LONG_NAME)}


def write(target: Path, kinds: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """Write the papers of these kinds, or of all; yield each file's name and how many pages it has."""
    target.mkdir(parents=True, exist_ok=True)
    papers = fakes.papers(made.press())
    bundle = json.loads(papers.templates.bundle)
    wanted = [(kind, how) for kind in kinds or papers.templates.kinds for how in SAMPLES]

    def one(order: tuple[str, str]) -> tuple[str, int]:
        kind, (samples, name) = papers.templates.kinds[order[0]], SAMPLES[order[1]]
        data = content(kind, samples[kind.id], name)
        deps: Any = SimpleNamespace(papers=papers)
        paper = typeset(deps, kind, bundle, data, frozen=canonical(data))
        stem = "-".join(order)
        (target / f"{stem}.pdf").write_bytes(paper.pdf)
        shown = signed(paper, kind, data["organ"], papers)
        for page in range(1, paper.pages + 1):
            (target / f"{stem}-{page}.png").write_bytes(picture(shown, page))
        return stem, paper.pages

    with ThreadPoolExecutor(2) as workers:
        yield from workers.map(one, wanted)


def signed(paper: Typeset, kind: Kind, organ: str, papers: Papers) -> bytes:
    """Return a paper as it looks once it is signed and sealed, for the eye alone."""
    with pikepdf.open(io.BytesIO(paper.pdf)) as pdf:
        for name, (number, left, bottom, right, top) in paper.boxes.items():
            if name == "seal" and kind.sealed:
                look = drawing.seal(organ, papers.engraving)
            elif name in kind.places:
                look = drawing.name(SIGNED, papers.writing, right - left, top - bottom)
            else:
                continue
            page = pdf.pages[number]
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(f"Q q 1 0 0 1 {left} {bottom} cm\n".encode() + look + b"\nQ")
        told = io.BytesIO()
        pdf.save(told)
        return told.getvalue()


def main() -> int:
    """Write them where the command says, and tell of each."""
    parser = argparse.ArgumentParser(prog="manage.py papers", description=__doc__)
    parser.add_argument("dir", type=Path, help="写入何处 where to")
    parser.add_argument("kind", nargs="*", help="文书种类，缺省为全部 kinds, all by default")
    given = parser.parse_args()
    if unknown := set(given.kind) - set(SHORT):
        parser.error(f"没有这种文书 no such kind: {' '.join(sorted(unknown))}")
    if not made.READY:
        parser.exit(1, "文书字体或排版库不可用 fonts or pango are missing\n")
    for stem, pages in write(given.dir, given.kind):
        sys.stdout.write(f"{stem}.pdf  {pages} 页\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
