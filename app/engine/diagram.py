"""A diagram as its reader sees it: in Chinese as it is drawn, or with its English names."""

from collections.abc import Mapping

from lxml import etree

from app.engine import model
from app.engine.markup import BPMN, parse, tag


def localised(data: bytes, language: str, lanes: Mapping[str, str]) -> bytes:
    """Return a BPMN file with its names in `language`, `en` or another.

    :param lanes: the English names of the lanes; one that is missing keeps its name
    :raises BadMarkup: if the file is not XML we read
    """
    if language != "en":
        return data
    root = parse(data)
    for element in root.iter(f"{BPMN}*"):
        name = element.get("name")
        english = model.properties(element).get("nameEn")
        if tag(element) == "lane":
            english = lanes.get(name or "")
        if name and english:
            element.set("name", english)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
