"""The job that makes a case file of its record: typeset, bound, registered."""

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from app.adapters import MissingGlyphs, Order, PapersOff
from app.adapters.pdf import TypesetFailed
from app.adapters.pdf.binding import LETTERS, BindingFailed, Original, Piece, Volume, bind
from app.domain.casefiles import RECORD, Entry, FileState, Part, contents
from app.domain.history import Stream
from app.models.casefiles import CaseFile
from app.models.casework import Case
from app.services import Deps
from app.services.casefiles import orders
from app.services.casefiles.orders import Sheet

logger = logging.getLogger(__name__)

MOST_ATTACHED = 150 * 2**20
"""Bytes of files handed in that travel inside; of those beyond their SHA-256 does."""
OWN = {"unscoped": "the file of a case that is being made", "synchronize_session": False}
FAILURES = (PapersOff, MissingGlyphs, TypesetFailed, BindingFailed, OSError)


def make(deps: Deps, file_id: int) -> None:
    """Make a case file that was asked for; what is settled already is left alone."""
    with deps.system_reading("a case file to be made") as work:
        file = work.session.get(CaseFile, file_id)
        if file is None or file.state is not FileState.MAKING:
            return
        case_id, record = file.case_id, file.record_sha256
    try:
        with tempfile.TemporaryDirectory() as folder:
            made, pages = _Making(deps, file_id, Path(folder)).bound(deps.files.get(record))
            size, digest = made.stat().st_size, deps.files.take(made)
    except FAILURES:
        logger.exception("The file of case %s could not be made", case_id)
        _settle(deps, file_id, state=FileState.FAILED)
        return
    made_of = {"sha256": digest, "size": size, "pages": pages, "done": CaseFile.total}
    _settle(deps, file_id, state=FileState.READY, **made_of)


def _settle(deps: Deps, file_id: int, **values: Any) -> None:
    """Register what became of a case file, unless another worker was first."""
    with deps.system("register a case file") as work:
        case_id = work.session.get_one(CaseFile, file_id).case_id
        work.session.execute(
            select(Case.id).where(Case.id == case_id).with_for_update(), execution_options=OWN
        )
        settled = work.session.execute(
            update(CaseFile)
            .where(CaseFile.id == file_id, CaseFile.state == FileState.MAKING)
            .values(finished_at=work.now, **values)
            .returning(CaseFile.sha256),
            execution_options=OWN,
        ).one_or_none()
        if settled is not None and settled.sha256:
            work.record(
                Stream.CASE, case_id, "casefile.finish", file=file_id, sha256=settled.sha256
            )


