"""A campaign with all its members, to be taken away as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.progress import Standing
from app.models.campaigns import CampaignBatch, CampaignStart
from app.services import Work, ledger
from app.services.campaigns import figures, members, reading
from app.services.campaigns.figures import Coverage, Progress, Tally
from app.services.campaigns.members import CoverRow
from app.services.campaigns.reading import CampaignView
from app.services.campaigns.standings import GUARDED, of_batches, standing
from app.services.ledger import HazardRow

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a file of a campaign is narrowed by: nothing but the campaign."""

    campaign: int


@dataclass(frozen=True, slots=True)
class Whole:
    """All that a file of a campaign says."""

    view: CampaignView
    coverage: Coverage
    tallies: Sequence[Tally]
    progress: Mapping[int, Progress]
    """By batch."""
    members: Sequence[CoverRow]
    standings: Mapping[tuple[int, int], Standing]
    """Where an enterprise stands in a batch, by the ids of both."""
    hazards: Sequence[HazardRow]


def everything(work: Work, wanted: Campaign) -> Whole:
    """Return a campaign with its figures, its members and the hazards it has found.

    :raises NotFound: if the actor knows of no such campaign
    """
    view = reading.get(work, wanted.campaign)
    columns = (CampaignStart.enterprise_id, CampaignStart.batch_id, standing(work.now))
    rows = work.session.execute(
        of_batches(*columns).where(CampaignBatch.campaign_id == wanted.campaign),
        execution_options=GUARDED,
    )
    return Whole(
        view,
        figures.coverage(work, wanted.campaign),
        figures.hazards(work, wanted.campaign).tallies,
        {one.id: figures.progress(work, wanted.campaign, one.id) for one in view.batches},
        members.covers(work, members.Sought(wanted.campaign), size=MOST).rows,
        {(enterprise, batch): Standing(found) for enterprise, batch, found in rows},
        ledger.newest(work, ledger.Wanted(campaign_id=wanted.campaign), MOST),
    )
