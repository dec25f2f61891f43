"""A token of the tests: SoftHSM, in a folder of its own for each process."""

import atexit
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from app.adapters.signature.token import Token

RUNTIME = Path(__file__).resolve().parents[1] / ".runtime"
LABEL, PIN = "bihuan", "135790"


@cache
def library() -> Path | None:
    """Return SoftHSM's library, with Python's made importable; None if one of them is absent."""
    sys.path.append(str(RUNTIME / "pkcs11"))
    try:
        importlib.import_module("pkcs11")
    except ImportError:
        return None
    for root in (Path("/"), RUNTIME / "apt/softhsm"):
        if (program := root / "usr/lib/softhsm/libsofthsm2.so").exists():
            return program
    return None


@cache
def _folder() -> Path:
    """Make the token: the library reads where its tokens are once in a process."""
    home = Path(tempfile.mkdtemp(prefix="bihuan-softhsm-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "tokens").mkdir()
    said = f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    (home / "softhsm2.conf").write_text(said)
    os.environ["SOFTHSM2_CONF"] = str(home / "softhsm2.conf")
    util = shutil.which("softhsm2-util") or RUNTIME / "apt/softhsm/usr/bin/softhsm2-util"
    command = [util, "--module", library(), "--init-token", "--free", "--label", LABEL]
    subprocess.run([*command, "--so-pin", "000000", "--pin", PIN], check=True, capture_output=True)
    return home


def fresh(key, curve="secp256r1") -> Token:
    """Return a token with a new key of this label.

    Without SoftHSM or python-pkcs11 the test is skipped, and says so.
    """
    module = library()
    if module is None:
        pytest.skip("NO TOKEN: `manage.py test` brings softhsm2 and python-pkcs11; none was tested")
    _folder()
    pkcs11, curves = importlib.import_module("pkcs11"), importlib.import_module("pkcs11.util.ec")
    named = {pkcs11.Attribute.EC_PARAMS: curves.encode_named_curve_parameters(curve)}
    with (
        pkcs11.lib(str(module)).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session
    ):
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC, named, local=True)
        parameters.generate_keypair(store=True, label=key)
    return Token(str(module), LABEL, key, PIN)
