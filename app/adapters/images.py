"""Draw uploaded images anew: what a browser shows holds nothing but the picture."""

import io
import warnings

from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2000
FORMATS = ("JPEG", "PNG", "WEBP")


class NotAnImage(ValueError):
    """The bytes are no image we draw, or one too large to draw."""


def redraw(data: bytes) -> bytes:
    """Return a JPEG of the same picture, upright, at most 2000 pixels long, without metadata.

    :raises NotAnImage: if `data` is no JPEG, PNG or WebP, or has more than 50 million pixels
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = _drawn(Image.open(io.BytesIO(data), formats=FORMATS))
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise NotAnImage(str(broken)) from broken
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _drawn(image: Image.Image) -> Image.Image:
    if image.width * image.height > MOST_PIXELS:
        raise NotAnImage(f"{image.width} × {image.height} pixels")
    image = ImageOps.exif_transpose(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA")
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return plain
