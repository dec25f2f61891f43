"""Answers by chance, from nothing but a form's schema and what it begins with."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.domain import Invalid
from app.domain.forms import Kind
from tests.answers import Filler

ALIKE = 0.5
"""How often somebody says the same of every row of a table."""
OPTIONAL, CHANGED = 0.25, 0.5
"""How often an optional field is answered, and a choice made anew that the form begins with."""
AHEAD = (0, 0, 1, 3, 8, 15, 30, 60, 90, 180)
"""How many days ahead somebody writes a date."""
TRIES = 12
NAME = 20
"""No longer is a field for a name: two of a form are often to differ."""
UNUSUAL = {"manner": ("electronic", "notice")}
"""What nobody chooses in a field, by its key: service that needs a consent before, or a month."""
PEOPLE = ("张伟", "王芳", "陈静", "赵强", "李敏", "刘洋", "杨帆", "周杰")


@dataclass
class Guess(Filler):
    """Somebody who answers by chance, and every other time what has been answered least."""

    rng: random.Random = field(default_factory=random.Random)
    used: Counter = field(default_factory=Counter)
    node: str = ""
    insiders: list = field(default_factory=list)
    """Officers, as rows of name and licence: who has none may not be named as one."""
    habits: dict = field(default_factory=dict)
    """What is always written in a field, by its key."""
    _mood: int = 0

    def answers(self, form, given):
        """Return answers that the form takes, as far as the form itself can tell; None if none."""
        self._mood += 1
        found = self.fill(form.fields, self._kept(form.fields, given))
        for _ in range(TRIES):
            try:
                return form.check(found, given)
            except Invalid as wrong:
                found = self.mended(form, found, wrong.errors)
        return None

    def mended(self, form, answers, errors):
        """Return answers anew where they were refused."""
        self._mood += 1
        left = answers
        for pointer, told in errors.items():
            day = next(iter(days_in({pointer: told})), None)
            named = day.isoformat() if day else None
            left = _put(left, [part for part in pointer.split("/") if part], named)
        if left == answers:  # it is wrong as a whole, or lacks something
            left = {key: value for key, value in answers.items() if self.rng.random() < 0.5}
        return self.fill(form.fields, left)

    def _kept(self, fields, given):
        """Return what is left as the form begins."""
        kept = {}
        for one in fields:
            if one.key not in given:
                continue
            value = given[one.key]
            if one.fixed and isinstance(value, list):  # every row that is given is answered
                kept[one.key] = [self._kept(_open(one.fields), row) for row in value]
            elif one.kind is Kind.ROWS:
                kept[one.key] = [self._kept(one.fields, row) for row in value]
            elif one.read_only or one.kind is not Kind.CHOICE or self.rng.random() > CHANGED:
                kept[one.key] = value
        return kept

    def needs(self, one, answers):
        return super().needs(one, answers) or (
            one.widget != "hidden" and random.Random(f"{self._mood} {one.key}").random() < OPTIONAL  # noqa: S311
        )

    def _value(self, one):  # noqa: PLR0911  (one line for each kind)
        if one.key in self.habits:
            return self.habits[one.key]
        match one.kind:
            case Kind.CHOICE:
                values = [
                    it.value for it in one.choices if it.value not in UNUSUAL.get(one.key, ())
                ]
                alike = random.Random(f"{self._mood} {one.key}")  # noqa: S311 - row for row
                if alike.random() < ALIKE:
                    return alike.choice(values)
                return self.least((self.node, one.key), values)
            case Kind.CHOICES:
                least = one.schema.get("minItems", 0)
                most = min(one.schema.get("maxItems", 99), len(one.choices))
                taken = self.rng.sample(one.choices, self.rng.randint(min(least, most), most))
                return [choice.value for choice in taken]
            case Kind.BOOLEAN:
                return one.must_tick or self.rng.random() < 0.7
            case Kind.NUMBER:
                least = one.schema.get("minimum", 0)
                return min(least + self.rng.choice((0, 0, 1, 5)), one.schema.get("maximum", 1e9))
            case Kind.LINES:
                return self.rng.sample(PEOPLE, max(2, one.schema.get("minItems", 2)))
            case Kind.ROWS if {"name", "certificate"} <= {row.key for row in one.fields}:
                return self.rng.sample(self.insiders, min(2, len(self.insiders)))
        return super()._value(one)

    def least(self, what, values):
        """Choose by chance, and every other time what was chosen least."""
        chosen = self.rng.choice(values)
        if self.rng.random() < 0.5:
            chosen = min(values, key=lambda value: self.used[what, value])
        self.used[what, chosen] += 1
        return chosen

    def _text(self, one):
        day = self.today + timedelta(days=self.rng.choice(AHEAD) * self.rng.choice((1, 1, 1, -1)))
        if one.format == "date":
            return day.isoformat()
        if one.format == "date-time":
            return f"{day.isoformat()}T09:00:00+08:00"
        if not one.format and not {"examples", "pattern"} & set(one.schema):
            most = one.schema.get("maxLength", 20)
            if most <= NAME and one.schema.get("minLength", 0) < 3:
                return self.rng.choice(PEOPLE)
        return super()._text(one)


def days_in(errors):
    """Return the days that messages name as bounds."""
    named = {getattr(told, "values", {}).get("day") for told in errors.values()}
    return {day for day in named if isinstance(day, date)}


def _open(fields):
    return [one for one in fields if not one.read_only]


def _put(value, path, new):
    """Return a copy of answers with a new one where a JSON Pointer points, or none with None."""
    if not path:
        return value
    first, *rest = path
    if isinstance(value, list) and first.isdigit() and int(first) < len(value):
        at = int(first)
        return [_put(row, rest, new) if n == at else row for n, row in enumerate(value)]
    if isinstance(value, dict):
        if rest and isinstance(value.get(first), dict | list):
            return {**value, first: _put(value[first], rest, new)}
        left = {key: kept for key, kept in value.items() if key != first}
        return left if new is None or rest else {**left, first: new}
    return value
