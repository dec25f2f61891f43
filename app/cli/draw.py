"""Draw again what was drawn, from its bundle alone: no database is asked."""

import sys
from pathlib import Path

import click

from app.adapters.bundles import SUFFIX, NoBundle, unpack
from app.cli.common import say
from app.domain.draws import HOWS, How
from app.domain.draws.bundle import NAMES, Replayed, replay


@click.group()
def draw() -> None:
    """Look after draws (双随机抽查)."""


@draw.command("replay")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def replay_(file: Path) -> None:
    """Draw again from FILE, a bundle or a folder with its files; 1 if anything does not fit."""
    try:
        found = replay(_files(file))
    except (NoBundle, UnicodeDecodeError) as wrong:
        raise click.ClickException(say(f"不是复核资料：{wrong}", f"No bundle: {wrong}")) from wrong
    for fault in found.faults:
        click.echo(f"✗ {fault}")
    if not found.faults:
        _tell(found)
    sys.exit(1 if found.faults else 0)


def _files(path: Path) -> dict[str, str]:
    if not path.is_dir():
        return unpack(path.read_bytes())
    there = {name: path / f"{name}{SUFFIX}" for name in NAMES}
    # As it stands, byte for byte: a digest knows what a line ends with.
    return {name: at.read_bytes().decode() for name, at in there.items() if at.is_file()}


def _tell(found: Replayed) -> None:
    told = found.parameters
    click.echo(f"{told['draw']}  {told['organ']}  {told['rate']}  {told['value']}")
    drawn = sum(target.how is How.DRAWN for target in found.targets)
    full = len(found.targets) - drawn
    click.echo(say(f"随机抽取 {drawn} 家，全覆盖 {full} 家", f"{drawn} drawn, {full} in full"))
    for number, target in enumerate(found.targets, 1):
        entry, people = target.entry, found.assigned[target.entry.id]
        how = say(str(HOWS[target.how]), target.how.value)
        names = "、".join(f"{one.name} {one.id}" for one in people)
        click.echo(f"{number:4} {entry.county} {entry.id} {entry.name} {how} {names}")
    click.echo(say("✓ 与承诺、名录和名单一致", "✓ commitment, roster and list fit"))
