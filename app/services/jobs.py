"""What jobs there are: each name with the use case that does it.

Every one of them looks at the rows first: done again, it finds that nothing is left to do.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.services import (
    Deps,
    incidents,
    recounting,
    reminders,
    resuming,
    sweeping,
    timers,
    visits,
)
from app.services.campaigns import moving, starting
from app.services.casefiles import making
from app.services.casefiles.requesting import JOB as CASE_FILE
from app.services.cases import awaiting, ending
from app.services.documents.approving import SEALING
from app.services.documents.issuing import RENDER
from app.services.draws import JOB as VISITS
from app.services.enlisting import batches
from app.services.imports import carrying, taking
from app.services.imports import reading as lists
from app.services.pdf import renewing, sealing, typesetting

HANDLERS: Mapping[str, Callable[[Deps, Mapping[str, Any]], object]] = {
    timers.JOB: lambda deps, given: timers.fire(deps, given["case"], given["seq"]),
    reminders.JOB: lambda deps, given: reminders.remind(deps, given["case"], given["item"]),
    awaiting.RESUME: lambda deps, given: resuming.resume_from_child(
        deps, given["case"], given["seq"]
    ),
    incidents.SKIP: lambda deps, given: resuming.resume(deps, given["case"], given["seq"], None),
    awaiting.WITHDRAW: lambda deps, given: ending.withdraw(deps, given["case"]),
    recounting.SCAN: lambda deps, _given: recounting.scan(deps),
    recounting.CASES: lambda deps, given: recounting.recount_all(
        deps, given["cases"], given.get("reason", recounting.REASON)
    ),
    batches.BATCH: lambda deps, given: starting.carry_out(deps, given["batch"]),
    moving.MOVED: lambda deps, given: moving.recount(
        deps, given["campaign"], given["key"], given["reason"]
    ),
    taking.READ: lambda deps, given: lists.read(deps, given["batch"]),
    taking.CARRY: lambda deps, given: carrying.carry_out(deps, given["batch"]),
    VISITS: lambda deps, given: visits.start(deps, given["draw"]),
    RENDER: lambda deps, given: (
        typesetting.render(deps, given["document"])
        if "document" in given
        else typesetting.render_waiting(deps, given["case"], given["seq"])
    ),
    SEALING: lambda deps, given: (
        sealing.seal(deps, given["document"])
        if "document" in given
        else sealing.seal_waiting(deps, given["case"], given["seq"])
    ),
    CASE_FILE: lambda deps, given: making.make(deps, given["file"]),
    renewing.JOB: renewing.do,
    sweeping.TIDY: lambda deps, _given: sweeping.tidy(deps),
}
