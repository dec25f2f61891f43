"""What the browser sent becomes answers.

Names of controls are dotted paths (`hazards.0.owner`). Beside them a form sends, with a leading
underscore so that no field can have the name:

- `_op`: the button pressed; `submit`, a command of the page (`draft` …), or one of this file's:
  `add:<rows>`, `remove:<rows>.<i>`, `edit:<rows>.<i>`, `fold`, `restore`
- `<rows>.<i>._row`: the row exists, though nothing in it was filled in
- `<rows>.<i>._key`: which of the given rows it is
- `<rows>.<i>._json`: all answers of a row that is shown as one line
- `<files>._drop`: ids of files to be removed
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from werkzeug.datastructures import FileStorage, MultiDict

from app.domain import AppError
from app.domain.forms import Answers, Field, Form, Kind, pointer
from app.domain.text import Text
from app.web.forms.controls import parse_control

Store = Callable[[FileStorage], str]
Path = tuple[str | int, ...]

MOST_ROWS = 2000
DEEPEST = 16
"""No form's controls are named deeper; a name of millions of dots would fill the memory."""
SUBMIT = "submit"
OPERATION = "_op"
AGAIN = {"add", "remove", "edit", "fold", "restore"}


@dataclass(slots=True)
class Posted:
    """A form as it was sent.

    `again` means that the form is only to be shown again, with a row more or less or open;
    `refused` are uploads that were not taken, by JSON Pointer.
    """

    answers: dict[str, Any]
    command: str = SUBMIT
    again: bool = False
    open_row: str = ""
    refused: dict[str, Text] = field(default_factory=dict)


@dataclass(slots=True)
class _Branch:
    """The controls whose names begin alike."""

    values: list[str] = field(default_factory=list)
    uploads: list[FileStorage] = field(default_factory=list)
    below: dict[str, "_Branch"] = field(default_factory=dict)

    def at(self, step: str) -> "_Branch":
        return self.below.get(step) or _Branch()

    def grow(self, name: str) -> "_Branch":
        branch = self
        for step in name.split(".", DEEPEST)[:DEEPEST]:
            branch = branch.below.setdefault(step, _Branch())
        return branch

    def rows(self) -> Iterator["_Branch"]:
        numbered = sorted((int(step), row) for step, row in self.below.items() if _is_index(step))
        yield from (row for _, row in numbered[:MOST_ROWS])


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdecimal() and len(step) <= len(str(MOST_ROWS)) + 1


def receive(
    form: Form,
    sent: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
    *,
    store: Store | None = None,
    given: Answers | None = None,
) -> Posted:
    """Return the answers in a posted form, and what its button asks for.

    Uploads go through `store`, which keeps a file and returns its id, or raises an `AppError` that
    says why it was not taken. Read-only fields come from what is `given`.
    """
    root = _Branch()
    for name, values in sent.lists():
        root.grow(name).values.extend(values)
    for name, uploads in (files or MultiDict[str, FileStorage]()).lists():
        root.grow(name).uploads.extend(upload for upload in uploads if upload.filename)
    reader = _Reader(store)
    answers = reader.read_object(form.fields, root, (), given or {})
    posted = Posted(answers, refused=reader.refused)
    _obey(posted, form, sent.get(OPERATION, SUBMIT))
    return posted


