"""Where a task may be returned to (退回): steps of its `returnTo` that its case came through.

Of steps on different ways, as a plan for a major hazard and one for general ones, only that of the
way which the case took is open to it.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app.engine.model import Node
from app.models.casework import WorkItem
from app.services import Work


def targets(work: Work, case_id: int, node: Node) -> Sequence[str]:
    """Return the ids of the steps to which a task may be returned: a step of reading or doing it.

    :param node: that of the task
    """
    words = node.words("returnTo")
    if not words:
        return ()
    came = work.session.scalars(
        select(WorkItem.node)
        .distinct()
        .where(WorkItem.case_id == case_id, WorkItem.node.in_(words)),
        execution_options={"unscoped": "steps of a case that was found"},
    ).all()
    return [word for word in words if word in came]
