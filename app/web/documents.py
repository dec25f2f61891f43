"""The register of papers, one paper with its file and its signatures, its revocation."""

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.adapters.pdf import pictures as drawing
from app.domain import Invalid, NotFound
from app.domain.access import Permission
from app.domain.documents import DECLINED, NOT_APPROVED, STATES
from app.domain.text import T
from app.services import Work, letters, offering
from app.services.documents import reading as documents
from app.services.documents import voiding
from app.services.documents.reading import DocumentFilter
from app.services.pdf import signing
from app.web.attached import describe_all
from app.web.frame import steps
from app.web.language import read
from app.web.papers import pdf, pictures
from app.web.request import deps, narrowing, needs, once, reading, refused, see_other
from app.web.words import MANNERS, RECEIPTS

pages = Blueprint("documents", __name__, url_prefix="/documents")
TITLE = T("文书")


@pages.get("/")
@needs(Permission.SEE_DOCUMENT)
def find() -> Response:
    args = request.args
    wanted = DocumentFilter(args.get("kind", ""), args.get("state", ""), args.get("q", ""))
    with reading() as work:
        rows, following = documents.find(work, wanted, args.get("cursor"))
        kinds = documents.kinds(work)
        may_make = offering.may_make(work)
    kept = narrowing()
    return Response(
        render_template(
            "documents.html",
            steps=steps((TITLE, None)),
            rows=rows,
            wanted=wanted,
            kinds=kinds,
            states=STATES,
            narrowed=[*STATES.items(), (DECLINED, NOT_APPROVED)],
            may_make=may_make,
            first=url_for("documents.find", **kept) if args.get("cursor") else "",
            following=url_for("documents.find", **kept, cursor=following) if following else "",
        )
    )


@pages.get("/<int:document_id>")
@needs(Permission.SEE_DOCUMENT)
def show(document_id: int) -> Response:
    return _show(document_id)


def _show(document_id: int, errors: dict[str, str] | None = None) -> Response:
    with reading() as work:
        view = documents.get(work, document_id)
        letter = letters.of(work, view.row)
        sign_in = signing.to_sign(work, document_id)
        names = [name for signature in view.signatures for name in signature.scans]
        describe = describe_all(work, names)
    page = render_template(
        "document.html",
        steps=steps((TITLE, url_for("documents.find")), (view.row.number, None)),
        view=view,
        row=view.row,
        letter=letter,
        scans=[file for name in names if (file := describe(name))],
        sign_in=sign_in,
        pages=pictures(view.row),
        states=STATES,
        manners=MANNERS,
        receipts=RECEIPTS,
        verify=f"{deps().papers.site}/v/{view.code}",
        errors=errors or {},
        typed=request.form if errors else {},
    )
    return Response(page, 422 if errors else 200)


@pages.get("/<int:document_id>/file")
@needs(Permission.SEE_DOCUMENT)
def file(document_id: int) -> Response:
    with reading() as work:
        found = documents.file(work, document_id)
    return pdf(found.data, found.name, download="download" in request.args)


@pages.get("/<int:document_id>/page/<int:number>")
@needs(Permission.SEE_DOCUMENT)
def picture(document_id: int, number: int) -> Response:
    """Return a page as a picture, drawn from the very file; `v` is the digest of the one shown."""
    with reading() as work:
        found = documents.file(work, document_id)
    if not found.sha256.startswith(request.args.get("v", "")):
        raise NotFound(T("文书已有变化，请刷新页面"))
    try:
        response = Response(drawing.picture(found.data, number), content_type="image/png")
    except drawing.NoSuchPage as missing:
        raise NotFound(T("没有找到该页")) from missing
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@pages.post("/<int:document_id>/void")
@needs(Permission.VOID_DOCUMENT)
def void(document_id: int) -> Response:
    def act(work: Work) -> Response:
        voiding.void(work, document_id, request.form.get("reason", ""))
        return see_other("documents.show", document_id=document_id)

    try:
        answer = once(act)
    except Invalid as invalid:
        return _show(document_id, refused(invalid))
    flash(read(T("文书已作废")), "success")
    return answer
