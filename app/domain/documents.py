"""Papers (文书): their states and numbers, the code that verifies them, where their data come from.

The JSON Schema of a kind says with `x-from` where each value is taken from: `@answers.deadline` is
an answer of the task that drafts the paper, `@organ`, `@subject`, `@number` … are facts; inside
rows a plain name is a field of the row. Of several, separated by blanks, the first with a value.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from string import Formatter
from typing import Any
from unicodedata import category

from app.domain.text import T, Text

PATTERN = "（{short}）应急{code}〔{year}〕{number}号"
GOVERNMENT_PATTERN = "{short}政{code}〔{year}〕{number}号"
NEEDED = ("code", "year", "number")
"""The places that keep one number apart from every other of the organisation."""
PLACES = ("short", *NEEDED)
CODE = re.compile(r"[A-Z2-7]{16}")
MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})
ANSWERS = "@answers."
SEAL = "seal"
"""The place of the organ's seal on a paper, and what it is called among the signatures."""
SM2 = "sm2"
"""What the organ's second signature (国密 SM2/SM3) is called, which has no place on the paper."""
ANY = "*"
"""In `papers`: the paper in hand, whose kind is known only when the case runs."""
ROUND, OR = "@", "+"
"""In `papers`: `kind:view@one+other` is a paper made since one of these tasks was opened last."""
IN_HAND = "paper"
"""The routing variable that holds the id of the paper in hand: the result of `issue_document`."""
UNSIGNED, VOIDED, ANSWERED = "unsigned", "void", "answered"
"""What a choice of a form says under `x-paper`: the paper is not signed, is void, is answered."""
DECLINED = "declined"
"""The same, of who decides by signing: the paper is signed, and what it proposes is not to be."""
INSTEAD, BY_HAND, OPINION = "instead", "by_hand", "opinion"
"""What a form says of itself under `x-paper`: who answers it signs in place of who did not,
certifies that somebody signed by hand, or writes what they decide where they sign."""
LINES, UNSEEN = "\n\r\t", {"Cc", "Cf", "Zl", "Zp"}
"""What parts the lines of a text; the categories of other characters that nobody sees."""
MOST_REASON = 90
"""Characters of the reason that a paper repeats; all of it stands in the answers."""


class DocumentState(StrEnum):
    """Where a paper stands (文书状态)."""

    ISSUED = "issued"
    """Numbered, its data frozen; it is being typeset."""
    SIGNING = "signing"
    SEALED = "sealed"
    """Complete and registered."""
    RECEIVED = "received"
    """A letter, by the organ it went to."""
    ANSWERED = "answered"
    SERVED = "served"
    VOID = "void"


MAKING = (DocumentState.ISSUED, DocumentState.SIGNING)
"""Not complete yet."""
IN_FORCE = tuple(state for state in DocumentState if state not in (*MAKING, DocumentState.VOID))
"""Complete, and not taken back."""


class Manner(StrEnum):
    """How somebody signed who signed by hand (手写签名), before an officer who certifies it."""

    SCAN = "scan"
    """On the print, of which a scan is kept."""
    PAD = "pad"
    """On the officer's device."""


class KeyUse(StrEnum):
    """What a signing key is for."""

    ROOT = "root"
    ISSUING = "issuing"
    STAMP = "stamp"
    PERSON = "person"
    SEAL = "seal"
    SM2 = "sm2"
    """An organ's second signature."""


class Act(StrEnum):
    """What a task does with a paper, as its property `papers` says: `rectification_order:sign`."""

    DRAFT = ""
    SIGN = "sign"
    SEAL = "seal"
    """The use of the organ's seal is approved."""
    VIEW = "view"
    RECEIVE = "receive"
    """The organ that a letter went to notes that it came."""
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class Paper:
    """One word of a task's property `papers`."""

    kind: str
    """`ANY` for the paper in hand, whatever its kind."""
    act: Act
    since: tuple[str, ...] = ()
    """Tasks with which a round began: of papers made before the last of them, it does not speak."""

    def is_of(self, kind: str) -> bool:
        """Test whether the word speaks of papers of this kind."""
        return self.kind in (ANY, kind)


