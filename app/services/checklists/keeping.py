"""Keep checklists: publish a version, retire one, read one from a sheet, ship what notices name."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app.adapters import sheets
from app.domain import Conflict, Invalid, entered
from app.domain.access import Permission
from app.domain.checklists import CLASSES, HEADINGS, edit_form, headed
from app.domain.forms import Answers, Form
from app.domain.history import Stream
from app.domain.text import T, Term, Text
from app.models.checklists import Checklist, ChecklistItem
from app.models.records import Installation
from app.services import Deps, Stale, Work
from app.services.checklists.reading import get, words
from app.services.divisions import topmost

SHIPPED = Path(__file__).with_name("notices.json")
PARTS = ("text", "text_en", "basis", "basis_en", "sector", "tag", "hazard_class")
SEARCHED = 20
MOST_REASON = 200


def form(work: Work, *, coded: bool = False) -> Form:
    """Return the form in which a checklist is edited, with the registry's words."""
    known = words(work)
    return edit_form(choices(known.sectors), choices(known.tags), coded=coded)


def choices(names: Mapping[str, Term]) -> list[dict[str, Any]]:
    return [
        {"const": code, "title": name.wording, "x-en": {"title": name.english or name.wording}}
        for code, name in names.items()
    ] or [{"const": "", "title": "—"}]


def answers(work: Work, code: str, version: int = 0) -> dict[str, Any]:
    """Return a version as the form's answers, to begin the next one with.

    :raises NotFound: if there is none such
    """
    found = get(work, code, version)
    items = []
    for item in found.items:
        parts = {
            "text": item.text.wording,
            "text_en": item.text.english,
            "basis": item.basis.wording,
            "basis_en": item.basis.english,
            "sector": item.sector,
            "tag": item.tag,
            "hazard_class": item.hazard_class,
        }
        items.append({key: value for key, value in parts.items() if value})
    row = found.row
    head = {"name": row.name.wording, "name_en": row.name.english, "source": row.source}
    return {"code": row.code, **{key: v for key, v in head.items() if v}, "items": items}


def publish(work: Work, given: Answers, seen: int) -> str:
    """Publish a new version of a checklist and return its code.

    `seen` is the version it was made from; 0 begins a new checklist.

    :raises Invalid: if something is missing or wrong, or the code of a new checklist is taken
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_CHECKLISTS, topmost(work))
    checked = form(work).check(given)
    code = checked["code"]
    newest = work.session.scalar(select(func.max(Checklist.version)).filter_by(code=code)) or 0
    if newest and not seen:
        raise Invalid({"/code": T("此代码已被使用")})
    if newest != seen:
        raise Stale
    _add(work, checked, newest + 1, work.me, work.now)
    work.record(
        Stream.INSTALLATION,
        1,
        "checklist.publish",
        grant,
        code=code,
        name=checked["name"],
        edition=newest + 1,
        items=len(checked["items"]),
        source=checked["source"],
    )
    return str(code)


def _add(work: Work, given: Mapping[str, Any], version: int, by: int | None, at: datetime) -> None:
    row = Checklist(
        code=given["code"],
        version=version,
        name=given["name"],
        name_en=given.get("name_en", ""),
        source=given["source"],
        published_at=at,
        published_by=by,
    )
    work.session.add(row)
    work.session.flush()
    items = [
        {"checklist_id": row.id, "number": number, **{key: item.get(key, "") for key in PARTS}}
        for number, item in enumerate(given["items"], 1)
    ]
    work.session.execute(insert(ChecklistItem), items)


def retire(work: Work, code: str, reason: str) -> None:
    """Take a checklist out of use; cases that have begun go on with it.

    :raises NotFound: if there is none such
    :raises Conflict: if it was taken out of use before
    :raises Invalid: if the reason is missing or too long
    """
    grant = work.require(Permission.MANAGE_CHECKLISTS, topmost(work))
    found = get(work, code).row
    reason = entered.reason(reason, most=MOST_REASON)
    if found.retired_at is not None:
        raise Conflict(T("该检查清单已停用"))
    work.session.get_one(Checklist, found.id).retired_at = work.now
    work.record(
        Stream.INSTALLATION,
        1,
        "checklist.retire",
        grant,
        code=code,
        name=found.name.wording,
        reason=reason,
    )


def read(work: Work, data: bytes) -> list[dict[str, str]]:
    """Return the items of a sheet, for the form to judge.

    :raises Invalid: if it is no list, or has no column of items
    """
    work.require(Permission.MANAGE_CHECKLISTS, topmost(work))
    known = words(work)
    codes = {
        "sector": codes_of(known.sectors),
        "tag": codes_of(known.tags),
        "hazard_class": {
            **{str(name): code for code, name in CLASSES.items()},
            "一般": "general",
            "重大": "major",
            "general": "general",
            "major": "major",
        },
    }
    needed = ("text", "basis")
    missing = T("没有找到表头：需要“检查内容”和“法律依据”两列")
    return rows_of(data, HEADINGS, needed, codes, told_by=needed, missing=missing)


def rows_of(
    data: bytes,
    headings: Mapping[str, Sequence[str]],
    needed: Collection[str],
    codes: Mapping[str, Mapping[str, str]],
    *,
    told_by: Collection[str],
    missing: Text,
) -> list[dict[str, str]]:
    """Return the rows of a sheet by their parts: a step of those who keep what has such a list.

    :param headings: what the heading of each part may say
    :param needed: parts whose columns show which line is the heading
    :param codes: what words of a part mean
    :param told_by: parts of which a row has one, or it is none
    :raises Invalid: if it is no list, or `missing` if no line is its heading
    """
    try:
        lines = sheets.read(data).lines
    except sheets.Unreadable as unreadable:
        raise Invalid({"/file": unreadable.text}) from unreadable
    for index, (_number, heading) in enumerate(lines[:SEARCHED]):
        found = headed(heading, headings)
        if found.keys() >= set(needed):
            rows = [_row(cells, found, codes) for _n, cells in lines[index + 1 :]]
            return [row for row in rows if any(row.get(key) for key in told_by)]
    raise Invalid({"/file": missing})


def _row(
    cells: Sequence[str], found: Mapping[str, int], codes: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    parts = {key: cells[at].strip() for key, at in found.items() if at < len(cells) and cells[at]}
    # A word that nobody knows stays as it stands: the form says so at its place.
    return {key: codes.get(key, {}).get(cell, cell) for key, cell in parts.items()}


def codes_of(names: Mapping[str, Term]) -> dict[str, str]:
    """Return what the words of a list of the registry stand for, in either language."""
    return {word: code for code, name in names.items() for word in (name.wording, name.english)}


@cache
def shipped() -> Sequence[Mapping[str, Any]]:
    """Return the checklists that come with the product: what the notices name, and no more."""
    found: list[dict[str, Any]] = json.loads(SHIPPED.read_text("utf-8"))
    return found


def seed(work: Work) -> list[str]:
    """Publish the shipped checklists of which there is no version yet; the operator's."""
    known = set(work.session.scalars(select(Checklist.code)))
    # They are in force from the first day: cases that run already use them, too.
    since = work.session.get_one(Installation, 1).created_at
    added = []
    for given in shipped():
        if given["code"] not in known:
            _add(work, given, 1, None, since)
            added.append(str(given["code"]))
    return added


def install(deps: Deps) -> list[str]:
    """Publish what a newer edition of the product ships; the operator's."""
    with deps.system_reading("which checklists there are") as work:
        if set(work.session.scalars(select(Checklist.code))) >= {one["code"] for one in shipped()}:
            return []
    with deps.system("publish the checklists that came along") as work:
        return seed(work)
