"""SM2 with SM3 (国密, GM/T 0009): a second signature for offices that are to have one.

asn1crypto and pyHanko know neither; here they learn what the algorithms are called, who signs with
them and who checks. The arithmetic is GmSSL's: its library `gmssl_pyx` is optional
(`requirements-sm2.txt`) and is looked for when somebody signs or checks, and not before.

The certificate of such a key is signed by the issuing key, P-256 as all of ours. No other reader
knows these signatures; they are no GB/T 38540 seals, and nothing shows them on the page.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import algos, core, keys, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_SIGNATURE_VALIDATOR,
    DEFAULT_VALIDATION_CONTEXT,
    SignatureValidationContext,
    SignatureValidator,
)

from app.adapters.signature import authority
from app.adapters.signature.authority import Holder, Issuer
from app.adapters.signature.identity import chain_of
from app.adapters.signature.vault import fresh_key

LIBRARY = "gmssl_pyx"
CURVE, SM3, SM2_WITH_SM3 = "sm2", "sm3", "sm3_sm2"
NUMBERS = {
    CURVE: "1.2.156.10197.1.301",
    SM3: "1.2.156.10197.1.401",
    SM2_WITH_SM3: "1.2.156.10197.1.501",
}
SIZE = 32
"""Bytes of a number modulo the order of the curve."""
POINT = b"\x04"
"""What stands before a point that is written in full."""
STAMPED = "sha256"
"""By which digest a signature is stamped: no time stamp knows SM3."""
LONGEST = bytes(8 + 2 * (SIZE + 1))
"""In place of a signature, where only its size is asked for."""
IDENTIFIER = 20
SAME = ("version", "serial_number", "signature", "issuer", "validity", "subject")


class Sm2Missing(RuntimeError):
    """The library is not installed."""


def install() -> None:
    """Tell asn1crypto what the algorithms are called; harmless when it was done before."""
    keys.NamedCurve.register(CURVE, NUMBERS[CURVE], SIZE)
    for kind, name in (
        (algos.DigestAlgorithmId, SM3),
        (algos.SignedDigestAlgorithmId, SM2_WITH_SM3),
    ):
        kind._map[NUMBERS[name]] = name  # noqa: SLF001  (it has no other way)
        if kind._reverse_map is not None:  # noqa: SLF001
            kind._reverse_map[name] = NUMBERS[name]  # noqa: SLF001


def ready() -> bool:
    """Test whether this process can sign and check with SM2."""
    try:
        _library()
    except Sm2Missing:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """A private key and its point, each number in 32 bytes."""

    secret: bytes = field(repr=False)
    public: bytes

    @classmethod
    def fresh(cls) -> "Sm2Key":
        """Make a key.

        :raises Sm2Missing: without the library
        """
        public, secret = _library().sm2_key_generate()
        return cls(secret, public)

    @classmethod
    def load(cls, packed: bytes) -> "Sm2Key":
        """Return a key from what `packed` gave."""
        return cls(packed[:SIZE], packed[SIZE:])

    @property
    def packed(self) -> bytes:
        """What is kept, sealed."""
        return self.secret + self.public

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data` (DER), under the identifier that is usual.

        :raises Sm2Missing: without the library
        """
        made: bytes = _library().sm2_sign(self.secret, self.public, data)
        return made


@dataclass(frozen=True, slots=True)
class Sm2Identity:
    """A key with its certificate, and the certificates above it (issuing authority, root)."""

    key: Sm2Key
    der: bytes
    above: Sequence[bytes]


def certify(
    public: bytes, holder: Holder, now: datetime, issuer: Issuer, lists_at: str = ""
) -> bytes:
    """Return the certificate of an SM2 key: what that of a seal says, with another key in it."""
    of_a_seal = authority.certify(fresh_key().public_key(), holder, now, issuer, "seal", lists_at)
    plain = x509.Certificate.load(of_a_seal)
    told = plain["tbs_certificate"]
    extensions = [
        _identified(public) if one["extn_id"].native == "key_identifier" else one
        for one in told["extensions"]
    ]
    fresh = x509.TbsCertificate(
        {
            **{name: told[name] for name in SAME},
            "subject_public_key_info": _public_key(public),
            "extensions": extensions,
        }
    )
    signature = issuer.key.sign(fresh.dump(), ECDSA(SHA256()))
    parts = {
        "tbs_certificate": fresh,
        "signature_algorithm": plain["signature_algorithm"],
        "signature_value": signature,
    }
    made: bytes = x509.Certificate(parts).dump()
    return made


def _public_key(public: bytes) -> keys.PublicKeyInfo:
    on_curve = keys.ECDomainParameters(name="named", value=CURVE)
    algorithm = keys.PublicKeyAlgorithm({"algorithm": "ec", "parameters": on_curve})
    point = keys.ECPointBitString(POINT + public)
    return keys.PublicKeyInfo({"algorithm": algorithm, "public_key": point})


def _identified(public: bytes) -> x509.Extension:
    summed = Hash(SHA256())
    summed.update(POINT + public)
    value = core.OctetString(summed.finalize()[:IDENTIFIER])
    return x509.Extension({"extn_id": "key_identifier", "critical": False, "extn_value": value})


class Sm2Signer(Signer):
    """Signs for pyHanko."""

    def __init__(self, identity: Sm2Identity) -> None:
        super().__init__(
            signing_cert=x509.Certificate.load(identity.der),
            cert_registry=chain_of(identity.above),
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": SM2_WITH_SM3}),
            embed_roots=True,
        )
        self._key = identity.key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002
    ) -> bytes:
        return LONGEST if dry_run else self._key.sign(data)

    async def unsigned_attrs(self, digest_algorithm: str, *given: Any, **named: Any) -> Any:
        del digest_algorithm
        return await super().unsigned_attrs(STAMPED, *given, **named)


class Validator(SignatureValidator):
    """Checks for pyHanko: SM2 signatures here, all others as ever."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Do nothing if a signature is good.

        :raises InvalidSignature: if it is not
        :raises Sm2Missing: if it is one of SM2's, without the library
        """
        if signature_algorithm["algorithm"].native != SM2_WITH_SM3:
            DEFAULT_SIGNATURE_VALIDATOR.validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
        elif not _good(signature, signed_data, public_key_info):
            raise InvalidSignature


def _good(signature: bytes, signed_data: bytes, public_key_info: keys.PublicKeyInfo) -> bool:
    library = _library()
    if public_key_info.algorithm != "ec" or public_key_info.curve != ("named", CURVE):
        return False
    point: bytes = public_key_info["public_key"].native
    try:
        return point[:1] == POINT and bool(library.sm2_verify(point[1:], signed_data, signature))
    except library.GmsslInnerError:  # it is no signature, or no point of the curve
        return False


def _library() -> Any:
    try:
        return importlib.import_module(LIBRARY)
    except ImportError as missing:
        raise Sm2Missing(f"{LIBRARY} is not installed: requirements-sm2.txt") from missing


install()
