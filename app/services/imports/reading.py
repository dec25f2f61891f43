"""The job that reads a list: rows, what they mean, what is wrong, what is there already."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from app.adapters import sheets
from app.domain import Invalid
from app.domain.access import Actor, Grant
from app.domain.enterprises import Supervision, TermKind, facts_form
from app.domain.enterprises.annex import Known, Read, Table, Words, find_table, read_row
from app.domain.enterprises.likeness import alike, same_address
from app.domain.enterprises.positions import position_fault
from app.domain.forms import Form
from app.domain.imports import ImportState, RowStatus
from app.domain.text import T, Text
from app.models import within
from app.models.enterprises import Enterprise
from app.models.imports import ImportBatch, ImportRow
from app.models.people import Account, Organisation
from app.services import Deps, Work
from app.services.enterprises import terms, writing
from app.services.imports import texts

AT_ONCE = 1000


def acting(work: Work, batch: ImportBatch) -> Actor:
    """Return the person for whom an import runs, with the one grant that it was asked by."""
    person = batch.confirmed_by or batch.created_by
    name = work.session.execute(select(Account.name).where(Account.id == person)).scalar_one()
    bureau = work.session.get_one(Organisation, batch.organisation_id)
    grant = Grant(batch.role, batch.organisation_id, bureau.place, batch.on_behalf_of)
    return Actor(person, name, (grant,))


def read(deps: Deps, batch_id: int) -> None:
    """Read a list and keep what was found, for its owner to look through."""
    with deps.system_reading("whose list is to be read") as work:
        batch = work.session.get_one(ImportBatch, batch_id)
        if batch.state is not ImportState.READING:
            return
        actor, digest, place = acting(work, batch), batch.sha256, batch.place
    try:
        origin, table = listed(deps.files.get(digest))
    except sheets.Unreadable as unreadable:
        with deps.transaction(actor) as work:
            _refuse(work, batch_id, unreadable.text)
        return
    with deps.reading(actor) as work:
        rows = judged(work, place, table)
    with deps.transaction(actor) as work:
        keep(work, batch_id, origin, table, rows)


def listed(data: bytes) -> tuple[str, Table]:
    """Return where a list was found in a file, and the list.

    :raises sheets.Unreadable: if there is none
    """
    sheet = sheets.read(data)
    table = find_table(sheet.lines)
    if table is None:
        raise sheets.Unreadable(T("没有找到表头：需要“企业名称”和“所在地址”两列"))
    if not table.lines:
        raise sheets.Unreadable(T("表头下面没有企业"))
    return sheet.name, table


def _reading(work: Work, batch_id: int) -> ImportBatch | None:
    """Return the import, locked, if it is still to be read."""
    batch = work.session.scalar(
        select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
    )
    return batch if batch is not None and batch.state is ImportState.READING else None


def _refuse(work: Work, batch_id: int, why: Text) -> None:
    batch = _reading(work, batch_id)
    if batch is not None:
        batch.state, batch.problem = ImportState.REFUSED, texts.pack(why)
        batch.finished_at = work.now


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what was found about it."""

    read: Read
    status: RowStatus
    match_id: int | None


def judged(work: Work, place: str, table: Table) -> list[Judged]:
    """Return every row of a list with what was found about it: a step of the job."""
    words = words_of(work, place)
    judging = _Judging(work, place)
    found = []
    for line in table.lines:
        row = read_row(line, table.columns, words)
        row.facts.setdefault("place", place)
        found.append(Judged(row, *judging.row(row)))
    return found


def keep(work: Work, batch_id: int, origin: str, table: Table, found: Sequence[Judged]) -> None:
    """Write down what was found, if that was not done meanwhile: a step of the job."""
    batch = _reading(work, batch_id)
    if batch is None:
        return
    rows = [
        {
            "batch_id": batch.id,
            "number": row.read.number,
            "place": row.read.facts.get("place", batch.place),
            "cells": row.read.cells,
            "facts": row.read.facts,
            "errors": texts.pack_all(row.read.errors),
            "status": row.status,
            "match_id": row.match_id,
        }
        for row in found
    ]
    for start in range(0, len(rows), AT_ONCE):
        work.session.execute(insert(ImportRow), rows[start : start + AT_ONCE])
    counts = Counter(row.status for row in found)
    batch.state, batch.origin, batch.total = ImportState.READY, origin, len(rows)
    batch.columns = {key: title for key, (_index, title) in table.columns.items()}
    batch.good, batch.bad = counts[RowStatus.GOOD], counts[RowStatus.BAD]
    batch.same, batch.similar = counts[RowStatus.SAME], counts[RowStatus.SIMILAR]


