"""Papers of a wording that is not published yet, filled with what their fields are called."""

from collections.abc import Mapping, Sequence

from app.domain.wordings import Entry, changed, sample
from app.services import Deps, Work
from app.services.documents import wordings
from app.services.pdf.typesetting import PREVIEW, typeset


def preview(deps: Deps, work: Work, kind: str, given: Mapping[str, Entry]) -> Sequence[bytes]:
    """Return a paper of a kind as it would read: with all that it can state, and with the least.

    :raises NotFound: if there is no such kind
    :raises Invalid: at the key of each entry that is wrong, or that cannot be printed
    """
    wanted = wordings.checked(work, kind, given)
    known, templates = deps.papers.templates.kinds[kind], deps.papers.templates
    said = {kind: changed(wordings.said(work)[kind], wanted)}
    bundle = {"sources": templates.sources, "wording": said}
    return [
        typeset(deps, known, bundle, sample(known.schema, spare=spare), PREVIEW).pdf
        for spare in (False, True)
    ]
