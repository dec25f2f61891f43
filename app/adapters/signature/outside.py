"""A seal service outside (电子印章系统) over HTTP: a paper goes there, and comes back sealed.

The paper is sent as it is (`POST`, `application/pdf`), with the place of the seal in `Seal-Field`,
its SHA-256 in `Document-Sha256`, and an `Idempotency-Key` that is the same whenever the same paper
is sent: a service that has sealed it answers with what it answered before. The answer is the paper
with one signature more. What it is worth is looked at before anything of it is believed.
"""

import hashlib
import io
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPException
from typing import Any

from asn1crypto import pem
from pyhanko.pdf_utils.reader import PdfFileReader

from app.adapters.signature import asn1, hexadecimal
from app.adapters.signature.signing import Trust
from app.adapters.signature.verifying import check

asn1.install()
hexadecimal.install()
PATIENCE = 30.0
"""Seconds for the whole of an answer, unless the setting says otherwise."""
MOST_ADDED = 4 * 2**20
"""Bytes by which a seal may make a paper longer."""
PART = 2**16
OK = 200


class SealServiceFailed(RuntimeError):
    """The service did not answer, or not with a paper; it is asked again."""


class SealServiceSlow(SealServiceFailed):
    """The service did not answer in time."""


class SealNotOfThisPaper(ValueError):
    """What came back is not exactly the paper that was sent, sealed in its place."""


@dataclass(frozen=True, slots=True)
class SealService:
    """Where an organ's seal is put on its papers."""

    address: str
    roots: Sequence[bytes]
    """Certificates (DER) that its seals go back to."""
    holder: str
    """The organ whose seal it is: another organ's is refused."""
    secret: str = ""
    """What it knows us by: sent as a bearer token, and in no message."""
    patience: float = PATIENCE

    def fetch(self, pdf: bytes, field: str, key: str, trust: Trust, now: datetime) -> bytes:
        """Return a paper with the organ's seal in a field.

        :param key: the same for the same paper: it is sealed once, however often it is sent
        :raises SealServiceFailed: if there is no answer, or none in time
        :raises SealNotOfThisPaper: if the answer is another paper, or one with more than the seal
        """
        headers = {
            "Content-Type": "application/pdf",
            "Accept": "application/pdf",
            "Idempotency-Key": key,
            "Seal-Field": field,
            "Document-Sha256": hashlib.sha256(pdf).hexdigest(),
        }
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        sealed = self._ask(pdf, headers)
        self._look_at(pdf, sealed, field, replace(trust, outside=self.roots), now)
        return sealed

    def _ask(self, pdf: bytes, headers: Mapping[str, str]) -> bytes:
        ends = time.monotonic() + self.patience
        order = urllib.request.Request(  # noqa: S310  (the address is the operator's)
            self.address, data=pdf, headers=dict(headers), method="POST"
        )
        try:
            with _OPENER.open(order, timeout=self.patience) as answer:
                if answer.status != OK:
                    raise SealServiceFailed(f"It answered {answer.status}")
                return _read(answer, len(pdf) + MOST_ADDED, ends)
        except urllib.error.HTTPError as refused:
            refused.close()
            raise SealServiceFailed(f"It answered {refused.code}") from None
        except TimeoutError as slow:
            raise SealServiceSlow(f"No answer within {self.patience:g} s") from slow
        except urllib.error.URLError as away:
            if isinstance(away.reason, TimeoutError):
                raise SealServiceSlow(f"No answer within {self.patience:g} s") from away
            raise SealServiceFailed(f"It is not reached: {away.reason}") from away
        except (OSError, HTTPException) as broken:
            raise SealServiceFailed(f"The answer broke off: {type(broken).__name__}") from broken

    def _look_at(self, sent: bytes, sealed: bytes, field: str, trust: Trust, now: datetime) -> None:
        """Refuse what is not the paper that was sent with one good seal over all of it."""
        if not sealed.startswith(sent):
            raise SealNotOfThisPaper("It does not begin with what was sent")
        try:
            known = {one.field_name for one in _signatures(sent)}
            after = _signatures(sealed)
            found = {one.field: one for one in check(sealed, trust, now)}
        except Exception as broken:  # a parser of foreign files can fail in any way
            raise SealNotOfThisPaper("It cannot be read") from broken
        added = [one for one in after if one.field_name not in known]
        if [one.field_name for one in added] != [field] or len(after) != len(known) + 1:
            raise SealNotOfThisPaper("It has not exactly the seal more")
        (seal,) = added
        start, length, then, rest = (int(one) for one in seal.byte_range)
        if start or then + rest != len(sealed) or length < len(sent):
            raise SealNotOfThisPaper("The seal does not cover all of it")
        if not all(one.good for name, one in found.items() if name != field):
            raise SealNotOfThisPaper("What was signed before is not good any more")
        if not found[field].good:
            raise SealNotOfThisPaper("The seal is not good, or not of the service's authority")
        subject = seal.signer_cert.subject.native
        if self.holder not in (subject.get("common_name"), subject.get("organization_name")):
            raise SealNotOfThisPaper("It is the seal of somebody else")


def certificate_of(pdf: bytes, field: str) -> bytes:
    """Return the certificate (DER) of a signature in a paper: a step of registering a seal."""
    seal = next(
        one
        for one in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        if one.field_name == field
    )
    found: bytes = seal.signer_cert.dump()
    return found


def certificates_in(text: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) of a file of PEM blocks."""
    return tuple(der for _kind, _headers, der in pem.unarmor(text, multiple=True))


def _signatures(pdf: bytes) -> Sequence[Any]:
    return list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)


def _read(answer: Any, most: int, ends: float) -> bytes:
    """Read an answer that comes in time and is not endless; a drip keeps no worker for ever."""
    found = bytearray()
    while part := answer.read1(PART):
        found += part
        if len(found) > most:
            raise SealServiceFailed("The answer is longer than any sealed paper")
        if time.monotonic() > ends:
            raise TimeoutError
    if answer.headers.get("Content-Length", str(len(found))) != str(len(found)):
        raise SealServiceFailed("The answer broke off")
    return bytes(found)


class _NoTurns(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the paper goes where the operator said, and nowhere else."""

    def redirect_request(self, *_given: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoTurns)
