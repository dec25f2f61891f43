"""Every form that a diagram names is there, whole, bounded, and in two languages."""

import json

import pytest
from lxml import etree

from app.adapters.papers import TEMPLATES
from app.adapters.templates import Templates
from app.domain.forms import faults
from app.domain.lanes import LANES
from app.engine import lint
from app.engine.choosing import fitting, places
from app.services.effects.table import SIGNATURES
from app.web.words import MESSAGES
from config import ROOT
from tests.diagrams.course import FORM, PROCEDURES, UI, bundle
from tests.diagrams.picture import SPIFF, local, properties

FORMS = ROOT / "forms"
DIAGRAMS = sorted((ROOT / "bpmn").rglob("*.bpmn"))
SCHEMAS = sorted(FORMS.rglob("*-schema.json"))
WORDS = ("ui:help", "ui:placeholder")
every = pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)


def load(path):
    return json.loads(path.read_text("utf-8"))


def ui_of(path):
    return path.with_name(path.name.replace("-schema.json", "-uischema.json"))


def steps():
    """Yield every start event and user task of every diagram."""
    for path in DIAGRAMS:
        for element in etree.parse(path).iter():
            if local(element) in ("startEvent", "userTask"):
                yield element


def walk(schema):
    """Yield a schema and everything it is made of."""
    yield schema
    for sub in [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]:
        yield from walk(sub)
    if "items" in schema:
        yield from walk(schema["items"])


def named(found, key):
    """Return the files that a step names: one, or all that fit where a case chooses."""
    if not places(found[key]):
        return [FORMS / found[key]]
    there = [path.relative_to(FORMS).as_posix() for path in (FORMS / found[key]).parent.glob("*")]
    return [FORMS / name for name in fitting(found[key], there).values()]


def test_every_step_has_its_form_and_every_form_its_step():
    asked = [found for step in steps() if FORM in (found := properties(step))]
    every = [path for found in asked for key in (FORM, UI) for path in named(found, key)]
    assert set(every) == {*SCHEMAS, *map(ui_of, SCHEMAS)}


@pytest.mark.parametrize(
    "element",
    [step for step in steps() if FORM in properties(step)],
    ids=lambda element: element.get("id"),
)
def test_routing_variables_are_answers(element):
    found = properties(element)
    for path in named(found, FORM):
        assert set(found.get("variables", "").split()) <= set(load(path)["properties"])


@every
def test_form_can_be_shown(path):
    assert [str(fault) for fault in faults(load(path), load(ui_of(path)))] == []


@every
def test_every_field_stands_in_the_order_it_is_asked(path):
    schema, ui = load(path), load(ui_of(path))
    assert sorted(ui["ui:order"]) == sorted(schema["properties"])
    grouped = [name for group in ui.get("ui:groups", ()) for name in group["fields"]]
    assert grouped in ([], ui["ui:order"])
    for name, field in schema["properties"].items():
        if "$ref" in field.get("items", {}):
            rows = schema["$defs"][field["items"]["$ref"].rpartition("/")[2]]
            assert sorted(ui[name]["items"]["ui:order"]) == sorted(rows["properties"])


@every
def test_every_word_has_its_english(path):
    for part in walk(load(path)):
        for spec in [part, *part.get("oneOf", ()), *part.get("allOf", ())]:
            for key in ("title", "description", "x-message"):
                assert (key in spec) == (key in spec.get("x-en", {})), spec
            assert any("一" <= letter <= "鿿" for letter in spec.get("title", "一"))
    for field in [load(ui_of(path)), *load(ui_of(path)).values()]:
        for part in (field, *field.get("items", {}).values()) if isinstance(field, dict) else ():
            if isinstance(part, dict):
                english = part.get("x-en", {})
                assert [key for key in WORDS if (key in part) != (key in english)] == []
                adds = "addLabel" in part.get("ui:options", {})
                assert adds == ("addLabel" in english.get("ui:options", {}))


def test_a_choice_that_is_shown_again_is_shown_in_words():
    chosen = {
        f"{step.get('id')}.{name}"
        for step in steps()
        if FORM in (found := properties(step))
        for path in named(found, FORM)
        for name, field in load(path)["properties"].items()
        if "oneOf" in field
    }
    for path in SCHEMAS:
        ui = load(ui_of(path))
        for name, field in load(path)["properties"].items():
            shown = ui.get(name, {}).get("ui:options", {}).get("from", ())
            if chosen.intersection([shown] if isinstance(shown, str) else shown):
                assert "oneOf" in field, (path.stem, name)


@every
def test_answers_are_bounded(path):
    for part in walk(load(path)):
        bounded = {"oneOf", "const", "enum"} & set(part) or part.get("format") in (
            "date",
            "attachment",
        )
        match part.get("type"):
            case "string":
                assert bounded or "maxLength" in part, part
            case "array":
                assert "maxItems" in part, part
            case "number" | "integer":
                assert {"minimum", "maximum"} <= set(part), part
            case "object":
                assert part["additionalProperties"] is False, part


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_engine_accepts_the_procedure(procedure):
    kinds = Templates(TEMPLATES).kinds
    problems = lint.check(bundle(procedure), effects=SIGNATURES, lanes=LANES, papers=kinds)
    assert [str(problem) for problem in problems] == []


def test_every_message_has_words():
    sent = {
        parameter.get("value").strip('"')
        for path in DIAGRAMS
        for parameter in etree.parse(path).iter(f"{SPIFF}parameter")
        if parameter.get("id") == "message"
    }
    assert sent
    assert sent <= set(MESSAGES)


def test_no_step_serves_a_paper_that_was_made_elsewhere():
    schemas = [load(path) for path in SCHEMAS]
    serving = [schema for schema in schemas if "manner" in schema["properties"]]
    assert serving
    assert not any("paper_number" in schema["properties"] for schema in serving)
