"""The figures of a campaign, each in a few statements whatever the number of its members.

Each is made of what the list behind it is made of (`members`, `ledger`); who has
how many tasks says `app.services.tasks.burdens`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from app.domain.access import Permission
from app.domain.deadlines import BEIJING
from app.domain.enterprises import TermKind
from app.domain.hazards import BY_PLANTS, Finder
from app.domain.progress import Cover, Standing
from app.domain.text import T, Term, Text
from app.models.campaigns import CampaignBatch, CampaignMember, CampaignStart
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Organisation
from app.services import Work, ledger
from app.services.campaigns.members import of_batch
from app.services.campaigns.reading import known
from app.services.campaigns.standings import (
    GUARDED,
    RANKS,
    covered,
    holders,
    inspections,
    nothing_found,
    of_batches,
    of_members,
    ranked,
    standing,
)
from app.services.covering import counting
from app.services.enterprises import terms
from app.services.holders import NOBODY, Holder, key_of, names_of

_REGISTERED = Enterprise.__table__.alias("registered_at")
NAMED = 50
"""How many of those that are left are named."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a campaign its inspection has covered (R3: all of it)."""

    counts: Mapping[Cover, int]
    silent: int
    """Who was inspected, and nobody found anything there (检查查不出问题)."""
    left: Sequence[tuple[int, str]]
    """The first of those that are still to be visited: id and name."""

    @property
    def total(self) -> int:
        """How many are to be inspected: not who was closed or struck off before."""
        return sum(self.counts.values()) - self.counts.get(Cover.GONE, 0)

    @property
    def visited(self) -> int:
        return self.counts.get(Cover.VISITED, 0)

    @property
    def missing(self) -> int:
        return self.total - self.visited

    @property
    def share(self) -> float:
        return self.visited / self.total if self.total else 0.0


def coverage(work: Work, campaign_id: int) -> Coverage:
    """Return how much of a campaign its inspection has covered.

    :raises NotFound: if the actor knows of no such campaign
    """
    known(work, campaign_id)
    return covered_now(work, campaign_id)


def covered_now(work: Work, campaign_id: int) -> Coverage:
    """Return how much of a campaign its inspection has covered: a step of those who asked."""
    counted = counting(work, campaign_id)
    inspected = inspections(counted)
    here = CampaignMember.campaign_id == campaign_id
    nothing = nothing_found(campaign_id, counted)
    silent = case((covered(inspected, Cover.VISITED) & nothing, 1))
    columns = (ranked(inspected).label("rank"), silent.label("silent"))
    members = of_members(inspected, *columns).where(here)
    found = members.subquery()
    rows = work.session.execute(
        select(found.c.rank, func.count(), func.count(found.c.silent)).group_by(found.c.rank),
        execution_options=GUARDED,
    ).all()
    left = (
        of_members(inspected, CampaignMember.enterprise_id, Organisation.name)
        .where(here, covered(inspected, "left"))
        .order_by(CampaignMember.enterprise_id)
        .limit(NAMED)
    )
    named = work.session.execute(left, execution_options=GUARDED)
    return Coverage(
        {RANKS.get(rank, Cover.NONE): number for rank, number, _silent in rows},
        sum(silent for _rank, _number, silent in rows),
        [(row.enterprise_id, row.name) for row in named],
    )


