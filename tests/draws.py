"""Rosters and bundles of draws, made without a database."""

import re
import subprocess
from datetime import date
from fractions import Fraction

from hypothesis import strategies as some

from app.domain.draws import DrawState, How, bundle
from app.domain.draws.bundle import Settings
from app.domain.draws.publicvalue import SOURCES, Rule
from app.domain.draws.roster import Entry, Inspector, sha256
from app.domain.draws.sampling import assign, commitment, seed_of, select, ticket_of
from app.domain.scoring import shipped
from app.models.draws import Draw, DrawEntry, DrawInspector, DrawVisitor
from app.models.rankings import RankedCount, RankedCounty, Ranking
from app.services.draws.roster import WHY
from config import ROOT

NUMBER = "1411-2026-1"
SALT = "5a" * 32
VALUE = "2026134 03 07 12 19 25 31 09"
RULE = Rule(SOURCES["ssq"], date(2026, 11, 20)).code
POOL = tuple(Inspector(f"14-{number:06}", f"检查员{number}") for number in range(1, 13))
COUNTIES = ("141121", "141122", "141123")

ENTRIES = some.lists(
    some.tuples(some.sampled_from(COUNTIES), some.booleans(), some.integers(0, 9)),
    max_size=60,
).map(
    lambda rows: [
        Entry(county, f"91{number:016}", f"企业{number}", key, not odd, "原因" * (key or not odd))
        for number, (county, key, odd) in enumerate(rows)
    ]
)


def settings(percent=10, load=1000) -> Settings:
    return Settings(
        draw=NUMBER,
        organ="吕梁市应急管理局",
        supplements="",
        replaces="",
        frozen="2026-11-20T10:00:00+08:00",
        sectors=("steel",),
        themes=(),
        percent=percent,
        load=load,
        rule=RULE,
    )


def drawn(entries, percent=10, load=1000, pool=POOL, conflicts=(), salt=SALT, value=VALUE):
    """Return the files of a bundle by name."""
    made = settings(percent, load)
    lists = bundle.lists_of(entries, pool, conflicts)
    parameters = bundle.parameters_text(made, lists)
    committed = commitment(parameters, salt)
    seed = seed_of(committed, value, salt)
    targets = select(entries, seed, Fraction(percent, 100))
    visited = assign(targets, seed, pool, set(conflicts), load)
    return {
        "parameters": parameters,
        **{name: getattr(lists, name) for name in bundle.FROZEN},
        "salt": f"{salt}\n",
        "value": f"{value}\n",
        "commitment": f"{committed}\n",
        "list": bundle.list_text(targets),
        "visits": bundle.visits_text(visited),
    }


def closed(deps, place, case, office, enterprise, people) -> int:
    """Put a draw that is done and public into a database, of one enterprise; return its id."""
    entry = Entry(
        place, f"E{enterprise}", "兴县蔚汾特种铸造有限公司（演示）", True, False, WHY["key"]
    )
    pool = {who: Inspector(f"14-{who:06}", f"白检查{who}（演示）") for who in people}
    files = drawn([entry], pool=pool.values())
    committed = files["commitment"].strip()
    seed = seed_of(committed, VALUE, SALT)
    with deps.system("test") as work:
        draw = Draw(
            number=NUMBER,
            year=2026,
            serial=1,
            place=place,
            organisation_id=office,
            case_id=case,
            state=DrawState.CLOSED,
            sectors=["steel"],
            themes=[],
            percent=10,
            frozen_at=work.now,
            roster_sha256=sha256(files["roster"]),
            reasons_sha256=sha256(files["reasons"]),
            load=1000,
            parameters=files["parameters"],
            salt=SALT,
            commitment=committed,
            rule=RULE,
            after=date(2026, 11, 20),
            committed_at=work.now,
            value=VALUE,
            seed=seed,
            drawn_at=work.now,
            confirmed_at=work.now,
            closed_at=work.now,
        )
        work.session.add(draw)
        work.session.flush()
        of = {"draw_id": draw.id}
        ticket = ticket_of(seed, entry)
        line = {"county": place, "code": entry.id, "name": entry.name, "reason": entry.reason}
        work.session.add(
            DrawEntry(
                **of,
                **line,
                enterprise_id=enterprise,
                key=True,
                worrisome=False,
                how=How.FULL,
                ticket=ticket,
            )
        )
        for who, one in pool.items():
            named = {"licence": one.id, "name": one.name, "declared_at": work.now, "pooled": True}
            work.session.add(DrawInspector(**of, account_id=who, **named))
            work.session.add(DrawVisitor(**of, account_id=who, enterprise_id=enterprise))
        return draw.id


def ranked(deps, draw, place, office) -> int:
    """Put the ranking of a draw of one county into a database and return its id."""
    with deps.system("test") as work:
        ranking = Ranking(
            draw_id=draw,
            place=place,
            organisation_id=office,
            version=shipped()[0]["version"],
            since=date(2026, 1, 1),
            computed_at=work.now,
        )
        work.session.add(ranking)
        work.session.flush()
        of = {"ranking_id": ranking.id, "county": place}
        work.session.add(RankedCounty(**of, name="兴县", found=0))
        for measure in shipped()[0]["measures"]:
            work.session.add(RankedCount(**of, measure=measure["key"], part=1, whole=3, items=[]))
        return ranking.id


def commands() -> str:
    """Return the commands of `docs/draws.md`, as they stand there."""
    page = (ROOT / "docs" / "draws.md").read_text("utf-8")
    found = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(found) == 4
    return "".join(found)


def by_hand(folder, files) -> subprocess.CompletedProcess:
    """Draw again with the shell's own tools, by the page's commands."""
    for name, text in files.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return subprocess.run(
        ["sh", "-eu", "-c", commands()], cwd=folder, capture_output=True, text=True, check=False
    )