def papers_of(words: Iterable[str]) -> list[Paper]:
    """Return what a task has to do with papers; words that say nothing known are passed over."""
    found = []
    for word in words:
        named, _, since = word.partition(ROUND)
        kind, _, act = named.partition(":")
        if act in set(Act):
            found.append(Paper(kind, Act(act), tuple(since.split(OR)) if since else ()))
    return found


def handles(words: Iterable[str], act: Act) -> bool:
    """Test whether a task whose words for its papers these are does this with one of them."""
    return any(paper.act is act for paper in papers_of(words))


PROLONGED = timedelta(days=30)
"""By how much sealing and seizure may be prolonged, once (行政强制法 25)."""


def prolonged(stated: Mapping[str, Any]) -> dict[str, str]:
    """Return until when what a paper orders may be prolonged, if it says until when it lasts.

    Forms of cases ask for it that began before a decision to prolong was a paper of its own.
    """
    until = stated.get("to_day")
    return {"until": (date.fromisoformat(until) + PROLONGED).isoformat()} if until else {}


def about_paper(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> frozenset[str]:
    """Return what the choices that were made mean for the paper in hand (`x-paper`)."""
    return _chosen(schema, answers) - {DECLINED}


def is_declined(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Test whether who decided by signing did not approve what the paper proposes."""
    return DECLINED in _chosen(schema, answers)


def _chosen(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        choice["x-paper"]
        for name, field in schema.get("properties", {}).items()
        for choice in field.get("oneOf", ())
        if "x-paper" in choice and answers.get(name) == choice.get("const")
    )


def written_instead(
    schema: Mapping[str, Any], answers: Mapping[str, Any], signer: str, day: date
) -> tuple[str, ...]:
    """Return what stands in the place of who did not sign (拒签情况), in paragraphs.

    What became of the signature and why, who witnessed it, who records it on which day: the
    officers whom the form asks for, else the signer alone, as the host of a hearing does.
    """
    choices = schema["properties"]["unsigned"]["oneOf"]
    how = next(one["title"] for one in choices if one["const"] == answers["unsigned"])
    names = "、".join(person["name"] for person in answers.get("officers", ())) or signer
    seen = "witness" in answers
    return (
        f"{how}。情况和理由：{_short(answers['refusal_reason'])}",
        *([f"见证人：{answers['witness']}（{answers['witness_unit']}）"] if seen else []),
        f"记录人：{names}　{in_words(day)}",
    )


def written_opinion(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what stands above the name of who decides by signing: what was chosen, and why."""
    chosen = next(
        choice["title"]
        for name, field in schema["properties"].items()
        for choice in field.get("oneOf", ())
        if answers.get(name) == choice["const"]
    )
    return (f"{chosen}。{_short(answers['opinion'])}",)


def _short(told: str) -> str:
    """Return as much of a text as a place on a paper has room for, in one paragraph."""
    plain = " ".join(told.split())
    return plain if len(plain) <= MOST_REASON else plain[: MOST_REASON - 1] + "…"


def written_by_hand(answers: Mapping[str, Any], officer: str, day: date) -> tuple[str, ...]:
    """Return what stands in the place of who signed by hand, in paragraphs: who checked it."""
    how = {Manner.SCAN: "手写签名扫描件", Manner.PAD: "当面手写签名"}[Manner(answers["by_hand"])]
    return (
        f"{how}，由{officer}核对",
        f"签字人：{answers['signer']}（{answers['signer_post']}）",
        f"核对日期：{in_words(day)}",
    )


def in_words(day: date) -> str:
    """Return a day as papers write it, as 2026年11月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


STATES: Mapping[DocumentState, Text] = {
    DocumentState.ISSUED: T("制作中"),
    DocumentState.SIGNING: T("待签署"),
    DocumentState.SEALED: T("已制发"),
    DocumentState.RECEIVED: T("已收文"),
    DocumentState.ANSWERED: T("已答复"),
    DocumentState.SERVED: T("已送达"),
    DocumentState.VOID: T("已作废"),
}
NOT_APPROVED = T("未批准")
"""What is said beside the state of a paper whose proposal was declined."""


def number_of(pattern: str, short: str, code: str, year: int, number: int | str) -> str:
    """Return a paper's number, as （兴）应急责改〔2026〕1号."""
    return pattern.format(short=short, code=code, year=year, number=number)


def pattern_problem(pattern: str) -> Text | None:
    """Return what is wrong with a pattern of numbers, or None.

    Without the kind's characters two kinds would share a number; without the year, two years.
    """
    try:
        found = [part[1:] for part in Formatter().parse(pattern) if part[1] is not None]
    except ValueError:
        return T("花括号没有成对")
    names = [str(name) for name, _spec, _conversion in found]
    if set(names) - set(PLACES) or any(spec or conversion for _, spec, conversion in found):
        return T("花括号里只能是 {places}", places=_written(PLACES))
    if lacking := [name for name in NEEDED if name not in names]:
        return T("缺少 {places}，不同文书会有相同的文号", places=_written(lacking))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return T("{places} 只能出现一次", places=_written(twice))
    if not pattern.isprintable():
        return T("含有不能打印的字符")
    return None


def _written(places: Sequence[str]) -> str:
    return "、".join(f"{{{name}}}" for name in places)


def normal_code(text: str) -> str:
    """Return a verification code as it is kept, or "" for what cannot be one."""
    plain = re.sub(r"[\s\-‐–—]", "", text).upper().translate(MISREAD)
    return plain if CODE.fullmatch(plain) else ""


def unseen(text: str) -> str:
    """Return what is wrong to print as it shows nothing or turns the order of others (U+202E).

    Two texts that look alike would differ, or one would read otherwise than it was typed.
    """
    hidden = {one for one in text if one not in LINES and category(one) in UNSEEN}
    return "、".join(f"U+{ord(one):04X}" for one in sorted(hidden))


def canonical(data: Mapping[str, Any]) -> bytes:
    """Return the exact bytes of frozen data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def masked(name: str) -> str:
    """Return a unit's name so that who has the paper knows it, and nobody else learns it."""
    plain = re.sub(r"（[^）]*）", "", name)
    if len(plain) < 5:  # noqa: PLR2004
        return plain[:1] + "＊＊"
    kept = 4 if plain.endswith("有限公司") else 2
    return plain[:2] + "＊＊＊＊" + plain[-kept:]


def masked_person(name: str) -> str:
    """Return a person's family name."""
    return name[:1] + "＊"


def gather(schema: Mapping[str, Any], sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a paper: what the schema names, from where it says."""
    return _object(schema, sources, sources)


def _object(schema: Mapping[str, Any], near: Any, sources: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: _value(inner, near, sources) for name, inner in schema.get("properties", {}).items()
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _value(schema: Mapping[str, Any], near: Any, sources: Mapping[str, Any]) -> Any:
    paths = str(schema.get("x-from", "")).split()
    known = (_look(path, near, sources) for path in paths)
    value = next((found for found in known if found not in (None, "")), None)
    if isinstance(value, list) and "properties" in schema.get("items", {}):
        return [_object(schema["items"], row, sources) for row in value]
    return value


def _look(path: str, near: Any, sources: Mapping[str, Any]) -> Any:
    value: Any = sources if path.startswith("@") else near
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def at_answer(schema: Mapping[str, Any], pointer: str, answers: Mapping[str, Any]) -> str:
    """Return where the answer stands that a place in a paper's data was taken from; "" for none."""
    place: Mapping[str, Any] = schema
    path = ""
    for step in pointer.split("/")[1:]:
        if step.isdigit():
            place, path = place.get("items", {}), f"{path}/{step}"
            continue
        place = place.get("properties", {}).get(step, {})
        sources = place.get("x-from", "").split() or [""]
        given = (one for one in sources if one.removeprefix(ANSWERS) in answers)
        source = next(given, sources[0])
        if source.startswith("@") and not source.startswith(ANSWERS):
            return ""
        path += "/" + source.removeprefix(ANSWERS).replace(".", "/")
    return path


def texts(value: Any, pointer: str = "") -> Iterable[tuple[str, str]]:
    """Yield every text in a paper's data with the place where it stands."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{pointer}/{index}")
