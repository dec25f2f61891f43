"""What a task's form starts with: earlier answers of the case, and facts."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from app.domain import Invalid
from app.domain.access import Role
from app.domain.casework import ItemStatus
from app.domain.closure import Stop
from app.domain.deadlines import BEIJING
from app.domain.documents import IN_FORCE, prolonged
from app.domain.forms import Answers, Field, Form, Kind
from app.domain.hazards import MAJOR
from app.domain.limits import beyond, limited
from app.domain.prefill import Sources, prefill
from app.domain.text import Text
from app.models.casework import Case, WorkItem
from app.models.documents import Document
from app.models.people import Account, Organisation, RoleGrant
from app.services import Work
from app.services.campaigns import preparing
from app.services.checklists.reading import applying
from app.services.days import days
from app.services.documents import cards, earlier, inhand, organs, sending
from app.services.draws import facts as draws
from app.services.draws import visiting
from app.services.enterprises import consents, grounds, standing
from app.services.ledger import rows_for_forms
from app.services.look_back import listing as look_back
from app.services.procedures import Running
from app.services.rankings import facts as rankings
from app.services.reports import facts as reports
from app.services.tasks import origins
from app.services.tasks.held import Held

RESULTS = {"pass": "合格", "fail": "不合格"}
APPLYING = ("rectify", "rectify_final", "supervision_rectify")
"""Where an enterprise applies: for its review, or for more time."""
REFUSING, REFUSALS = ("receive", "settle", "decide"), ("refused", "not_closed")
"""Where a government says that it does not close an enterprise, and as which answer."""
REQUEST = "closure_request"
READ_ONLY = {"unscoped": "the form shows only what its author chose"}


def sources(
    work: Work, case_id: int, subject_id: int, running: Running, paper: int | None = None
) -> Sources:
    """Return the last answers of each step of a case, by node, and the facts that forms may use.

    :param paper: the paper that the task is about
    """
    rows = work.session.execute(
        select(WorkItem.node, WorkItem.answers)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .order_by(WorkItem.id),
        execution_options=READ_ONLY,
    )
    found: dict[str, Any] = {node: answers for node, answers in rows if answers}
    return Sources(
        found,
        {
            "@subject": lambda: {"name": _name(work, subject_id)},
            "@me": lambda: _me(work),
            "@officers": lambda: [_officer(_me(work))],
            "@inspectors": lambda: _inspectors(work, case_id) or [_officer(_me(work))],
            "@handlers": lambda: _named(work, case_id) or [_officer(_me(work))],
            **days(work),
            "@hazards": partial(rows_for_forms, work, case_id=case_id),
            "@majors": partial(rows_for_forms, work, case_id=case_id, major=True),
            "@reported_majors": lambda: _majors(found.get("self_check_ledger", {})),
            "@earlier": partial(rows_for_forms, work, enterprise_id=subject_id),
            "@look_back": lambda: look_back.facts(work, case_id, subject_id, found),
            "@ledger": lambda: origins.ledger_of(work, case_id),
            "@origin": lambda: origins.origin_of(work, case_id),
            "@findings": lambda: _findings(found.get("visit", {}).get("hazards", [])),
            "@reviewed": lambda: _reviewed(found.get("supervision_review", {}).get("points", [])),
            "@refusal": lambda: _refusal(found),
            "@stop": lambda: _stop(grounds.stops(work, subject_id)),
            "@stop_in_force": lambda: standing.stop_of(work, case_id),
            "@after_stop": lambda: grounds.open_after_stop(work, case_id, subject_id).value,
            "@lacking": lambda: _lines(grounds.missing(work, case_id, subject_id)),
            "@panel": lambda: _colleagues(work, Role.PANEL_MEMBER),
            "@leaders": lambda: _colleagues(work, Role.GOVERNMENT_LEADER),
            "@expert": lambda: _only(_colleagues(work, Role.EXPERT)),
            "@opinions": lambda: _opinions(work, case_id, running),
            "@request": lambda: _request(work, case_id, subject_id),
            "@closure": lambda: _closure(work, case_id, subject_id),
            "@ground": lambda: _ground(
                work, subject_id, running, found.get(grounds.CHECKED_AT, {})
            ),
            "@paper": lambda: _stated(work, paper),
            "@prolonged": lambda: prolonged(_stated(work, paper)),
            "@service": lambda: consents.known(work, subject_id),
            "@consent": lambda: consents.told(work, subject_id),
            "@orders": lambda: earlier.orders(work, case_id),
            "@applied_on": lambda: _applied_on(work, case_id),
            "@recipients": lambda: sending.recipients(_stated(work, paper)),
            "@draw": lambda: draws.of_case(work, case_id),
            "@scores": lambda: rankings.of_form(work, case_id, found),
            "@statistics": lambda: reports.of_form(work, case_id),
            "@visit": lambda: visiting.facts(work, case_id, found),
            "@card": lambda: cards.lifted_in(work, case_id),
            "@checklist": lambda: _planned(_checklist(work, case_id, subject_id), running, found),
            **preparing.facts(work, case_id, running, found, subject_id),
        },
    )


def _colleagues(work: Work, role: Role) -> list[str]:
    """Return the names of those who hold a role where the reader holds one."""
    offices = {grant.organisation for grant in work.actor.grants}
    names = work.session.scalars(
        select(Account.name)
        .distinct()
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.organisation_id.in_(offices), RoleGrant.role == role, Account.active)
        .order_by(Account.name),
        execution_options=READ_ONLY,
    )
    return list(names)


def _only(names: list[str]) -> str | None:
    """Return the one there is; of several, people choose."""
    return names[0] if len(names) == 1 else None


def _request(work: Work, case_id: int, subject_id: int) -> dict[str, str]:
    """Return how a request to close begins: its title, and the government it goes to."""
    owner = work.session.scalars(
        select(Case.owner_id).where(Case.id == case_id), execution_options=READ_ONLY
    ).one()
    organ = organs.of(work, owner)
    title = f"{organ.name}关于提请关闭{_name(work, subject_id)}的请示"
    return {"title": title, "addressee": organ.remedies.review}


def _closure(work: Work, case_id: int, subject_id: int) -> dict[str, str]:
    """Return how a government's papers about a closure begin: their titles, and the request."""
    name = _name(work, subject_id)
    titles = {
        "notice": f"关于拟依法关闭{name}的告知书",
        "hearing": f"关于举行拟关闭{name}听证的通知",
        "decision": f"关于依法关闭{name}的决定",
    }
    request = work.session.execute(
        select(Document.number, Document.data)
        .where(Document.case_id == case_id, Document.kind == REQUEST)
        .where(Document.state.in_(IN_FORCE))
        .order_by(Document.id.desc())
        .limit(1),
        execution_options=READ_ONLY,
    ).one_or_none()
    if request is None:
        return titles
    stated = json.loads(request.data)
    annexes = "、".join(annex["name"] for annex in stated.get("annexes", ()))
    return titles | {"request": f"《{stated['title']}》（{request.number}）", "evidence": annexes}


