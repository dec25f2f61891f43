"""Chinese that an English page may show: whole values of the database, and what says it is Chinese.

A value counts only as a whole, with no other character beside it, and not if it has an English one:
in its row, or as a wording of ours. So a forgotten translation does not pass because a name contains it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from html import unescape

from sqlalchemy import select

from app.domain.documents import masked, masked_person
from app.models import Base
from app.models.people import Account, Organisation
from app.web.translations import wordings
from config import ROOT

HAN = "\u3400-\u9fff"
CHINESE = re.compile(f"[{HAN}\u3001-\u303f\uff01-\uff60]")
CUT = "…"
NOT_DATA = {"deployment"}
NAMED = re.compile(r'\bname="([^"]*)"')


@cache
def ours() -> frozenset[str]:
    """Return every wording that has an English one: the catalogue's, the forms', the diagrams'."""
    found = set(wordings())
    for path in (ROOT / "forms").rglob("*.json"):
        found.update(_translated(json.loads(path.read_text("utf-8"))))
    for path in (ROOT / "bpmn").rglob("*.*"):
        found.update(unescape(name) for name in NAMED.findall(path.read_text("utf-8")))
    return frozenset(" ".join(wording.split()) for wording in found)


def _translated(part) -> Iterator[str]:
    for inner in (
        part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    ):
        yield from _translated(inner)
    if isinstance(part, dict):
        yield from (part[key] for key in part.get("x-en", {}) if isinstance(part.get(key), str))


class Data:
    """What stands in a database, as far as it has no English there."""

    def __init__(self, values: Iterable[str], english: Iterable[str] = ()) -> None:
        self.values = self._sorted(values, ours() | set(english))
        self._known: dict[str, str] = {}

    @staticmethod
    def _sorted(values: Iterable[str], but: Collection[str]) -> list[str]:
        given = {plain for value in values for plain in _written(value) if CHINESE.search(plain)}
        return sorted(given.difference(but), key=len, reverse=True)

    def left(self, texts: Iterable[str], typed: Iterable[str] = ()) -> list[str]:
        """Return what Chinese is left of texts without the data in them.

        :param typed: what stands in the page's controls: somebody typed it
        """
        given = (text for value in typed for text in _texts(value))
        here = self._sorted(given, ())
        left = {self._left(" ".join(text.split())) for text in texts}
        return sorted(filter(None, (_without(text, here) for text in left)))

    def _left(self, text: str) -> str:
        if text not in self._known:
            self._known[text] = _without(text, self.values)
        return self._known[text]


def _without(text: str, values: Iterable[str]) -> str:
    """Return a text without values, which are given the longest first; nothing if no Chinese is left."""
    if text.endswith(CUT) and any(value.startswith(text[: -len(CUT)]) for value in values):
        return ""
    for value in values:
        if not CHINESE.search(text):
            return ""
        if value in text:
            text = re.sub(f"(?<![{HAN}]){re.escape(value)}(?![{HAN}])", " ", text)
    return text.strip() if CHINESE.search(text) else ""


def data_of(deps, invented=()) -> Data:
    """Return what stands in a database now, and what the style guide invents."""
    values, english = [*_texts(invented)], []
    with deps.system_reading("what is data") as work:
        for table in Base.metadata.sorted_tables:
            both = [one.name for one in table.columns if f"{one.name}_en" in table.columns]
            for row in work.session.execute(select(table)).mappings():
                if table.name not in NOT_DATA:
                    values.extend(text for value in row.values() for text in _texts(value))
                english.extend(row[name] for name in both if row[f"{name}_en"])
        names = work.session.scalars(select(Account.name)).all()
        units = work.session.scalars(select(Organisation.name)).all()
    values += [name[:1] for name in names]  # beside the account's menu
    values += [*map(masked_person, names), *map(masked, units)]  # as the public reads them
    return Data(values, english)


def _texts(value) -> Iterator[str]:
    """Return every text in a value, however deep; histories and papers' data hold JSON as text."""
    if isinstance(value, bytes) or (isinstance(value, str) and value.startswith("{")):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _written(value: str) -> Iterator[str]:
    """Return a value as pages write it: on one line, and line by line."""
    yield " ".join(value.split())
    for line in value.splitlines():
        yield " ".join(line.split())
