"""Commands for the operator; `manage.py` hands its arguments here."""

import click

from app.cli import accounts, clock, deploy, draw, incident, keys, layout, run, verify, worker

DATA = "instance"


@click.group()
def main() -> None:
    """Run and look after the system."""


main.add_command(run.run)
main.add_command(accounts.accounts)
main.add_command(clock.clock)
main.add_command(deploy.deploy)
main.add_command(draw.draw)
main.add_command(incident.incident)
main.add_command(keys.rotate_key)
main.add_command(layout.layout)
main.add_command(verify.verify)
main.add_command(worker.worker)
