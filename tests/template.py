"""A database with the schema, the demo data and every procedure, to make copies of."""

from pathlib import Path

from app.adapters.files import FolderStore
from app.models.database import connect
from app.services import Deps, installation, procedures
from app.services.demo import filling
from config import ROOT
from tests import fakes


def filled(url, passwords):
    """Fill an empty database."""
    deps = Deps(
        database=connect(url),
        clock=fakes.Clock(),
        passwords=passwords,
        files=FolderStore(Path("/nowhere")),
        jobs=fakes.Jobs(),
    )
    installation.migrate(deps.database)
    filling.fill(deps)
    procedures.install(deps, ROOT)
    deps.database.close()
