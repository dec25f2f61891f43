"""Incidents: steps that failed."""

from flask import Blueprint, Response, flash, render_template, request

from app.domain import Invalid
from app.domain.access import Permission, may_somewhere
from app.domain.text import T
from app.services import Work, incidents, workers
from app.services.pdf import keys
from app.web.frame import steps
from app.web.language import read
from app.web.request import actor, needs, once, reading, refused, see_other
from app.web.words import ACTIONS, FAULTS, STEPS

pages = Blueprint("incidents", __name__, url_prefix="/incidents")


@pages.get("/")
@needs(Permission.SEE_INCIDENT)
def find() -> Response:
    return _list()


def _list(wrong: int = 0, errors: dict[str, str] | None = None) -> Response:
    closed = request.args.get("closed") == "1"
    with reading() as work:
        page = render_template(
            "incidents.html",
            steps=steps((T("故障"), None)),
            rows=incidents.find(work, closed=closed),
            closed=closed,
            may_close=may_somewhere(actor(), Permission.MANAGE_INCIDENT),
            may_see=may_somewhere(actor(), Permission.SEE_CASE),
            health=workers.health(work),
            actions={**ACTIONS, **STEPS},
            root_ends=keys.root_ends(work),
            faults=FAULTS,
            wrong=wrong,
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


@pages.post("/<int:incident_id>/close")
@needs(Permission.MANAGE_INCIDENT)
def close(incident_id: int) -> Response:
    def act(work: Work) -> Response:
        incidents.close(work, incident_id, request.form.get("reason", ""))
        return see_other("incidents.find")

    try:
        answer = once(act)
    except Invalid as invalid:
        return _list(incident_id, refused(invalid))
    flash(read(T("故障已处理")), "success")
    return answer


@pages.post("/<int:incident_id>/retry")
@needs(Permission.MANAGE_INCIDENT)
def retry(incident_id: int) -> Response:
    def act(work: Work) -> Response:
        incidents.retry(work, incident_id)
        return see_other("incidents.find")

    answer = once(act)
    flash(read(T("已安排重试；成功后故障自动消除")), "success")
    return answer
