"""The installation's own certification authority: a root, and an issuing authority under it.

The root signs one certificate and its own list of revocations; the issuing authority signs those
of people, seals and the time stamp. All keys are P-256. Times are arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEAR = timedelta(days=365)
SKEW = timedelta(minutes=10)
"""A certificate is good from that long before it was made: clocks differ."""
LIFE = {"root": 30 * YEAR, "issuing": 25 * YEAR, "stamp": 20 * YEAR, "seal": 5 * YEAR}
PERSONAL = 5 * YEAR
LIST_LIFE = timedelta(days=31)
NOBODY_ELSE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a certificate is for."""

    name: str
    organisation: str
    number: str = ""
    """An employee's or licence number (执法证号)."""

    def subject(self) -> x509.Name:
        parts = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, self.name[:64]),
        ]
        if self.number:
            parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, self.number[:64]))
        return x509.Name(parts)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority that can sign: its key and its certificate (DER)."""

    key: EllipticCurvePrivateKey
    certificate: bytes

    @property
    def name(self) -> x509.Name:
        return x509.load_der_x509_certificate(self.certificate).subject


def certify_authority(
    key: EllipticCurvePrivateKey, holder: Holder, now: datetime, issuer: Issuer | None = None
) -> bytes:
    """Return the certificate of the root, or of the authority under it."""
    until = now + (LIFE["issuing"] if issuer else LIFE["root"])
    if issuer:
        until = min(until, ends_at(issuer.certificate))
    public = key.public_key()
    built = (
        _started(public, holder.subject(), issuer.name if issuer else holder.subject(), now, until)
        .add_extension(
            x509.BasicConstraints(ca=True, path_length=0 if issuer else 1), critical=True
        )
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(_of_issuer(issuer.key if issuer else key), critical=False)
    )
    return built.sign(issuer.key if issuer else key, SHA256()).public_bytes(Encoding.DER)


def certify(
    public: EllipticCurvePublicKey,
    holder: Holder,
    now: datetime,
    issuer: Issuer,
    use: str,
    lists_at: str = "",
) -> bytes:
    """Return a certificate; its use is "person", "seal" or "stamp" (of time).

    :param lists_at: the address of its issuer's list of revoked certificates
    """
    # No certificate outlives the one that it goes back to.
    until = min(now + LIFE.get(use, PERSONAL), ends_at(issuer.certificate))
    usage = (
        ("digital_signature",) if use == "stamp" else ("digital_signature", "content_commitment")
    )
    built = (
        _started(public, holder.subject(), issuer.name, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(*usage), critical=True)
        .add_extension(_of_issuer(issuer.key), critical=False)
    )
    if use == "stamp":
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        built = built.add_extension(only, critical=True)
    if lists_at:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(lists_at)], None, None, None)
        built = built.add_extension(x509.CRLDistributionPoints([place]), critical=False)
    return built.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def list_revoked(issuer: Issuer, revoked: Iterable[tuple[int, datetime]], now: datetime) -> bytes:
    """Return the list of the certificates (serial, since when) that `issuer` has taken back."""
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.name)
        .last_update(now - SKEW)
        .next_update(now + LIST_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(_of_issuer(issuer.key), critical=False)
    )
    for serial, since in revoked:
        line = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(since)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        built = built.add_revoked_certificate(line.build())
    return built.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def serial_of(certificate: bytes) -> int:
    """Return the number under which a certificate is taken back."""
    return x509.load_der_x509_certificate(certificate).serial_number


def ends_at(certificate: bytes) -> datetime:
    """Return when a certificate runs out."""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


def public_key_of(certificate: bytes) -> object:
    """Return the public key that a certificate is for."""
    return x509.load_der_x509_certificate(certificate).public_key()


def is_of(certificate: bytes, issuer: bytes) -> bool:
    """Test whether a certificate names that of an issuing authority as its issuer's."""
    above = x509.load_der_x509_certificate(issuer).subject
    return x509.load_der_x509_certificate(certificate).issuer == above


def _started(
    public: EllipticCurvePublicKey,
    subject: x509.Name,
    issuer: x509.Name,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{**NOBODY_ELSE, **dict.fromkeys(wanted, True)})


def _of_issuer(key: EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
