"""How counties are scored and ranked (R20): by a published rule, in exact arithmetic.

A rule has measures whose weights sum to 100. Of each measure a county has a count: so many of so
many. Its points are that share of the weight, a fraction; what is shown is rounded, what is ranked
is not. A rule is never changed: a new version stands beside the old ones, and what was scored keeps
the version it was scored by. What a measure counts is fixed, by its key; a version says which of
them count, how much, and what they give where there is nothing. The first is shipped, `rules.json`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.domain import Invalid
from app.domain.text import T, Term, Text

WHOLE = 100


class Empty(StrEnum):
    """What a measure gives where there is nothing to measure."""

    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many."""

    part: int
    whole: int

    @property
    def sound(self) -> bool:
        """Whether it is a share at all."""
        return 0 <= self.part <= self.whole


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that counties are scored by."""

    key: str
    weight: int
    empty: Empty
    title: Term
    part: Term
    whole: Term

    def points(self, count: Count) -> Fraction:
        """Return the points of a count.

        :raises Invalid: if it is no share
        """
        if not count.sound:
            raise Invalid({"": T("分子不能大于分母，也不能小于零")})
        if count.whole == 0:
            return Fraction(self.weight if self.empty is Empty.FULL else 0)
        return Fraction(self.weight * count.part, count.whole)


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of the rule."""

    version: int
    since: date
    """From which day on it holds."""
    basis: str
    measures: tuple[Measure, ...]

    def total(self, counts: Mapping[str, Count]) -> Fraction:
        """Return the sum of all points.

        :raises KeyError: if a measure has no count
        """
        points = (measure.points(counts[measure.key]) for measure in self.measures)
        return sum(points, Fraction(0))


def ranked(totals: Mapping[str, Fraction]) -> list[tuple[int, str]]:
    """Return rank and county, the best first; who has as many points has the same rank.

    Behind two who share a rank the next one is left out: 1, 1, 3.
    """
    order = sorted(totals, key=lambda county: (-totals[county], county))
    better = {county: sum(t > totals[county] for t in totals.values()) for county in order}
    return [(better[county] + 1, county) for county in order]


def shown(points: Fraction) -> str:
    """Return points with two decimals, halves rounded up, counted in whole numbers."""
    hundredths = (points.numerator * 200 + points.denominator) // (points.denominator * 2)
    return f"{hundredths // 100}.{hundredths % 100:02}"


def rule_of(given: Mapping[str, Any]) -> Rule:
    """Return a version of the rule from how it is kept."""
    return Rule(
        given["version"],
        date.fromisoformat(given["since"]),
        given["basis"],
        tuple(
            Measure(
                measure["key"],
                measure["weight"],
                Empty(measure["empty"]),
                *(
                    Term(measure[name], english=measure[f"{name}_en"])
                    for name in ("title", "part", "whole")
                ),
            )
            for measure in given["measures"]
        ),
    )


def shipped() -> list[dict[str, Any]]:
    """Return the versions that come with the product, as they are kept."""
    told: list[dict[str, Any]] = json.loads(
        Path(__file__).with_name("rules.json").read_text("utf-8")
    )
    return told


EMPTIES: Mapping[Empty, Text] = {Empty.FULL: T("没有的得满分"), Empty.NONE: T("没有的不得分")}


def in_force(versions: Iterable[tuple[int, date]], day: date) -> int:
    """Return the newest version that holds on a day; the first one before any did."""
    known = sorted(versions)
    return max((version for version, since in known if since <= day), default=known[0][0])
