"""Sign papers: every field is made first, people certify and approve, the seal closes the paper.

Each signature is PAdES with a time stamp (B-T) and adds to the file without touching what was
there. The seal comes last, forbids any further change, and carries all that is needed to check the
paper in twenty years: certificates, revocation lists, and an archive stamp over the whole (B-LTA).
"""

import hashlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import crl, x509
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import ByteStringObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.validation import add_validation_info
from pyhanko.stamp import StaticContentStamp, StaticStampStyle
from pyhanko_certvalidator import ValidationContext

from app.adapters import Box
from app.adapters.signature import asn1, hexadecimal, sm2, words
from app.adapters.signature.identity import Identity, KeySigner
from app.adapters.signature.sm2 import Sm2Identity, Sm2Signer
from app.adapters.signature.stamping import OwnStamp

asn1.install()
hexadecimal.install()
DIGEST = "sha256"
RESERVED = 2**14
"""Hexadecimal digits kept free for a signature (about 8 000); unsaid, pyHanko makes one to see."""
MIDDLE = layout.SimpleBoxLayoutRule(
    x_align=layout.AxisAlignment.ALIGN_MID,
    y_align=layout.AxisAlignment.ALIGN_MID,
    margins=layout.Margins(0, 0, 0, 0),
)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a signature goes: the field's name, its place, what it is called."""

    name: str
    box: Box
    title: str
    closes: bool = False
    """A seal: nothing may be added after it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn in a signature's place: PDF operators on a sheet of this size in points."""

    operators: bytes
    width: float
    height: float
    opacity: float = 1.0
    words: str = ""
    """What the operators say, if they say something that is to be read (`words`)."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a paper's signatures go back to: the roots, what is between, who was taken back."""

    roots: Sequence[bytes]
    between: Sequence[bytes]
    lists: Sequence[bytes]
    outside: Sequence[bytes] = ()
    """Roots of seal services outside, whose seals papers may bear."""

    def context_outside(self, now: datetime) -> ValidationContext:
        """Return what pyHanko checks seals from outside against; it knows not who was revoked."""
        return ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in self.outside],
            allow_fetching=False,
            revocation_mode="soft-fail",
            moment=now,
        )

    def context(self, now: datetime) -> ValidationContext:
        """Return what pyHanko checks against, as things stand `now`."""
        return ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in self.roots],
            other_certs=[x509.Certificate.load(der) for der in self.between],
            crls=[crl.CertificateList.load(der) for der in self.lists],
            allow_fetching=False,
            revocation_mode="require",
            moment=now,
            signature_validator=sm2.Validator(),
        )


def add_fields(pdf: bytes, slots: Sequence[Slot]) -> bytes:
    """Make the empty fields of all who will sign: later none can be added.

    The same paper and places give the same bytes: what was typeset and not registered, as its
    process died, is made again as it was.
    """
    writer = _Writer(io.BytesIO(pdf))
    of_this = hashlib.sha256(pdf + repr(slots).encode()).digest()
    writer._document_id[1] = ByteStringObject(of_this[:16])  # noqa: SLF001  (else it is drawn)
    for slot in slots:
        page, left, bottom, right, top = slot.box
        spec = SigFieldSpec(
            slot.name,
            on_page=page,
            box=(round(left), round(bottom), round(right), round(top)),
            readable_field_name=slot.title,
            field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if slot.closes else None,
            doc_mdp_update_value=MDPPerm.NO_CHANGES if slot.closes else None,
        )
        append_signature_field(writer, spec)
    return _written(writer)


def sign(
    pdf: bytes,
    field: str,
    identity: Identity,
    stamp: Identity,
    look: Look,
    reason: str,
    now: datetime,
    *,
    first: bool,
    trust: Trust | None = None,
) -> bytes:
    """Return the paper with a person's signature; the `first` also certifies what it says.

    :param trust: given with the last signature of a paper without seal: it is made to last (B-LTA)
    """
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        reason=reason,
        certify=first,
        docmdp_permissions=MDPPerm.NO_CHANGES if trust else MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
        validation_context=trust.context(now) if trust else None,
        embed_validation_info=trust is not None,
        use_pades_lta=trust is not None,
    )
    return _sign(pdf, meta, identity, stamp, look, now)


