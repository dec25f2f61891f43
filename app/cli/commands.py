"""Every command by its name. Only what the one asked for needs is loaded: a worker has no pages."""

import gc
import sys
from importlib import import_module
from typing import Any

import click

MODULES = {
    "accounts": "accounts",
    "clock": "clock",
    "deploy": "deploy",
    "draw": "draw",
    "incident": "incident",
    "layout": "layout",
    "reset-password": "passwords",
    "rotate-key": "keys",
    "run": "run",
    "verify": "verify",
    "worker": "worker",
}


class Commands(click.Group):
    """Commands that are loaded when they are asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        # All that is loaded stays: to look for garbage in it costs a quarter of the start.
        gc.disable()
        try:
            module = import_module(f"app.cli.{MODULES[cmd_name]}")
        finally:
            gc.freeze()
            gc.enable()
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Do what the command does; a database that is away or broken is told in one line."""
        try:
            return super().invoke(ctx)
        except Exception as failed:
            services = sys.modules.get("app.services")  # loaded, if it can have been this
            if services is None or not isinstance(failed, services.Unavailable):
                raise
            raise import_module("app.cli.common").no_answer(failed) from failed


@click.group(cls=Commands)
def main() -> None:
    """Run and look after the system."""
