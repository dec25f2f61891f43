"""Check the signatures in a PDF that somebody handed in.

`Found.good` asks for everything at once, as nothing less will do: a page that was changed by an
addition leaves every signature "intact" and "valid". And a paper from which the last signatures
were cut off is perfect in itself: who checks must also know which signatures it ought to have.
"""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature

from app.adapters.signature import asn1, hexadecimal
from app.adapters.signature.signing import Trust

asn1.install()
hexadecimal.install()
logger = logging.getLogger(__name__)
logging.getLogger("pyhanko").setLevel(logging.ERROR)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)

MOST = 20
"""Signatures that are looked at: a paper of ours has fewer."""


class NotAPaper(ValueError):
    """The bytes cannot be read as a PDF."""


@dataclass(frozen=True, slots=True)
class Found:
    """One signature in a PDF."""

    field: str
    signer: str
    good: bool
    """Intact, by somebody we know, and nothing forbidden was done afterwards."""
    intact: bool
    """What was signed is what is there."""
    trusted: bool
    """The signer's certificate is ours, and was not taken back."""
    changed: bool
    """Something was added after it that may not be added."""
    at: datetime | None
    """By the time stamp."""


def check(pdf: bytes, trust: Trust, now: datetime) -> Sequence[Found]:
    """Return the signatures of a PDF, in the order they were made; time stamps are left out.

    :raises NotAPaper: if it cannot be read
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = list(reader.embedded_regular_signatures)[:MOST]
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise NotAPaper(str(broken)) from broken
    found = []
    for signature in signatures:
        try:
            status = validate_pdf_signature(
                signature,
                signer_validation_context=trust.context(now),
                ts_validation_context=trust.context(now),
            )
        except Exception as broken:  # noqa: BLE001  (whatever was handed in, it is not good)
            logger.info("A signature cannot be read: %s", broken)
            found.append(Found(str(signature.field_name), "", False, False, False, True, None))
            continue
        level = status.modification_level
        found.append(
            Found(
                field=str(signature.field_name),
                signer=str(status.signing_cert.subject.native.get("common_name", "")),
                good=bool(status.bottom_line),
                intact=bool(status.intact and status.valid),
                trusted=bool(status.trusted),
                changed=(level is not None and level.name == "OTHER") or not status.docmdp_ok,
                at=status.timestamp_validity.timestamp if status.timestamp_validity else None,
            )
        )
    return found


def keywords_of(pdf: bytes) -> str:
    """Return what a PDF says of itself under "keywords": our papers keep their code there.

    :raises NotAPaper: if it cannot be read
    """
    try:
        return str(PdfFileReader(io.BytesIO(pdf)).trailer["/Info"]["/Keywords"])
    except KeyError:
        return ""
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise NotAPaper(str(broken)) from broken
