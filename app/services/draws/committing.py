"""Commit (承诺): pool, conflicts, secret and the rule of the public value, before it exists."""

import secrets
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select, update

from app.domain.access import Grant, Role
from app.domain.deadlines import BEIJING
from app.domain.draws import DrawState
from app.domain.draws.bundle import Settings, lists_of, parameters_text
from app.domain.draws.publicvalue import SOURCES, Rule, rule_of
from app.domain.draws.roster import Inspector, sha256
from app.domain.draws.sampling import commitment, shortage
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.draws import Draw, DrawEntry, DrawInspector
from app.models.people import Account, Organisation, RoleGrant
from app.services import Work
from app.services.draws import DRAWS, conflicts_of, entries_of, held

UNSEEN = (DrawState.COMMITTED, DrawState.DRAWN, DrawState.CONFIRMED)
"""From the commitment on until the first visit, a draw can still be cancelled for its list."""


def problem(work: Work, draw: Draw, load: int) -> Text | None:
    """Say why a draw cannot be committed to, or None: for the form.

    Those who have declared must serve every list, and no other draw may wait for its list over the
    same enterprises: of two lists, one could be cancelled for the other.
    """
    if (other := _rival(work, draw)) is not None:
        return T(
            "抽查 {number} 的名录中有相同企业，名单尚未开始检查；"
            "请先办完该抽查的确认和抽取记录，或者将其作废",
            number=other,
        )
    entries, pool = entries_of(work, draw.id), declared(work, draw)
    conflicts = conflicts_of(work, draw.id, entries, pool)
    rate = Fraction(draw.percent, 100)
    return shortage(list(entries.values()), rate, pool.values(), conflicts, load)


def _rival(work: Work, draw: Draw) -> str | None:
    """Return the number of a draw of the office whose list is open still, over the same plants."""
    theirs, mine = DrawEntry.__table__.alias("theirs"), DrawEntry.__table__.alias("mine")
    visited = DrawEntry.__table__.alias("visited")
    shared = (
        select(theirs.c.draw_id)
        .join(mine, mine.c.enterprise_id == theirs.c.enterprise_id)
        .where(theirs.c.draw_id == Draw.id, mine.c.draw_id == draw.id)
    )
    begun = select(visited.c.draw_id).where(
        visited.c.draw_id == Draw.id, visited.c.visit_id.is_not(None)
    )
    found: str | None = work.session.scalar(
        select(Draw.number)
        .where(Draw.organisation_id == draw.organisation_id, Draw.id != draw.id)
        .where(Draw.state.in_(UNSEEN), shared.exists(), ~begun.exists())
        .order_by(Draw.id)
        .limit(1),
        execution_options=DRAWS,
    )
    return found


def declared(work: Work, draw: Draw) -> dict[int, Inspector]:
    """Return by account those who have declared and are inspectors of the office still."""
    rows = work.session.execute(
        select(DrawInspector.account_id, DrawInspector.licence, DrawInspector.name)
        .join(Account, Account.id == DrawInspector.account_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(DrawInspector.draw_id == draw.id, Account.active)
        .where(RoleGrant.organisation_id == draw.organisation_id, RoleGrant.role == Role.STAFF),
        execution_options=DRAWS,
    )
    return {account: Inspector(licence, name) for account, licence, name in rows}


def bind(work: Work, case_id: int, answers: Mapping[str, Any], grant: Grant | None) -> Rule | None:
    """Commit to the draw of a case; the result is the rule, or None if `problem` speaks against it.

    :raises Conflict: if it is committed already
    """
    draw = held(work, case_id, DrawState.FROZEN)
    # Of two draws that commit at once, one sees the other.
    work.lock(f"draws {draw.organisation_id}")
    load: int = answers["load"]
    if problem(work, draw, load) is not None:
        return None
    pool = declared(work, draw)
    entries = entries_of(work, draw.id)
    rule = _rule(work, draw, answers["source"])
    conflicts = conflicts_of(work, draw.id, entries, pool)
    lists = lists_of(entries.values(), pool.values(), conflicts)
    parameters = parameters_text(_settings(work, draw, load, rule), lists)
    salt = secrets.token_hex(32)
    work.session.execute(
        update(DrawInspector)
        .where(DrawInspector.draw_id == draw.id, DrawInspector.account_id.in_(pool))
        .values(pooled=True),
        execution_options=DRAWS,
    )
    draw.load, draw.parameters, draw.salt = load, parameters, salt
    draw.commitment = commitment(parameters, salt)
    draw.rule, draw.after = rule.code, rule.after
    draw.committed_at, draw.committed_by = work.now, work.actor.id
    draw.state = DrawState.COMMITTED
    work.record(
        Stream.DRAW,
        draw.id,
        "draw.commit",
        grant,
        commitment=draw.commitment,
        parameters=sha256(parameters),
        salt=sha256(salt),
        rule=rule.code,
    )
    return rule


def _rule(work: Work, draw: Draw, source: str) -> Rule:
    """Return the rule: a drawing after today, and after the one that a cancelled draw had named."""
    after = work.now.astimezone(BEIJING).date()
    if (before := _due_before(work, draw)) is not None:
        after = max(after, before)
    return Rule(SOURCES[source], after)


def _due_before(work: Work, draw: Draw) -> date | None:
    named = work.session.scalars(
        select(Draw.rule).where(
            Draw.organisation_id == draw.organisation_id,
            Draw.cancelled_at.is_not(None),
            Draw.rule.is_not(None),
        ),
        execution_options=DRAWS,
    )
    return max((rule_of(code).due for code in named if code), default=None)


def _settings(work: Work, draw: Draw, load: int, rule: Rule) -> Settings:
    organ = select(Organisation.name).where(Organisation.id == draw.organisation_id)
    return Settings(
        draw=draw.number,
        organ=work.session.scalars(organ, execution_options=DRAWS).one(),
        supplements=number_of(work, draw.supplements_id),
        replaces=number_of(work, draw.replaces_id),
        frozen=draw.frozen_at.astimezone(BEIJING).isoformat(timespec="seconds"),
        sectors=tuple(draw.sectors),
        themes=tuple(draw.themes),
        percent=draw.percent,
        load=load,
        rule=rule.code,
    )


def number_of(work: Work, draw_id: int | None) -> str:
    """Return the number of another draw of the office, "" for none: a step of those who see one."""
    if draw_id is None:
        return ""
    return work.session.scalars(
        select(Draw.number).where(Draw.id == draw_id), execution_options=DRAWS
    ).one()
