"""What a campaign's stages have left undone: what their gates are told."""

from collections.abc import Sequence
from typing import Any

from app.models.campaigns import CampaignStart
from app.models.people import Organisation
from app.services import Work
from app.services.campaigns import figures, reading
from app.services.campaigns.figures import NAMED
from app.services.campaigns.reading import BatchView
from app.services.campaigns.standings import GUARDED, NOT_DONE, named, of_batches


def stages_now(work: Work, campaign_id: int) -> dict[str, dict[str, Any]]:
    """Return how many are done in each stage, how many not, and who: a step of its gates.

    Where members are inspected, it goes by who was inspected (R3): who was caught up by hand is
    done, who came in after the last day is not.
    """
    plan, batches = reading.started(work, campaign_id)
    told = {}
    for stage in plan.stages:
        of_stage = [batch for batch in batches if batch.node in stage.nodes]
        inspects = any(batch.inspects for batch in of_stage)
        told[stage.key] = _covered(work, campaign_id) if inspects else _done(work, of_stage)
    return told


def _covered(work: Work, campaign_id: int) -> dict[str, Any]:
    found = figures.covered_now(work, campaign_id)
    return _told(found.visited, found.missing, [name for _id, name in found.left])


def _done(work: Work, batches: Sequence[BatchView]) -> dict[str, Any]:
    names = work.session.scalars(
        named(of_batches(Organisation.name))
        .where(CampaignStart.batch_id.in_([batch.id for batch in batches]), NOT_DONE)
        .order_by(CampaignStart.enterprise_id)
        .limit(NAMED),
        execution_options=GUARDED,
    )
    done, left = sum(batch.done for batch in batches), sum(batch.open for batch in batches)
    return _told(done, left, names.all())


def _told(done: int, left: int, names: Sequence[str]) -> dict[str, Any]:
    more = "等" if left > len(names) else ""
    return {"done": done, "open": left, "missing": "、".join(names) + more}
