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
from typing import Any

from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature

from app.adapters.signature import asn1, hexadecimal
from app.adapters.signature.signing import Trust

asn1.install()
hexadecimal.install()
logger = logging.getLogger(__name__)
logging.getLogger("pyhanko").setLevel(logging.ERROR)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)

SAID = ("/Title", "/Author", "/Subject", "/Keywords")
MOST = 20
"""Signatures that are looked at: a paper of ours has fewer."""
MOST_REVISIONS, MOST_OBJECTS = 100, 20_000
"""More than a paper of ours has by far; a file made to keep us busy for seconds has more."""
MOST_READS = 500_000
"""How often a parser may read from a file: it takes some 20 000 for the largest paper of ours."""
PIECE, MOST_PIECES = 16, 400
"""pyHanko reads a number by so many bytes; Python makes none of one of more than 4300 digits."""


class NotAPaper(ValueError):
    """The bytes cannot be read as a PDF."""


class _Bounded(io.BytesIO):
    """A file from which is read so often and no more: parsers go through some by single bytes.

    A number of millions of digits would keep pyHanko busy for a minute and more.
    """

    _reads = _pieces = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        self._pieces = self._pieces + 1 if size == PIECE else 0
        if self._reads > MOST_READS or self._pieces > MOST_PIECES:
            raise NotAPaper("It takes longer to read than any paper")
        return super().read(size)


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
    _bounded(pdf)
    try:
        reader = PdfFileReader(_Bounded(pdf))
        signatures = list(reader.embedded_regular_signatures)[:MOST]
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise NotAPaper(str(broken)) from broken
    found = []
    for signature in signatures:
        try:
            status = status_of(signature, trust, now)
        except Exception as broken:  # noqa: BLE001  (whatever was handed in, it is not good)
            logger.info("A signature cannot be read: %s", broken)
            found.append(Found(str(signature.field_name), "", False, False, False, True, None))
            continue
        level = status.modification_level
        # pyHanko lets what a PDF says of itself be written anew; our papers keep their code there.
        renamed = _told(reader, signature) != _told(reader)
        found.append(
            Found(
                field=str(signature.field_name),
                signer=str(status.signing_cert.subject.native.get("common_name", "")),
                good=bool(status.bottom_line) and not renamed,
                intact=bool(status.intact and status.valid),
                trusted=bool(status.trusted),
                changed=(level is not None and level.name == "OTHER")
                or not status.docmdp_ok
                or renamed,
                at=status.timestamp_validity.timestamp if status.timestamp_validity else None,
            )
        )
    return found


def _bounded(pdf: bytes) -> None:
    """Refuse what is no paper of ours by its size, before anything parses it."""
    if pdf.count(b"startxref") > MOST_REVISIONS or pdf.count(b" obj") > MOST_OBJECTS:
        raise NotAPaper("It has more parts than any paper")


def status_of(signature: Any, trust: Trust, moment: datetime) -> Any:
    """Return what pyHanko says of a signature: of one of ours, or of a seal from outside."""
    status = validate_pdf_signature(
        signature,
        signer_validation_context=trust.context(moment),
        ts_validation_context=trust.context(moment),
    )
    if not status.trusted and trust.outside:
        status = validate_pdf_signature(
            signature,
            signer_validation_context=trust.context_outside(moment),
            ts_validation_context=trust.context_outside(moment),
        )
    return status


def _told(reader: PdfFileReader, signature: Any = None) -> list[str]:
    """Return what a PDF says of itself now, or said when a signature was put to it."""
    handler: Any = reader
    if signature is not None:
        handler = reader.get_historical_resolver(signature.signed_revision)
    info: Any = {}
    if "/Info" in handler.trailer_view:
        info = handler.trailer_view.raw_get("/Info")
        if isinstance(info, IndirectObject):
            info = handler.get_object(info.reference)
    return [str(info.get(name, "")) for name in SAID]


def keywords_of(pdf: bytes) -> str:
    """Return what a PDF says of itself under "keywords": our papers keep their code there.

    :raises NotAPaper: if it cannot be read
    """
    _bounded(pdf)
    try:
        return str(PdfFileReader(_Bounded(pdf)).trailer["/Info"]["/Keywords"])
    except KeyError:
        return ""
    except Exception as broken:  # a parser of foreign files can fail in any way
        raise NotAPaper(str(broken)) from broken
