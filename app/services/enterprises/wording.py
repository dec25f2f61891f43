"""Keep the registry's lists of words: add, rename, put in order, retire, bring back, remove."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.domain import Conflict, Invalid, NotFound, entered
from app.domain.access import Grant, Permission, granted_by
from app.domain.enterprises import TermKind
from app.domain.history import Stream
from app.domain.text import T, Text
from app.models.checklists import ChecklistItem
from app.models.enterprises import Enterprise, Term
from app.services import Stale, Work
from app.services.divisions import topmost

CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
NAME, NAME_EN, ALIASES, REASON = 32, 64, 200, 200
PARTING = re.compile(r"[\s、，,;；]+")
COUNTED = {"unscoped": "how many enterprises have a word, not which"}


@dataclass(frozen=True, slots=True)
class WordForm:
    """What somebody types about a word."""

    name: str
    name_en: str = ""
    aliases: str = ""


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word as those who keep the list see it."""

    code: str
    name: str
    name_en: str
    aliases: Sequence[str]
    active: bool
    used: int
    """How many enterprises have it."""
    revision: int


def listed(work: Work, kind: TermKind) -> list[WordRow]:
    """Return all words of a list in their order, those that are retired too."""
    work.require_somewhere(Permission.MANAGE_TERMS)
    used = _used(work, kind)
    return [_row(term, used) for term in _of(work, kind)]


def get(work: Work, kind: TermKind, code: str) -> WordRow:
    """Return one word.

    :raises NotFound: if the list has none of that code
    """
    work.require_somewhere(Permission.MANAGE_TERMS)
    return _row(_term(work, kind, code), _used(work, kind))


def may_keep(work: Work) -> bool:
    """Test whether the actor keeps the lists: they hold for everybody, so the topmost bureau."""
    work.require_somewhere(Permission.MANAGE_TERMS)
    return granted_by(work.actor, Permission.MANAGE_TERMS, topmost(work)) is not None


def _row(term: Term, used: Mapping[str, int]) -> WordRow:
    return WordRow(
        term.code,
        term.name,
        term.name_en,
        term.aliases.split(),
        term.active,
        used.get(term.code, 0),
        term.revision,
    )


def _of(work: Work, kind: TermKind) -> Sequence[Term]:
    ordered = select(Term).where(Term.kind == kind).order_by(Term.position, Term.code)
    return work.session.scalars(ordered).all()


def _term(work: Work, kind: TermKind, code: str) -> Term:
    term = work.session.get(Term, (kind, code))
    if term is None:
        raise NotFound(T("没有找到该词条"))
    return term


def _used(work: Work, kind: TermKind) -> Mapping[str, int]:
    """Return how many enterprises have each word of a list."""
    column: Any = {
        TermKind.SECTOR: Enterprise.sector,
        TermKind.TAG: Enterprise.tags,
        TermKind.OWNERSHIP: Enterprise.ownership,
    }[kind]
    rows = work.session.execute(
        select(column, func.count()).group_by(column), execution_options=COUNTED
    )
    found: Counter[str] = Counter()
    for held, number in rows:
        for code in [held] if isinstance(held, str) else held:
            found[code] += number
    return found


def add(work: Work, kind: TermKind, code: str, form: WordForm) -> None:
    """Add a word at the end of its list.

    :raises Invalid: if a field is missing or wrong, or the code or a name is taken
    """
    grant = work.require(Permission.MANAGE_TERMS, topmost(work))
    code, form = code.strip().lower(), _trimmed(form)
    others = _of(work, kind)
    errors = _problems(form, others)
    if not CODE.fullmatch(code):
        errors["/code"] = T("代码为小写字母、数字或下划线，以字母开头，最多 32 位")
    elif any(term.code == code for term in others):
        errors["/code"] = T("此代码已被使用")
    if errors:
        raise Invalid(errors)
    position = max((term.position for term in others), default=0) + 1
    fields = {"name": form.name, "name_en": form.name_en, "aliases": form.aliases}
    work.session.add(Term(kind=kind, code=code, position=position, active=True, **fields))
    _record(work, grant, "term.add", kind, code, form.name)


def _trimmed(form: WordForm) -> WordForm:
    aliases = " ".join(dict.fromkeys(part for part in PARTING.split(form.aliases) if part))
    return WordForm(" ".join(form.name.split()), " ".join(form.name_en.split()), aliases)


