"""The draw itself: commitment, seed, tickets, who is visited and by whom."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from app.domain.draws import ALGORITHM, PER_VISIT, How
from app.domain.draws.roster import SEPARATOR, Conflict, Entry, Inspector, counties, sha256
from app.domain.text import T, Text


@dataclass(frozen=True, slots=True)
class Target:
    """An enterprise on the list, and the ticket that put it in its place."""

    entry: Entry
    how: How
    ticket: str


@dataclass(frozen=True, slots=True)
class Share:
    """What a county has on the roster, and how much of it is visited."""

    county: str
    whole: int
    """All that it is to inspect (n)."""
    ordinary: int
    """Those neither key nor worrisome (m)."""
    drawn: int
    full: int


def _joined(*parts: str) -> str:
    return sha256(SEPARATOR.join(parts))


def commitment(parameters: str, salt: str) -> str:
    """Return what is made known before the public value exists: it binds parameters and secret."""
    return _joined(ALGORITHM, sha256(parameters), sha256(salt))


def seed_of(committed: str, value: str, salt: str) -> str:
    """Return what every ticket is made from: nobody knows it before the public value is known."""
    return _joined(committed, value, salt)


def ticket_of(seed: str, entry: Entry) -> str:
    """Return the ticket of an enterprise: the smallest of its county are drawn."""
    return _joined(seed, "E", entry.county, entry.id)


def _turn(seed: str, enterprise: str, one: Inspector) -> str:
    return _joined(seed, "I", enterprise, one.id)


def size(whole: int, ordinary: int, rate: Fraction) -> int:
    """Return how many of a county are drawn: min(m, ceil(rate x n)), in whole numbers (R1)."""
    return min(ordinary, -(-whole * rate.numerator // rate.denominator))


def shares(entries: Iterable[Entry], rate: Fraction) -> list[Share]:
    """Return each county's share, counties in order; it is known before anything is drawn."""
    return [
        share(county, len(its), sum(entry.mandatory for entry in its), rate)
        for county, its in counties(entries).items()
    ]


def share(county: str, whole: int, full: int, rate: Fraction) -> Share:
    """Return the share of a county with so many on the roster, of which so many in full."""
    ordinary = whole - full
    return Share(county, whole, ordinary, size(whole, ordinary, rate), full)


def visits(entries: Iterable[Entry], rate: Fraction) -> int:
    """Return how many enterprises are visited in all."""
    return sum(share.drawn + share.full for share in shares(entries, rate))


def select(entries: Iterable[Entry], seed: str, rate: Fraction) -> list[Target]:
    """Return whom the draw takes, in the order of their tickets."""
    found = []
    for its in counties(entries).values():
        tickets = {entry: ticket_of(seed, entry) for entry in its}
        ordinary = sorted((e for e in its if not e.mandatory), key=tickets.__getitem__)
        drawn = ordinary[: size(len(its), len(ordinary), rate)]
        found += [Target(entry, How.DRAWN, tickets[entry]) for entry in drawn]
        found += [Target(entry, How.FULL, tickets[entry]) for entry in its if entry.mandatory]
    return sorted(found, key=lambda target: target.ticket)


def assign(
    targets: Iterable[Target],
    seed: str,
    pool: Iterable[Inspector],
    conflicts: Collection[Conflict],
    load: int,
) -> dict[str, list[Inspector]]:
    """Return who goes to each enterprise: of the free ones, those with the smallest tickets.

    `targets` are served in their order. Whoever `shortage` lets begin never runs out of people.
    """
    visited: Counter[str] = Counter()
    people = list(pool)
    found = {}
    for target in targets:
        enterprise = target.entry.id
        free = [
            one
            for one in people
            if visited[one.id] < load and (enterprise, one.id) not in conflicts
        ]
        free.sort(key=partial(_turn, seed, enterprise))
        found[enterprise] = free[:PER_VISIT]
        visited.update(one.id for one in free[:PER_VISIT])
    return found


def shortage(
    entries: Sequence[Entry],
    rate: Fraction,
    pool: Collection[Inspector],
    conflicts: Collection[Conflict],
    load: int,
) -> Text | None:
    """Say why the pool might not serve whatever list is drawn, or None if it always does.

    It is asked before the commitment: once the public value is known nothing may be chosen any
    more. Before the last of T enterprises 2(T-1) visits are given out, so that no more than
    2(T-1)/load people are at their limit, and two free of conflicts must be left beside them.
    """
    known = {one.id for one in pool}
    by_enterprise = Counter(enterprise for enterprise, who in conflicts if who in known)
    barred = max((by_enterprise[entry.id] for entry in entries), default=0)
    number = visits(entries, rate)
    tired = 0 if load >= number else PER_VISIT * (number - 1) // load
    needed = PER_VISIT + barred + tired
    if len(pool) >= needed:
        return None
    return T(
        "检查人员不足：共需检查{visits}家企业，每家2人，每人最多{load}家，单个企业最多{barred}人回避，"
        "至少需要{needed}名已声明的检查人员，现有{there}名。请增加人员或者提高每人上限",
        visits=number,
        load=load,
        barred=barred,
        needed=needed,
        there=len(pool),
    )
