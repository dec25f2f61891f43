"""Show a demo's business clock, and move it ahead."""

from datetime import datetime
from pathlib import Path

import click

from app.cli.common import data_option, opened, say
from app.domain import AppError
from app.domain.access import Actor, Grant, Role
from app.domain.deadlines import BEIJING
from app.services import Deps
from app.services import clock as clocks
from config import DATA

# Whoever can start commands on the machine may do what anybody may in a demo.
OPERATOR = Actor(id=None, name="operator", grants=(Grant(Role.ADMIN, 0, ""),))
KINDS = {
    "timer": ("时限到期", "timer"),
    "reminder": ("期限提醒", "reminder"),
    "overdue": ("超过期限", "overdue"),
}


@click.group(invoke_without_command=True)
@data_option
@click.pass_context
def clock(context: click.Context, data: Path) -> None:
    """Show the business clock; `advance P10D` moves it ahead."""
    context.obj = data
    if context.invoked_subcommand is None:
        deps = opened(data)
        with deps.system_reading("show the clock") as work:
            click.echo(_written(work.now))
        deps.database.close()


@clock.command()
@click.argument("span")
@data_option
@click.pass_obj
def advance(before: Path, span: str, data: Path) -> None:
    """Move the clock by an ISO 8601 duration such as P10D; a worker must be running."""
    # `--data` may stand before `advance` too.
    deps = opened(before if data == DATA else data)
    try:
        _advance(deps, span)
    finally:
        deps.database.close()


def _advance(deps: Deps, span: str) -> None:
    try:
        done = clocks.advance(deps, OPERATOR, span)
    except AppError as refused:
        raise click.ClickException(str(refused)) from refused
    for fired in done.fired:
        what = say(*KINDS[fired.kind])
        failed = "" if fired.done else say("（失败，已登记故障）", " (failed: an incident)")
        where = f"{fired.procedure} {fired.case_id} · {fired.title}"
        click.echo(f"{_written(fired.at)}  {what}  {where}{failed}")
    click.echo(say("现在 ", "now ") + _written(done.now))


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