@dataclass(slots=True)
class _Reader:
    store: Store | None
    refused: dict[str, Text] = field(default_factory=dict)

    def read_object(
        self, fields: tuple[Field, ...], branch: _Branch, path: Path, given: Answers
    ) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for asked in fields:
            key = asked.key
            if asked.read_only:
                value = given.get(key)
            else:
                value = self._read(asked, branch.at(key), (*path, key), given.get(key))
            if value is not None:
                answers[key] = value
        return answers

    def _read(self, asked: Field, branch: _Branch, path: Path, given: Any) -> Any:
        match asked.kind:
            case Kind.GROUP:
                known = given if isinstance(given, Mapping) else {}
                return self.read_object(asked.fields, branch, path, known) or None
            case Kind.ROWS:
                stock = given if asked.fixed and isinstance(given, list) else []
                return self._read_rows(asked, branch, path, stock)
            case Kind.FILE | Kind.FILES:
                kept = self._read_files(branch, path)
                return (kept or None) if asked.kind is Kind.FILES else (kept[-1] if kept else None)
            case _:
                return parse_control(asked, branch.values)

    def _read_rows(self, asked: Field, branch: _Branch, path: Path, stock: list[Any]) -> list[Any]:
        if asked.row_key and any(row.at("_key").values for row in branch.rows()):
            return self._read_keyed(asked, branch, path, stock)
        rows = []
        for index, row in enumerate(branch.rows()):
            given = stock[index] if index < len(stock) else {}
            folded = row.at("_json").values
            if folded:
                rows.append(_unfolded(folded[-1]))
            else:
                rows.append(self.read_object(asked.fields, row, (*path, index), given))
        return rows

    def _read_keyed(self, asked: Field, branch: _Branch, path: Path, stock: list[Any]) -> list[Any]:
        """Return a row for each given one, with what was sent under its key."""
        sent = {values[-1]: row for row in branch.rows() if (values := row.at("_key").values)}
        return [
            self.read_object(
                asked.fields, sent.get(given.get(asked.row_key), _Branch()), (*path, index), given
            )
            for index, given in enumerate(stock)
        ]

    def _read_files(self, branch: _Branch, path: Path) -> list[str]:
        dropped = set(branch.at("_drop").values)
        kept = [name for name in dict.fromkeys(branch.values) if name and name not in dropped]
        if self.store is None:
            return kept
        for upload in branch.uploads:
            try:
                kept.append(self.store(upload))
            except AppError as refusal:
                self.refused[pointer(path)] = refusal.text
        return kept


def _unfolded(text: str) -> dict[str, Any]:
    """Return a folded row's answers; it comes from the browser, so it may be anything."""
    try:
        row = orjson.loads(text)
        orjson.dumps(row)  # refuses what is nested beyond sense
    except (ValueError, TypeError):
        return {}
    return row if isinstance(row, dict) else {}


def _obey(posted: Posted, form: Form, operation: str) -> None:
    """Do what the pressed button asks of the rows."""
    command, _, target = operation.partition(":")
    posted.command = command or SUBMIT
    posted.again = command in AGAIN
    if command == "edit":
        posted.open_row = target
    elif command == "add":
        _add(posted, form, target)
    elif command == "remove":
        rows_name, _, index = target.rpartition(".")
        _remove(posted, form, rows_name, index)
    elif not posted.again:
        _drop_blank(form.fields, posted.answers)


def _table(posted: Posted, form: Form, name: str) -> tuple[Field, list[Any]] | None:
    """Return the rows with this dotted name, unless they are given ones."""
    fields, answers = form.fields, posted.answers
    *groups, last = name.split(".")
    for step in groups:
        group = next((one for one in fields if one.key == step and one.kind is Kind.GROUP), None)
        if group is None:
            return None
        fields, answers = group.fields, answers.setdefault(step, {})
    for one in fields:
        if one.key == last and one.kind is Kind.ROWS and not one.fixed:
            return one, answers.setdefault(last, [])
    return None


def _add(posted: Posted, form: Form, name: str) -> None:
    found = _table(posted, form, name)
    if found is None:
        return
    table, rows = found
    if len(rows) < table.schema.get("maxItems", MOST_ROWS):
        rows.append({})
    posted.open_row = f"{name}.{len(rows) - 1}"


def _remove(posted: Posted, form: Form, name: str, index: str) -> None:
    found = _table(posted, form, name)
    if found and _is_index(index) and int(index) < len(found[1]):
        del found[1][int(index)]


def _drop_blank(fields: tuple[Field, ...], answers: dict[str, Any]) -> None:
    """Leave out rows in which nothing was filled in."""
    for asked in fields:
        inner = answers.get(asked.key)
        if asked.kind is Kind.GROUP and isinstance(inner, dict):
            _drop_blank(asked.fields, inner)
        elif asked.kind is Kind.ROWS and isinstance(inner, list) and not asked.fixed:
            kept = [row for row in inner if any(map(_filled, row.values()))]
            answers[asked.key] = kept
            if not kept:
                del answers[asked.key]


def _filled(value: Any) -> bool:
    return value is not None and value is not False
