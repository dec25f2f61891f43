"""Show the demo accounts."""

from pathlib import Path

import click

from app.cli.common import data_option, opened
from app.domain import AppError
from app.services.demo import filling


@click.command()
@data_option
def accounts(data: Path) -> None:
    """List the demo accounts."""
    try:
        found = filling.accounts(opened(data))
    except AppError as refused:
        raise click.ClickException(str(refused)) from refused
    for account in found:
        click.echo(f"{account.username:<20} {account.name}  {account.organisation}")
    click.echo(f"{found[0].password}  PIN {found[0].pin}")
