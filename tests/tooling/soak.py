"""`manage.py soak`: kill server and worker again and again under traffic, on both databases."""

import argparse
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from app.adapters.files import FolderStore
from app.adapters.jobs import DbosJobs
from app.adapters.jobs.lives import LockedFiles
from app.models.database import connect
from app.services import Deps, installation, procedures
from app.services.demo import filling
from config import ROOT
from tests import databases, fakes
from tests.journeys.killing import Killing, dice

AT_ONCE = 25


def soak(url: str, folder: Path, kills: int, seed: int) -> str:
    """Make a demo installation, drive and kill it, and say what was counted."""
    database = connect(url)
    deps = Deps(
        database=database,
        clock=lambda: datetime.now(UTC),
        passwords=fakes.quick_passwords(),
        files=FolderStore(folder / "files"),
        jobs=DbosJobs(database.jobs, LockedFiles(folder / "nobody")),
    )
    installation.migrate(database)
    filling.fill(deps)
    procedures.install(deps, ROOT)
    killing = Killing(folder, url, deps)
    try:
        tally = killing.run(kills, dice(seed))
        killing.check()
    finally:
        killing.stop()
        database.close()
    return str(tally)


def main(arguments: list[str]) -> int:
    """Soak in rounds; the first thing that is lost or doubled stops it."""
    parser = argparse.ArgumentParser(prog="manage.py soak")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    given = parser.parse_args(arguments)
    done = 0
    while done < given.kills:
        kills = min(AT_ONCE, given.kills - done)
        for kind in ("sqlite", "postgresql"):
            with ExitStack() as stack:
                folder = Path(tempfile.mkdtemp(prefix="bihuan-soak-"))
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                url = f"sqlite:///{folder / 'bihuan.db'}"
                if kind == "postgresql":
                    server = databases.postgresql_url()
                    url = stack.enter_context(databases.fresh_database(server))
                sys.stdout.write(f"{kind}, seed {given.seed + done}: ")
                sys.stdout.flush()
                sys.stdout.write(f"{soak(url, folder, kills, given.seed + done)}\n")
        done += kills
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
