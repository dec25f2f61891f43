"""The wording that comes with the product: its first version, and what newer editions change.

What an office changed stays when a newer edition of the product words the rest otherwise: that
makes a version too, published by the system.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.domain import Invalid
from app.domain.text import T, Text
from app.domain.wordings import Wording, changed, differing, entries, problem, whole
from app.models.records import Installation
from app.models.wordings import PaperWording
from app.services import Deps, Work
from app.services.documents import wordings

CAME_ALONG = "随产品更新"
LAID_BESIDE = "自数据目录 wording.json 导入"


def seed(work: Work) -> None:
    """Publish what came with the product, and what the operator laid beside it; the operator's.

    :raises Invalid: if the operator's file says what no paper can
    """
    if work.session.scalar(select(func.count()).select_from(PaperWording)):
        return
    since = work.session.get_one(Installation, 1).created_at
    templates = work.deps.papers.templates
    wordings.add(work, 1, templates.wording, "", None, since)
    own = differing(templates.wording, _beside(templates.wording, templates.own))
    if own:
        wordings.add(work, 2, whole(templates.wording, own), LAID_BESIDE, None)


def _beside(shipped: Wording, own: Mapping[str, Any]) -> Wording:
    """Return the product's wording with what lies in the data directory, key by key."""
    found, errors = {kind: dict(part) for kind, part in shipped.items()}, dict[str, Text]()
    for kind, part in own.items():
        known = entries(shipped.get(kind, {}))
        for key, value in entries(part).items():
            wrong = problem(known[key], value) if key in known else T("没有这一处用语")
            if wrong:
                errors[f"/{kind}/{key}"] = wrong
        if not errors:
            found[kind] = changed(found[kind], entries(part))
    if errors:
        raise Invalid(errors)
    return found


def install(deps: Deps) -> None:
    """Publish what a newer edition of the product says otherwise; the operator's."""
    with deps.system("publish the wording of papers that came along") as work:
        seed(work)
        newest, shipped = wordings.kept(work), work.deps.papers.templates.wording
        now = whole(shipped, wordings.fitting(work, newest.changes))
        if now != newest.whole:
            wordings.add(work, newest.version + 1, now, CAME_ALONG, None)
