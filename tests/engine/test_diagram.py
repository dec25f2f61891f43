from pathlib import Path

import pytest
from lxml import etree

from app.engine.diagram import localised
from app.engine.markup import BPMN, BadMarkup
from tests.engine.play import line


def drawn():
    drawing = line("a")
    drawing.user("a")
    drawing.xor("m")
    drawing.node("exclusiveGateway", "g", name="合格？", props={"nameEn": "Passed?"})
    return drawing.file()


def test_chinese_is_as_drawn():
    assert localised(drawn(), "zh", {}) == drawn()


def test_english_names_replace_the_others():
    root = etree.fromstring(localised(drawn(), "en", {"执法人员": "Inspectors"}))
    names = {element.get("id"): element.get("name") for element in root.iter(f"{BPMN}*")}
    assert (names["p"], names["g"], names["p_lane0"]) == ("p", "Passed?", "Inspectors")
    assert names["m"] is None


def test_a_lane_without_english_keeps_its_name():
    assert "执法人员" in localised(drawn(), "en", {}).decode()


def test_hostile_xml_is_refused():
    with pytest.raises(BadMarkup):
        localised(b"<!DOCTYPE a><a/>", "en", {})


@pytest.mark.parametrize("path", sorted(Path("bpmn").rglob("*.bpmn")), ids=str)
def test_our_own_diagrams_are_complete_in_english(path):
    root = etree.fromstring(localised(path.read_bytes(), "en", {}))
    left = [
        element.get("name")
        for element in root.iter(f"{BPMN}*")
        if element.get("name")
        and not element.get("name").isascii()
        and etree.QName(element).localname not in {"lane", "message", "error", "escalation"}
    ]
    assert left == []
