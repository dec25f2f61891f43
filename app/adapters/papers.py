"""What papers need, put together: the press, the templates, the keys, the public address."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

from app.adapters import Order, PapersOff, Press, Typeset
from app.adapters.fonts import FILES, RUNTIME
from app.adapters.signature.identity import Identity
from app.adapters.signature.outside import SealService
from app.adapters.signature.token import Token
from app.adapters.signature.vault import Vault
from app.adapters.templates import Templates

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "documents"


class NoPress:
    """Stands where nothing can be typeset."""

    ready = False

    def lacking(self, text: str) -> str:
        return ""

    def typeset(self, order: Order) -> Typeset:
        raise PapersOff("missing", "python3 manage.py papers")

    def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Templates with a wording, as papers keep them."""

    content: bytes
    sha256: str


@dataclass(frozen=True)
class Papers:
    """What papers need."""

    press: Press
    templates: Templates
    vault: Vault
    site: str = "http://127.0.0.1:8000"
    """The address that the code on a paper leads to."""
    fonts: Path = RUNTIME / "fonts"
    seals: Mapping[str, SealService | Token] = field(default_factory=dict)
    """Where seals are that are not kept here, by the name of their organ."""
    second: bool = False
    """Whether papers get a second signature with SM2 before their seal."""
    opened: dict[str, Identity] = field(default_factory=dict, compare=False)
    """The installation's own keys, once opened."""
    bundles: dict[tuple[int, str], Bundle] = field(default_factory=dict, compare=False)
    """What papers are made of now, by the version and digest of its wording, once read."""

    @classmethod
    def none(cls) -> Self:
        """Return what makes no paper: for work that has nothing to do with them."""
        return cls(NoPress(), _templates(), Vault(os.urandom(32)))

    @property
    def writing(self) -> Path:
        """The font in which names are signed."""
        return self.fonts / FILES["Kai"]

    @property
    def engraving(self) -> Path:
        """The font of seals."""
        return self.fonts / FILES["Song"]


@cache
def _templates() -> Templates:
    return Templates(TEMPLATES)
