"""Effects on the scores of a draw's counties: counted, corrected, approved, made known."""

from app.models.casework import WorkItem, last_done
from app.services.draws import DRAWS
from app.services.effects import Context
from app.services.rankings import scoring


def compute_scores(context: Context) -> int:
    """Score the counties of the case's draw by the rule in force, and tell how many there are."""
    return scoring.compute(context.work, context.case_id, context.grant)


def correct_scores(context: Context, source: str) -> str:
    """Write down what the last answers of `source` correct: "corrected", or "unfit"."""
    answers = context.work.session.scalar(
        last_done(context.case_id, source, WorkItem.answers), execution_options=DRAWS
    )
    fit = scoring.correct(context.work, context.case_id, answers or {}, context.grant)
    return "corrected" if fit else "unfit"


def approve_scores(context: Context) -> str:
    """Note that scores and ranking are approved, and tell when."""
    scoring.approve(context.work, context.case_id, context.grant)
    return context.work.now.isoformat()


def send_circular(context: Context) -> int:
    """Send the circular to the bureaus of the counties, and tell how many there are."""
    bureaus = scoring.issue(context.work, context.case_id, context.grant)
    for bureau in bureaus:
        context.admit(bureau)
    return len(bureaus)
