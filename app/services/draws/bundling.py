"""The files that it takes to draw again (`docs/draws.md`)."""

from collections.abc import Mapping

from sqlalchemy import select

from app.domain import Conflict
from app.domain.draws.bundle import list_text, visits_text
from app.domain.draws.roster import Inspector
from app.domain.draws.sampling import Target
from app.domain.text import T
from app.models.draws import Draw, DrawVisitor
from app.services import Work
from app.services.draws import DRAWS, entries_of, lists, pool_of, reading


def bundle(work: Work, draw_id: int) -> dict[str, str]:
    """Return the files that it takes to draw again, by name.

    :raises NotFound: if the actor may not know of the draw
    :raises Conflict: if nothing was drawn yet
    """
    draw, _row = reading.found(work, draw_id)
    return files(work, draw)


def files(work: Work, draw: Draw) -> dict[str, str]:
    """Return the files of a draw's bundle: a step of those who may have them.

    :raises Conflict: if nothing was drawn yet
    """
    if draw.seed is None:
        raise Conflict(T("尚未抽取，不能下载复核资料"))
    frozen = lists(work, draw.id)
    targets = [
        Target(line.entry, line.how, line.ticket)
        for line in reading.lines(work, draw.id)
        if line.how is not None
    ]
    return {
        "parameters": draw.parameters or "",
        "roster": frozen.roster,
        "reasons": frozen.reasons,
        "pool": frozen.pool,
        "conflicts": frozen.conflicts,
        "salt": f"{draw.salt}\n",
        "value": f"{draw.value}\n",
        "commitment": f"{draw.commitment}\n",
        "list": list_text(targets),
        "visits": visits_text(_going(work, draw.id)),
    }


def _going(work: Work, draw_id: int) -> Mapping[str, list[Inspector]]:
    entries, pool = entries_of(work, draw_id), pool_of(work, draw_id)
    found: dict[str, list[Inspector]] = {}
    for enterprise, account in work.session.execute(
        select(DrawVisitor.enterprise_id, DrawVisitor.account_id).where(
            DrawVisitor.draw_id == draw_id
        ),
        execution_options=DRAWS,
    ):
        found.setdefault(entries[enterprise].id, []).append(pool[account])
    return found
