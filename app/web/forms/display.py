"""An answer as people read it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.forms import Field, Kind
from app.domain.text import T, Text
from app.web import language

Describe = Callable[[str], Mapping[str, Any] | None]


def display(field: Field, answer: Any, describe: Describe | None = None) -> Any:
    """Return an answer as a text to read: names of choices, dates in words, counts of files."""
    if answer is None:
        return ""
    match field.kind:
        case Kind.BOOLEAN:
            return T("是") if answer else T("否")
        case Kind.CHOICE | Kind.CHOICES:
            return _choices(field, answer if isinstance(answer, list) else [answer])
        case Kind.FILE | Kind.FILES:
            return _files(answer if isinstance(answer, list) else [answer], describe)
        case Kind.NUMBER if isinstance(answer, int | float):
            return language.number(answer)
        case _:
            return _text(field, answer)


def worded(field: Field, answers: Mapping[str, Any]) -> Any:
    """Return an answer; in English that of the field which has its English, if there is any."""
    beside = answers.get(field.options.get("english", ""))
    return beside if beside and language.chosen() == "en" else answers.get(field.key)


def _text(field: Field, answer: Any) -> str:
    if isinstance(answer, list):
        return "\n".join(map(str, answer))
    write = {"date": language.day, "date-time": language.moment}.get(field.format, str)
    try:
        return write(str(answer))
    except ValueError:
        return str(answer)


def _choices(field: Field, values: list[Any]) -> str:
    titles = {str(choice.value): choice.title for choice in field.choices}
    return language.listed(titles.get(str(value), str(value)) for value in values)


def _files(names: list[Any], describe: Describe | None) -> Text:
    described = [describe(str(name)) if describe else None for name in names]
    images = [one for one in described if one and str(one.get("kind", "")).startswith("image")]
    if len(images) == len(names):
        return T("{count} 张照片", count=len(names))
    return T("{count} 个文件", count=len(names))
