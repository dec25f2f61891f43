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
from app.adapters.passwords import Argon2
from app.models.database import connect
from app.services import Deps

ROOT = Path(__file__).parent
DATA = ROOT / "instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What one process of the product needs to know.

    `data` is the data directory (`--data`); a database elsewhere is named by `DATABASE_URL`.
    """

    data: Path
    database_url: str
    secret_key: str
    templates: Path = ROOT / "templates"
    secure_cookies: bool = False
    """Set by `BIHUAN_HTTPS=1` where the pages are served over HTTPS."""

    @classmethod
    def load(cls, data: Path = DATA, env: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; makes the data directory and its secret on the first call."""
        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(
            data=data,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{data / 'bihuan.db'}",
            secret_key=env.get("SECRET_KEY") or _secret(data / "secret_key"),
            secure_cookies=env.get("BIHUAN_HTTPS") == "1",
        )

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
