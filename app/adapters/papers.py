"""What papers need, put together: the press, the templates, the keys, the public address."""

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

from app.adapters import Order, PapersOff, Press, Typeset
from app.adapters.fonts import FILES, RUNTIME
from app.adapters.signature.identity import Identity
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


@dataclass(frozen=True)
class Papers:
    """What papers need."""

    press: Press
    templates: Templates
    vault: Vault
    site: str = "http://127.0.0.1:8000"
    """The address that the code on a paper leads to."""
    fonts: Path = RUNTIME / "fonts"
    opened: dict[str, Identity] = field(default_factory=dict, compare=False)
    """The installation's own keys, once opened."""

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
