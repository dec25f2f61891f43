"""Show why a step of a case failed."""

from pathlib import Path

import click

from app.cli.common import data_option, opened
from app.domain import AppError
from app.services import incidents


@click.command()
@data_option
@click.argument("number", type=int)
def incident(data: Path, number: int) -> None:
    """Print the whole trace of an incident; it may quote what somebody typed."""
    deps = opened(data)
    try:
        click.echo(incidents.trace(deps, number))
    except AppError as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        deps.database.close()
