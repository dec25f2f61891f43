"""Commands for the operator; `manage.py` hands its arguments here."""

import click

from app.cli import accounts, deploy, layout, run, worker

DATA = "instance"


@click.group()
def main() -> None:
    """Run and look after the system."""


main.add_command(run.run)
main.add_command(accounts.accounts)
main.add_command(deploy.deploy)
main.add_command(layout.layout)
main.add_command(worker.worker)
