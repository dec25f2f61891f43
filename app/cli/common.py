"""What commands share: the data directory, the installation in it, words for the operator."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.services import Deps, Unavailable, installation
from config import DATA, Config

CHINESE = not (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("en")


def say(zh: str, en: str) -> str:
    """Return the operator's wording, by the language of the terminal."""
    return zh if CHINESE else en


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--data`, which every command takes."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=DATA,
        show_default="instance",
        help=say("数据目录", "data directory"),
    )(command)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print a step, and how long it took."""
    click.echo(f"· {what} …", nl=False)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        click.echo()
        raise
    click.echo(f" {time.monotonic() - started:.1f} s")


def no_answer(away: Unavailable) -> click.ClickException:
    """Say in one line that the database does not answer, and why."""
    first = str(getattr(away.__cause__, "orig", None) or away.__cause__).partition("\n")[0]
    return click.ClickException(
        say("数据库不能访问", "The database does not answer") + f": {first}"
    )


def opened(data: Path) -> Deps:
    """Return the dependencies on an installation that exists; leaves any other folder as it is.

    :raises ClickException: if nothing was installed in the data directory yet, or the database does
        not answer
    """
    if not Config.begun(data):
        raise _nothing(data)
    config = Config.load(data)
    deps = config.deps()
    try:
        made = config.has_database() and installation.exists(deps.database)
    except Unavailable as away:
        raise no_answer(away) from away
    if not made:
        raise _nothing(data)
    return deps


def _nothing(data: Path) -> click.ClickException:
    return click.ClickException(
        say(
            f"此数据目录中还没有系统，请先执行 python3 manage.py run（{data}）",
            "Nothing is installed in this data directory: python3 manage.py run comes first"
            f" ({data})",
        )
    )
