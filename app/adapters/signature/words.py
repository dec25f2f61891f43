"""Words that a program reads where outlines are drawn: a text that shows nothing (3 Tr).

Outlines alone cannot be searched, copied or read aloud. The text lies over them, in a font that
has no shapes and need not travel along (PDF/A allows that of a text that shows nothing).
"""

from typing import Any

from pyhanko.pdf_utils.content import PdfResources, ResourceType
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.writer import BasePdfFileWriter

_number: Any = NumberObject
_resources: Any = PdfResources
_object: Any = DictionaryObject
FONT = "/Words"
BLOCK = 100
"""Lines that a block of a character map may have."""
HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CMapName /Words def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def shown(line: str, text: str, left: float, low: float, size: float) -> str:
    """Return the operators of a line; `text` is all that is said with the same font."""
    codes = _codes(text)
    told = "".join(f"{codes[character]:04X}" for character in line)
    return f"BT 3 Tr {FONT} {size:.1f} Tf {left:.2f} {low:.2f} Td <{told}> Tj ET"


def _codes(text: str) -> dict[str, int]:
    return {character: code for code, character in enumerate(sorted(set(text)), 1)}


def resources(text: str, writer: BasePdfFileWriter) -> PdfResources:
    """Return the font that says what a text's codes mean."""
    found: PdfResources = _resources()
    if text:
        found[ResourceType.FONT][pdf_name(FONT)] = writer.add_object(_font(text, writer))
    return found


def _font(text: str, writer: BasePdfFileWriter) -> DictionaryObject:
    name = pdf_name("/BihuanWords")
    measures = {"Flags": 4, "ItalicAngle": 0, "Ascent": 880, "Descent": -120, "StemV": 80}
    descriptor = _dictionary(
        Type=pdf_name("/FontDescriptor"),
        FontName=name,
        FontBBox=ArrayObject([_number(n) for n in (0, -120, 1000, 880)]),
        CapHeight=_number(880),
        **{key: _number(value) for key, value in measures.items()},
    )
    system = _dictionary(
        Registry=TextStringObject("Adobe"),
        Ordering=TextStringObject("Identity"),
        Supplement=_number(0),
    )
    shapes = _dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/CIDFontType2"),
        BaseFont=name,
        CIDSystemInfo=system,
        CIDToGIDMap=pdf_name("/Identity"),
        FontDescriptor=writer.add_object(descriptor),
        DW=_number(1000),
    )
    meaning = StreamObject(stream_data=_meaning(text).encode())
    meaning.compress()  # type: ignore[no-untyped-call]
    return _dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/Type0"),
        BaseFont=name,
        Encoding=pdf_name("/Identity-H"),
        DescendantFonts=ArrayObject([writer.add_object(shapes)]),
        ToUnicode=writer.add_object(meaning),
    )


def _meaning(text: str) -> str:
    """Return the character map: which code is which character."""
    said = [
        f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>\n"
        for character, code in _codes(text).items()
    ]
    blocks = [said[start : start + BLOCK] for start in range(0, len(said), BLOCK)]
    told = "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
    return HEAD + told + TAIL


def _dictionary(**values: object) -> DictionaryObject:
    named = {NameObject(f"/{key}"): value for key, value in values.items()}
    found: DictionaryObject = _object(named)
    return found
