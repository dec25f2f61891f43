"""A database with the schema, the demo data and every procedure, to make copies of."""

from pathlib import Path

from sqlalchemy import select

from app.adapters.files import FolderStore
from app.models.casework import Deployment
from app.models.database import connect
from app.services import Deps, installation, procedures
from app.services.demo import filling
from config import ROOT
from tests import fakes


def filled(url, passwords):
    """Fill an empty database; return every deployment ready to run, by id."""
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
    with deps.system_reading("every deployment is loaded") as work:
        for id_ in work.session.scalars(select(Deployment.id)):
            procedures.running(work, id_)
    deps.database.close()
    return deps.loaded