def _ground(
    work: Work, subject_id: int, running: Running, checked: Mapping[str, Any]
) -> dict[str, str]:
    """Return on which provision a request to close stands, as it was checked, and its matter."""
    if "ground" not in checked:
        return {}
    basis = running.definition.decide(grounds.BASIS, checked).get("basis")
    if basis is None:
        return {}
    return {"basis": basis, "matter": f"提请依法关闭{_name(work, subject_id)}（依据：{basis}）"}


def _stated(work: Work, paper: int | None) -> dict[str, Any]:
    """Return what the paper in hand states."""
    stated = select(Document.data).where(Document.id == paper)
    found: dict[str, Any] = json.loads(
        work.session.scalar(stated, execution_options=READ_ONLY) or "{}"
    )
    return found


def _applied_on(work: Work, case_id: int) -> str | None:
    """Return the day on which the enterprise applied last."""
    given = work.session.scalar(
        select(WorkItem.closed_at)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .where(WorkItem.node.in_(APPLYING))
        .order_by(WorkItem.id.desc())
        .limit(1),
        execution_options=READ_ONLY,
    )
    return given.astimezone(BEIJING).date().isoformat() if given else None


def _name(work: Work, organisation_id: int) -> str | None:
    return work.session.scalar(
        select(Organisation.name).where(Organisation.id == organisation_id),
        execution_options=READ_ONLY,
    )


def _me(work: Work) -> dict[str, Any]:
    person = work.session.execute(
        select(Account.name, Account.licence, Account.phone).where(Account.id == work.me),
        execution_options=READ_ONLY,
    ).one()
    return {"name": person.name, "licence": person.licence, "phone": person.phone}


