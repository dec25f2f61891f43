"""Keep laws and standards: publish a version, retire one, read one from a sheet, ship a few."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app.adapters import sheets
from app.domain import Conflict, Invalid, entered
from app.domain.access import Permission
from app.domain.clauses import USES, Use, columns, dates_problem, edit_form, sought
from app.domain.forms import Answers, Form
from app.domain.history import Stream
from app.domain.text import T
from app.models.clauses import Clause, Law
from app.models.records import Installation
from app.services import Deps, Stale, Work
from app.services.checklists.keeping import choices
from app.services.checklists.reading import words
from app.services.clauses.reading import get
from app.services.divisions import topmost

SHIPPED = Path(__file__).with_name("notices.json")
PARTS = ("article", "usage", "sector", "text", "hazard", "demand")
SEARCHED = 20
MOST_REASON = 200
EDITION = "随产品更新"


def form(work: Work, *, coded: bool = False) -> Form:
    """Return the form in which a law or standard is edited, with the registry's sectors."""
    return edit_form(choices(words(work).sectors), coded=coded)


def answers(work: Work, code: str) -> dict[str, Any]:
    """Return the newest version as the form's answers, to begin the next one with.

    :raises NotFound: if there is none such
    """
    found = get(work, code)
    clauses = []
    for clause in found.clauses:
        parts = {key: str(getattr(clause, key)) for key in PARTS}
        clauses.append({key: value for key, value in parts.items() if value})
    row = found.row
    head = {
        "name": row.name,
        "number": row.number,
        "since": row.since.isoformat() if row.since else "",
        "until": row.until.isoformat() if row.until else "",
    }
    return {"code": row.code, **{k: v for k, v in head.items() if v}, "clauses": clauses}


def publish(work: Work, given: Answers, seen: int) -> str:
    """Publish a new version of a law or standard and return its code.

    `seen` is the version it was made from; 0 begins a new one.

    :raises Invalid: if something is missing or wrong, or the code of a new one is taken
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_CLAUSES, topmost(work))
    checked = form(work).check(given)
    code = checked["code"]
    if problem := dates_problem(checked.get("since"), checked.get("until")):
        raise Invalid({"/until": problem})
    newest = work.session.scalar(select(func.max(Law.version)).filter_by(code=code)) or 0
    if newest and not seen:
        raise Invalid({"/code": T("此代码已被使用")})
    if newest != seen:
        raise Stale
    _add(work, checked, seen + 1, work.me, work.now)
    work.record(
        Stream.INSTALLATION,
        1,
        "law.publish",
        grant,
        code=code,
        name=checked["name"],
        edition=seen + 1,
        clauses=len(checked["clauses"]),
        **({"source": checked["source"]} if checked.get("source") else {}),
    )
    return str(code)


def _add(work: Work, given: Mapping[str, Any], version: int, by: int | None, at: datetime) -> None:
    number = given.get("number", "")
    row = Law(
        code=given["code"],
        version=version,
        name=given["name"],
        number=number,
        since=_day(given.get("since")),
        until=_day(given.get("until")),
        source=given.get("source", ""),
        published_at=at,
        published_by=by,
    )
    work.session.add(row)
    work.session.flush()
    clauses = [
        {
            "law_id": row.id,
            "position": position,
            **{key: clause.get(key, "") for key in PARTS},
            "usage": Use(clause["usage"]),
            "sought": sought(given["name"], number, clause),
        }
        for position, clause in enumerate(given["clauses"], 1)
    ]
    work.session.execute(insert(Clause), clauses)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def retire(work: Work, code: str, reason: str) -> None:
    """Take a law or standard out of use: it is found no more; what cites it stays.

    :raises NotFound: if there is none such
    :raises Conflict: if it was taken out of use before
    :raises Invalid: if the reason is missing or too long
    """
    grant = work.require(Permission.MANAGE_CLAUSES, topmost(work))
    found = get(work, code).row
    reason = entered.reason(reason, most=MOST_REASON)
    if found.retired_at is not None:
        raise Conflict(T("已停用"))
    work.session.get_one(Law, found.id).retired_at = work.now
    work.record(
        Stream.INSTALLATION, 1, "law.retire", grant, code=code, name=found.name, reason=reason
    )


def read(work: Work, data: bytes) -> list[dict[str, str]]:
    """Return the clauses of a sheet, for the form to judge.

    :raises Invalid: if it is no list, or has no column of articles
    """
    work.require(Permission.MANAGE_CLAUSES, topmost(work))
    try:
        lines = sheets.read(data).lines
    except sheets.Unreadable as unreadable:
        raise Invalid({"/file": unreadable.text}) from unreadable
    for index, (_number, cells) in enumerate(lines[:SEARCHED]):
        found = columns(cells)
        if "article" in found and "usage" in found:
            return _clauses(work, [cells for _n, cells in lines[index + 1 :]], found)
    raise Invalid({"/file": T("没有找到表头：需要“条款”和“用途”两列")})


def _clauses(
    work: Work, lines: Sequence[Sequence[str]], found: Mapping[str, int]
) -> list[dict[str, str]]:
    sectors = words(work).sectors.items()
    codes = {
        "usage": {str(name): use.value for use, name in USES.items()},
        "sector": {word: code for code, name in sectors for word in (name.wording, name.english)},
    }
    clauses = []
    for cells in lines:
        parts = {
            key: cells[at].strip() for key, at in found.items() if at < len(cells) and cells[at]
        }
        # A word that nobody knows stays as it stands: the form says so at its place.
        plain = {key: codes.get(key, {}).get(cell, cell) for key, cell in parts.items()}
        if plain.get("article") or plain.get("text"):
            clauses.append(plain)
    return clauses


@cache
def shipped() -> Sequence[Mapping[str, Any]]:
    """Return the laws that come with the product: the articles that the notices name, no more."""
    found: list[dict[str, Any]] = json.loads(SHIPPED.read_text("utf-8"))
    return found


def seed(work: Work) -> None:
    """Publish the shipped laws of which there is no version yet, or an older edition.

    The operator's. What an office published or took out of use stays as it is.
    """
    begun = work.session.get_one(Installation, 1).created_at
    for given in shipped():
        newest = work.session.scalars(
            select(Law).where(Law.code == given["code"]).order_by(Law.version.desc()).limit(1)
        ).one_or_none()
        if newest is None:
            _add(work, given, 1, None, begun)
        elif (
            newest.published_by is None
            and newest.retired_at is None
            and (newest.name, newest.since) != (given["name"], _day(given.get("since")))
        ):
            _add(work, {**given, "source": EDITION}, newest.version + 1, None, work.now)


def install(deps: Deps) -> None:
    """Publish what a newer edition of the product ships; the operator's."""
    with deps.system("publish the laws that came along") as work:
        seed(work)