@dataclass
class _Making:
    """A case file on its way: its parts in order, each with the files that hold its pages."""

    deps: Deps
    file_id: int
    folder: Path
    done: int = 0
    parts: list[tuple[Part, list[Path]]] = field(default_factory=list)
    originals: list[Original] = field(default_factory=list)
    attached: int = 0
    names: set[str] = field(default_factory=set)

    def bound(self, record: bytes) -> tuple[Path, int]:
        """Return the finished file, and how many pages it has."""
        told: dict[str, Any] = json.loads(record)
        cases = told["cases"]
        (self.folder / RECORD).write_bytes(record)
        self._attach(self.folder / RECORD, RECORD, "application/json", "Data")
        for case in cases:
            note = f"案件{case['id']}" if len(cases) > 1 else ""
            self._papers(case, note)
            for chapter in orders.chapters(case):
                self._chapter(chapter.title, chapter.sheets, note)
        self._handed_in(cases)
        about = {
            "cases": [_summary(case) for case in cases],
            "made_at": told["made_at"],
            "made_by": told["made_by"],
        }
        self._chapter("卷内备考表", [Sheet({"part": "closing", **about})], "")
        entries = contents(part for part, _paths in self.parts)
        front, _pages = self._typeset(
            Sheet(
                {
                    "part": "front",
                    **about,
                    "entries": [_line(entry) for entry in entries],
                    "last": entries[-1].last,
                }
            )
        )
        letters, _pages = self._typeset(Sheet({"part": "letters", "letters": LETTERS}))
        self.deps.papers.press.close()  # binding needs the room
        target = self.folder / "case_file.pdf"
        volume = Volume(
            target=str(target),
            title=f"{cases[0]['subject']}{cases[0]['name']}案卷",
            author=cases[0]["owner"],
            made=told["made_at"],
            pieces=[Piece(str(front), "封面和卷内目录", numbered=False), *self._pieces()],
            letters=str(letters),
            originals=self.originals,
        )
        return target, bind(volume)

    def _papers(self, case: Mapping[str, Any], note: str) -> None:
        """Take in the papers of a case; the signed file of each travels along."""
        for paper in orders.bound_papers(case):
            path = self.folder / f"paper{paper['id']}.pdf"
            path.write_bytes(self.deps.files.get(paper["sha256"]))
            title, number = paper["title"], paper["number"]
            void = "已作废" if paper["void_at"] else ""
            part = Part(title, number, paper["issued_at"][:10], void or note, paper["pages"])
            self.parts.append((part, [path]))
            self._attach(path, f"{number} {title}.pdf", "application/pdf", "Source")
            self._tick()

    def _chapter(self, title: str, sheets: Sequence[Sheet], note: str) -> None:
        """Typeset what follows the papers."""
        made = [self._typeset(sheet) for sheet in sheets]
        pages = sum(count for _path, count in made)
        self.parts.append((Part(title, "", "", note, pages), [path for path, _count in made]))

    def _handed_in(self, cases: Sequence[Mapping[str, Any]]) -> None:
        """Have the files travel along that were handed in, as they came."""
        for file in (file for case in cases for file in case["files"]):
            if self.attached + file["size"] > MOST_ATTACHED:
                continue
            name = f"{file['id'][:8]} {file['name']}"
            path = self.folder / f"file{file['id']}"
            path.write_bytes(self.deps.files.get(file["sha256"]))
            self._attach(path, name, file["media_type"], "Supplement")
            self.attached += file["size"]

    def _attach(self, path: Path, name: str, media_type: str, relationship: str) -> None:
        """Let a file travel along; of two of one name the second says that it is."""
        stem, dot, suffix = name.rpartition(".")
        number = 1
        while name in self.names:
            number += 1
            name = f"{stem or suffix}（{number}）{dot}{suffix if dot else ''}"
        self.names.add(name)
        self.originals.append(Original(str(path), name, media_type, relationship))

    def _typeset(self, sheet: Sheet) -> tuple[Path, int]:
        """Typeset some pages, and return the file that holds them with their number."""
        files = self.deps.files
        assets = {digest: ("image/jpeg", files.get(digest)) for digest in sheet.pictures}
        sources = self.deps.papers.templates.sources
        data = {"d": sheet.data, "demo": self.deps.installation.demo}
        made = self.deps.papers.press.typeset(Order(sources, orders.TEMPLATE, data, assets))
        path = self.folder / f"sheet{self.done}.pdf"
        path.write_bytes(made.pdf)
        self._tick()
        return path, made.pages

    def _pieces(self) -> Iterator[Piece]:
        """Yield what is bound behind the front; the first file of each part is in the outline."""
        for part, paths in self.parts:
            for number, path in enumerate(paths):
                yield Piece(str(path), "" if number else f"{part.title} {part.number}".strip())

    def _tick(self) -> None:
        self.done += 1
        with self.deps.system("progress of a case file") as work:
            work.session.execute(
                update(CaseFile).where(CaseFile.id == self.file_id).values(done=self.done),
                execution_options=OWN,
            )


def _summary(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the cover says of a case, and the page that closes the file."""
    long = ("papers", "hazards", "steps", "files", "history")
    head = case["history"][-1]["hash"] if case["history"] else ""
    counts = {"papers": len(case["papers"]), "lines": len(case["history"]), "head": head}
    return {key: value for key, value in case.items() if key not in long} | counts


def _line(entry: Entry) -> dict[str, Any]:
    part = entry.part
    pages = f"{entry.first}" if entry.first == entry.last else f"{entry.first}－{entry.last}"
    return {
        "title": part.title,
        "number": part.number,
        "day": part.day,
        "pages": pages,
        "note": part.note,
    }
