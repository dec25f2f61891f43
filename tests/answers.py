"""Answers that a form accepts, made from its schema."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.forms import Field, Form, Kind, holds

TODAY = date(2026, 11, 20)


def answers_for(form: Form | None, wanted: dict[str, Any], upload=None, **habits) -> dict[str, Any]:
    """Return the fewest answers that a form accepts, `wanted` among them; see `Filler`."""
    return Filler(upload, **habits).fill(form.fields, wanted) if form else {}


@dataclass
class Filler:
    """Somebody who fills in forms."""

    upload: Callable[[], str] | None = None
    """Hands a file in and returns its id."""
    words: Callable[[str], str | None] = lambda _field: None
    """What is written in a field of words; None leaves it to the field's title."""
    today: date = TODAY

    def fill(self, fields, wanted):
        answers = {}
        for _ in range(len(fields) + 1):  # an answer may make another field asked for
            before = dict(answers)
            for field in fields:
                if not holds(field.asked, {**answers, **wanted}):
                    answers.pop(field.key, None)
                    continue
                if field.key in wanted:
                    answers[field.key] = self._given(field, wanted[field.key])
                elif field.key in answers or field.read_only:
                    continue
                elif self.needs(field, answers):
                    answers[field.key] = self._value(field)
            if answers == before:
                break
        return answers

    def needs(self, field: Field, answers) -> bool:
        """Test whether a field is to be answered, by what has been answered so far."""
        return bool(field.required or (field.demanded and holds(field.demanded, answers)))

    def _given(self, field: Field, value):
        if field.kind is Kind.ROWS and isinstance(value, list):
            return [self.fill(field.fields, row) for row in value]
        return value

    def _value(self, field: Field):  # noqa: PLR0911  (one line for each kind)
        schema = field.schema
        match field.kind:
            case Kind.CHOICE:
                return field.choices[0].value
            case Kind.CHOICES:
                least = schema.get("minItems", 1)
                return [choice.value for choice in field.choices[:least]]
            case Kind.BOOLEAN:
                return True
            case Kind.NUMBER:
                return schema.get("minimum", 1)
            case Kind.FILE:
                return self.upload()
            case Kind.FILES:
                return [self.upload() for _ in range(schema.get("minItems", 1))]
            case Kind.ROWS:
                least = max(1, schema.get("minItems", 1))
                return [self.fill(field.fields, {}) for _ in range(least)]
            case Kind.GROUP:
                return self.fill(field.fields, {})
            case _:
                return self._text(field)

    def _text(self, field: Field) -> str:
        made = {
            "date": self.today.isoformat(),
            "date-time": f"{self.today.isoformat()}T09:00:00+08:00",
            "phone": "0358-6321000",
            "time": "09:00",
        }.get(field.format) or self.words(field.key)
        if made is not None:
            return made[: field.schema.get("maxLength")]
        if "examples" in field.schema:
            return field.schema["examples"][0]
        if "pattern" in field.schema:
            return "03586321000"
        least = field.schema.get("minLength", 2)
        return (str(field.title) * least)[: max(least, 2)] or "甲乙"
