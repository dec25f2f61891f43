"""Cases: the list, and one case with its diagram, tasks and history."""

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Conflict, Invalid
from app.domain.access import ROLE_NAMES, Permission, Thing, granted_by, may_somewhere
from app.domain.documents import STATES
from app.domain.text import T, Text
from app.services import Work, ledger, offering, procedures, verifying
from app.services.casefiles import requesting
from app.services.cases import ending
from app.services.cases import reading as cases
from app.services.cases.reading import CaseFilter, CaseView
from app.services.documents import reading as documents
from app.services.documents import terms
from app.services.draws import reading as draws
from app.web import lines
from app.web.attached import describer
from app.web.casefiles import WORDS as FILE_WORDS
from app.web.diagrams import drawn
from app.web.draws import WORDS as DRAW_WORDS
from app.web.forms.sheet import read_only
from app.web.frame import steps
from app.web.hazards import WORDS
from app.web.language import read
from app.web.request import actor, narrowing, needs, once, reading, refused, see_other
from app.web.words import STATUSES, WAITS

pages = Blueprint("cases", __name__, url_prefix="/cases")
TITLE = T("案件")


@pages.get("/")
@needs(Permission.SEE_CASE)
def find() -> Response:
    args = request.args
    wanted = CaseFilter(
        procedure=args.get("procedure", ""), status=args.get("status", ""), q=args.get("q", "")
    )
    with reading() as work:
        rows, following = cases.find(work, wanted, args.get("cursor"))
        choices = [(row.id, row.name) for row in procedures.everything(work)]
        now = work.now
    kept = narrowing()
    page = render_template(
        "cases.html",
        steps=steps((TITLE, None)),
        rows=rows,
        wanted=wanted,
        procedures=choices,
        statuses=STATUSES,
        now=now,
        first=url_for("cases.find", **kept) if args.get("cursor") else "",
        following=url_for("cases.find", **kept, cursor=following) if following else "",
    )
    return Response(page)


@pages.get("/<int:case_id>")
@needs(Permission.SEE_CASE)
def show(case_id: int) -> Response:
    return _show(case_id)


def _show(
    case_id: int, errors: dict[str, str] | None = None, *, lost: Text | None = None
) -> Response:
    with reading() as work:
        view = cases.get(work, case_id)
        describe = describer(work, [(o.form, o.answers) for o in view.opinions])
        thing = Thing(place=view.row.place, organisation=view.row.owner_id)
        may_file = granted_by(actor(), Permission.MAKE_CASE_FILE, thing) is not None
        may_cancel = granted_by(actor(), Permission.CANCEL_CASE, thing) is not None
        page = render_template(
            "case.html",
            steps=steps((TITLE, url_for("cases.find")), (view.row.name, None)),
            view=view,
            row=view.row,
            diagram=drawn(view),
            opinions=[
                (opinion, read_only(opinion.form, opinion.answers, describe))
                for opinion in view.opinions
                if opinion.form is not None
            ],
            documents=documents.of_case(work, case_id),
            terms=terms.of_case(work, case_id),
            files=requesting.of_case(work, case_id) if may_file else [],
            may_file=may_file,
            hazards=ledger.of_case(work, case_id),
            draws=draws.of_case(work, case_id),
            **WORDS,
            **DRAW_WORDS,
            **FILE_WORDS,
            chain=verifying.chain_of(work, case_id),
            states=STATES,
            may_see_campaign=may_somewhere(actor(), Permission.SEE_CAMPAIGN),
            may_make=view.row.procedure != offering.PROCEDURE
            and offering.may_make(work, view.row.owner_id),
            may_cancel=may_cancel and view.row.status == "running",
            statuses=STATUSES,
            words=_words(view),
            waits=WAITS,
            roles=ROLE_NAMES,
            now=work.now,
            errors=errors or {},
            typed=request.form if errors or lost else {},
            lost=lost,
        )
    return Response(page, 409 if lost else 422 if errors else 200)


def _words(view: CaseView) -> dict[int, tuple[Text | str, str]]:
    """Return each line's title and what else it tells, by its seq."""
    return {
        line.seq: (
            lines.title(line, view.running.title(line.node) if line.node else None),
            lines.note(line, view.names),
        )
        for line in view.history
    }


@pages.post("/<int:case_id>/cancel")
@needs(Permission.CANCEL_CASE)
def cancel(case_id: int) -> Response:
    def act(work: Work) -> Response:
        ending.cancel(work, case_id, request.form.get("reason", ""))
        return see_other("cases.show", case_id=case_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(case_id, refused(invalid))
    except Conflict as conflict:
        return _show(case_id, lost=conflict.text)
    flash(read(T("案件已终止")), "success")
    return answer