def _officer(person: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": person["name"], "certificate": person["licence"]}


def _inspectors(work: Work, case_id: int) -> list[Any]:
    """Return the officers last named in the case that this one came from: they know the matter."""
    return _named(work, select(Case.parent_id).where(Case.id == case_id).scalar_subquery())


def _named(work: Work, case_id: Any) -> list[Any]:
    """Return the officers whom the reader's organisation last named in a case."""
    offices = {grant.organisation for grant in work.actor.grants}
    rows = work.session.scalars(
        select(WorkItem.answers)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .where(WorkItem.organisation_id.in_(offices))
        .order_by(WorkItem.id.desc()),
        execution_options=READ_ONLY,
    )
    for answers in rows:
        if answers and isinstance(answers.get("officers"), list):
            return list(answers["officers"])
    return []


def _stop(stops: Mapping[str, Stop]) -> dict[str, str]:
    """Return the decision to stop production that was served last."""
    if not stops:
        return {}
    number, stop = max(stops.items(), key=lambda found: found[1])
    return {
        "number": number,
        "served_on": stop.served_on.isoformat(),
        "until": stop.until.isoformat(),
    }


def _checklist(work: Work, case_id: int, subject_id: int) -> list[dict[str, str]]:
    """Return what to look for at the enterprise, by the checklists in force when the case began."""
    opened = select(Case.opened_at).where(Case.id == case_id)
    begun = work.session.execute(opened, execution_options=READ_ONLY).scalar_one()
    return applying(work, subject_id, begun)


def _planned(
    rows: list[dict[str, str]], running: Running, found: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return the items of the themes that the plan of an inspection chose, or its arrival added.

    A theme is the code of a list. A list that no plan can choose, an office's own, is always asked.
    """
    plan = found.get("plan", {})
    if "themes" not in plan:
        return rows
    form = running.form("plan")
    offered = {
        choice.value
        for field in (form.fields if form else ())
        if field.key == "themes"
        for choice in field.choices
    }
    left_out = offered - {*plan["themes"], *found.get("arrive", {}).get("themes", ())}
    return [row for row in rows if row["item"].partition("/")[0] not in left_out]


def _lines(texts: list[Text]) -> str:
    return "\n".join(f"{number}．{text}" for number, text in enumerate(texts, 1))


def _majors(ledger: Mapping[str, Any]) -> list[Any]:
    """Return the major hazards of a ledger that the enterprise reports in this very case."""
    return [row for row in ledger.get("hazards", ()) if row.get("class") == MAJOR]


def _findings(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return what a visit found as numbered lines: what, where, and against which rule."""
    return "\n".join(
        f"{number}．{row['description']}（{row['place']}），{row['basis']}"
        for number, row in enumerate(rows, 1)
    )


def _reviewed(points: Iterable[Mapping[str, Any]]) -> str:
    """Return the result of each point of the last review on site, a numbered line for each."""
    return "\n".join(
        f"{number}．{point['hazard']}：{RESULTS[point['result']]}；{point['note']}"
        for number, point in enumerate(points, 1)
    )


def _refusal(found: Mapping[str, Any]) -> str | None:
    """Return why the government refused to close, at whichever of its steps it did."""
    answers = (found.get(f"closure_government_{step}", {}) for step in REFUSING)
    return next((told["reason"] for told in answers if told.get("answer") in REFUSALS), None)


def _opinions(work: Work, case_id: int, running: Running) -> str:
    """Return what each member last said where everybody speaks (会签), a line for each."""
    asked = [node.id for node in running.definition.nodes.values() if node.repetition is not None]
    rows = work.session.execute(
        select(WorkItem.node, WorkItem.choice, WorkItem.answers, WorkItem.closed_by, Account.name)
        .join(Account, Account.id == WorkItem.closed_by)
        .where(WorkItem.case_id == case_id, WorkItem.status == ItemStatus.DONE)
        .where(WorkItem.node.in_(asked))
        .order_by(WorkItem.id),
        execution_options=READ_ONLY,
    )
    last = {row.closed_by: row for row in rows}
    return "\n".join(
        f"{row.name}：{_said(running.form(row.node, row.choice), row.answers or {}, row.name)}"
        for row in last.values()
    )


def _said(form: Form | None, answers: Mapping[str, Any], name: str) -> str:
    told = []
    for field in form.fields if form else ():
        value = answers.get(field.key)
        if value == name:
            continue
        chosen = next((str(each.title) for each in field.choices if each.value == value), None)
        if chosen or (isinstance(value, str) and field.kind is Kind.TEXT):
            told.append(chosen or str(value))
    return "；".join(told)


def given_in(fields: Iterable[Field]) -> bool:
    """Test whether fields take what is given, which the answers alone do not say."""
    return any(
        field.read_only or field.fixed or (field.kind is Kind.GROUP and given_in(field.fields))
        for field in fields
    )


def first_values(
    work: Work,
    case_id: int,
    subject_id: int,
    running: Running,
    form: Form | None,
    paper: int | None = None,
    *,
    returned: str = "",
) -> dict[str, Any]:
    """Return what the form of a task starts with; `returned` is its node if it was (退回)."""
    if form is None:
        return {}
    known = sources(work, case_id, subject_id, running, paper)
    return prefill(form, known, known.get(returned) if returned else None)


def given_values(
    work: Work,
    case_id: int,
    subject_id: int,
    running: Running,
    form: Form | None,
    paper: int | None = None,
) -> dict[str, Any]:
    """Return what the form of a task is given: nothing is looked up where no field takes it."""
    if form is None or not given_in(form.fields):
        return {}
    return first_values(work, case_id, subject_id, running, form, paper)


def check_answers(work: Work, held: Held, form: Form | None, answers: Answers) -> dict[str, Any]:
    """Return the answers to a task cleaned; read-only fields keep what the case says.

    :raises Invalid: if an answer is missing, breaks the schema, or lies beyond its limits
    """
    if form is None:
        return {}
    bounded = limited(form)
    if not bounded and not given_in(form.fields):
        return form.check(answers)
    paper = inhand.of_task(work, held.id, held.case.id, held.papers)
    known = sources(work, held.case.id, held.case.subject_id, held.case.running, paper)
    checked = form.check(answers, prefill(form, known))
    if bounded and (problems := beyond(form, checked, known)):
        raise Invalid(problems)
    return checked
