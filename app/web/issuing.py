"""A new paper (新制文书): which kind, about whom, for which case; then its draft is a task."""

from collections import Counter

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.domain import Invalid, NotFound
from app.domain.access import Permission
from app.domain.text import T, Text
from app.services import Work, offering
from app.services.cases import starting
from app.services.documents.course import Goes
from app.services.offering import GROUPS, PROCEDURE, Offer
from app.web.documents import TITLE as REGISTER
from app.web.frame import steps
from app.web.language import read
from app.web.request import needs, number, number_asked, once, reading, refused, see_other
from app.web.words import STATUSES

pages = Blueprint("issuing", __name__, url_prefix="/documents/new")
TITLE = T("新制文书")
GOES: dict[Goes, Text] = {
    Goes.SERVED: T("送达当事人"),
    Goes.SENT: T("发送有关机关"),
    Goes.FILED: T("存档"),
}


def _signers(offer: Offer) -> list[Text]:
    """Return who signs, those of one role together."""
    counted = Counter(signer.wording for signer in offer.signers)
    named = {signer.wording: signer for signer in offer.signers}
    return [
        named[role] if many == 1 else T("{n}名{role}", n=many, role=named[role])
        for role, many in counted.items()
    ]


@pages.get("/")
@needs(Permission.START_CASE)
def choose() -> Response:
    """Show the kinds of paper there are to make, and what those of a case still lack."""
    case_id = number_asked("case") or None
    with reading() as work:
        offers = offering.offers(work, case_id)
        subject = offering.subject_of(work, case_id) if case_id is not None else None
        page = render_template(
            "documents_new.html",
            steps=steps((REGISTER, url_for("documents.find")), (TITLE, None)),
            groups=[
                (group, title, here)
                for group, title in GROUPS.items()
                if (here := [one for one in offers if one.group == group])
            ],
            case_id=case_id,
            about=offering.about(work, subject) if subject is not None else None,
            goes=GOES,
            signers=_signers,
        )
    return Response(page)


@pages.get("/<kind>")
@needs(Permission.START_CASE)
def form(kind: str) -> Response:
    return _form(kind, number_asked("subject"), number_asked("case"))


def _form(
    kind: str, subject_id: int, case_id: int, errors: dict[str, str] | None = None
) -> Response:
    q = request.args.get("q", "")
    with reading() as work:
        offer = _offer(work, kind)
        if case_id and not subject_id:
            subject_id = offering.subject_of(work, case_id)
        about = offering.about(work, subject_id) if subject_id else None
        page = render_template(
            "document_new.html",
            steps=steps(
                (REGISTER, url_for("documents.find")),
                (TITLE, url_for("issuing.choose", case=case_id or None)),
                (offer.title, None),
            ),
            offer=offer,
            goes=GOES,
            about=about,
            cases=offering.cases_of(work, about.id) if about is not None else [],
            case_id=case_id,
            subjects=starting.subjects(work, q) if about is None else [],
            offices=[] if about is not None or offer.needs_plant else offering.own_offices(work),
            q=q,
            statuses=STATUSES,
            errors=errors or {},
        )
    return Response(page, 422 if errors else 200)


def _offer(work: Work, kind: str) -> Offer:
    """Return a kind that can be made.

    :raises NotFound: if it cannot
    """
    for offer in offering.offers(work):
        if offer.kind == kind:
            return offer
    raise NotFound(T("没有这种文书，或者它由专门的流程制作"))


@pages.post("/<kind>")
@needs(Permission.START_CASE)
def start(kind: str) -> Response:
    subject, case_id = number("subject"), number("case")

    def act(work: Work) -> Response:
        answers = {"kind": kind} | ({"case": str(case_id)} if case_id else {})
        moved = starting.start(work, PROCEDURE, subject, answers)
        return see_other("tasks.show", item_id=moved.opened[0].id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _form(kind, subject, case_id, refused(invalid))
    flash(read(T("请起草文书，随时可以预览")), "success")
    return answer
