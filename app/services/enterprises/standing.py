"""What procedures make of an enterprise: its card, its life status, the lists it is on.

No page sets these. Each is a step of those who move a case, written in the case's own transaction.
The enterprise's row is locked before its measures are read, so that two cases count one after the
other.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, or_, select, update

from app.domain.access import Grant
from app.domain.casework import CaseStatus
from app.domain.enterprises import Card, Life
from app.domain.history import Stream
from app.domain.measures import CARDS, DECIDED, STOPS, Measure, card_of, family, life_of
from app.models.casework import Case
from app.models.enterprises import Enterprise, EnterpriseMeasure
from app.services import Work

DECIDES = {
    # Whoever moves a case may not write the registry; the case's procedure is what decides.
    "unscoped": "a procedure decides where its enterprise stands",
    "synchronize_session": False,
}
IN_FORCE = EnterpriseMeasure.lifted_at.is_(None)


def give(
    work: Work,
    enterprise_id: int,
    measure: Measure,
    reason: str,
    case_id: int,
    grant: Grant | None,
) -> None:
    """Put a measure upon an enterprise, in place of what the case gave of its kind before.

    Who is to be closed is given the red card alone.
    """
    was = _locked(work, enterprise_id)
    if was[1] in DECIDED and measure is not Measure.RED:
        return
    had = _of_case(case_id, [measure])
    if work.session.scalar(select(EnterpriseMeasure.id).where(*had), execution_options=DECIDES):
        return
    _lift(work, _of_case(case_id, family(measure)), reason, case_id)
    values = {
        "enterprise_id": enterprise_id,
        "measure": measure,
        "reason": reason,
        "given_in": case_id,
        "given_at": work.now,
        "case_id": case_id,
        "lift_reason": "",
    }
    work.session.execute(insert(EnterpriseMeasure).values(values), execution_options=DECIDES)
    _show(work, enterprise_id, was, reason, case_id, grant, given=[measure])


def lift(
    work: Work,
    enterprise_id: int,
    measures: Collection[Measure],
    reason: str,
    case_id: int,
    grant: Grant | None,
) -> Collection[Measure]:
    """Lift cards, or stops, that the case answers for, and return them; others' stay in force."""
    was = _locked(work, enterprise_id)
    if was[1] in DECIDED:
        return ()
    if lifted := _lift(work, _of_case(case_id, measures), reason, case_id):
        _show(work, enterprise_id, was, reason, case_id, grant, lifted=lifted)
    return lifted


def take_over(work: Work, enterprise_id: int, case_id: int, parent_id: int | None) -> None:
    """Let a case answer for its parent's measures, or for those that no case goes on with."""
    left = EnterpriseMeasure.case_id.in_(left_by(enterprise_id, parent_id))
    work.session.execute(
        update(EnterpriseMeasure)
        .where(EnterpriseMeasure.enterprise_id == enterprise_id, left, IN_FORCE)
        .values(case_id=case_id),
        execution_options=DECIDES,
    )


def left_by(enterprise_id: int, parent_id: int | None) -> Select[int]:
    """Return the cases from which a new one takes over: its parent, or else those that ended."""
    if parent_id is not None:
        return select(Case.id).where(Case.id == parent_id)
    return select(Case.id).where(
        Case.subject_id == enterprise_id, Case.status != CaseStatus.RUNNING
    )


def stop_of(work: Work, case_id: int) -> str:
    """Return the stop in force that a case answers for, "none" if there is none: a step of it."""
    stops = set(
        work.session.scalars(
            select(EnterpriseMeasure.measure).where(*_of_case(case_id, list(STOPS))),
            execution_options=DECIDES,
        )
    )
    return next((measure.value for measure in STOPS if measure in stops), "none")


def decide_closure(
    work: Work, enterprise_id: int, life: Life, case_id: int, grant: Grant | None
) -> None:
    """Say that an enterprise is to be closed, or was: from now on no stop says otherwise."""
    _set(work, enterprise_id, "enterprise.life", "", case_id, grant, life=life)