def words_of(work: Work, place: str) -> Words:
    """Return the words by which a list for `place` is read: a step of those who asked."""
    known = terms.everything(work)
    divisions = terms.places(work)

    def words(kind: TermKind) -> list[Known]:
        return [Known(row.code, (row.name.wording, *row.aliases)) for row in known.active(kind)]

    return Words(
        sectors=words(TermKind.SECTOR),
        tags=words(TermKind.TAG),
        ownerships=words(TermKind.OWNERSHIP),
        places={division.name: division.place for division in divisions},
        zones={d.name: d.place for d in divisions if d.zone and d.place.startswith(place)},
    )


@dataclass(slots=True)
class _Twin:
    """An enterprise that a row may be: one of the registry, or an earlier row of the same list."""

    name_key: str
    address_key: str
    id: int | None = None
    number: int = 0


@dataclass
class _Judging:
    """Checks row after row against the form, the registry, and the rows before."""

    work: Work
    place: str
    form: Form = field(init=False)
    around: dict[str, tuple[str, ...]] = field(default_factory=dict)
    codes: dict[str, _Twin] = field(default_factory=dict)
    names: dict[str, list[_Twin]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, list[_Twin]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        form = terms.form(self.work)
        choices = {
            key: form.schema["properties"][key].get("oneOf")
            or form.schema["properties"][key]["items"]["oneOf"]
            for key in ("place", "sector", "ownership", "tags")
        }
        self.form = facts_form(choices)
        county = self.place.partition("K")[0]
        rows = self.work.session.execute(
            select(
                Enterprise.id, Enterprise.credit_code, Enterprise.name_key, Enterprise.address_key
            ).where(within(Enterprise.place, (county,)))
        )
        for row in rows:
            self._know(_Twin(row.name_key, row.address_key, id=row.id), row.credit_code)

    def _know(self, twin: _Twin, code: str | None) -> None:
        if code:
            self.codes.setdefault(code, twin)
        self.names[twin.name_key].append(twin)
        if twin.address_key:
            self.addresses[twin.address_key].append(twin)

    def row(self, row: Read) -> tuple[RowStatus, int | None]:
        """Return what a row is, and the enterprise that it is or may be."""
        self._check(row)
        if "name" not in row.facts:
            return RowStatus.BAD, None
        keys = writing.keys_of(row.facts, self._around(row.facts.get("place", self.place)))
        here = _Twin(keys["name_key"], keys["address_key"], number=row.number)
        code = row.facts.get("credit_code")
        same, similar = self._same(here, code), None
        if same is None:
            similar = self._similar(here)
        found = same or similar
        if found is not None and found.id is None and found is same:
            row.errors["name"] = T("与第 {n} 行重复", n=found.number)
        self._elsewhere(row, code, found)
        if row.errors:
            return RowStatus.BAD, None
        self._know(here, code)
        if same is not None:
            return RowStatus.SAME, same.id
        if similar is not None:
            if similar.id is None:
                row.errors["name"] = T("疑似与第 {n} 行重复", n=similar.number)
            return RowStatus.SIMILAR, similar.id
        return RowStatus.GOOD, None

    def _check(self, row: Read) -> None:
        """Let the form judge what the row means; what could not be read is told already."""
        unread = set(row.errors)
        facts = {"supervision": Supervision.COUNTY.value, **row.facts}
        try:
            row.facts = self.form.check(facts)
            faults: Mapping[str, Text] = position_fault(
                row.facts.get("longitude"), row.facts.get("latitude")
            )
        except Invalid as invalid:
            faults = invalid.errors
        for at, text in faults.items():
            key = at.split("/")[1] if "/" in at else at
            if key not in unread:
                row.errors.setdefault(key, text)

    def _around(self, place: str) -> tuple[str, ...]:
        if place not in self.around:
            self.around[place] = writing.around(self.work, place)
        return self.around[place]

    def _same(self, here: _Twin, code: str | None) -> _Twin | None:
        if code and code in self.codes:
            return self.codes[code]
        for twin in self.names.get(here.name_key, ()):
            if same_address(twin.address_key, here.address_key):
                return twin
        return None

    def _similar(self, here: _Twin) -> _Twin | None:
        """Return one of the same name elsewhere, or one of nearly the same name at the address."""
        candidates: Iterable[_Twin] = self.names.get(here.name_key, ())
        for twin in candidates:
            return twin
        for twin in self.addresses.get(here.address_key, ()):
            if alike(twin.name_key, here.name_key):
                return twin
        return None

    def _elsewhere(self, row: Read, code: str | None, found: _Twin | None) -> None:
        """Refuse a code that an enterprise of another area has."""
        if not code or (found is not None and code in self.codes):
            return
        options = {"unscoped": "a credit code belongs to one enterprise in the country"}
        other = select(Enterprise.id).where(Enterprise.credit_code == code)
        if self.work.session.scalar(other, execution_options=options):
            row.errors["credit_code"] = T("该统一社会信用代码已登记在其他企业名下")
