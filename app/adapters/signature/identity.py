"""Somebody who signs, as pyHanko needs them: the open key, the certificate, the chain above."""

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import algos, keys, x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko_certvalidator.util import get_pyca_cryptography_hash


@dataclass(frozen=True, slots=True)
class Identity:
    """A key with its certificate, and the certificates above it (issuing authority, root)."""

    key: EllipticCurvePrivateKey
    der: bytes
    above: Sequence[bytes]

    @property
    def certificate(self) -> x509.Certificate:
        return x509.Certificate.load(self.der)

    @property
    def chain(self) -> SimpleCertificateStore:
        return chain_of(self.above)


def chain_of(above: Sequence[bytes]) -> SimpleCertificateStore:
    """Return certificates as pyHanko keeps those that lie between a signer and a root."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([x509.Certificate.load(der) for der in above])
    return store


class KeySigner(SimpleSigner):
    """Signs with a key that is open already: pyHanko's own parses it at each signature."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(
            signing_cert=identity.certificate,
            signing_key=keys.PrivateKeyInfo(),
            cert_registry=identity.chain,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            embed_roots=True,  # without the root, nothing says who stands behind the lists
        )
        self._key = identity.key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        return self._key.sign(data, ECDSA(get_pyca_cryptography_hash(digest_algorithm)))
