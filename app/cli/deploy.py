"""Deploy diagrams: those that came with the product, or others from a folder laid out like it."""

from pathlib import Path

import click

from app.cli.common import data_option, opened, say
from app.domain import Invalid
from app.services import procedures
from app.services.procedures import Refused
from config import ROOT


@click.command()
@data_option
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT
)
def deploy(data: Path, folder: Path) -> None:
    """Add the new versions of the procedures in FOLDER; running cases stay on theirs."""
    deps = opened(data)
    try:
        added = procedures.install(deps, folder)
    except Refused as refused:
        for problem in refused.problems:
            click.echo(f"  {problem}", err=True)
        raise click.ClickException(
            say(
                f"有 {len(refused.problems)} 处不符合绘图规范，未部署",
                f"{len(refused.problems)} places break the drawing rules; nothing was deployed",
            )
        ) from refused
    except Invalid as invalid:
        raise click.ClickException(str(invalid)) from invalid
    for name in added:
        click.echo(f"+ {name}")
    if not added:
        click.echo(say("没有新版本", "nothing new"))
