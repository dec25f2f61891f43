"""A key in a token (密码机、智能密码钥匙) by PKCS#11: it signs there and never comes out.

The library `python-pkcs11` is optional (`requirements-token.txt`): it is looked for when a seal is
kept in a token, and not before. Only P-256 keys: papers are signed with nothing else.
"""

import importlib
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.serialization import load_der_public_key

ALONE = Lock()
"""A token knows one login of a process: whoever comes second would be told that they are in."""


class TokenFailed(RuntimeError):
    """The token, its library or the key in it is not there, or does not sign; no PIN is told."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key is: the token's library, its label, the key's, and what opens it."""

    module: str
    token: str
    key: str
    pin: str = field(repr=False)

    def public_key(self) -> EllipticCurvePublicKey:
        """Return the public half of the key.

        :raises TokenFailed: if it cannot be read, or is no P-256 key
        """
        found = load_der_public_key(self._do("PUBLIC_KEY", _encoded))
        if not isinstance(found, EllipticCurvePublicKey) or not isinstance(found.curve, SECP256R1):
            raise TokenFailed(f"The key {self.key} is not on the curve P-256")
        return found

    def sign(self, data: bytes, algorithm: ECDSA) -> bytes:
        """Sign as a key of `cryptography` does.

        :raises TokenFailed: if the token does not
        """
        chosen = algorithm.algorithm
        if not isinstance(chosen, hashes.HashAlgorithm):
            raise TypeError("A token is given what is to be hashed")
        summed = hashes.Hash(chosen)
        summed.update(data)
        digest = summed.finalize()
        return self._do("PRIVATE_KEY", lambda library, key: _signed(library, key, digest))

    def _do(self, kind: str, act: Any) -> bytes:
        try:
            library = importlib.import_module("pkcs11")
            importlib.import_module("pkcs11.util.ec")
        except ImportError as missing:
            raise TokenFailed("python-pkcs11 is not installed: requirements-token.txt") from missing
        with ALONE:
            try:
                token = library.lib(self.module).get_token(token_label=self.token)
                with token.open(user_pin=self.pin) as session:
                    wanted = library.ObjectClass[kind]
                    key = session.get_key(object_class=wanted, label=self.key)
                    done: bytes = act(library, key)
                    return done
            except (library.PKCS11Error, RuntimeError, OSError) as failed:
                raise TokenFailed(f"{self.token}: {type(failed).__name__}") from None


def _encoded(library: Any, key: Any) -> bytes:
    found: bytes = library.util.ec.encode_ec_public_key(key)
    return found


def _signed(library: Any, key: Any, digest: bytes) -> bytes:
    raw = key.sign(digest, mechanism=library.Mechanism.ECDSA)
    found: bytes = library.util.ec.encode_ecdsa_signature(raw)
    return found
