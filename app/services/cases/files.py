"""Files of a case: who sees them, and binding them to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select, update

from app.domain import Invalid, NotFound
from app.domain.access import Permission, Thing
from app.domain.casework import ItemStatus
from app.domain.forms import Form
from app.domain.text import T, Text
from app.models.casework import Case, Upload, WorkItem
from app.models.hazards import Hazard, HazardChange
from app.models.people import RoleGrant
from app.services import Work
from app.services.cases import reading
from app.services.uploads import UploadRow, named_in, places_of, row_of

CHECKED = {"unscoped": "checked above"}


def described(work: Work, ids: list[str]) -> dict[str, UploadRow]:
    """Return what is known of files, of those the actor may see."""
    work.require_somewhere(Permission.SEE_FILE)
    rows = work.session.scalars(select(Upload).where(Upload.id.in_(ids))).all()
    seen = _seen(work, rows)
    return {row.id: row_of(row) for row in rows if row.id in seen}


@dataclass(frozen=True, slots=True)
class Content:
    name: str
    media_type: str
    data: bytes


def content(work: Work, upload_id: str, *, shown: bool) -> Content:
    """Return a file as it came, or the copy that is shown.

    :raises NotFound: if there is none that the actor may see
    """
    work.require(Permission.SEE_FILE, Thing())
    row = work.session.get(Upload, upload_id)
    if row is None or row.id not in _seen(work, [row]) or (shown and row.shown_sha256 is None):
        raise NotFound(T("没有找到该文件"))
    if shown and row.shown_sha256:
        return Content(f"{row.name}.jpg", "image/jpeg", work.deps.files.get(row.shown_sha256))
    return Content(row.name, row.media_type, work.deps.files.get(row.sha256))


def attach(work: Work, form: Form | None, answers: dict[str, Any], case_id: int) -> None:
    """Bind the files that answers name to their case: a step of those who asked.

    What was handed in at the case that this one came from stays there, and may be named again.

    :raises Invalid: if a file is not the actor's to hand in, at the field that names it
    """
    named = dict(places_of(form.fields, answers)) if form else {}
    if not named:
        return
    mine = work.session.execute(
        select(Upload.id, Upload.case_id, Upload.uploaded_by).where(Upload.id.in_(named.values()))
    ).all()
    seen = _seen(work, mine)
    origin = work.session.scalar(
        select(Case.parent_id).where(Case.id == case_id), execution_options=CHECKED
    )
    known = (case_id, origin, None)
    good = {row.id for row in mine if row.case_id in known and row.id in seen}
    errors: dict[str, Text] = {
        at: T("文件已失效，请重新上传") for at, name in named.items() if name not in good
    }
    if errors:
        raise Invalid(errors)
    work.session.execute(
        update(Upload).where(Upload.id.in_(good), Upload.case_id.is_(None)).values(case_id=case_id),
        execution_options={**CHECKED, "synchronize_session": False},
    )


def _seen(work: Work, rows: Sequence[Upload | Row[*tuple[Any, ...]]]) -> set[str]:
    """Return which files of the actor's cases the pages show them.

    Whoever takes part in a case does not see all of it: a file is seen by whoever sees the answer
    that names it, or the hazard. Whoever goes on with a draft sees what their colleagues laid by.
    """
    seen = {row.id for row in rows if row.uploaded_by == work.me}
    cases: dict[int, list[Upload | Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        if row.case_id is not None and row.id not in seen:
            cases.setdefault(row.case_id, []).append(row)
    for case_id, others in cases.items():
        sight = reading.sight_of(work, case_id)
        if sight.inside:
            seen |= {row.id for row in others}
            continue
        told = {
            name
            for opinion in reading.opinions(work, sight)
            for name in named_in(opinion.form, opinion.answers)
        }
        told |= _of_hazards(work, case_id)
        laid_by = _laid_by(work, sight)
        seen |= {row.id for row in others if row.id in told or (row.id, row.uploaded_by) in laid_by}
    return seen


def _of_hazards(work: Work, case_id: int) -> set[str]:
    """Return the photos of those hazards of a case that the actor may see."""
    followed = select(HazardChange.hazard_id).where(HazardChange.case_id == case_id)
    rows = work.session.execute(
        select(Hazard.photos, Hazard.after).where(
            or_(Hazard.found_in == case_id, Hazard.case_id == case_id, Hazard.id.in_(followed))
        )
    )
    return {name for photos, after in rows for name in (*photos, *after)}


def _laid_by(work: Work, sight: reading.Sight) -> set[tuple[str, int]]:
    """Return the files in drafts of the reader's own tasks, each with the colleagues it may be of.

    A draft holds whatever somebody typed: that it names a file is no proof that they have seen it.
    """
    drafts = work.session.execute(
        select(
            WorkItem.node,
            WorkItem.choice,
            WorkItem.organisation_id,
            WorkItem.role,
            WorkItem.draft,
        ).where(
            WorkItem.case_id == sight.row.id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.draft.is_not(None),
        )
    ).all()
    found: set[tuple[str, int]] = set()
    for row in drafts:
        if (row.organisation_id, row.role) in sight.seats:
            names = named_in(sight.running.form(row.node, row.choice), row.draft)
            held = select(RoleGrant.account_id).where(
                RoleGrant.organisation_id == row.organisation_id, RoleGrant.role == row.role
            )
            colleagues = work.session.scalars(held).all()
            found |= {(name, colleague) for name in names for colleague in colleagues}
    return found