def _problems(form: WordForm, others: Sequence[Term]) -> dict[str, Text]:
    """Say what is wrong; two words of one list must not be called the same: imports read them."""
    errors: dict[str, Text] = {}
    if not form.name:
        errors["/name"] = T("请填写名称")
    taken = {name: term.name for term in others for name in (term.name, *term.aliases.split())}
    if form.name in taken:
        errors["/name"] = T("“{name}”已是“{other}”的名称", name=form.name, other=taken[form.name])
    if clashing := [name for name in form.aliases.split() if name in taken]:
        name = clashing[0]
        errors["/aliases"] = T("“{name}”已是“{other}”的名称", name=name, other=taken[name])
    for field, most in (("name", NAME), ("name_en", NAME_EN), ("aliases", ALIASES)):
        if len(getattr(form, field)) > most:
            errors[f"/{field}"] = T("不能超过 {n} 个字", n=most)
    return errors


def update(work: Work, kind: TermKind, code: str, revision: int, form: WordForm) -> None:
    """Rename a word, or change what else it is called; its code stays.

    :raises NotFound: if the list has none of that code
    :raises Invalid: if a field is missing, too long, or a name is taken
    :raises Stale: if somebody changed it since `revision`
    """
    grant = work.require(Permission.MANAGE_TERMS, topmost(work))
    term, form = _term(work, kind, code), _trimmed(form)
    if errors := _problems(form, [other for other in _of(work, kind) if other is not term]):
        raise Invalid(errors)
    if term.revision != revision:
        raise Stale
    after = {"name": form.name, "name_en": form.name_en, "aliases": form.aliases}
    before = {key: was for key in after if (was := getattr(term, key)) != after[key]}
    if not before:
        return
    term.name, term.name_en, term.aliases = form.name, form.name_en, form.aliases
    _record(work, grant, "term.update", kind, code, form.name, before=before)


def move(work: Work, kind: TermKind, code: str, *, down: bool) -> None:
    """Put a word one place up or down in its list; at the end it stays where it is.

    :raises NotFound: if the list has none of that code
    """
    grant = work.require(Permission.MANAGE_TERMS, topmost(work))
    term, ordered = _term(work, kind, code), [*_of(work, kind)]
    at = ordered.index(term)
    to = at + 1 if down else at - 1
    if not 0 <= to < len(ordered):
        return
    ordered[at], ordered[to] = ordered[to], ordered[at]
    for position, one in enumerate(ordered, 1):
        if one.position != position:
            one.position = position
    _record(work, grant, "term.move", kind, code, term.name)


def set_active(work: Work, kind: TermKind, code: str, *, active: bool, reason: str) -> None:
    """Retire a word, which stays where it is used and is offered no more, or bring it back.

    :raises NotFound: if the list has none of that code
    :raises Invalid: if the reason is missing or too long
    """
    grant = work.require(Permission.MANAGE_TERMS, topmost(work))
    term, reason = _term(work, kind, code), entered.reason(reason, most=REASON)
    if term.active != active:
        term.active = active
        act = "term.open" if active else "term.retire"
        _record(work, grant, act, kind, code, term.name, reason=reason)


def remove(work: Work, kind: TermKind, code: str, reason: str) -> None:
    """Remove a word that nobody has: one that was entered by mistake.

    :raises NotFound: if the list has none of that code
    :raises Conflict: if an enterprise has it, or a checklist names it: then it can be retired
    :raises Invalid: if the reason is missing or too long
    """
    grant = work.require(Permission.MANAGE_TERMS, topmost(work))
    term, reason = _term(work, kind, code), entered.reason(reason, most=REASON)
    if used := _used(work, kind).get(code):
        raise Conflict(T("有 {n} 家企业使用此词条，只能停用，不能删除", n=used))
    looked_for = (ChecklistItem.sector == code) if kind is TermKind.SECTOR else None
    looked_for = (ChecklistItem.tag == code) if kind is TermKind.TAG else looked_for
    if looked_for is not None and work.session.scalar(select(func.count()).where(looked_for)):
        raise Conflict(T("检查清单使用此词条，只能停用，不能删除"))
    work.session.delete(term)
    _record(work, grant, "term.remove", kind, code, term.name, reason=reason)


def _record(
    work: Work, grant: Grant, act: str, kind: TermKind, code: str, name: str, **detail: Any
) -> None:
    told = {"list": kind.value, "code": code, "name": name}
    work.record(Stream.INSTALLATION, 1, act, grant, **told, **detail)
