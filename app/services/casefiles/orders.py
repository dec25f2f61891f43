"""What of a case file is typeset: its record cut into sheets, each a few dozen pages at most."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEMPLATE = "case_file.html"
PICTURE = "image/"
HAZARDS, STEPS, PICTURES, FILES, PAPERS, LINES = 80, 40, 24, 100, 60, 250
"""Rows of each that are typeset at once: a page costs memory until all are written."""
BINDING = 4
"""The page that closes the file, its cover and contents, the numbers, the binding itself."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pages that are typeset in one order."""

    data: Mapping[str, Any]
    pictures: Sequence[str] = ()
    """The SHA-256 of each picture on them."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A line of the contents that is typeset from the record."""

    title: str
    sheets: Sequence[Sheet]


def bound_papers(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the papers of a case that are bound: complete ones, and those served and void."""
    return [paper for paper in case["papers"] if paper["pages"] and paper["sha256"]]


def chapters(case: Mapping[str, Any]) -> Iterator[Chapter]:
    """Yield what follows the papers of a case, without what it has nothing of."""
    pictures = [file for file in case["files"] if _shown(file)]
    others = [file for file in case["files"] if not _shown(file)]
    parts: Sequence[tuple[str, str, Sequence[Any], int]] = (
        ("隐患清单", "hazards", case["hazards"], HAZARDS),
        ("办理情况", "steps", case["steps"], STEPS),
        ("照片", "pictures", pictures, PICTURES),
        ("附件清单", "files", others, FILES),
        ("文书登记和签名", "papers", case["papers"], PAPERS),
        ("办理记录", "history", case["history"], LINES),
    )
    for title, part, rows, most in parts:
        if rows:
            yield Chapter(title, [*_sheets(title, part, case, rows, most)])


def _sheets(
    title: str, part: str, case: Mapping[str, Any], rows: Sequence[Any], most: int
) -> Iterator[Sheet]:
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        shown = [row["shown_sha256"] for row in some] if part == "pictures" else []
        head = {"part": part, "title": title, "case": _named(case), "first": start == 0}
        yield Sheet({**head, "rows": some}, shown)


def _named(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what heads each chapter of a case."""
    return {key: case[key] for key in ("id", "name", "subject")}


def _shown(file: Mapping[str, Any]) -> bool:
    return bool(file["media_type"].startswith(PICTURE) and file["shown_sha256"])


def count(record: Mapping[str, Any]) -> int:
    """Return how many parts are made on the way to the file, for whoever waits for it."""
    cases = record["cases"]
    papers = sum(len(bound_papers(case)) for case in cases)
    sheets = sum(len(chapter.sheets) for case in cases for chapter in chapters(case))
    return papers + sheets + BINDING
