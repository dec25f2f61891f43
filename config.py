"""Settings, read from the environment and the data directory once; and the wiring of adapters."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from app.adapters.files import FolderStore
from app.adapters.jobs import DbosJobs
from app.adapters.jobs.lives import AdvisoryLocks, Lives, LockedFiles
from app.adapters.papers import Papers
from app.adapters.passwords import Argon2
from app.adapters.pdf import Press
from app.adapters.signature.settings import seals
from app.adapters.signature.vault import Vault
from app.adapters.templates import Templates
from app.models.database import connect, is_there
from app.services import Deps

ROOT = Path(__file__).parent
DATA = ROOT / "instance"
SITE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What one process of the product needs to know.

    `data` is the data directory (`--data`); a database elsewhere is named by `DATABASE_URL`.
    """

    data: Path
    database_url: str
    secret_key: str
    templates: Path = ROOT / "templates"
    site: str = SITE
    """The address by which the public reaches the pages (`BIHUAN_SITE`): papers name it."""
    second_signature: bool = False
    """Set by `BIHUAN_SM2=1`: papers get a second signature, with SM2, before their seal."""
    secure_cookies: bool = False
    """Set by `BIHUAN_HTTPS=1` where the pages are served over HTTPS."""

    @classmethod
    def begun(cls, data: Path, env: Mapping[str, str] = os.environ) -> bool:
        """Test whether there may be an installation, here or elsewhere; makes nothing."""
        return bool(env.get("DATABASE_URL")) or any(
            (data / name).exists() for name in ("secret_key", "master_key", "bihuan.db")
        )

    @classmethod
    def load(cls, data: Path = DATA, env: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; makes the data directory and its secret on the first call."""
        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(
            data=data,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{data / 'bihuan.db'}",
            secret_key=env.get("SECRET_KEY") or _secret(data / "secret_key"),
            site=(env.get("BIHUAN_SITE") or SITE).rstrip("/"),
            second_signature=env.get("BIHUAN_SM2") == "1",
            secure_cookies=env.get("BIHUAN_HTTPS") == "1",
        )

    def has_database(self) -> bool:
        """Test whether there is a database to open: a command other than `run` makes none."""
        return is_there(self.database_url)

    def deps(self) -> Deps:
        """Choose the real adapters; tests build `Deps` themselves."""
        database = connect(self.database_url)
        lives: Lives = AdvisoryLocks(self.database_url)
        if database.sqlite:
            lives = LockedFiles(self.data / "workers")
        return Deps(
            database=database,
            clock=lambda: datetime.now(UTC),
            passwords=Argon2(),
            files=FolderStore(self.data / "files"),
            jobs=DbosJobs(database.jobs, lives),
            papers=self.papers(),
        )

    def papers(self) -> Papers:
        """Choose what papers are made with."""
        return Papers(
            press=Press(self.data),
            templates=Templates(self.templates / "documents", self.data / "wording.json"),
            vault=Vault(bytes.fromhex(_secret(self.data / "master_key"))),
            site=self.site,
            seals=seals(self.data),
            second=self.second_signature,
        )


def _secret(path: Path) -> str:
    """Return the secret kept at `path`, made by whoever comes first."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32), "ascii")
        with suppress(FileExistsError):
            path.hardlink_to(fresh)  # unlike a rename, fails when somebody else was first
        fresh.unlink()
    return path.read_text("ascii")
