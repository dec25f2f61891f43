"""Hypothesis strategies: answers to a form, in canonical form, as people could give them."""

import string
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from app.domain.deadlines import BEIJING
from app.domain.forms import Field, Form, Kind
from app.domain.forms.formats import canonical_text

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIRST, LAST = datetime(1000, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001  (hypothesis wants it)
WORDS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
IDS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20)


def answers(form: Form) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to a form; fields that are not asked for are left out by `clean`."""
    return _object(form.fields).map(lambda found: form.clean(found, given=found))


def _object(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    must = {one.key: _field(one) for one in fields if one.required or one.demanded}
    may = {one.key: _field(one) for one in fields if one.key not in must}
    return st.fixed_dictionaries(must, optional=may)


def _field(one: Field) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911  (a line for each kind)
    schema = one.schema
    match one.kind:
        case Kind.GROUP:
            return _object(one.fields)
        case Kind.ROWS:
            rows = _object(one.fields).filter(lambda row: any(row.values()))
            return st.lists(rows, min_size=schema.get("minItems", 1), max_size=5)
        case Kind.BOOLEAN:
            return st.just(True) if one.must_tick else st.booleans()
        case Kind.NUMBER:
            return _number(one)
        case Kind.CHOICE:
            return st.sampled_from([choice.value for choice in one.choices])
        case Kind.CHOICES:
            values = [choice.value for choice in one.choices]
            return st.sets(st.sampled_from(values), min_size=1).map(
                lambda s: sorted(s, key=values.index)
            )
        case Kind.LINES:
            return st.lists(_line(1, 40), min_size=1, max_size=5)
        case Kind.FILE:
            return IDS
        case Kind.FILES:
            most = schema.get("maxItems", 6)
            return st.lists(
                IDS, min_size=max(1, schema.get("minItems", 1)), max_size=most, unique=True
            )
        case Kind.TEXT:
            return _text(one)


def _number(one: Field) -> st.SearchStrategy[Any]:
    least, most = one.schema.get("minimum", -1000), one.schema.get("maximum", 100_000)
    if one.whole:
        return st.integers(least, most)
    return st.integers(int(least * 100), int(most * 100)).map(lambda cents: cents / 100)


def _text(one: Field) -> st.SearchStrategy[str]:  # noqa: PLR0911  (a line for each format)
    if "pattern" in one.schema:
        return st.from_regex(one.schema["pattern"], fullmatch=True).filter(
            lambda text: text == canonical_text(text)
        )
    match one.format:
        case "date":
            return st.dates(date(1000, 1, 1)).map(date.isoformat)
        case "time":
            return st.times().map(lambda at: at.isoformat(timespec="minutes"))
        case "date-time":
            moments = st.datetimes(FIRST, LAST)
            return moments.map(lambda at: at.replace(tzinfo=BEIJING).isoformat(timespec="seconds"))
        case "phone":
            return st.sampled_from(["13800138000", "0358-6221234", "010-62212345-801", "12350"])
        case "digits":
            return st.text(string.digits, min_size=one.schema.get("minLength", 1), max_size=20)
        case "uscc":
            head = st.text("0123456789", min_size=8, max_size=8)
            body = st.text(USCC_ALPHABET, min_size=9, max_size=9)
            return st.tuples(head, body).map("".join).map(_with_check_character)
    least = one.schema.get("minLength", 1)
    most = min(one.schema.get("maxLength", 60), least + 60)
    return _line(least, most) if one.widget != "textarea" else _lines(least, most)


def _line(least: int, most: int) -> st.SearchStrategy[str]:
    text = st.text(WORDS, min_size=least, max_size=most).map(canonical_text)
    return text.filter(lambda line: len(line) >= max(least, 1) and "\n" not in line)


def _lines(least: int, most: int) -> st.SearchStrategy[str]:
    text = st.text(st.one_of(WORDS, st.just("\n")), min_size=least, max_size=most).map(
        canonical_text
    )
    return text.filter(lambda lines: len(lines) >= max(least, 1))


def _with_check_character(body: str) -> str:
    weighted = sum(USCC_ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(body))
    return body + USCC_ALPHABET[-weighted % 31]
