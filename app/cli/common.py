"""What commands share: the data directory, the installation in it, words for the operator."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.services import Deps, installation
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


def opened(config: Config) -> Deps:
    """Return the dependencies on an installation that exists.

    :raises ClickException: if nothing was installed in the data directory yet
    """
    deps = config.deps()
    if not installation.exists(deps.database):
        raise click.ClickException(
            say(
                "此数据目录中还没有系统，请先执行 python3 manage.py run",
                "Nothing is installed in this data directory: python3 manage.py run comes first",
            )
        )
    return deps
