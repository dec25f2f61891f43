"""Verify what is stored, and say what is broken."""

import sys
import time
from pathlib import Path

import click

from app.cli.common import data_option, opened, say
from app.services import verifying
from app.services.verifying import Tally

MOST = 50
NAMES = {
    "chains": ("办理记录（条）", "history entries"),
    "cases": ("办理中的案件", "running cases"),
    "closed": ("已结束的案件", "cases that ended"),
    "deployments": ("已部署的流程", "deployed procedures"),
    "files": ("文件", "files"),
    "papers": ("登记的文书", "papers of the register"),
    "draws": ("抽查", "draws"),
    "reports": ("报表", "reports"),
}


@click.command()
@data_option
def verify(data: Path) -> None:
    """Check every history, and that tables, engine, files and papers agree; 1 if they do not."""
    deps = opened(data)
    broken = 0
    for check in verifying.CHECKS:
        tally, began = Tally(), time.process_time()
        faults = list(check(deps, tally))
        took = time.process_time() - began
        name = say(*NAMES[check.__name__])
        result = say("完好", "sound") if not faults else say("有问题", "broken")
        click.echo(f"· {name}: {tally.number}  {result}  ({took:.1f} s)")
        for fault in faults[:MOST]:
            click.echo(f"    {fault}")
        if len(faults) > MOST:
            click.echo(f"    … {len(faults)}")
        broken += len(faults)
    deps.database.close()
    sys.exit(1 if broken else 0)