@dataclass(frozen=True, slots=True)
class Group:
    """What a figure says of one division, sector or person."""

    key: str
    """As the filter of the list names it."""
    name: Text
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def of(self, *keys: str) -> int:
        return sum(self.counts.get(key, 0) for key in keys)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the members of a batch are, three ways; who is behind comes first."""

    divisions: Sequence[Group]
    sectors: Sequence[Group]
    people: Sequence[Group]


def progress(work: Work, campaign_id: int, batch_id: int) -> Progress:
    """Return how far the members of a batch are by division, by sector and by person.

    :raises NotFound: if the actor knows of no such campaign
    """
    known(work, campaign_id)
    here = (CampaignStart.batch_id == batch_id) & (CampaignBatch.campaign_id == campaign_id)
    now = standing(work.now).label("standing")
    columns = (CampaignMember.place.label("place"), Enterprise.sector.label("sector"), now)
    rows = of_batches(*columns).where(here).subquery()
    found = numbers(work, rows, **GUARDED)
    places, sectors = _summed(found, 0), _summed(found, 1)
    held = holders(of_batch(batch_id))
    whose = (held.c.account, held.c.organisation, held.c.role)
    rows = (
        of_batches(*whose, now)
        .outerjoin(held, held.c.case_id == CampaignStart.case_id)
        .where(here)
        .subquery()
    )
    people = numbers(work, rows, **GUARDED)
    names, words = terms.names(work, list(places)), terms.everything(work)
    return Progress(
        _groups({key: (key, Term(names.get(key) or key)) for key in places}, places),
        _groups({key: _sector(words, key) for key in sectors}, sectors),
        by_holder(work, people),
    )


Counted = dict[Any, dict[str, int]]


def numbers(work: Work, rows: Subquery, **options: str) -> Counted:
    """Return how many rows there are by their keys and, of these, by the state that comes last."""
    found: Counted = {}
    query = select(*rows.c, func.count()).group_by(*rows.c)
    for *key, state, number in map(tuple, work.session.execute(query, execution_options=options)):
        found.setdefault(tuple(key), {})[state] = number
    return found


def _summed(found: Counted, part: int) -> Counted:
    """Return the numbers by one part of their keys."""
    sums: dict[Any, Counter[str]] = {}
    for key, counts in found.items():
        sums.setdefault(key[part], Counter()).update(counts)
    return {key: dict(counts) for key, counts in sums.items()}


def _sector(words: terms.Terms, code: str) -> tuple[str, Text]:
    return (code, words.name(TermKind.SECTOR, code)) if code else (NOBODY, T("未填行业"))


def by_holder(work: Work, found: dict[Holder, dict[str, int]]) -> list[Group]:
    """Return what was counted by who has it: a step of those who asked."""
    names = names_of(work, list(found))
    return _groups({one: (key_of(one), names[key_of(one)]) for one in found}, found)


def _groups(told: Mapping[Any, tuple[str, Text]], counts: Counted) -> list[Group]:
    """Return groups in order: first those in which most is late, then those with most to do."""
    return sorted(
        (Group(*told[key], counts[key]) for key in counts),
        key=lambda group: (
            -group.of(Standing.LATE),
            -(group.total - group.of(Standing.DONE, Standing.GONE)),
            -group.total,
            group.key,
        ),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many hazards of one class, found by one side, are closed, late or neither."""

    major: bool
    by: Finder
    closed: bool
    late: bool
    number: int


@dataclass(frozen=True, slots=True)
class Found:
    """How many hazards there are, and where, two ways; where most is late comes first."""

    tallies: Sequence[Tally]
    divisions: Sequence[Group]
    """By where the enterprise lies: `closed`, `open`, `late`, as the ledger's list is narrowed."""
    sectors: Sequence[Group]


def hazards(work: Work, campaign_id: int) -> Found:
    """Return how many hazards a campaign has found: by class and by whom, how they stand, where."""
    work.require_somewhere(Permission.SEE_HAZARDS)
    today = work.now.astimezone(BEIJING).date()
    columns = (
        Hazard.major.label("major"),
        Hazard.procedure.in_(BY_PLANTS).label("own"),
        ledger.PLANT.c.place.label("place"),
        _REGISTERED.c.sector.label("sector"),
        _stands(today).label("stands"),
    )
    # As the ledger lists them; one of a plant that the registry does not know has no sector.
    query = ledger.narrowed(work, select(*columns), ledger.Wanted(campaign_id=campaign_id), today)
    query = query.outerjoin(_REGISTERED, _REGISTERED.c.id == Hazard.enterprise_id)
    found = numbers(work, query.subquery())
    tallies: Counter[tuple[bool, bool, str]] = Counter()
    for (major, own, *_where), counts in found.items():
        for stands, number in counts.items():
            tallies[bool(major), bool(own), stands] += number
    registered = {key: counts for key, counts in found.items() if key[3] is not None}
    places, sectors = _summed(registered, 2), _summed(registered, 3)
    names, words = terms.names(work, list(places)), terms.everything(work)
    return Found(
        [_tally(kind, number) for kind, number in sorted(tallies.items())],
        _most({key: (key, Term(names.get(key) or key)) for key in places}, places),
        _most({key: _sector(words, key) for key in sectors}, sectors),
    )


def _tally(kind: tuple[bool, bool, str], number: int) -> Tally:
    major, own, stands = kind
    by = Finder.PLANT if own else Finder.INSPECTORS
    return Tally(major, by, closed=stands == "closed", late=stands == "late", number=number)


def _stands(today: date) -> ColumnElement[str]:
    late = Hazard.deadline < today
    return case((Hazard.closed_at.is_not(None), "closed"), (late, "late"), else_="open")


def _most(told: Mapping[Any, tuple[str, Text]], counts: Counted) -> list[Group]:
    """Return groups in order: first those in which most is late, then those with most of all."""
    return sorted(
        (Group(*told[key], counts[key]) for key in counts),
        key=lambda group: (-group.of("late"), -group.total, group.key),
    )
