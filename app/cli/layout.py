"""Draw the picture of diagrams anew from what they say."""

from pathlib import Path

import click

from app.cli.common import say
from app.domain.layout import CannotDraw, draw


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def layout(files: tuple[Path, ...]) -> None:
    """Lay out each of FILES in swim lanes, left to right, and write it back."""
    for file in files:
        before = file.read_bytes()
        try:
            after = draw(before)
        except CannotDraw as cannot:
            raise click.ClickException(f"{file}: {cannot}") from cannot
        if after != before:
            file.write_bytes(after)
        same = say("未变", "unchanged") if after == before else say("已重画", "drawn")
        click.echo(f"{file}: {same}")