def set_blacklisted(
    work: Work,
    enterprise_id: int,
    reason: str,
    case_id: int,
    grant: Grant | None,
    *,
    blacklisted: bool,
) -> None:
    """Put an enterprise on the blacklist (严重失信主体名单), or take it off."""
    what = "enterprise.blacklist"
    _set(work, enterprise_id, what, reason, case_id, grant, blacklisted=blacklisted)


def set_worrisome(
    work: Work,
    enterprise_id: int,
    reason: str,
    case_id: int,
    grant: Grant | None,
    *,
    worrisome: bool,
) -> None:
    """Call an enterprise worrisome (不放心企业), as when its self-inspection is overdue."""
    _set(work, enterprise_id, "enterprise.worry", reason, case_id, grant, worrisome=worrisome)


def lock(work: Work, enterprise_id: int) -> None:
    """Let whoever else records hazards of an enterprise, or asks for open ones, come after this."""
    work.session.execute(
        select(Enterprise.id).where(Enterprise.id == enterprise_id).with_for_update(),
        execution_options=DECIDES,
    )


def _locked(work: Work, enterprise_id: int) -> tuple[Card, Life]:
    row = work.session.execute(
        select(Enterprise.card, Enterprise.life)
        .where(Enterprise.id == enterprise_id)
        .with_for_update(),
        execution_options=DECIDES,
    ).one()
    return row.card, row.life


def _of_case(case_id: int, measures: Collection[Measure]) -> tuple[ColumnElement[bool], ...]:
    return (
        EnterpriseMeasure.case_id == case_id,
        EnterpriseMeasure.measure.in_(measures),
        IN_FORCE,
    )


def _lift(
    work: Work, wanted: tuple[ColumnElement[bool], ...], reason: str, case_id: int
) -> list[Measure]:
    lifted = work.session.scalars(
        update(EnterpriseMeasure)
        .where(*wanted)
        .values(lifted_in=case_id, lifted_at=work.now, lift_reason=reason)
        .returning(EnterpriseMeasure.measure),
        execution_options=DECIDES,
    )
    return sorted(set(lifted))


def _show(
    work: Work,
    enterprise_id: int,
    was: tuple[Card, Life],
    reason: str,
    case_id: int,
    grant: Grant | None,
    **changed: list[Measure],
) -> None:
    """Write what the enterprise bears now, and record which cards, or stops, were changed."""
    in_force = set(
        work.session.scalars(
            select(EnterpriseMeasure.measure).where(
                EnterpriseMeasure.enterprise_id == enterprise_id, IN_FORCE
            ),
            execution_options=DECIDES,
        )
    )
    card, life = card_of(in_force), life_of(in_force, was[1])
    if (card, life) != was:
        _write(work, enterprise_id, card=card, life=life)
    ((how, measures),) = changed.items()
    cards = measures[0] in CARDS
    told = {
        "card" if cards else "life": (card if cards else life).value,
        how: [measure.value for measure in measures],
    }
    action = "enterprise.card" if cards else "enterprise.life"
    work.record(
        Stream.ENTERPRISE, enterprise_id, action, grant, case=case_id, reason=reason, **told
    )


def _set(
    work: Work,
    enterprise_id: int,
    action: str,
    reason: str,
    case_id: int,
    grant: Grant | None,
    **values: Any,
) -> None:
    if _write(work, enterprise_id, **values):
        plain = {name: getattr(value, "value", value) for name, value in values.items()}
        work.record(
            Stream.ENTERPRISE, enterprise_id, action, grant, case=case_id, reason=reason, **plain
        )


def _write(work: Work, enterprise_id: int, **values: Any) -> bool:
    """Write what is not so yet, and say whether anything was."""
    different = [getattr(Enterprise, name) != value for name, value in values.items()]
    changed = work.session.scalar(
        update(Enterprise)
        .where(Enterprise.id == enterprise_id, or_(*different))
        .values(**values, updated_at=work.now, revision=Enterprise.revision + 1)
        .returning(Enterprise.id),
        execution_options=DECIDES,
    )
    return changed is not None
