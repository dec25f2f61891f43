"""Which organs' seals are not kept here, as `seals.json` in the data directory says.

By the name of the organ, a service: `address`, `roots` (a file of certificates, PEM, that its seals
go back to), `secret_file` (what the service knows us by), `patience` (seconds); or a token:
`module` (the library of its maker), `token` and `key` (their labels), `pin_file`. Files are named
from the data directory. No secret stands in the file itself.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.adapters.signature.outside import PATIENCE, SealService, certificates_in
from app.adapters.signature.token import Token

FILE = "seals.json"
SERVICE = {"address", "roots", "secret_file", "patience"}
TOKEN = {"module", "token", "key", "pin_file"}


class WrongSetting(ValueError):
    """The file says something else than it can."""


def seals(folder: Path) -> Mapping[str, SealService | Token]:
    """Return the services and tokens that the data directory names, by their organ.

    :raises WrongSetting: if the file cannot be understood: no paper is sealed by guess
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        said = json.loads(path.read_text("utf-8"))
        return {organ: _kept(folder, organ, one) for organ, one in said.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as wrong:
        raise WrongSetting(f"{path}: {wrong}") from wrong


def _kept(folder: Path, organ: str, said: Mapping[str, Any]) -> SealService | Token:
    known = TOKEN if "module" in said else SERVICE
    if unknown := set(said) - known:
        raise WrongSetting(f"{organ}: {sorted(unknown)}")
    if known is SERVICE:
        return _service(folder, organ, said)
    pin = (folder / said["pin_file"]).read_text("utf-8").strip()
    return Token(str(said["module"]), str(said["token"]), str(said["key"]), pin)


def _service(folder: Path, organ: str, said: Mapping[str, Any]) -> SealService:
    if not said["address"].startswith(("https://", "http://")):
        raise WrongSetting(f"{organ}: address")
    roots = certificates_in((folder / said["roots"]).read_bytes())
    if not roots:
        raise WrongSetting(f"{organ}: roots")
    secret = said.get("secret_file")
    return SealService(
        address=said["address"],
        roots=roots,
        holder=organ,
        secret=(folder / secret).read_text("utf-8").strip() if secret else "",
        patience=float(said.get("patience", PATIENCE)),
    )
