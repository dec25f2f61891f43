"""Reading XML that a stranger may have written."""

from typing import Any, Final

from lxml import etree

from app.domain.text import T, Text

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF: Final = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
DMN: Final = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LIMIT: Final = 1024 * 1024

Element = Any
"""An lxml element; lxml ships no types."""


class BadMarkup(ValueError):
    """The bytes are not XML we read."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def parse(data: bytes) -> Element:
    """Return the root element, without comments and processing instructions.

    :raises BadMarkup: if it is no well-formed UTF-8, declares a document type, or exceeds 1 MB
    """
    if len(data) > LIMIT:
        raise BadMarkup(T("文件超过 1 MB"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadMarkup(T("文件不是 UTF-8 编码")) from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadMarkup(T("文件含有文档类型声明（DOCTYPE）"))
    # A parser is not shared: it keeps the errors of its last document. Its encoding is fixed, so
    # that a declared one cannot hide a document type from the test above.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise BadMarkup(T("文件在第 {line} 行附近不是合格的 XML", line=line)) from error


def tag(element: Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)
