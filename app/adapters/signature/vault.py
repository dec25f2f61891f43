"""Private keys at rest: sealed under the installation's master key, and a person's PIN.

A copy of the database opens no key without the master key, which lies in the data directory; and
the key of a person opens only with their PIN as well, which is kept nowhere.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

NONCE, SALT = 12, 16
PURPOSE = b"bihuan/signing-key/1|"


class WrongPin(ValueError):
    """The key does not open with this PIN."""


class Vault:
    """Seals and opens private keys; `cost` is scrypt's (2¹⁴ takes 16 MB and about 35 ms)."""

    def __init__(self, master: bytes, cost: int = 2**14) -> None:
        self._master = master
        self._cost = cost

    def seal(self, key: EllipticCurvePrivateKey, owner: str, pin: str = "") -> bytes:
        """Return what may be stored of a key that belongs to `owner`."""
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return self.wrap(der, owner, pin)

    def open(self, sealed: bytes, owner: str, pin: str = "") -> EllipticCurvePrivateKey:
        """Return the key.

        :raises WrongPin: if the PIN or the owner is another, or the master key
        """
        key = load_der_private_key(self.unwrap(sealed, owner, pin), None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise WrongPin
        return key

    def wrap(self, secret: bytes, owner: str, pin: str = "") -> bytes:
        """Return what may be stored of a secret that belongs to `owner`."""
        salt, nonce = os.urandom(SALT), os.urandom(NONCE)
        return salt + nonce + self._box(owner, pin, salt).encrypt(nonce, secret, owner.encode())

    def unwrap(self, sealed: bytes, owner: str, pin: str = "") -> bytes:
        """Return the secret.

        :raises WrongPin: if the PIN or the owner is another, or the master key
        """
        salt, nonce, box = sealed[:SALT], sealed[SALT : SALT + NONCE], sealed[SALT + NONCE :]
        try:
            return self._box(owner, pin, salt).decrypt(nonce, box, owner.encode())
        except InvalidTag as wrong:
            raise WrongPin from wrong

    def _box(self, owner: str, pin: str, salt: bytes) -> AESGCM:
        stretched = b""
        if pin:
            stretched = Scrypt(salt, 32, self._cost, 8, 1).derive(pin.encode())
        info = PURPOSE + owner.encode()
        return AESGCM(HKDF(SHA256(), 32, salt, info).derive(self._master + stretched))


def fresh_key() -> EllipticCurvePrivateKey:
    """Make a P-256 key."""
    return generate_private_key(SECP256R1())