def sign_beside(
    pdf: bytes, field: str, identity: Sm2Identity, stamp: Identity, reason: str, now: datetime
) -> bytes:
    """Return the paper with an organ's SM2 signature, which shows nothing and has no place.

    It comes before the seal, after which nothing can be added; so the seal and the archive stamp
    cover it, and readers that do not know it find all others as they were.
    """
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=sm2.SM3,
        reason=reason,
        subfilter=SigSeedSubFilter.PADES,
    )
    spec = SigFieldSpec(field, readable_field_name=reason)
    signer = _Signer(
        now,
        meta,
        Sm2Signer(identity),
        timestamper=OwnStamp(stamp, now),
        new_field_spec=spec,
    )
    target = io.BytesIO()
    signer.sign_pdf(_Writer(io.BytesIO(pdf)), bytes_reserved=RESERVED, output=target)
    return target.getvalue()


def put_seal(
    pdf: bytes,
    field: str,
    identity: Identity,
    stamp: Identity,
    look: Look,
    reason: str,
    now: datetime,
    trust: Trust | None = None,
) -> bytes:
    """Return the paper with the organ's seal; with `trust`, made to last (B-LTA)."""
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        reason=reason,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        validation_context=trust.context(now) if trust else None,
        embed_validation_info=trust is not None,
        use_pades_lta=trust is not None,
    )
    return _sign(pdf, meta, identity, stamp, look, now)


def close(
    pdf: bytes, stamp: Identity, now: datetime, trust: Trust, but: Collection[str] = ()
) -> bytes:
    """Return a signed paper made to last as it is, without another signature (B-LTA).

    :param but: fields whose signatures bring what is needed to check them, or go back to others
    """
    made = pdf
    for number in range(len(PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures)):
        target = io.BytesIO()
        reader = PdfFileReader(io.BytesIO(made))
        signature = reader.embedded_regular_signatures[number]
        if signature.field_name in but:
            continue
        add_validation_info(signature, trust.context(now), output=target)
        made = target.getvalue()
    target = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(made))
    PdfTimeStamper(OwnStamp(stamp, now)).timestamp_pdf(
        writer, DIGEST, trust.context(now), output=target
    )
    return target.getvalue()


def _sign(
    pdf: bytes,
    meta: PdfSignatureMetadata,
    identity: Identity,
    stamp: Identity,
    look: Look,
    now: datetime,
) -> bytes:
    writer = _Writer(io.BytesIO(pdf))
    style = _Style(
        background=RawContent(
            look.operators,
            words.resources(look.words, writer),
            box=layout.BoxConstraints(look.width, look.height),
        ),
        background_layout=MIDDLE,
        background_opacity=look.opacity,
        border_width=0,
    )
    signer = _Signer(
        now, meta, KeySigner(identity), timestamper=OwnStamp(stamp, now), stamp_style=style
    )
    target = io.BytesIO()
    signer.sign_pdf(
        writer,
        existing_fields_only=True,
        bytes_reserved=RESERVED,
        output=target,
    )
    return target.getvalue()


class _Writer(IncrementalPdfFileWriter):
    """Adds to a paper, and leaves what it says of itself: pyHanko puts the machine's time there."""

    def _update_meta(self) -> None:
        pass


class _Style(StaticStampStyle):
    """Draws a look into its place."""

    def create_stamp(
        self, writer: BasePdfFileWriter, box: layout.BoxConstraints, text_params: dict[str, Any]
    ) -> "_Stamp":
        return _Stamp(writer=writer, style=self, box=box)


class _Stamp(StaticContentStamp):
    """A look in its place, compressed: the outlines of a note are 200 kB of figures."""

    def as_form_xobject(self) -> StreamObject:
        made = super().as_form_xobject()
        made.compress()  # type: ignore[no-untyped-call]
        return made


class _Signer(PdfSigner):
    """Signs at the moment it is told, instead of the machine's own."""

    def __init__(self, now: datetime, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._moment = now

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._moment
        return session


def _written(writer: _Writer) -> bytes:
    target = io.BytesIO()
    writer.write(target)  # type: ignore[no-untyped-call]
    return target.getvalue()
