"""Sign with one's PIN what a page shows: the same for a paper alone and with a form's answers."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from app.domain import Invalid, strokes
from app.services import Work, sessions
from app.services.pdf import signing
from app.web.request import actor, deps, number, once, origin, person, see_other


def signed_with_pin(answers: Mapping[str, Any] | None, name: str = "_") -> Response:
    """Sign the paper that was shown, with one's PIN, and complete the task it is signed in.

    :param answers: to the task's form, sent together with the PIN
    :param name: what the names of the signature's own fields begin with
    :raises Invalid: if the PIN is wrong, or was too often, or the strokes are none that a pad sends
    """
    form, made = request.form, list[signing.Signed]()

    def make() -> None:
        written = strokes.read(form.get(f"{name}strokes", ""))
        pin, document = form.get(f"{name}pin", ""), number(f"{name}document")
        sessions.confirm(deps(), person(), pin, origin(), "/pin", pin=True)
        sha256 = form.get(f"{name}sha256", "")
        signed = signing.prepare(deps(), actor(), document, pin, sha256, answers, written)
        made.append(signed)

    def register(work: Work) -> Response:
        moved = signing.register(work, made[0], answers)
        return see_other("cases.show", case_id=moved.case_id)

    try:
        return once(register, first=make)
    except sessions.TooMany as wait:
        raise Invalid({"/pin": wait.text}) from wait
