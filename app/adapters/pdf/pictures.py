"""Pages of a paper as pictures, for phones and for pages that cannot show a PDF."""

import io
import threading

import pypdfium2

ALONE = threading.Lock()
"""The library may be used by one thread at a time."""
WIDTH = 1240
"""Pixels across: 150 to the inch on A4."""


class NoSuchPage(ValueError):
    """The paper has fewer pages."""


def picture(pdf: bytes, number: int) -> bytes:
    """Return page `number` (from 1) as PNG, signatures and seal included.

    :raises NoSuchPage: if there is no such page
    """
    with ALONE:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if not 1 <= number <= len(document):
                raise NoSuchPage
            document.init_forms()
            page = document[number - 1]
            image = page.render(scale=WIDTH / page.get_width(), may_draw_forms=True).to_pil()
        finally:
            document.close()
    target = io.BytesIO()
    image.quantize(64).save(target, "PNG")
    return target.getvalue()
