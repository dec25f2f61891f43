"""Keys of the installation's own authority."""

from pathlib import Path

import click

from app.cli.common import data_option, opened
from app.services.pdf import keys


@click.command("rotate-key")
@data_option
@click.option("--root", is_flag=True, help="Another root too, which is trusted beside the old one.")
def rotate_key(data: Path, *, root: bool) -> None:
    """Put another issuing key in place of the one in use; what was issued stays good.

    Web and worker processes take it up at once. The old key signs only its list of revoked
    certificates from now on. The number of the new certificate is told.
    """
    deps = opened(data)
    try:
        click.echo(keys.rotate_root(deps) if root else keys.rotate(deps))
    finally:
        deps.database.close()
