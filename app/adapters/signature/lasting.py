"""Papers in twenty years: the archive stamp over a paper, and another over that before it ends.

A signature proves nothing once its certificate has ended, but for the stamp that was put over it
while it was good; and that stamp proves nothing once its own has ended, but for another.
"""

import io
import logging
from collections.abc import Callable
from datetime import datetime

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import validate_pdf_timestamp

from app.adapters.signature import asn1, hexadecimal
from app.adapters.signature.identity import Identity
from app.adapters.signature.signing import Trust
from app.adapters.signature.stamping import OwnStamp
from app.adapters.signature.verifying import status_of

asn1.install()
hexadecimal.install()
logger = logging.getLogger(__name__)
TrustAt = Callable[[datetime], Trust]


class TooLate(ValueError):
    """A paper proves nothing any more: another stamp would only hide that."""


def renew(pdf: bytes, stamp: Identity, trust_at: TrustAt, now: datetime) -> bytes:
    """Return a paper with another archive stamp over all that it is.

    :raises TooLate: if its last stamp is not good any more, or what it is over was changed
    """
    if not holds(pdf, trust_at, now):
        raise TooLate
    target = io.BytesIO()
    PdfTimeStamper(OwnStamp(stamp, now)).update_archival_timestamp_chain(
        PdfFileReader(io.BytesIO(pdf)), trust_at(now).context(now), in_place=False, output=target
    )
    return target.getvalue()


def holds(pdf: bytes, trust_at: TrustAt, now: datetime) -> bool:
    """Test whether a paper still proves its signatures: stamp by stamp, back to the day of each.

    The last stamp must be good now, each earlier one when the next was put over it, and the
    signatures when the first was.

    :param trust_at: whom signatures go back to, with who had been taken back by that moment
    """
    try:
        return _holds(PdfFileReader(io.BytesIO(pdf)), trust_at, now)
    except Exception as broken:  # noqa: BLE001  (whatever the file is, it proves nothing)
        logger.info("A paper proves nothing: %s", broken)
        return False


def _holds(reader: PdfFileReader, trust_at: TrustAt, now: datetime) -> bool:
    moment = now
    for stamp in reversed(reader.embedded_timestamp_signatures):
        over = validate_pdf_timestamp(stamp, trust_at(moment).context(moment))
        if not (over.intact and over.valid and over.trusted):
            return False
        moment = over.timestamp
    # Whom to trust at a moment is asked for once: lists of who was revoked are signed for it.
    signatures, trust = reader.embedded_regular_signatures, trust_at(moment)
    for signature in signatures:
        if not status_of(signature, trust, moment).bottom_line:
            return False
    return bool(signatures)
