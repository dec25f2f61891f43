"""The rule by which counties are scored, version by version: in force, read, published, shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.domain import Invalid, NotFound
from app.domain.access import Permission, granted_by
from app.domain.deadlines import BEIJING
from app.domain.forms import Answers
from app.domain.history import Stream
from app.domain.scoring import Rule, rule_of, shipped
from app.domain.scoring import in_force as holding
from app.domain.scoring.editing import edit_form, faults, given, kept
from app.domain.text import T
from app.models.rankings import ScoreRule
from app.models.records import Installation
from app.services import Deps, Stale, Work
from app.services.divisions import topmost
from app.services.history import names_of_people


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A version of the rule, and who published it, when and why."""

    rule: Rule
    reason: str
    published_at: datetime
    by: str


def in_force(work: Work, day: date) -> int:
    """Return the version that holds on a day: a step of scoring."""
    found = work.session.execute(select(ScoreRule.version, ScoreRule.since))
    return holding([(version, since) for version, since in found], day)


def load(work: Work, version: int) -> Rule:
    """Return a version of the rule: a step of those who may know of a ranking.

    :raises NotFound: if there is none such
    """
    row = work.session.get(ScoreRule, version)
    if row is None:
        raise NotFound(T("没有第 {version} 版评分办法", version=version))
    return _rule(row)


def _rule(row: ScoreRule) -> Rule:
    return rule_of(
        {
            "version": row.version,
            "since": row.since.isoformat(),
            "basis": row.basis,
            "measures": row.measures,
        }
    )


def find(work: Work) -> Sequence[RuleRow]:
    """Return every version, the newest first."""
    work.require_somewhere(Permission.SEE_SCORING)
    rows = work.session.scalars(select(ScoreRule).order_by(ScoreRule.version.desc())).all()
    people = names_of_people(work, [row.published_by for row in rows if row.published_by])
    return [
        RuleRow(_rule(row), row.reason, row.published_at, people.get(row.published_by or 0, ""))
        for row in rows
    ]


def may_keep(work: Work) -> bool:
    """Test whether the actor makes the next version: it holds for everybody."""
    work.require_somewhere(Permission.SEE_SCORING)
    return granted_by(work.actor, Permission.MANAGE_SCORING, topmost(work)) is not None


def answers(work: Work) -> tuple[dict[str, Any], int]:
    """Return what the form of the next version starts with, and the version it is made from."""
    work.require(Permission.MANAGE_SCORING, topmost(work))
    row = _newest(work)
    first = {
        "since": max(_today(work), row.since).isoformat(),
        "basis": row.basis,
        "measures": given(row.measures),
    }
    return first, row.version


def publish(work: Work, told: Answers, seen: int) -> int:
    """Publish a new version and return its number; `seen` is the version it was made from.

    :raises Invalid: if something is missing or wrong
    :raises Stale: if somebody published another version meanwhile
    """
    grant = work.require(Permission.MANAGE_SCORING, topmost(work))
    before = _newest(work)
    checked = edit_form().check(told, {"measures": given(before.measures)})
    since = date.fromisoformat(checked["since"])
    measures = kept(checked["measures"])
    if problems := faults(measures, since, max(_today(work), before.since)):
        raise Invalid(problems)
    if before.version != seen:
        raise Stale
    version = seen + 1
    _add(work, {**checked, "version": version, "measures": measures}, work.me, work.now)
    work.record(
        Stream.INSTALLATION,
        1,
        "scoring.publish",
        grant,
        edition=version,
        since=checked["since"],
        source=checked["basis"],
        reason=checked["reason"],
        weights={one["key"]: one["weight"] for one in measures},
    )
    return version


def _today(work: Work) -> date:
    return work.now.astimezone(BEIJING).date()


def _newest(work: Work) -> ScoreRule:
    newest = select(func.max(ScoreRule.version)).scalar_subquery()
    return work.session.scalars(select(ScoreRule).where(ScoreRule.version == newest)).one()


def _add(work: Work, told: Mapping[str, Any], by: int | None, at: datetime) -> None:
    work.session.add(
        ScoreRule(
            version=told["version"],
            since=date.fromisoformat(told["since"]),
            basis=told["basis"],
            measures=told["measures"],
            reason=told.get("reason", ""),
            published_at=at,
            published_by=by,
        )
    )
    work.session.flush()


def seed(work: Work) -> None:
    """Publish the shipped rule if there is none yet; the operator's."""
    if work.session.scalar(select(func.count()).select_from(ScoreRule)):
        return
    since = work.session.get_one(Installation, 1).created_at
    for version in shipped():
        _add(work, version, None, since)


def install(deps: Deps) -> None:
    """Publish the rule that a newer edition of the product ships; the operator's."""
    with deps.system("publish the rule of scoring that came along") as work:
        seed(work)
