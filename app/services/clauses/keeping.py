"""Keep laws and standards: publish a version, retire one, read one from a sheet, ship a few."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app.domain import Conflict, Invalid, entered
from app.domain.access import Permission
from app.domain.clauses import HEADINGS, USES, Use, dates_problem, edit_form, sought
from app.domain.forms import Answers, Form
from app.domain.history import Stream
from app.domain.text import T
from app.models.clauses import Clause, Law
from app.models.records import Installation
from app.services import Deps, Stale, Work
from app.services.checklists.keeping import choices, codes_of, rows_of
from app.services.checklists.reading import words
from app.services.clauses.reading import get
from app.services.divisions import topmost

SHIPPED = Path(__file__).with_name("notices.json")
PARTS = ("article", "usage", "sector", "text", "hazard", "demand")
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
    codes = {
        "usage": {str(name): use.value for use, name in USES.items()},
        "sector": codes_of(words(work).sectors),
    }
    missing = T("没有找到表头：需要“条款”和“用途”两列")
    told_by = ("article", "text")
    return rows_of(data, HEADINGS, ("article", "usage"), codes, told_by=told_by, missing=missing)


@cache
def shipped() -> Sequence[Mapping[str, Any]]:
    """Return the laws that come with the product: the articles that the notices name, no more."""
    found: list[dict[str, Any]] = json.loads(SHIPPED.read_text("utf-8"))
    return found


def seed(work: Work) -> None:
    """Publish the shipped laws of which there is no version yet, or one that says otherwise.

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
            and _said(work, newest) != _saying(given)
        ):
            _add(work, {**given, "source": EDITION}, newest.version + 1, None, work.now)


def _said(work: Work, law: Law) -> tuple[Any, ...]:
    """Return what a version says, to be compared with what is given."""
    clauses = select(*(getattr(Clause, key) for key in PARTS)).where(Clause.law_id == law.id)
    rows = work.session.execute(clauses.order_by(Clause.position))
    return law.name, law.number, law.since, law.until, [tuple(row) for row in rows]


def _saying(given: Mapping[str, Any]) -> tuple[Any, ...]:
    clauses = [tuple(clause.get(key, "") for key in PARTS) for clause in given["clauses"]]
    days = (_day(given.get("since")), _day(given.get("until")))
    return given["name"], given.get("number", ""), *days, clauses


def install(deps: Deps) -> None:
    """Publish what a newer edition of the product ships; the operator's."""
    with deps.system("publish the laws that came along") as work:
        seed(work)
