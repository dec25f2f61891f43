"""What is handed out so that anybody can draw again, and the drawing again itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.draws import ALGORITHM, LEAST_PERCENT, PER_VISIT
from app.domain.draws.publicvalue import rule_of
from app.domain.draws.roster import (
    Conflict,
    Entry,
    Inspector,
    Unreadable,
    conflicts_text,
    lines,
    plain,
    pool_text,
    read_conflicts,
    read_pool,
    read_roster,
    reasons_text,
    roster_text,
    rows,
    sha256,
)
from app.domain.draws.sampling import Target, assign, commitment, seed_of, select, shortage

FROZEN = ("roster", "reasons", "pool", "conflicts")
"""Files whose digests the parameters name; the reasons are not handed to everybody."""
PRIVATE = ("reasons",)
NEEDED = ("parameters", "roster", "pool", "conflicts", "salt", "value", "commitment")
RESULT = ("list", "visits")
NAMES = (*NEEDED, "reasons", *RESULT)
KEYS = (
    *("algorithm", "draw", "organ", "kind", "replaces", "frozen", "sectors", "themes", "rate"),
    *("inspectors", "load", "value", *FROZEN),
)
WHOLE = re.compile(r"[1-9][0-9]{0,5}")
SALT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was settled before the commitment, beside the lists."""

    draw: str
    organ: str
    supplements: str
    """The draw whose late entrants this one draws from; "" for a draw of its own."""
    replaces: str
    """The cancelled draw that this one comes after; "" for none."""
    frozen: str
    sectors: tuple[str, ...]
    themes: tuple[str, ...]
    percent: int
    load: int
    """The most enterprises that one inspector visits."""
    rule: str

    @property
    def rate(self) -> Fraction:
        return Fraction(self.percent, 100)


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that are frozen, as texts by name."""

    roster: str
    reasons: str
    pool: str
    conflicts: str


def lists_of(
    entries: Iterable[Entry], pool: Iterable[Inspector], conflicts: Iterable[Conflict]
) -> Lists:
    """Return the frozen lists of a draw."""
    entries = list(entries)
    return Lists(
        roster_text(entries), reasons_text(entries), pool_text(pool), conflicts_text(conflicts)
    )


def parameters_text(settings: Settings, lists: Lists) -> str:
    """Return the parameters: `key=value` lines in a fixed order, the lists by their digests."""
    told = {
        "algorithm": ALGORITHM,
        "draw": settings.draw,
        "organ": plain(settings.organ),
        "kind": f"supplement of {settings.supplements}" if settings.supplements else "main",
        "replaces": settings.replaces or "none",
        "frozen": settings.frozen,
        "sectors": " ".join(sorted(settings.sectors)) or "all",
        "themes": " ".join(sorted(settings.themes)) or "all",
        "rate": f"{settings.percent}/100",
        "inspectors": str(PER_VISIT),
        "load": str(settings.load),
        "value": settings.rule,
        **{name: sha256(getattr(lists, name)) for name in FROZEN},
    }
    return "".join(f"{key}={told[key]}\n" for key in KEYS)


def list_text(targets: Iterable[Target]) -> str:
    """Return the list: `county|id|how|ticket`."""
    return lines((t.entry.county, t.entry.id, t.how.value, t.ticket) for t in targets)


def visits_text(assigned: Mapping[str, Iterable[Inspector]]) -> str:
    """Return who goes where: `enterprise|inspector`."""
    return lines((enterprise, one.id) for enterprise, people in assigned.items() for one in people)


@dataclass(slots=True)
class Replayed:
    """What drawing again gave: what is wrong, if anything, and the list in the order of tickets."""

    faults: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    seed: str = ""
    targets: list[Target] = field(default_factory=list)
    assigned: dict[str, list[Inspector]] = field(default_factory=dict)


def replay(files: Mapping[str, str]) -> Replayed:
    """Draw again from a bundle's files by name, and say what does not fit.

    `list` and `visits` are compared where they are there; `reasons` may be left out.
    """
    found = Replayed()
    if missing := [name for name in NEEDED if name not in files]:
        found.faults.append(f"missing: {', '.join(missing)}")
        return found
    try:
        _replay(found, files)
    except (Unreadable, ValueError) as wrong:
        found.faults.append(str(wrong))
    return found


def _replay(found: Replayed, files: Mapping[str, str]) -> None:
    told = found.parameters = _parameters(files["parameters"])
    salt, value = _line(files, "salt"), _line(files, "value")
    if not SALT.fullmatch(salt):
        raise Unreadable("salt: not 64 hexadecimal digits")
    rule_of(told["value"])
    for name in FROZEN:
        if name in files and sha256(files[name]) != told[name]:
            found.faults.append(f"{name}: not the list that was frozen")
    entries = read_roster(files["roster"])
    if "reasons" in files:
        _reasons(found, entries, files["reasons"])
    pool, conflicts = read_pool(files["pool"]), read_conflicts(files["conflicts"])
    committed = commitment(files["parameters"], salt)
    if committed != _line(files, "commitment"):
        found.faults.append("commitment: not made from these parameters and this secret")
    rate, load = _rate(told["rate"]), int(told["load"])
    if shortage(entries, rate, pool, conflicts, load):
        found.faults.append("pool: it cannot serve every list")
    found.seed = seed_of(committed, value, salt)
    found.targets = select(entries, found.seed, rate)
    found.assigned = assign(found.targets, found.seed, pool, conflicts, load)
    drawn = {"list": list_text(found.targets), "visits": visits_text(found.assigned)}
    for name in RESULT:
        if name in files and files[name] != drawn[name]:
            found.faults.append(f"{name}: not what the draw gives")


def _parameters(text: str) -> dict[str, str]:
    pairs = [line.partition("=")[::2] for line in text.split("\n")]
    if pairs.pop() != ("", "") or tuple(key for key, _value in pairs) != KEYS:
        raise Unreadable("parameters: other keys than the format has, or in another order")
    told = dict(pairs)
    if told["algorithm"] != ALGORITHM or told["inspectors"] != str(PER_VISIT):
        raise Unreadable("parameters: another algorithm")
    if not WHOLE.fullmatch(told["load"]):
        raise Unreadable("parameters: the load is no whole number")
    return told


def _rate(text: str) -> Fraction:
    percent, _, whole = text.partition("/")
    if whole != "100" or not WHOLE.fullmatch(percent):
        raise Unreadable("parameters: the rate is no share of 100")
    if not LEAST_PERCENT <= int(percent) <= 100:  # noqa: PLR2004
        raise Unreadable("parameters: the rate is below a tenth, or above the whole")
    return Fraction(int(percent), 100)


def _line(files: Mapping[str, str], name: str) -> str:
    text = files[name]
    if text.count("\n") != 1 or not text.endswith("\n"):
        raise Unreadable(f"{name}: not one line")
    return text[:-1]


def _reasons(found: Replayed, entries: Iterable[Entry], text: str) -> None:
    given = {(id_, mark) for id_, mark, _reason in rows(text, "reasons", 3)}
    if given != {(entry.id, entry.mark) for entry in entries if entry.mandatory}:
        found.faults.append("reasons: not of those who are covered in full")
