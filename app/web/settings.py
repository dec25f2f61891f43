"""What an office's papers say otherwise than usual: its numbers, its organs of remedy."""

from flask import Blueprint, Response, flash, render_template, request

from app.domain import Conflict, Invalid
from app.domain.access import Permission
from app.domain.documents import PLACES
from app.domain.text import T, Text
from app.services import Work, organisations
from app.services.documents import settings
from app.services.documents.settings import SettingForm
from app.web.language import read
from app.web.organisations import way_to
from app.web.request import deps, needs, once, reading, refused, see_other

pages = Blueprint("settings", __name__, url_prefix="/organisations/<int:organisation_id>/papers")
TITLE = T("文书设置")
EXPLAINED = dict(zip(PLACES, (T("机关代字"), T("文书代字"), T("年份"), T("序号")), strict=True))


@pages.get("")
@needs(Permission.SET_PAPERS)
def show(organisation_id: int) -> Response:
    """Show the settings; with `pattern`, the numbers that it would give."""
    return _page(organisation_id, tried=request.args.get("pattern"))


def _page(
    organisation_id: int,
    typed: SettingForm | None = None,
    errors: dict[str, str] | None = None,
    lost: Text | None = None,
    tried: str | None = None,
) -> Response:
    with reading() as work:
        found = settings.get(work, organisation_id)
        organisation = organisations.get(work, organisation_id)
        form = typed or found.chosen
        if tried is not None:
            form = SettingForm(tried, form.review, form.court)
        wrong = dict(errors or {})
        try:
            samples = settings.samples(work, organisation_id, form.pattern)
        except Invalid as invalid:
            samples = []
            if tried is not None:
                wrong |= refused(invalid)
    page = render_template(
        "settings.html",
        steps=way_to(organisation, TITLE),
        organisation=organisation,
        settings=found,
        typed=form,
        samples=samples,
        second=deps().papers.second,
        seen=request.form.get("seen") if typed else found.chosen.digest,
        explained=EXPLAINED,
        lost=lost,
        errors=wrong,
    )
    return Response(page, 409 if lost else 422 if errors else 200)


@pages.post("")
@needs(Permission.SET_PAPERS)
def save(organisation_id: int) -> Response:
    form = request.form
    typed = SettingForm(form.get("pattern", ""), form.get("review", ""), form.get("court", ""))

    def change(work: Work) -> Response:
        settings.save(work, organisation_id, form.get("seen", ""), typed)
        return see_other("settings.show", organisation_id=organisation_id)

    try:
        answer = once(change)
    except Invalid as invalid:
        return _page(organisation_id, typed, refused(invalid))
    except Conflict as conflict:
        return _page(organisation_id, typed, lost=conflict.text)
    flash(read(T("已保存")), "success")
    return answer
