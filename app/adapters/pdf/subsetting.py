"""Keep of a font only the characters of a paper: in one pass, where WeasyPrint 70 makes two.

WeasyPrint first keeps the glyphs and their numbers, then drops what is empty behind the last one;
HarfBuzz does both at once, and the second pass over thousands of empty glyphs is most of the work.
Nor is each whole font, 70 MB in all, copied for a paper that keeps a hundredth of it. The font that
comes out is the same, which a test holds. What is replaced here is private to WeasyPrint:
`requirements.in` pins the version, and `check` refuses one whose functions look different.
"""

import inspect
from typing import Any

from weasyprint.pdf import fonts
from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset

EXPECTED = (
    (fonts.Font, "subset", "(self, to_unicode, hinting)"),
    (fonts, "get_hb_object_data", "(hb_object, ot_color=None, glyph=None)"),
)
DROPPED = (
    *(b"BASE", b"DSIG", b"EBDT", b"EBLC", b"EBSC", b"GPOS", b"GSUB", b"JSTF", b"LTSH", b"PCLT"),
    b"SVG ",
)
"""Tables that no PDF needs."""


_content = fonts.get_hb_object_data


def check() -> None:
    """Refuse a WeasyPrint whose functions are not those that are replaced.

    :raises RuntimeError: if one of them looks different
    """
    for place, name, signature in EXPECTED:
        found = str(inspect.signature(getattr(place, name)))
        if found != signature:
            raise RuntimeError(f"Expected weasyprint's {name}{signature}, but it is {name}{found}")


def install() -> None:
    """Replace WeasyPrint's subsetting in this process."""
    check()
    fonts.get_hb_object_data = _later
    fonts.Font.subset = _subset


def _later(_face: Any, ot_color: Any = None, glyph: Any = None) -> bytes:  # noqa: ARG001
    """Return nothing yet: the font is asked for its content when its characters are known."""
    return b""


def _subset(font: Any, to_unicode: Any, hinting: bool) -> None:  # noqa: FBT001
    if not to_unicode:
        font.file_content = _content(font.hb_face)
        return
    wanted = ffi.gc(
        harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy
    )
    _add(harfbuzz_subset.hb_subset_input_glyph_set(wanted), to_unicode)
    tables = harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG
    tags = (harfbuzz.hb_tag_from_string(name, -1) for name in DROPPED)
    _add(harfbuzz_subset.hb_subset_input_set(wanted, tables), tags)
    flags = (
        harfbuzz_subset.HB_SUBSET_FLAGS_RETAIN_GIDS | harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
    )
    if not hinting:
        flags |= harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
    if font.missing:
        flags |= harfbuzz_subset.HB_SUBSET_FLAGS_NOTDEF_OUTLINE
    harfbuzz_subset.hb_subset_input_set_flags(wanted, flags)
    made = harfbuzz_subset.hb_subset_or_fail(font.hb_face, wanted)
    content = _content(ffi.gc(made, harfbuzz.hb_face_destroy)) if made else b""
    if not content:
        raise RuntimeError(f"HarfBuzz cannot take characters out of the font {font.family}")
    font.file_content = content


def _add(target: Any, numbers: Any) -> None:
    found = sorted(numbers)
    array = ffi.new(f"hb_codepoint_t[{len(found)}]", found)
    harfbuzz.hb_set_add_sorted_array(target, array, len(found))
