"""Where the hazards of a case come from: the enterprise's own ledger, or a visit of inspectors."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.deadlines import BEIJING
from app.domain.hazards import MAJOR
from app.domain.text import day_in
from app.models.casework import Case, last_done
from app.models.casework import WorkItem as Item
from app.services import Work

CHECKED, LEDGER = "self_check_inspect", "self_check_ledger"
VISITS = ("visit", "verify")
"""Where inspectors say when they were there: a visit, the verification of a look-back."""
READ = {"unscoped": "the form shows only what its author chose"}


def ledger_of(work: Work, case_id: int) -> dict[str, Any]:
    """Return the ledger that the enterprise reported in a case, or in the one it came from.

    Beside its answers, `reported_on` is the day it was handed in, and `majors` says what is
    major, a numbered line for each. Empty if nothing was found when it last looked.
    """
    return _reported(work, case_id) or _reported(work, _parent(work, case_id))


def origin_of(work: Work, case_id: int) -> dict[str, Any]:
    """Return where the case that this one came from learnt of its hazards.

    `reported_on` is the day of the enterprise's own report; without one, `visited_on` and `place`
    tell of the visit, and where there was none either, of today.
    """
    parent = _parent(work, case_id)
    if told := _reported(work, parent):
        return {"reported_on": told["reported_on"]}
    visit = next(filter(None, (_last(work, parent, node) for node in VISITS)), {})
    return {
        "visited_on": visit.get("visited_on") or _day(work.now),
        "place": visit.get("place"),
    }


def _parent(work: Work, case_id: int) -> int | None:
    return work.session.scalar(
        select(Case.parent_id).where(Case.id == case_id), execution_options=READ
    )


def _reported(work: Work, case_id: int | None) -> dict[str, Any]:
    if (_last(work, case_id, CHECKED) or {}).get("found") != "yes" or case_id is None:
        return {}
    row = work.session.execute(
        last_done(case_id, LEDGER, Item.answers, Item.closed_at), execution_options=READ
    ).one_or_none()
    if row is None or not row.answers:
        return {}
    majors = _lines(row.answers.get("hazards", ()))
    return {**row.answers, "reported_on": _day(row.closed_at), "majors": majors}


def _last(work: Work, case_id: int | None, node: str) -> dict[str, Any] | None:
    if case_id is None:
        return None
    answers: dict[str, Any] | None = work.session.scalar(
        last_done(case_id, node, Item.answers), execution_options=READ
    )
    return answers


def _day(moment: Any) -> str:
    day: str = moment.astimezone(BEIJING).date().isoformat()
    return day


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return what is major: what, where, by which clause, and how it is put right by when."""
    majors = (row for row in rows if row["class"] == MAJOR)
    return "\n".join(
        f"{number}．{row['description']}（{row['place']}），判定依据：{row['criterion']}"
        f"；整改措施：{row['measure']}，{day_in('zh', date.fromisoformat(row['deadline']))}前完成"
        for number, row in enumerate(majors, 1)
    )
