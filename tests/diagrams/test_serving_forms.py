"""Every form that proves a service asks the same of it, as the rule of `app.domain.serving` needs."""

import json

import pytest

from app.domain.serving import Manner, Receipt
from config import ROOT

FORMS = {path.parent.name + "/" + path.name: path for path in ROOT.glob("forms/*/*-schema.json")}
SERVING = {
    name: schema
    for name, path in FORMS.items()
    if "served_on" in (schema := json.loads(path.read_text("utf-8"))).get("properties", {})
    and "manner" in schema["properties"]
}
MODEL = SERVING["paper/serve-schema.json"]
OWN = {"officers"}
"""Fields whose wording is a form's own."""


def of_service(schema):
    """Return what a form asks about the service, and when."""
    fields = {key: schema["properties"][key] for key in MODEL["properties"] if key not in OWN}
    # A step that makes no paper here knows no day before which it cannot have been served.
    fields["served_on"] = {**fields["served_on"], "x-notBefore": ""}
    asked = [clause for clause in schema["allOf"] if clause in MODEL["allOf"]]
    return fields, asked, schema["$defs"]["attempt"]


def test_there_are_such_forms():
    assert len(SERVING) >= 2


@pytest.mark.parametrize("name", SERVING)
def test_a_service_is_asked_about_in_one_way(name):
    schema = SERVING[name]
    assert of_service(schema) == of_service(MODEL)
    assert set(MODEL["required"]) <= set(schema["required"])
    assert schema["properties"]["manner"]["x-service"] == "@service"


def test_the_choices_are_those_of_the_rule():
    choices = {
        key: [one["const"] for one in MODEL["properties"][key]["oneOf"]]
        for key in ("manner", "receipt")
    }
    assert set(choices["manner"]) == set(Manner)
    assert choices["receipt"] == list(Receipt)
